/**
 * One attempt to schedule one pod, and what is done when it fails (`pkg/scheduler/schedule_one.go`: schedulingCycle,
 * handleSchedulingFailure).
 */
import { PodResource } from '../api/core/pod.ts';
import type { Pod, PodCondition } from '../api/generated/types.ts';
import { findCondition } from '../apimachinery/conditions.ts';
import { formatTime } from '../apimachinery/durations.ts';
import { keyOf } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { BindingCycles } from './binding-cycle.ts';
import type { Cache } from './cache/cache.ts';
import { DecisionBuilder, withMoves } from './decision.ts';
import type { DecisionRecorder } from './decision-recorder.ts';
import { CycleState } from './framework/cycle-state.ts';
import { Action } from './framework/events.ts';
import { fitErrorMessage, NO_NODES_AVAILABLE } from './framework/fit-error.ts';
import type { Framework } from './framework/framework.ts';
import type { QueuedPodInfo } from './framework/interface.ts';
import type { Status } from './framework/status.ts';
import { PodScheduler } from './schedule-pod.ts';
import type { ScheduleResult } from './schedule-pod.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

/** What the cycle works with. */
export interface CycleOptions {
  readonly scope: TaskScope;
  readonly client: Client;
  readonly events: EventRecorder;
  readonly cache: Cache;
  readonly queue: SchedulingQueue;
  readonly bindings: BindingCycles;
  readonly recorder: DecisionRecorder;
  /** The pod of that name as the watch shows it now. */
  currentPod(pod: Pod): Pod | undefined;
}

/** Why an attempt failed. */
interface Failure {
  readonly code: 'Unschedulable' | 'Error';
  readonly message: string;
  /** The plugins whose events bring the pod back; none: it backs off. */
  readonly plugins: ReadonlySet<string>;
  /** "" clears the pod's nomination, undefined leaves it. */
  readonly nominatedNodeName?: string;
}

/** Events keep at most this many characters of a message. */
const MAX_EVENT_MESSAGE = 1024;
const NO_PLUGINS: ReadonlySet<string> = new Set();

const failureOf = (status: Status): Failure => ({
  code: status.isRejected ? 'Unschedulable' : 'Error',
  message: status.message,
  plugins: status.isRejected && status.plugin !== '' ? new Set([status.plugin]) : NO_PLUGINS,
  nominatedNodeName: '',
});

/** Runs scheduling cycles. */
export class SchedulingCycle {
  readonly #options: CycleOptions;
  readonly #scheduler: PodScheduler;
  readonly #decisions: DecisionBuilder;
  /** Since the start: pods bound, attempts that failed. */
  readonly counts = { scheduled: 0, failed: 0 };

  constructor(options: CycleOptions) {
    this.#options = options;
    this.#scheduler = new PodScheduler(options.cache, options.scope.random.fork('select host'), options.queue.nominated);
    this.#decisions = new DecisionBuilder(options.cache);
  }

  /** At which node the next search begins. */
  get nextStartNodeIndex(): number {
    return this.#scheduler.nextStartNodeIndex;
  }

  /** Tries the pod once: it ends assumed on a node with its binding under way, or back in the queue. */
  run(framework: Framework, queued: QueuedPodInfo): void {
    const { cache, events } = this.#options;
    const { pod } = queued.info;
    if (pod.metadata.deletionTimestamp !== undefined) {
      return events.event(pod, 'Warning', 'FailedScheduling', `skip schedule deleting pod: ${keyOf(pod)}`);
    }
    if (cache.isAssumed(pod.metadata.uid)) return;
    const state = new CycleState();
    const result = this.#scheduler.schedule(framework, state, queued.info);
    if (result.nodeName !== '') return this.#assume(framework, state, queued, result);
    const failure = this.#failureOf(framework, state, queued, result);
    const decision = this.#decision(framework, state, queued, result, failure);
    this.#fail(queued, failure);
    this.#record(queued, decision);
  }

