/**
 * The pods that wait for a node (`pkg/scheduler/backend/queue/scheduling_queue.go`): ready ones, those backing off after a
 * failed attempt, and those that nothing but a change in the cluster can help.
 *
 * back-off = 1 s · 2^(attempts - 1), at most 10 s. The back-off queue is flushed on full seconds; pods stuck for more than
 * 5 minutes are moved anyway, looked for every 30 s. As since 1.33, an idle scheduler takes pods out of back-off early,
 * except those whose last attempt ended in an error.
 */
import type { Pod } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import type { TaskScope, Timer } from '../../sim/task-scope.ts';
import { PodInfo } from '../cache/pod-info.ts';
import { eventMatches, podChanges, UNSCHEDULABLE_TIMEOUT } from '../framework/events.ts';
import type { ClusterChange, EventRegistration } from '../framework/events.ts';
import type { QueuedPodInfo, QueueLaneMove } from '../framework/interface.ts';
import type { Status } from '../framework/status.ts';
import { Heap } from './heap.ts';
import { NominatedPods } from './nominator.ts';
import { UnschedulablePods } from './unschedulable-pods.ts';

const BACKOFF_TICK_MS = 1000;
const UNSCHEDULABLE_TICK_MS = 30_000;
const MAX_UNSCHEDULABLE_MS = 300_000;
/** As many moves of a pod are remembered between two attempts. */
const MAX_MOVES = 20;

/** What the queue needs to know of the profiles. */
export interface QueueOptions {
  initialBackoffMs(): number;
  maxBackoffMs(): number;
  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean;
  preEnqueue(pod: Pod): Status | undefined;
  /** What the plugin of that name registered for; undefined for an unknown one: anything may help. */
  registrations(plugin: string): readonly EventRegistration[] | undefined;
  /** Called when a pod has become ready. */
  wake(): void;
}

const uidOf = (queued: QueuedPodInfo) => queued.info.uid;

/** Three lanes of pods. A pod is in at most one of them, or being scheduled. */
export class SchedulingQueue {
  readonly nominated: NominatedPods = new NominatedPods();
  readonly #scope: TaskScope;
  readonly #options: QueueOptions;
  readonly #active: Heap<QueuedPodInfo>;
  readonly #backoff: Heap<QueuedPodInfo>;
  /** Back-off after an error; not cut short. */
  readonly #errorBackoff: Heap<QueuedPodInfo>;
  readonly #unschedulable = new UnschedulablePods();
  readonly #startedAt: number;
  #sequence = 0;
  #backoffTimer: { at: number; timer: Timer } | undefined;
  #unschedulableTimer: Timer | undefined;

  constructor(scope: TaskScope, options: QueueOptions) {
    this.#scope = scope;
    this.#options = options;
    this.#startedAt = scope.now;
    const byExpiry = (a: QueuedPodInfo, b: QueuedPodInfo) =>
      a.backoffExpiry === b.backoffExpiry ? options.less(a, b) : a.backoffExpiry < b.backoffExpiry;
    this.#active = new Heap(uidOf, (a, b) => options.less(a, b));
    this.#backoff = new Heap(uidOf, byExpiry);
    this.#errorBackoff = new Heap(uidOf, byExpiry);
  }

