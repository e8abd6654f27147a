/**
 * What the visitor did and can take back: one entry per act (an apply, a click on "Delete"), newest last. An act that cannot be taken back
 * has no entry. Undo acts through the API as well, so that it can be watched, and can itself be refused.
 */
import { create } from 'zustand';

/** One act. */
export interface UndoEntry {
  id: number;
  /** What was done, in the reader's words at that time. */
  label: string;
  /** Takes it back. Rejects with the reason why it could not be. */
  run(): Promise<unknown>;
}

const MOST = 50;
let lastId = 0;

export const useUndo = create<{ entries: readonly UndoEntry[] }>()(() => ({ entries: [] }));

/** Notes an act; the result is the entry's id. */
export function noteUndo(label: string, run: UndoEntry['run']): number {
  const entry: UndoEntry = { id: ++lastId, label, run };
  useUndo.setState(({ entries }) => ({ entries: [...entries, entry].slice(-MOST) }));
  return entry.id;
}

/** Forgets an act: it was taken back in another way. */
export function forgetUndo(id: number | undefined): void {
  useUndo.setState(({ entries }) => ({ entries: entries.filter((entry) => entry.id !== id) }));
}

/** Takes an act back, the newest if none is named. Resolves to the entry, or to undefined when there is none. Rejects as its `run` does. */
export async function takeBack(id?: number): Promise<UndoEntry | undefined> {
  const { entries } = useUndo.getState();
  const entry = id === undefined ? entries.at(-1) : entries.find((other) => other.id === id);
  if (!entry) return undefined;
  forgetUndo(entry.id);
  await entry.run();
  return entry;
}

/** Another cluster is there: nothing of the old one can be taken back. */
export function forgetAllUndo(): void {
  useUndo.setState({ entries: [] });
}
