/**
 * Counting pods exactly once (`pkg/controller/job/job_controller.go` trackJobStatusAndRemoveFinalizers): pods that ended are
 * first noted by uid in the status, then lose their finalizer, then become part of the counters. A crash in between loses nothing. Pure.
 */
import type { Job, JobCondition, JobStatus, Pod } from '../../api/generated/types.ts';
import { formatIndexes, indexOf, parseIndexes, withPods } from './indexes.ts';
import { failsIndex, isIndexed, isPodFailed, isTracked } from './job-pods.ts';
import type { Tally } from './outcome.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';
import { isPodActive, isPodReady } from '../pods.ts';

/** The pods of a sync, by what is to be done with them. */
export interface Ended {
  succeeded: Pod[];
  failed: Pod[];
}

/** Pods that ended and are noted nowhere yet. `untracked`: uids whose finalizer was removed, though the cache still shows it. */
export function newlyEnded(job: Job, pods: readonly Pod[], untracked: ReadonlySet<string>): Ended {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  const noted = new Set([...succeeded, ...failed]);
  const fresh = pods.filter((pod) => isTracked(pod) && !noted.has(pod.metadata.uid) && !untracked.has(pod.metadata.uid));
  return {
    succeeded: fresh.filter(({ status }) => status?.phase === 'Succeeded'),
    failed: fresh.filter((pod) => pod.status?.phase !== 'Succeeded' && isPodFailed(pod, job)),
  };
}

const counts = (job: Job, pod: Pod): boolean => matchPodFailurePolicy(job.spec.podFailurePolicy, pod).counts;

/** What the Job has reached, the new pods included. */
export function tally(job: Job, pods: readonly Pod[], ended: Ended): Tally {
  const { status, spec } = job;
  const completions = spec.completions ?? Infinity;
  const known = parseIndexes(status?.completedIndexes, completions);
  const succeededIndexes = isIndexed(job) ? withPods(known, ended.succeeded, completions) : new Set<number>();
  const failing = ended.failed.filter((pod) => failsIndex(job, pod));
  const failedBefore = parseIndexes(status?.failedIndexes, completions);
  const failedIndexes = spec.backoffLimitPerIndex === undefined ? new Set<number>() : withPods(failedBefore, failing, completions);
  for (const index of succeededIndexes) failedIndexes.delete(index);
  const uncounted = status?.uncountedTerminatedPods;
  return {
    succeeded: isIndexed(job)
      ? succeededIndexes.size
      : (status?.succeeded ?? 0) + (uncounted?.succeeded ?? []).length + ended.succeeded.length,
    failed: (status?.failed ?? 0) + (uncounted?.failed ?? []).length + ended.failed.filter((pod) => counts(job, pod)).length,
    active: pods.filter(isPodActive),
    newFailed: ended.failed,
    succeededIndexes,
    failedIndexes,
  };
}

/** The status with the ended pods noted, and the pods whose finalizer may go once it is written. `ending`: how the Job ends, if it does. */
export function note(
  job: Job,
  status: JobStatus,
  pods: readonly Pod[],
  ended: Ended,
  result: Tally,
  ending: JobCondition | undefined,
): { status: JobStatus; release: Pod[] } {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const known = parseIndexes(status.completedIndexes, Infinity);
  const isNewSuccess = (pod: Pod) =>
    !isIndexed(job) || ((indexOf(pod) ?? Infinity) < (job.spec.completions ?? 0) && !known.has(indexOf(pod) ?? -1));
  const isFailing = ending?.type === 'FailureTarget';
  const noted = new Set([...succeeded, ...failed]);
  const cutOff =
    ending === undefined
      ? []
      : pods.filter(
          (pod) => isTracked(pod) && !noted.has(pod.metadata.uid) && !ended.succeeded.includes(pod) && !ended.failed.includes(pod),
        );
  const newFailed = [...ended.failed.filter((pod) => counts(job, pod)), ...(isFailing ? cutOff : [])];
  const uncounted = {
    succeeded: [...succeeded, ...ended.succeeded.filter(isNewSuccess).map(uidOf)],
    failed: [...failed, ...newFailed.map(uidOf)],
  };
  const next: JobStatus = { ...status, uncountedTerminatedPods: uncounted };
  if (isIndexed(job)) next.completedIndexes = formatIndexes(result.succeededIndexes);
  if (job.spec.backoffLimitPerIndex !== undefined) next.failedIndexes = formatIndexes(result.failedIndexes);
  const left = pods.filter((pod) => isTracked(pod) && noted.has(pod.metadata.uid));
  return { status: next, release: [...left, ...ended.succeeded, ...ended.failed, ...cutOff] };
}

const uidOf = ({ metadata }: Pod): string => metadata.uid;

/** The status after the finalizers are gone: what was noted is counted. */
export function countNoted(status: JobStatus): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return {
    ...status,
    succeeded:
      status.completedIndexes === undefined
        ? (status.succeeded ?? 0) + succeeded.length
        : parseIndexes(status.completedIndexes, Infinity).size,
    failed: (status.failed ?? 0) + failed.length,
    uncountedTerminatedPods: {},
  };
}

/** The gauges of the status. */
export function withGauges(status: JobStatus, pods: readonly Pod[], active: number): JobStatus {
  const ready = pods.filter((pod) => isPodActive(pod) && isPodReady(pod)).length;
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isEnded(pod)).length;
  return { ...status, active, ready, terminating };
}

const isEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