  #failureOf(framework: Framework, state: CycleState, { info }: QueuedPodInfo, { failure, diagnosis }: ScheduleResult): Failure {
    const nodeCount = this.#options.cache.nodes.length;
    if (failure !== undefined) return failureOf(failure);
    if (nodeCount === 0)
      return { code: 'Unschedulable', message: NO_NODES_AVAILABLE, plugins: diagnosis.unschedulablePlugins, nominatedNodeName: '' };
    const { unschedulablePlugins: plugins } = diagnosis;
    if (!framework.hasPostFilter)
      return { code: 'Unschedulable', message: fitErrorMessage(nodeCount, diagnosis), plugins, nominatedNodeName: '' };
    const { status, nominatedNodeName } = framework.runPostFilter(state, info, diagnosis);
    diagnosis.postFilterMessage = status?.message ?? '';
    return { code: 'Unschedulable', message: fitErrorMessage(nodeCount, diagnosis), plugins, nominatedNodeName };
  }

  #assume(framework: Framework, state: CycleState, queued: QueuedPodInfo, result: ScheduleResult): void {
    const { cache, bindings, queue } = this.#options;
    const { info } = queued;
    const { nodeName } = result;
    const decision = this.#decision(framework, state, queued, result);
    cache.assume(info, nodeName);
    queue.nominated.delete(info.uid);
    const release = () => {
      framework.runUnreserve(state, info, nodeName);
      cache.forget(info.uid);
    };
    const reserved = framework.runReserve(state, info, nodeName);
    const { status, waits } =
      reserved === undefined ? framework.runPermit(state, info, nodeName) : { status: reserved, waits: new Map<string, number>() };
    if (status !== undefined && status.code !== 'Wait') {
      release();
      const failure = this.#oneNodeFailure(status);
      this.#fail(queued, failure);
      return this.#record(queued, decision, failure);
    }
    const done = (failed: Status | undefined) => {
      if (failed === undefined) return this.#bound(queued, nodeName, decision);
      release();
      queue.move({ resource: 'AssignedPod', action: Action.Delete, label: 'AssignedPodDelete', old: info.pod });
      const failure = failureOf(failed);
      this.#fail(queued, failure);
      this.#record(queued, decision, failure);
    };
    bindings.start({ framework, state, queued, nodeName, done }, waits);
  }

  /** Reserve and Permit speak of one node: "0/1 nodes are available: 1 <reason>." */
  #oneNodeFailure(status: Status): Failure {
    if (!status.isRejected) return failureOf(status);
    return { ...failureOf(status), message: fitErrorMessage(1, { byNode: new Map([['', status]]), absent: status }) };
  }

  #bound(queued: QueuedPodInfo, nodeName: string, decision: SchedulingDecision | undefined): void {
    const { info } = queued;
    this.counts.scheduled++;
    const message = `Successfully assigned ${keyOf(info.pod)} to ${nodeName}`;
    this.#options.events.event(info.pod, 'Normal', 'Scheduled', message);
    this.#record(queued, decision);
  }

  #fail(queued: QueuedPodInfo, { code, message, plugins, nominatedNodeName }: Failure): void {
    const { queue, events, currentPod } = this.#options;
    this.counts.failed++;
    const current = currentPod(queued.info.pod);
    if (current === undefined || current.metadata.uid !== queued.info.uid || current.spec.nodeName) return;
    queued.info.update(current);
    queued.unschedulablePlugins = plugins;
    queue.addUnschedulable(queued);
    if (nominatedNodeName !== undefined) queue.nominated.set(queued.info, nominatedNodeName);
    const short = message.length <= MAX_EVENT_MESSAGE ? message : `${message.slice(0, MAX_EVENT_MESSAGE - 4)} ...`;
    events.event(current, 'Warning', 'FailedScheduling', short);
    const reason = code === 'Unschedulable' ? 'Unschedulable' : 'SchedulerError';
    this.#patchStatus(current, { type: 'PodScheduled', status: 'False', reason, message }, nominatedNodeName);
  }

  #patchStatus(pod: Pod, condition: PodCondition, nominatedNodeName: string | undefined): void {
    const { client, scope } = this.#options;
    const old = findCondition(pod.status?.conditions, condition.type);
    const same = old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
    const nominates = nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? '');
    if (same && !nominates) return;
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : formatTime(scope.now);
    const conditions = same ? {} : { conditions: [{ ...condition, lastTransitionTime }] };
    const nomination = nominates ? { nominatedNodeName: nominatedNodeName || null } : {};
    try {
      client.patch(PodResource, pod.metadata, 'strategic', { status: { ...conditions, ...nomination } }, { subresource: 'status' });
    } catch (error) {
      // The pod may be gone or the server down; the next attempt writes it again.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #decision(
    framework: Framework,
    state: CycleState,
    queued: QueuedPodInfo,
    result: ScheduleResult,
    failure?: Failure,
  ): SchedulingDecision | undefined {
    const { cache, recorder, scope } = this.#options;
    const nodeCount = cache.nodes.length;
    if (!recorder.wants(queued.info.pod, failure === undefined, nodeCount)) return undefined;
    const recording = recorder.reduction(nodeCount);
    return this.#decisions.build(queued, framework, state, result, {
      result: failure?.code ?? 'Scheduled',
      ...(failure !== undefined && { message: failure.message }),
      ...(failure?.nominatedNodeName && { nominatedNodeName: failure.nominatedNodeName }),
      ...(recording !== undefined && { recording }),
      recordingLevel: recorder.level(nodeCount),
      waitedMs: scope.now - queued.timestamp,
      now: scope.now,
    });
  }

  #record(queued: QueuedPodInfo, decision: SchedulingDecision | undefined, failure?: Failure): void {
    if (decision !== undefined) {
      const { recorder } = this.#options;
      const told = withMoves(decision, queued);
      if (failure === undefined) recorder.record(told);
      else recorder.record({ ...told, status: { ...told.status, result: failure.code, message: failure.message } });
    }
    queued.moves = [];
  }
}
