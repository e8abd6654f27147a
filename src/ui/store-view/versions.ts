/** Which of a key's kept versions is shown, and which one it is compared with. */
import type { StoreVersion } from '../../worker/protocol-views.ts';

/** The choice among `versions`. */
export interface Shown {
  /** Index of the version that is shown; -1 without any. */
  at: number;
  /** Index of the version it is compared with; -1 for none. */
  base: number;
  /** The revision that was asked for is no longer kept: the oldest is shown. */
  compacted: boolean;
}

/** Finds both. A revision between two versions shows the one that was valid then; the newest is shown when none was asked for. */
export function shownOf(versions: readonly StoreVersion[], revision: number | undefined, baseRevision: number | undefined): Shown {
  const newest = versions.length - 1;
  const valid = revision === undefined ? newest : versions.findLastIndex(({ modRevision }) => modRevision <= revision);
  const compacted = valid < 0 && newest >= 0;
  const at = compacted ? 0 : valid;
  const chosen = versions.findIndex(({ modRevision }) => modRevision === baseRevision);
  return { at, base: chosen >= 0 && chosen !== at ? chosen : Math.max(at - 1, -1), compacted };
}
