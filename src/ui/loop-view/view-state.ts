/** What the control-loop view shows; it stays when the view is left and comes back. */
import { create } from 'zustand';

interface LoopState {
  /** The task that began the story: undefined for the newest act, 0 for every request. */
  root: number | undefined;
  filter: string;
  mode: 'picture' | 'text';
  /** Id of a step. */
  selected: string | undefined;
  set(change: Partial<Omit<LoopState, 'set'>>): void;
}

export const useLoopState = create<LoopState>()((set) => ({
  root: undefined,
  filter: '',
  mode: 'picture',
  selected: undefined,
  set: (change) => set(change),
}));
