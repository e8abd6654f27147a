/**
 * What the interface itself remembers: language, appearance, layout, selection. API objects are never kept here (they live in the
 * live store). Preferences and layout survive a reload in localStorage, if the browser allows it.
 */
import { create } from 'zustand';
import { loadSaved, save } from './saved.ts';
import type { Language } from '../i18n/languages.ts';

/** An object somebody points at; all views follow it. */
export interface Selection {
  apiVersion: string;
  kind: string;
  /** Absent for cluster-scoped objects. */
  namespace?: string;
  name: string;
}

export type Theme = 'system' | 'light' | 'dark';
export type Motion = 'system' | 'reduce' | 'full';
/** Type size in percent of the normal one. */
export const TEXT_SIZES = [100, 115, 130, 150] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

/** The docks around the view. */
export type DockId = 'left' | 'right' | 'bottom';
/** Width (left, right) or height (bottom) in px, whether it is open, and the panel in front. */
export interface DockState {
  open: boolean;
  size: number;
  panel: string;
}

/** The dialogs of the shell; `link` shows what an opened share link holds. */
export type DialogId = 'gallery' | 'share' | 'settings' | 'keys' | 'link' | 'reset';

/** What survives a reload. */
export interface SavedState {
  language: Language;
  theme: Theme;
  motion: Motion;
  textSize: TextSize;
  /** Whether single keys (space, 1-6, "?" ...) act. */
  singleKeys: boolean;
  view: string;
  docks: Record<DockId, DockState>;
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  /** The visitor has started something once: no welcome any more. */
  welcomed: boolean;
  /** The share link that the present cluster came from; it is not offered again on reload. */
  openedLink: string | undefined;
}

export interface UiState extends SavedState {
  selection: Selection | undefined;
  dialog: DialogId | undefined;
  /** Larger type for a projector, without the left and bottom dock. */
  presenting: boolean;
  set(change: Partial<Omit<UiState, 'set' | 'setDock' | 'select' | 'showPanel'>>): void;
  setDock(dock: DockId, change: Partial<DockState>): void;
  /** Points at an object, or at none; opens the inspector if the right dock is closed and `reveal` is set. */
  select(selection: Selection | undefined, reveal?: boolean): void;
  /** Brings a panel of a dock to the front and opens the dock. */
  showPanel(dock: DockId, panel: string): void;
}

/** The store. Outside React: `useUiState.getState()`. */
export const useUiState = create<UiState>()((set) => ({
  ...loadSaved(),
  selection: undefined,
  dialog: undefined,
  presenting: false,
  set: (change) => set(change),
  setDock: (dock, change) => set(({ docks }) => ({ docks: { ...docks, [dock]: { ...docks[dock], ...change } } })),
  select: (selection, reveal = false) =>
    set(({ docks }) => ({
      selection,
      ...(reveal && selection && { docks: { ...docks, right: { ...docks.right, open: true, panel: 'inspector' } } }),
    })),
  showPanel: (dock, panel) => set(({ docks }) => ({ docks: { ...docks, [dock]: { ...docks[dock], panel, open: true } } })),
}));

useUiState.subscribe(save);
