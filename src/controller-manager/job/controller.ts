/**
 * The Job controller (`pkg/controller/job/job_controller.go`): runs pods until enough have succeeded or too many failed.
 */
import { JobResource } from '../../api/batch/job.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../api/generated/types.ts';
import { findCondition, setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { claimObjects } from '../controller-ref-manager.ts';
import { coalesceMs } from '../deps.ts';
import type { ControllerDeps } from '../deps.ts';
import { Expectations } from '../expectations.ts';
import { deletePod } from '../pod-control.ts';
import { claimable, indexByController } from '../pods.ts';
import { afterEnded, NO_BACKOFF, remainingMs } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { createJobPods } from './create-pods.ts';
import { isTracked, replacesOnlyFailed, surplus, TRACKING_FINALIZER } from './job-pods.ts';
import { isFinished, outcome, trueCondition, wantActive } from './outcome.ts';
import type { Tally } from './outcome.ts';
import { countNoted, newlyEnded, note, tally, withGauges } from './tracking.ts';

/** Pods created or deleted in one sync at most (`MaxPodCreateDeletePerSync`). */
const MAX_PODS_PER_SYNC = 500;
const STALE_RETRY_MS = 5;
const OWN_NAME = 'kubernetes.io/job-controller';

/** Starts the controller. */
export function startJobController(deps: ControllerDeps): void {
  new JobController(deps);
}

class JobController {
  readonly #deps: ControllerDeps;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #controller: Controller;
  readonly #orphans: Controller;
  readonly #expectations = new Expectations();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #sizes = new Map<string, number>();
  /** The version of our last status write per Job: an older copy in the cache would count pods twice. */
  readonly #written = new Map<string, number>();
  /** Uids of pods whose finalizer we removed and whose copy in the cache still has it. */
  readonly #untracked = new Set<string>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#jobs = deps.informers.informer(JobResource);
    this.#pods = indexByController(deps.informers.informer(PodResource));
    const caches = [this.#jobs, this.#pods];
    this.#controller = startController(deps.scope, 'jobs', (key) => this.#reconcile(key), caches);
    this.#orphans = startController(deps.scope, 'pods', (key) => this.#releaseOrphan(key), caches);
    const enqueue = (job: Job) => this.#controller.enqueue(keyOf(job));
    this.#jobs.addHandler(
      {
        add: enqueue,
        update: enqueue,
        delete: (job) => {
          this.#forget(keyOf(job));
          for (const pod of claimable(this.#pods, job)) if (isTracked(pod)) this.#orphans.enqueue(keyOf(pod));
        },
      },
      deps.scope,
    );
    this.#pods.addHandler(
      { add: (pod) => this.#podAdded(pod), update: (pod) => this.#podUpdated(pod), delete: (pod) => this.#podDeleted(pod) },
      deps.scope,
    );
  }

  #forget(key: string): void {
    this.#expectations.forget(key);
    for (const map of [this.#backoffs, this.#sizes, this.#written]) map.delete(key);
  }

  #jobOf(pod: Pod): Job | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'Job') return undefined;
    const job = this.#jobs.get(`${pod.metadata.namespace ?? ''}/${reference.name}`);
    return job?.metadata.uid === reference.uid ? job : undefined;
  }

  #enqueueFor(pod: Pod): void {
    const job = this.#jobOf(pod);
    if (job !== undefined) this.#controller.enqueueAfter(keyOf(job), coalesceMs(this.#sizes.get(keyOf(job)) ?? 0));
    else if (isTracked(pod)) this.#orphans.enqueue(keyOf(pod));
  }

  #podAdded(pod: Pod): void {
    const job = this.#jobOf(pod);
    if (job !== undefined) this.#expectations.creationObserved(keyOf(job));
    this.#enqueueFor(pod);
  }

  #podUpdated(pod: Pod): void {
    if (!isTracked(pod)) this.#untracked.delete(pod.metadata.uid);
    const job = this.#jobOf(pod);
    if (job !== undefined && pod.metadata.deletionTimestamp !== undefined) this.#expectations.deletionObserved(keyOf(job), keyOf(pod));
    this.#enqueueFor(pod);
  }

  #podDeleted(pod: Pod): void {
    this.#untracked.delete(pod.metadata.uid);
    const job = this.#jobOf(pod);
    if (job === undefined) return;
    this.#expectations.deletionObserved(keyOf(job), keyOf(pod));
    this.#enqueueFor(pod);
  }

  /** A pod whose Job is gone must not be kept by its finalizer (`syncOrphanPod`). */
  #releaseOrphan(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || !isTracked(pod)) return;
    const job = this.#jobOf(pod);
    if (job === undefined || isFinished(job)) this.#removeFinalizer(pod);
  }

  #reconcile(key: string): Requeue | undefined {
    const job = this.#jobs.get(key);
    if (job === undefined) {
      this.#forget(key);
      return undefined;
    }
    if ((job.spec.managedBy ?? OWN_NAME) !== OWN_NAME) return undefined;
    if (Number(job.metadata.resourceVersion) < (this.#written.get(key) ?? 0)) return requeueAfter(STALE_RETRY_MS);
    const pods = this.#claim(job);
    this.#sizes.set(key, pods.length);
    if (isFinished(job)) {
      for (const pod of pods) if (isTracked(pod)) this.#removeFinalizer(pod);
      return undefined;
    }
    return this.#sync(key, job, pods);
  }

  #claim(job: Job): Pod[] {
    const selector = labelSelectorAsSelector(job.spec.selector);
    const matches = ({ metadata }: Pod) => selector.matches(metadata.labels);
    const claim = {
      client: this.#deps.client,
      owner: job,
      ownerResource: JobResource,
      resource: PodResource,
      matches,
      finalizers: [TRACKING_FINALIZER],
    };
    return claimObjects(claim, claimable(this.#pods, job));
  }

  #sync(key: string, job: Job, pods: readonly Pod[]): Requeue | undefined {
    const nowMs = this.#deps.scope.now;
    const ended = newlyEnded(job, pods, this.#untracked);
    const result = tally(job, pods, ended);
    const backoff = afterEnded(this.#backoffs.get(key) ?? NO_BACKOFF, ended.succeeded, ended.failed);
    this.#backoffs.set(key, backoff);
    const ending = outcome(job, result, nowMs);
    let active = result.active.length;
    let failure: unknown;
    let waitMs: number | undefined;
    if (ending !== undefined) active -= this.#deleteActive(job, result.active);
    else if (this.#expectations.satisfied(key, nowMs) && job.metadata.deletionTimestamp === undefined) {
      const managed = this.#manage(key, job, pods, result, backoff);
      active += managed.added;
      failure = managed.error;
      waitMs = managed.waitMs;
    }
    let status = withGauges(this.#started(job), pods, active);
    if (ending !== undefined) status = withTrue(status, ending, nowMs);
    this.#track(key, job, status, pods, ended, result, ending);
    if (failure !== undefined) throw failure;
    const deadlineMs = deadlineIn(job, nowMs);
    const soonest = Math.min(waitMs ?? Infinity, deadlineMs ?? Infinity);
    return soonest === Infinity ? undefined : requeueAfter(soonest, { background: waitMs === undefined });
  }

  /** The status with start time and the Suspended condition as the spec wants them. */
  #started(job: Job): JobStatus {
    const nowMs = this.#deps.scope.now;
    const status: JobStatus = { ...job.status };
    const wasSuspended = findCondition(status.conditions, 'Suspended')?.status === 'True';
    if (job.spec.suspend) {
      if (wasSuspended) return status;
      this.#deps.recorder.event(job, 'Normal', 'Suspended', 'Job suspended');
      return { ...withTrue(status, trueCondition('Suspended', 'JobSuspended', 'Job suspended', nowMs), nowMs), startTime: undefined };
    }
    if (wasSuspended) {
      this.#deps.recorder.event(job, 'Normal', 'Resumed', 'Job resumed');
      const resumed = { ...trueCondition('Suspended', 'JobResumed', 'Job resumed', nowMs), status: 'False' };
      return { ...withTrue(status, resumed, nowMs), startTime: formatTime(nowMs) };
    }
    return { ...status, startTime: status.startTime ?? formatTime(nowMs) };
  }

  /** Notes, releases and counts the pods that ended; ends the Job when none is left. */
  #track(
    key: string,
    job: Job,
    status: JobStatus,
    pods: readonly Pod[],
    ended: ReturnType<typeof newlyEnded>,
    result: Tally,
    ending: JobCondition | undefined,
  ): void {
    const noted = note(job, status, pods, ended, result, ending);
    let current = this.#write(key, job, withoutEmpty(noted.status));
    for (const pod of noted.release) this.#removeFinalizer(pod);
    let next = countNoted(noted.status);
    // Only when the cache shows no pod at work or on its way out.
    const isOver = ending !== undefined && result.active.length === 0 && (next.terminating ?? 0) === 0;
    if (isOver) next = this.#finished(next, ending);
    current = this.#write(key, current, withoutEmpty(next));
    if (isOver) this.#announce(current, ending);
  }

  #finished(status: JobStatus, { type, reason = '', message = '' }: JobCondition): JobStatus {
    const nowMs = this.#deps.scope.now;
    const failed = type === 'FailureTarget';
    const final = withTrue(status, trueCondition(failed ? 'Failed' : 'Complete', reason, message, nowMs), nowMs);
    return failed ? final : { ...final, completionTime: formatTime(nowMs) };
  }

  #announce(job: Job, { type, reason = '', message = '' }: JobCondition): void {
    if (type === 'FailureTarget') this.#deps.recorder.event(job, 'Warning', reason, message);
    else this.#deps.recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  #write(key: string, job: Job, status: JobStatus): Job {
    if (deepEqual(job.status, status)) return job;
    const written = this.#deps.client.updateStatus(JobResource, { ...job, status });
    this.#written.set(key, Number(written.metadata.resourceVersion));
    return written;
  }

  #removeFinalizer(pod: Pod): void {
    this.#untracked.add(pod.metadata.uid);
    try {
      this.#deps.client.patch(PodResource, pod.metadata, 'strategic', {
        metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] },
      });
    } catch (error) {
      this.#untracked.delete(pod.metadata.uid);
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  /** Creates and deletes pods (`manageJob`). `waitMs`: until failures are slept off. */
  #manage(
    key: string,
    job: Job,
    pods: readonly Pod[],
    result: Tally,
    backoff: Backoff,
  ): { added: number; error?: unknown; waitMs?: number } {
    const nowMs = this.#deps.scope.now;
    if (job.spec.suspend) return { added: -this.#deleteUncounted(key, job, result.active) };
    const wanted = wantActive(job, result);
    const done = new Set([...result.succeededIndexes, ...result.failedIndexes]);
    const tooMany = surplus(job, result.active, result.active.length - wanted, done).slice(0, MAX_PODS_PER_SYNC);
    if (tooMany.length > 0) return { added: -this.#deleteUncounted(key, job, tooMany) };
    const terminating = replacesOnlyFailed(job)
      ? pods.filter(
          ({ metadata, status }) => metadata.deletionTimestamp !== undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded',
        ).length
      : 0;
    const missing = Math.min(wanted - result.active.length - terminating, MAX_PODS_PER_SYNC);
    if (missing <= 0) return { added: 0 };
    const waitMs = remainingMs(backoff, nowMs);
    if (waitMs > 0) return { added: 0, waitMs };
    return createJobPods(this.#deps, this.#expectations, { key, job, pods, done, missing });
  }

  /** Deletes the pods of a Job that ends; they are counted by how it ends. */
  #deleteActive(job: Job, active: readonly Pod[]): number {
    for (const pod of active) this.#delete(job, pod);
    return active.length;
  }

  /** Deletes pods that are simply too many: without their finalizer, so that they do not count as failed. */
  #deleteUncounted(key: string, job: Job, surplusPods: readonly Pod[]): number {
    if (surplusPods.length === 0) return 0;
    this.#expectations.expectDeletions(key, surplusPods.map(keyOf), this.#deps.scope.now);
    for (const pod of surplusPods) {
      this.#removeFinalizer(pod);
      this.#delete(job, pod);
    }
    return surplusPods.length;
  }

  #delete(job: Job, pod: Pod): void {
    try {
      deletePod(this.#deps, job, pod);
    } catch (error) {
      this.#expectations.deletionObserved(keyOf(job), keyOf(pod));
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

function withTrue(status: JobStatus, condition: JobCondition, nowMs: number): JobStatus {
  return { ...status, conditions: [...setCondition(status.conditions, condition, formatTime(nowMs))] };
}

/** Zero counters are not written, as omitempty has it; `ready` and `terminating` are pointers upstream, so 0 is. */
function withoutEmpty(status: JobStatus): JobStatus {
  const { active, succeeded, failed, uncountedTerminatedPods, ...rest } = status;
  const lists = Object.fromEntries(Object.entries(uncountedTerminatedPods ?? {}).filter(([, uids]) => uids.length > 0));
  return { ...rest, ...(active && { active }), ...(succeeded && { succeeded }), ...(failed && { failed }), uncountedTerminatedPods: lists };
}

function deadlineIn({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend) return undefined;
  const startMs = status?.startTime === undefined ? nowMs : Date.parse(status.startTime);
  return Math.max(1, startMs + spec.activeDeadlineSeconds * 1000 - nowMs);
}
