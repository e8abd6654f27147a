/** What the control-loop view shows; it stays when the view is left and comes back. Other views open it by `showStoryOf`. */
import { create } from 'zustand';
import { useUiState } from './ui-state.ts';

interface LoopState {
  /** The task that began the story: undefined for the newest act, 0 for every request. */
  root: number | undefined;
  /** "pods default/web-1": the story that this object came from, as long as no other is chosen. */
  about: string | undefined;
  filter: string;
  mode: 'picture' | 'text';
  /** Id of a step. */
  selected: string | undefined;
  set(change: Partial<Omit<LoopState, 'set'>>): void;
}

export const useLoopState = create<LoopState>()((set) => ({
  root: undefined,
  about: undefined,
  filter: '',
  mode: 'picture',
  selected: undefined,
  set: (change) => set(change),
}));

/** Shows who did what because of an object, or to it. `plural` is the resource: "pods". */
export function showStoryOf(plural: string, namespace: string | undefined, name: string): void {
  const about = `${plural} ${namespace ? `${namespace}/${name}` : name}`;
  useLoopState.setState({ root: undefined, about, filter: '', selected: undefined });
  useUiState.getState().set({ view: 'loop' });
}
