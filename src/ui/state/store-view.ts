/** What the store view shows; it stays when the view is left and comes back. */
import { create } from 'zustand';
import { etcdKey, prefixOf } from '../../apiserver/registry/keys.ts';
import { useUiState } from './ui-state.ts';

interface StoreState {
  /** "/registry/pods/" */
  branch: string | undefined;
  filter: string;
  key: string | undefined;
  /** The revision to compare the chosen version with; undefined for the version before it. */
  base: number | undefined;
  /** The chosen version's revision; undefined for the newest. */
  revision: number | undefined;
  show: 'changes' | 'value';
  set(change: Partial<Omit<StoreState, 'set'>>): void;
}

export const useStoreState = create<StoreState>()((set) => ({
  branch: undefined,
  filter: '',
  key: undefined,
  base: undefined,
  revision: undefined,
  show: 'changes',
  set: (change) => set(change),
}));

/** Shows a key as one revision left it; other views call this. */
export function showKey(key: string, revision?: number): void {
  useStoreState.setState({ key, revision, base: undefined, show: 'changes', filter: '' });
  useUiState.getState().set({ view: 'store' });
}

/** Shows the key of an object. */
export function showKeyOf(resource: { group: string; plural: string }, namespace: string | undefined, name: string): void {
  showKey(etcdKey(prefixOf(resource), namespace, name));
}
