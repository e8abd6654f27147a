/** What the store view shows; it stays when the view is left and comes back. */
import { create } from 'zustand';
import { useUiState } from './ui-state.ts';

interface StoreState {
  /** "/registry/pods/" */
  branch: string | undefined;
  filter: string;
  key: string | undefined;
  /** The chosen version's revision; undefined for the newest. */
  revision: number | undefined;
  show: 'changes' | 'value';
  set(change: Partial<Omit<StoreState, 'set'>>): void;
}

export const useStoreState = create<StoreState>()((set) => ({
  branch: undefined,
  filter: '',
  key: undefined,
  revision: undefined,
  show: 'changes',
  set: (change) => set(change),
}));

/** Shows a key as one revision left it; other views call this. */
export function showKey(key: string, revision: number): void {
  useStoreState.setState({ key, revision, show: 'changes' });
  useUiState.getState().set({ view: 'store' });
}
