/** How the cluster is being looked at: kept outside the component, so that it is the same when the view comes back. */
import { create } from 'zustand';
import { useUiState } from '../state/ui-state.ts';
import type { Arrangement } from './scene.ts';

/** How deep the view looks. */
export type Level = 'cluster' | 'node' | 'pod' | 'container';

/** What the view looks at: each level needs the names of those above it. */
export interface Focus {
  level: Level;
  node?: string;
  pod?: { namespace: string; name: string };
  container?: string;
}

interface ViewState {
  focus: Focus;
  arrangement: Arrangement;
  mode: 'picture' | 'text';
  /** Whether the pods of kube-system are shown small. */
  system: boolean;
  filter: string;
  set(change: Partial<Omit<ViewState, 'set'>>): void;
}

/** The state of the view. */
export const useViewState = create<ViewState>()((set) => ({
  focus: { level: 'cluster' },
  arrangement: 'node',
  mode: 'picture',
  system: true,
  filter: '',
  set: (change) => set(change),
}));

/** A projector shows the picture's smallest text, 12 px, as 18 px. */
const PRESENTER_SCALE = 1.5;

/** How large the picture is drawn: it follows the page's text size, but never goes below its own. */
export const usePictureScale = (): number =>
  useUiState(({ presenting, textSize }) => Math.max(presenting ? PRESENTER_SCALE : 1, textSize / 100));
