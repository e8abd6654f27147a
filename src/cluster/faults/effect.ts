/** What a fault did. */
export interface Effect {
  /** "node/node-1", "pod/default/web-1" */
  affected: string[];
  /** Undoes it; absent when there is nothing to undo. */
  end?: () => void;
}
