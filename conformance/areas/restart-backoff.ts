/**
 * Delays between restarts, pulls and a Job's pods: {failureNumber, ranSeconds}, {history}, {kind, consecutiveFailures}
 * or {kind: "Job", failures} -> {delaySeconds}, counted from the end of the failed run.
 */
import { remainingMs } from '../../src/controller-manager/job/backoff.ts';
import { backOffRemaining, nextBackOff } from '../../src/kubelet/backoff.ts';
import type { BackOffEntry } from '../../src/kubelet/backoff.ts';
import type { Area } from '../area.ts';

interface Input {
  kind?: string;
  failureNumber?: number;
  ranSeconds?: number;
  consecutiveFailures?: number;
  failures?: number;
  history?: { ranSeconds: number }[];
}

/** The delay after the last of the runs, ms, and after one more short run. */
function replay(runs: readonly number[]): { delayMs: number; nextMs: number } {
  let entry: BackOffEntry | undefined;
  let now = 0;
  const fail = (ranSeconds: number): number => {
    now += ranSeconds * 1000;
    const delayMs = backOffRemaining(entry, now, now);
    const finishedAt = now;
    now += delayMs;
    entry = nextBackOff(entry, finishedAt, now);
    return delayMs;
  };
  const delays = runs.map(fail);
  return { delayMs: delays.at(-1) ?? 0, nextMs: fail(1) };
}

/** A pull's back-off begins with its first failure. */
function pullDelay(failures: number): number {
  let entry: BackOffEntry | undefined;
  for (let count = 0; count < failures; count++) entry = nextBackOff(entry, 0, 0);
  return entry?.delayMs ?? 0;
}

export const run: Area['run'] = (input) => {
  const { kind, failureNumber = 0, ranSeconds = 1, consecutiveFailures = 0, failures = 0, history } = input as Input;
  if (kind === 'Job') return { delaySeconds: remainingMs({ failures, lastFailureMs: 0 }, 0) / 1000 };
  if (kind === 'ImagePullBackOff') return { delaySeconds: pullDelay(consecutiveFailures) / 1000 };
  const { delayMs, nextMs } = replay(history?.map((one) => one.ranSeconds) ?? Array<number>(failureNumber).fill(ranSeconds));
  return { delaySeconds: delayMs / 1000, nextFailureDelaySeconds: nextMs / 1000 };
};
