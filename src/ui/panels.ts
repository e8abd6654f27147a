/**
 * The panels of the interface and where they sit. To add one: a folder below src/ui with `panel.tsx` that exports `Panel`, a title in
 * src/ui/i18n/{en,zh-CN}/panels.ts, and a line here. Panels are loaded when they are first shown, read the cluster through
 * src/ui/cluster/hooks.ts, and never import each other.
 */
import {
  Activity,
  Boxes,
  CircleAlert,
  Database,
  FileCode2,
  FolderTree,
  Scale,
  ScanSearch,
  Send,
  TableProperties,
  Workflow,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import type { panels } from './i18n/en/panels.ts';
import type { DockId } from './state/ui-state.ts';

/** What a panel is told. */
export interface PanelProps {
  /** Where it sits: the centre, or a dock. */
  place: 'view' | DockId;
}

/** A panel. */
export interface PanelDefinition {
  id: string;
  /** `view`: fills the centre; else the dock whose tab it is. */
  place: 'view' | DockId;
  /** Key of its title in the area `panels`. */
  title: keyof typeof panels;
  icon: LucideIcon;
  /** Views: the digit that shows it. */
  digit?: number;
  /** Whether a phone offers it: pictures and lists yes, editing no. */
  phone: boolean;
  load(): Promise<{ Panel: ComponentType<PanelProps> }>;
}

/** All panels, in the order of their tabs. */
export const PANELS: readonly PanelDefinition[] = [
  { id: 'cluster', place: 'view', title: 'cluster', icon: Boxes, digit: 1, phone: true, load: () => import('./cluster-view/panel.tsx') },
  { id: 'packets', place: 'view', title: 'packets', icon: Send, digit: 2, phone: true, load: () => import('./packets-view/panel.tsx') },
  {
    id: 'scheduler',
    place: 'view',
    title: 'scheduler',
    icon: Scale,
    digit: 3,
    phone: true,
    load: () => import('./scheduler-view/panel.tsx'),
  },
  { id: 'loop', place: 'view', title: 'loop', icon: Workflow, digit: 4, phone: true, load: () => import('./loop-view/panel.tsx') },
  { id: 'store', place: 'view', title: 'store', icon: Database, digit: 5, phone: true, load: () => import('./store-view/panel.tsx') },
  {
    id: 'objects',
    place: 'view',
    title: 'objects',
    icon: TableProperties,
    digit: 6,
    phone: true,
    load: () => import('./objects/panel.tsx'),
  },
  { id: 'explorer', place: 'left', title: 'explorer', icon: FolderTree, phone: false, load: () => import('./explorer/panel.tsx') },
  { id: 'editor', place: 'right', title: 'editor', icon: FileCode2, phone: false, load: () => import('./editor/panel.tsx') },
  { id: 'inspector', place: 'right', title: 'inspector', icon: ScanSearch, phone: true, load: () => import('./inspector/panel.tsx') },
  { id: 'events', place: 'bottom', title: 'events', icon: Activity, phone: true, load: () => import('./events/panel.tsx') },
  { id: 'problems', place: 'bottom', title: 'problems', icon: CircleAlert, phone: false, load: () => import('./problems/panel.tsx') },
];

/** The panels of a place, in order. */
export function panelsAt(place: PanelDefinition['place']): readonly PanelDefinition[] {
  return PANELS.filter((panel) => panel.place === place);
}
