/**
 * The CronJob controller (`pkg/controller/cronjob/cronjob_controllerv2.go`): makes Jobs at their times and tidies up after them.
 */
import { CronJobResource } from '../../api/batch/cron-job.ts';
import { JobResource } from '../../api/batch/job.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../api/generated/types.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { controllerOf, keyOf, newControllerRef } from '../../apimachinery/meta.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import { BY_CONTROLLER, indexByController } from '../pods.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { mostRecentTime, requeueMs } from './due.ts';
import { parseSchedule } from '../../api/batch/schedule.ts';
import type { Schedule } from '../../api/batch/schedule.ts';

const SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MINUTE_MS = 60_000;
/** Zones that need no table. Differs: the time zone database is not part of the simulation; CronJobs in other zones never run and say so. */
const UTC_ZONES = new Set(['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT', 'Etc/Universal', 'Etc/Zulu']);

/** Starts the controller. */
export function startCronJobController(deps: ControllerDeps): void {
  const cronJobs = deps.informers.informer(CronJobResource);
  const jobs = indexByController(deps.informers.informer(JobResource));
  const controller = startController(deps.scope, 'cronjobs', reconcile, [cronJobs, jobs]);
  const enqueue = (cronJob: CronJob) => controller.enqueue(keyOf(cronJob));
  cronJobs.addHandler({ add: enqueue, update: enqueue, delete: enqueue }, deps.scope);
  const enqueueOwner = (job: Job) => {
    const owner = controllerOf(job);
    if (owner?.kind === 'CronJob') controller.enqueue(`${job.metadata.namespace ?? ''}/${owner.name}`);
  };
  jobs.addHandler({ add: enqueueOwner, update: enqueueOwner, delete: enqueueOwner }, deps.scope);

  function reconcile(key: string): Requeue | undefined {
    const cronJob = cronJobs.get(key);
    return cronJob === undefined ? undefined : new CronJobSync(deps, cronJob, jobs).run();
  }
}

/** One look at one CronJob. */
class CronJobSync {
  readonly #deps: ControllerDeps;
  readonly #jobs: Informer<Job>;
  readonly #now: number;
  #cronJob: CronJob;

  constructor(deps: ControllerDeps, cronJob: CronJob, jobs: Informer<Job>) {
    this.#deps = deps;
    this.#cronJob = cronJob;
    this.#jobs = jobs;
    this.#now = deps.scope.now;
  }

  run(): Requeue | undefined {
    const children = [...this.#jobs.byIndex(BY_CONTROLLER, this.#cronJob.metadata.uid)];
    this.#settle(children);
    this.#cleanUp(children);
    const { spec, metadata } = this.#cronJob;
    if (metadata.deletionTimestamp !== undefined || spec.suspend) return undefined;
    const schedule = this.#schedule();
    if (schedule === undefined) return undefined;
    this.#start(schedule);
    return requeueAfter(requeueMs(this.#cronJob, this.#now, schedule), { background: true });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#deps.recorder.event(this.#cronJob, type, reason, message);
  }

  #schedule(): Schedule | undefined {
    const { schedule, timeZone } = this.#cronJob.spec;
    if (timeZone !== undefined && !UTC_ZONES.has(timeZone)) {
      this.#event('Warning', 'UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`);
      return undefined;
    }
    try {
      return parseSchedule(schedule);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#event('Warning', 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(schedule)} : ${error.message}`);
      return undefined;
    }
  }

  #write(status: CronJobStatus): void {
    if (deepEqual(this.#cronJob.status ?? {}, status)) return;
    this.#cronJob = this.#deps.client.updateStatus(CronJobResource, { ...this.#cronJob, status });
  }

  /** Takes finished and lost Jobs out of the list of active ones. */
  #settle(children: readonly Job[]): void {
    const active = this.#cronJob.status?.active ?? [];
    const byUid = new Map(children.map((job) => [job.metadata.uid, job]));
    let lastSuccess = this.#cronJob.status?.lastSuccessfulTime;
    for (const job of children) {
      const isActive = active.some(({ uid }) => uid === job.metadata.uid);
      const end = endOf(job);
      if (end === undefined && !isActive)
        this.#event('Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`);
      if (end === undefined || !isActive) continue;
      this.#event('Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end}`);
      const { completionTime } = job.status ?? {};
      if (end === 'Complete' && completionTime !== undefined && (lastSuccess === undefined || completionTime > lastSuccess))
        lastSuccess = completionTime;
    }
    const left = active.filter(({ uid = '', namespace, name = '' }) => {
      const job = byUid.get(uid);
      if (job !== undefined) return endOf(job) === undefined;
      if (this.#deps.client.find(JobResource, { namespace, name })?.metadata.uid === uid) return true;
      this.#event('Normal', 'MissingJob', `Active job went missing: ${name}`);
      return false;
    });
    this.#write({ ...this.#cronJob.status, ...listOf(left), ...(lastSuccess !== undefined && { lastSuccessfulTime: lastSuccess }) });
  }

  #start(schedule: Schedule): void {
    const due = this.#dueTime(schedule);
    if (due === undefined) return;
    const { spec, status, metadata } = this.#cronJob;
    if (spec.startingDeadlineSeconds !== undefined && due + spec.startingDeadlineSeconds * 1000 < this.#now) {
      return this.#event('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123(due)}`);
    }
    const name = `${metadata.name}-${Math.floor(due / MINUTE_MS)}`;
    const active = status?.active ?? [];
    if (active.some((reference) => reference.name === name) || status?.lastScheduleTime === formatTime(due)) return;
    if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      return this.#event(
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
    }
    if (spec.concurrencyPolicy === 'Replace') for (const reference of active) this.#delete(reference.name ?? '');
    const job = this.#create(name, due);
    if (job === undefined) return;
    const others = spec.concurrencyPolicy === 'Replace' ? [] : active;
    this.#write({ ...this.#cronJob.status, ...listOf([...others, referenceTo(job)]), lastScheduleTime: formatTime(due) });
  }

  #dueTime(schedule: Schedule): number | undefined {
    try {
      const { mostRecent, missed } = mostRecentTime(this.#cronJob, this.#now, schedule, true);
      if (missed === 'many') {
        this.#event(
          'Warning',
          'TooManyMissedTimes',
          'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
        );
      }
      return mostRecent;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#event('Warning', 'InvalidSchedule', `invalid schedule: ${this.#cronJob.spec.schedule} : ${error.message}`);
      return undefined;
    }
  }

