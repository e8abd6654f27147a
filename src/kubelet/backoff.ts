/**
 * Back-off of restarts and image pulls (`k8s.io/client-go/util/flowcontrol/backoff.go`): 10 s doubling to 300 s,
 * forgotten when twice the maximum has passed since the last step.
 */

/** `backOffPeriod`: the first delay, ms. */
export const BACK_OFF_PERIOD_MS = 10_000;
/** `MaxContainerBackOff`, ms. */
export const MAX_CONTAINER_BACK_OFF_MS = 300_000;

/** How far the back-off of one container or image has come. */
export interface BackOffEntry {
  readonly delayMs: number;
  /** When the delay was last raised, ms. */
  readonly updatedAt: number;
}

const hasExpired = (entry: BackOffEntry, eventAt: number): boolean => eventAt - entry.updatedAt > 2 * MAX_CONTAINER_BACK_OFF_MS;

/**
 * How long, from `now`, an event of `eventAt` is still held back; 0 when it is not (`IsInBackOffSince`).
 * After failures at t, the delays are 0 (no entry yet), 10 s, 20 s, 40 s ... 300 s, counted from the failure.
 */
export function backOffRemaining(entry: BackOffEntry | undefined, eventAt: number, now: number): number {
  if (entry === undefined || hasExpired(entry, eventAt)) return 0;
  return Math.max(0, eventAt + entry.delayMs - now);
}

/** The entry after one more attempt (`Next`). */
export function nextBackOff(entry: BackOffEntry | undefined, eventAt: number, now: number): BackOffEntry {
  if (entry === undefined || hasExpired(entry, eventAt)) return { delayMs: BACK_OFF_PERIOD_MS, updatedAt: now };
  return { delayMs: Math.min(entry.delayMs * 2, MAX_CONTAINER_BACK_OFF_MS), updatedAt: now };
}
