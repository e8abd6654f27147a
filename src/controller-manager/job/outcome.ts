/**
 * Whether a Job is over, and how (`pkg/controller/job/job_controller.go` syncJob, `success_policy.go`). Pure.
 */
import type { Job, JobCondition, Pod } from '../../api/generated/types.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { parseIndexes } from './indexes.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';

/** What a sync counted. */
export interface Tally {
  succeeded: number;
  failed: number;
  active: readonly Pod[];
  /** Failed pods not counted before. */
  newFailed: readonly Pod[];
  /** Of an Indexed job. */
  succeededIndexes: ReadonlySet<number>;
  /** Of an Indexed job with backoffLimitPerIndex. */
  failedIndexes: ReadonlySet<number>;
}

/** True when the Job is Complete or Failed (`IsJobFinished`). */
export function isFinished({ status }: Job): boolean {
  return isCondition(status?.conditions, 'Complete') || isCondition(status?.conditions, 'Failed');
}

/** A condition that is True from now on. */
export function trueCondition(type: string, reason: string, message: string, nowMs: number): JobCondition {
  const now = formatTime(nowMs);
  return { type, status: 'True', reason, message, lastProbeTime: now, lastTransitionTime: now };
}

/** The condition by which the Job begins to end: FailureTarget or SuccessCriteriaMet; undefined while it goes on. */
export function outcome(job: Job, tally: Tally, nowMs: number): JobCondition | undefined {
  const begun = job.status?.conditions?.find(
    ({ type, status }) => (type === 'FailureTarget' || type === 'SuccessCriteriaMet') && status === 'True',
  );
  if (begun !== undefined) return begun;
  const failure = failureOf(job, tally, nowMs);
  if (failure !== undefined) return trueCondition('FailureTarget', failure.reason, failure.message, nowMs);
  const policy = successByPolicy(job, tally);
  if (policy !== undefined) return trueCondition('SuccessCriteriaMet', 'SuccessPolicy', policy, nowMs);
  if (!isComplete(job, tally)) return undefined;
  return trueCondition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods', nowMs);
}

function failureOf(job: Job, tally: Tally, nowMs: number): { reason: string; message: string } | undefined {
  const { spec, status } = job;
  for (const pod of tally.newFailed) {
    const { message } = matchPodFailurePolicy(spec.podFailurePolicy, pod);
    if (message !== undefined) return { reason: 'PodFailurePolicy', message };
  }
  if (tally.failed > backoffLimit(job) || restartsExceedLimit(job, tally.active)) {
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  if (!spec.suspend && spec.activeDeadlineSeconds !== undefined && status?.startTime !== undefined) {
    const activeMs = nowMs - Date.parse(status.startTime);
    if (activeMs >= spec.activeDeadlineSeconds * 1000)
      return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  return indexFailure(job, tally);
}

function indexFailure({ spec }: Job, { failedIndexes, succeededIndexes }: Tally): { reason: string; message: string } | undefined {
  if (spec.backoffLimitPerIndex === undefined) return undefined;
  if (spec.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes) {
    return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
  }
  if (failedIndexes.size === 0 || failedIndexes.size + succeededIndexes.size < (spec.completions ?? 0)) return undefined;
  return { reason: 'FailedIndexes', message: 'Job has failed indexes' };
}

/** With backoffLimitPerIndex the whole Job has no limit unless it names one; otherwise 6. */
function backoffLimit({ spec }: Job): number {
  return spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? 6 : Infinity);
}

/** Restarts within pods count as well where the kubelet restarts containers (`pastBackoffLimitOnFailure`). */
function restartsExceedLimit(job: Job, active: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of active) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount;
  }
  const limit = backoffLimit(job);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function successByPolicy({ spec }: Job, { succeededIndexes }: Tally): string | undefined {
  if (spec.completionMode !== 'Indexed') return undefined;
  for (const [index, { succeededIndexes: listed, succeededCount }] of (spec.successPolicy?.rules ?? []).entries()) {
    const wanted = listed === undefined ? undefined : parseIndexes(listed, spec.completions ?? 0);
    const met =
      wanted === undefined ? succeededIndexes.size : [...wanted].filter((wantedIndex) => succeededIndexes.has(wantedIndex)).length;
    if (met >= (succeededCount ?? wanted?.size ?? Infinity)) return `Matched rules at index ${index}`;
  }
  return undefined;
}

/** Without a number of completions, one success ends the Job once no pod is active. */
function isComplete({ spec }: Job, { succeeded, active, succeededIndexes }: Tally): boolean {
  if (spec.completions === undefined) return succeeded > 0 && active.length === 0;
  return (spec.completionMode === 'Indexed' ? succeededIndexes.size : succeeded) >= spec.completions;
}

/** How many pods are to be active now. */
export function wantActive({ spec }: Job, { succeeded, active, succeededIndexes, failedIndexes }: Tally): number {
  const parallelism = spec.parallelism ?? 1;
  if (spec.completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  const done = spec.completionMode === 'Indexed' ? succeededIndexes.size + failedIndexes.size : succeeded;
  return Math.max(0, Math.min(spec.completions - done, parallelism));
}
