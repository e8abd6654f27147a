/**
 * What follows once a node is chosen: Permit's wait, PreBind, Bind, PostBind (`pkg/scheduler/schedule_one.go`, bindingCycle).
 * Each pod's cycle is a task of its own, so the next pod is scheduled before this one is bound, as upstream.
 */
import { StatusError } from '../apimachinery/status.ts';
import type { TaskScope, Timer } from '../sim/task-scope.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { Framework } from './framework/framework.ts';
import type { QueuedPodInfo } from './framework/interface.ts';
import type { Status } from './framework/status.ts';
import { failed, unschedulable } from './framework/status.ts';
import { podLabel } from './queue/scheduling-queue.ts';

/** A pod on its way to a node. */
export interface Binding {
  readonly framework: Framework;
  readonly state: CycleState;
  readonly queued: QueuedPodInfo;
  readonly nodeName: string;
  /** Called at the end, once: with nothing when the pod is bound. */
  done(failure: Status | undefined): void;
}

interface Waiting {
  readonly binding: Binding;
  readonly timers: readonly Timer[];
  /** Plugins whose permission is outstanding; none while PreBind waits. */
  readonly permits: Set<string>;
}

/** Runs binding cycles. */
export class BindingCycles {
  readonly #scope: TaskScope;
  readonly #waiting = new Map<string, Waiting>();

  constructor(scope: TaskScope) {
    this.#scope = scope;
  }

  /** Starts a cycle. `permits`: plugin → how long it may hold the pod, in ms. */
  start(binding: Binding, permits: ReadonlyMap<string, number>): void {
    if (permits.size === 0) return this.#post(binding);
    const { uid } = binding.queued.info;
    const timers = [...permits].map(([plugin, timeoutMs]) => {
      const expire = () => this.reject(uid, plugin, 'timeout');
      return this.#scope.after(timeoutMs, 'permit timeout', podLabel(binding.queued.info.pod), expire, { background: true });
    });
    this.#waiting.set(uid, { binding, timers, permits: new Set(permits.keys()) });
  }

  /** A Permit plugin lets the pod go. */
  allow(uid: string, plugin: string): void {
    const waiting = this.#waiting.get(uid);
    if (waiting === undefined || !waiting.permits.delete(plugin) || waiting.permits.size > 0) return;
    this.#stopWaiting(uid, waiting);
    this.#post(waiting.binding);
  }

  /** A Permit plugin refuses the pod, or the pod was deleted while waiting. */
  reject(uid: string, plugin: string, reason: string): void {
    const waiting = this.#waiting.get(uid);
    if (waiting === undefined) return;
    this.#stopWaiting(uid, waiting);
    waiting.binding.done(unschedulable(plugin, reason));
  }

  /** Something that PreBind plugins wait for may have happened. */
  recheck(): void {
    for (const [uid, waiting] of this.#waiting) {
      if (waiting.permits.size > 0) continue;
      this.#stopWaiting(uid, waiting);
      this.#post(waiting.binding);
    }
  }

  #stopWaiting(uid: string, { timers }: Waiting): void {
    this.#waiting.delete(uid);
    for (const timer of timers) timer.stop();
  }

  #post(binding: Binding): void {
    this.#scope.post('bind', podLabel(binding.queued.info.pod), () => this.#run(binding));
  }

  #run(binding: Binding): void {
    const { framework, state, queued, nodeName } = binding;
    const status = this.#attempt(framework, () => framework.runPreBind(state, queued.info, nodeName));
    if (status?.code === 'Wait') return this.#waitForVolumes(binding);
    const failure = status ?? this.#attempt(framework, () => framework.runBind(state, queued.info, nodeName));
    binding.done(failure);
    if (failure === undefined) framework.runPostBind(state, queued.info, nodeName);
  }

  /** A refusal by the API is a failure of the attempt, not of the scheduler. */
  #attempt(framework: Framework, run: () => Status | undefined): Status | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return failed(framework.profileName, error.message);
    }
  }

  #waitForVolumes(binding: Binding): void {
    const { uid, pod } = binding.queued.info;
    const fail = () => {
      this.#waiting.delete(uid);
      binding.done(failed('VolumeBinding', 'binding volumes: context deadline exceeded'));
    };
    const timer = this.#scope.after(binding.framework.preBindTimeoutMs, 'bind timeout', podLabel(pod), fail, { background: true });
    this.#waiting.set(uid, { binding, timers: [timer], permits: new Set() });
  }
}
