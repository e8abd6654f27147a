/**
 * Making a Job's missing pods (`pkg/controller/job/job_controller.go` manageJob, the creating half).
 */
import type { Job, Pod } from '../../api/generated/types.ts';
import type { ControllerDeps } from '../deps.ts';
import { slowStartBatch } from '../expectations.ts';
import type { Expectations } from '../expectations.ts';
import { createPod, isNamespaceTerminating } from '../pod-control.ts';
import { isPodActive } from '../pods.ts';
import { finishTime, remainingMs } from './backoff.ts';
import { firstPending, indexOf, withPods } from './indexes.ts';
import { INDEX_FAILURE_COUNT, isIndexed, podOf } from './job-pods.ts';

/** What is missing. `done`: indexes that need no pod any more. */
export interface Missing {
  key: string;
  job: Job;
  pods: readonly Pod[];
  done: ReadonlySet<number>;
  missing: number;
}

/** Creates up to `missing` pods. `waitMs`: an index sleeps off its failures. */
export function createJobPods(
  deps: ControllerDeps,
  expectations: Expectations,
  what: Missing,
): { added: number; error?: unknown; waitMs?: number } {
  const { key, job } = what;
  const { indexes, waitMs } = isIndexed(job) ? pendingIndexes(deps, what) : { indexes: undefined, waitMs: undefined };
  const count = indexes === undefined ? what.missing : indexes.length;
  if (count === 0) return { added: 0, waitMs };
  expectations.expectCreations(key, count, deps.scope.now);
  let next = 0;
  const { successes, error } = slowStartBatch(count, () => {
    const index = indexes?.[next++];
    const predecessor = index === undefined ? undefined : lastFailed(what.pods, index);
    try {
      createPod(deps, job, podOf(job, index, predecessor));
    } catch (refusal) {
      if (!isNamespaceTerminating(refusal)) throw refusal;
    }
  });
  for (let skipped = count - successes; skipped > 0; skipped--) expectations.creationObserved(key);
  return { added: successes, error, waitMs };
}

function pendingIndexes(
  { scope }: ControllerDeps,
  { job, pods, done, missing }: Missing,
): { indexes: number[]; waitMs: number | undefined } {
  const completions = job.spec.completions ?? 0;
  const active = withPods(new Set(), pods.filter(isPodActive), completions);
  const pending = firstPending(missing, completions, [active, done]);
  if (job.spec.backoffLimitPerIndex === undefined) return { indexes: pending, waitMs: undefined };
  let waitMs: number | undefined;
  const indexes = pending.filter((index) => {
    const failed = lastFailed(pods, index);
    if (failed === undefined) return true;
    const failures = Number(failed.metadata.annotations?.[INDEX_FAILURE_COUNT] ?? 0) + 1;
    const leftMs = remainingMs({ failures, lastFailureMs: finishTime(failed) }, scope.now);
    if (leftMs > 0) waitMs = Math.min(waitMs ?? Infinity, leftMs);
    return leftMs <= 0;
  });
  return { indexes, waitMs };
}

function lastFailed(pods: readonly Pod[], index: number): Pod | undefined {
  let last: Pod | undefined;
  for (const pod of pods) {
    if (indexOf(pod) !== index || pod.status?.phase !== 'Failed') continue;
    if (last === undefined || finishTime(pod) >= finishTime(last)) last = pod;
  }
  return last;
}