  /** Whether the pod waits in any lane. */
  has(uid: string): boolean {
    return [this.#active, this.#backoff, this.#errorBackoff, this.#unschedulable].some((lane) => lane.get(uid) !== undefined);
  }

  /** How many pods wait in each lane. */
  get sizes(): { active: number; backoff: number; unschedulable: number } {
    return { active: this.#active.size, backoff: this.#backoff.size + this.#errorBackoff.size, unschedulable: this.#unschedulable.size };
  }

  /** The pod that `pop` would give, if any. */
  peek(): QueuedPodInfo | undefined {
    return this.#active.peek() ?? this.#backoff.peek();
  }

  /** Adds a new pod. */
  add(pod: Pod): void {
    const info = new PodInfo(pod);
    const now = this.#scope.now;
    const queued: QueuedPodInfo = {
      info,
      timestamp: now,
      sequence: ++this.#sequence,
      attempts: 0,
      addedAt: now,
      unschedulablePlugins: new Set(),
      gatedBy: '',
      queuedBy: 'PodAdd',
      hint: '',
      moves: [],
      backoffExpiry: 0,
    };
    this.nominated.set(info, pod.status?.nominatedNodeName ?? '');
    this.#activate(queued, 'PodAdd', '');
  }

  /** The next pod to be tried, which leaves the queue; undefined when none is ready. */
  pop(): QueuedPodInfo | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop();
    if (queued !== undefined) {
      queued.attempts++;
      queued.unschedulablePlugins = new Set();
    }
    return queued;
  }

  /** A newer version of a waiting pod. Adds it when it is not waiting and not being scheduled. */
  update(pod: Pod, old: Pod): void {
    const { uid } = pod.metadata;
    for (const lane of [this.#active, this.#backoff, this.#errorBackoff]) {
      const queued = lane.get(uid);
      if (queued === undefined) continue;
      queued.info.update(pod);
      this.#renominate(queued.info, pod, old);
      lane.set(queued);
      return;
    }
    const stuck = this.#unschedulable.get(uid);
    if (stuck === undefined) return;
    stuck.info.update(pod);
    this.#renominate(stuck.info, pod, old);
    const change: ClusterChange = {
      resource: 'UnscheduledPod',
      action: podChanges(pod, old),
      label: 'UnscheduledPodUpdate',
      old,
      object: pod,
    };
    const plugin = this.#whoseHint(stuck, change);
    if (plugin !== undefined) this.#requeue(stuck, change.label, plugin);
  }

  /** Forgets a pod that was deleted or bound. */
  delete({ metadata: { uid } }: Pod): void {
    this.nominated.delete(uid);
    this.#unschedulable.delete(uid);
    for (const lane of [this.#active, this.#backoff, this.#errorBackoff]) lane.delete(uid);
  }

  /** Puts back a pod that was tried in vain: without rejecting plugins it failed by an error and backs off, otherwise it waits for a change. */
  addUnschedulable(queued: QueuedPodInfo): void {
    queued.timestamp = this.#scope.now;
    queued.sequence = ++this.#sequence;
    this.nominated.set(queued.info, this.nominated.nodeOf(queued.info.uid) || (queued.info.pod.status?.nominatedNodeName ?? ''));
    if (queued.unschedulablePlugins.size === 0) this.#backOff(this.#errorBackoff, queued, 'ScheduleAttemptFailure', '');
    else this.#park(queued, 'ScheduleAttemptFailure', '');
  }

  /** Moves the pods that the change may help. */
  move(change: ClusterChange): void {
    if (this.#unschedulable.size === 0) return;
    const moving: [QueuedPodInfo, string][] = [];
    for (const queued of this.#unschedulable.candidates((plugin) => this.#mayHelp(plugin, change))) {
      const plugin = this.#whoseHint(queued, change);
      if (plugin !== undefined) moving.push([queued, plugin]);
    }
    for (const [queued, plugin] of moving) this.#requeue(queued, change.label, plugin);
  }

  /** Tries all waiting pods again: the scheduler itself has changed. */
  moveAll(event: string): void {
    for (const queued of this.#unschedulable.all()) this.#requeue(queued, event, '');
  }

  #renominate(info: PodInfo, pod: Pod, old: Pod): void {
    const [next, before] = [pod.status?.nominatedNodeName ?? '', old.status?.nominatedNodeName ?? ''];
    if (next !== before) this.nominated.set(info, next);
  }

  #mayHelp(plugin: string, change: ClusterChange): boolean {
    return this.#options.registrations(plugin)?.some(({ event }) => eventMatches(event, change)) ?? true;
  }

  /** The plugin that thinks the change may help the pod; undefined when none does. */
  #whoseHint({ info, unschedulablePlugins }: QueuedPodInfo, change: ClusterChange): string | undefined {
    for (const plugin of unschedulablePlugins) {
      const registrations = this.#options.registrations(plugin);
      if (registrations === undefined) return plugin;
      for (const { event, hint } of registrations) {
        if (eventMatches(event, change) && (hint === undefined || hint(info.pod, change))) return plugin;
      }
    }
    return undefined;
  }

  #requeue(queued: QueuedPodInfo, label: string, plugin: string): void {
    this.#unschedulable.delete(queued.info.uid);
    if (this.#expiryOf(queued) > this.#scope.now) this.#backOff(this.#backoff, queued, label, plugin);
    else this.#activate(queued, label, plugin);
  }

  #activate(queued: QueuedPodInfo, label: string, plugin: string): void {
    const refusal = this.#options.preEnqueue(queued.info.pod);
    queued.queuedBy = label;
    queued.hint = plugin;
    queued.gatedBy = refusal?.plugin ?? '';
    if (refusal !== undefined) {
      queued.unschedulablePlugins = new Set([refusal.plugin]);
      return this.#park(queued, label, refusal.plugin);
    }
    this.#note(queued, { at: this.#scope.now, lane: 'active', event: label, plugin });
    this.#active.set(queued);
    this.#options.wake();
  }

  #note({ moves }: QueuedPodInfo, move: QueueLaneMove): void {
    if (moves.length >= MAX_MOVES) moves.shift();
    moves.push(move);
  }

  #expiryOf({ timestamp, attempts }: QueuedPodInfo): number {
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    return attempts === 0 ? timestamp : timestamp + Math.min(initialBackoffMs() * 2 ** (attempts - 1), maxBackoffMs());
  }

