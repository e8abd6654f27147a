/**
 * How long a Job waits after failures before it makes new pods (`pkg/controller/job/backoff_utils.go`): 10 s after the first
 * failure, doubling to 10 min; a success in between starts over. Pure.
 */
import type { Pod } from '../../api/generated/types.ts';

const FIRST_MS = 10_000;
const MAX_MS = 600_000;

/** What is remembered between syncs. */
export interface Backoff {
  /** Failures since the last success. */
  failures: number;
  lastFailureMs: number | undefined;
}

/** Of a Job none of whose pods has failed. */
export const NO_BACKOFF: Backoff = { failures: 0, lastFailureMs: undefined };

/** The memory after pods have ended. */
export function afterEnded(known: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const lastSuccess = Math.max(-Infinity, ...succeeded.map(finishTime));
  const failures = failed.map(finishTime);
  const after = failures.filter((time) => time > lastSuccess);
  const lastFailureMs = failures.length === 0 ? known.lastFailureMs : Math.max(...failures, known.lastFailureMs ?? -Infinity);
  return { failures: succeeded.length === 0 ? known.failures + failures.length : after.length, lastFailureMs };
}

/** Milliseconds until a new pod may be made; 0 or less: now. */
export function remainingMs({ failures, lastFailureMs }: Backoff, nowMs: number): number {
  if (failures === 0 || lastFailureMs === undefined) return 0;
  return lastFailureMs + Math.min(FIRST_MS * 2 ** (failures - 1), MAX_MS) - nowMs;
}

/** When the last container ended, or the pod was deleted (`getFinishedTime`). */
export function finishTime({ status, metadata }: Pod): number {
  let last = -Infinity;
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.terminated?.finishedAt !== undefined) last = Math.max(last, Date.parse(state.terminated.finishedAt));
  }
  if (last !== -Infinity) return last;
  const ready = status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'False');
  return Date.parse(ready?.lastTransitionTime ?? metadata.deletionTimestamp ?? metadata.creationTimestamp);
}