  #create(name: string, due: number): Job | undefined {
    const { metadata, spec } = this.#cronJob;
    const template = spec.jobTemplate;
    try {
      const job = this.#deps.client.create(JobResource, {
        metadata: {
          name,
          namespace: metadata.namespace,
          ...(template.metadata?.labels && { labels: template.metadata.labels }),
          annotations: { ...template.metadata?.annotations, [SCHEDULED_TIMESTAMP]: formatTime(due) },
          ownerReferences: [newControllerRef(this.#cronJob)],
        },
        spec: template.spec,
      });
      this.#event('Normal', 'SuccessfulCreate', `Created job ${name}`);
      return job;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (hasReason(error, 'AlreadyExists')) return this.#ownJob(name);
      if (error instanceof StatusError) this.#event('Warning', 'FailedCreate', `Error creating job: ${error.message}`);
      throw error;
    }
  }

  /** The Job that is there already, when an earlier run made it and could not note it. */
  #ownJob(name: string): Job | undefined {
    const job = this.#deps.client.find(JobResource, { namespace: this.#cronJob.metadata.namespace, name });
    return job !== undefined && controllerOf(job)?.uid === this.#cronJob.metadata.uid && endOf(job) === undefined ? job : undefined;
  }

  #cleanUp(children: readonly Job[]): void {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = this.#cronJob.spec;
    const byStart = children.toSorted((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
    for (const [end, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      const ended = byStart.filter((job) => endOf(job) === end);
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) this.#delete(job.metadata.name);
    }
  }

  #delete(name: string): void {
    try {
      this.#deps.client.delete(JobResource, { namespace: this.#cronJob.metadata.namespace, name }, { propagationPolicy: 'Background' });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (error instanceof StatusError) this.#event('Warning', 'FailedDelete', `Deleted job: ${error.message}`);
      throw error;
    }
    this.#event('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }
}

function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  if (isCondition(status?.conditions, 'Complete')) return 'Complete';
  return isCondition(status?.conditions, 'Failed') ? 'Failed' : undefined;
}

/** An empty list is no list. */
const listOf = (active: ObjectReference[]): Pick<CronJobStatus, 'active'> => ({ active: active.length > 0 ? active : undefined });

function referenceTo({ apiVersion, kind, metadata }: Job): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Go's RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700". */
function rfc1123(ms: number): string {
  const date = new Date(ms);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${WEEKDAYS[date.getUTCDay()]}, ${day} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}