  #backOff(lane: Heap<QueuedPodInfo>, queued: QueuedPodInfo, label: string, plugin: string): void {
    queued.queuedBy = label;
    queued.hint = plugin;
    queued.backoffExpiry = this.#expiryOf(queued);
    this.#note(queued, { at: this.#scope.now, lane: 'backoff', event: label, plugin, until: queued.backoffExpiry });
    lane.set(queued);
    this.#scheduleBackoffFlush();
    if (lane === this.#backoff) this.#options.wake();
  }

  /** The first tick of the flush that is not before `time`. */
  #tickAfter(time: number, tickMs: number): number {
    return this.#startedAt + Math.ceil((time - this.#startedAt) / tickMs) * tickMs;
  }

  #scheduleBackoffFlush(): void {
    const expiries = [this.#backoff.peek(), this.#errorBackoff.peek()].flatMap((queued) => (queued ? [queued.backoffExpiry] : []));
    if (expiries.length === 0) return;
    const at = this.#tickAfter(Math.min(...expiries), BACKOFF_TICK_MS);
    if (this.#backoffTimer !== undefined && this.#backoffTimer.at <= at) return;
    this.#backoffTimer?.timer.stop();
    const flush = () => {
      this.#backoffTimer = undefined;
      for (const lane of [this.#backoff, this.#errorBackoff]) {
        for (let next = lane.peek(); next !== undefined && next.backoffExpiry <= this.#scope.now; next = lane.peek()) {
          lane.pop();
          this.#activate(next, 'BackoffComplete', next.hint);
        }
      }
      this.#scheduleBackoffFlush();
    };
    this.#backoffTimer = { at, timer: this.#scope.after(at - this.#scope.now, 'flush back-off', '', flush, { background: true }) };
  }

  #park(queued: QueuedPodInfo, event: string, plugin: string): void {
    this.#note(queued, { at: this.#scope.now, lane: queued.gatedBy === '' ? 'unschedulable' : 'gated', event, plugin });
    this.#unschedulable.add(queued);
    if (queued.gatedBy === '') this.#scheduleUnschedulableFlush();
  }

  #scheduleUnschedulableFlush(): void {
    if (this.#unschedulableTimer !== undefined) return;
    const oldest = this.#unschedulable.oldestTimestamp();
    if (oldest === undefined) return;
    const at = this.#tickAfter(oldest + MAX_UNSCHEDULABLE_MS + 1, UNSCHEDULABLE_TICK_MS);
    const flush = () => {
      this.#unschedulableTimer = undefined;
      const limit = this.#scope.now - MAX_UNSCHEDULABLE_MS;
      for (const queued of this.#unschedulable.olderThan(limit)) this.#requeue(queued, UNSCHEDULABLE_TIMEOUT.label, '');
      this.#scheduleUnschedulableFlush();
    };
    this.#unschedulableTimer = this.#scope.after(at - this.#scope.now, 'flush unschedulable', '', flush, { background: true });
  }
}

/** The label of a task about the pod. */
export const podLabel = (pod: Pod): string => `pods/${keyOf(pod)}`;
