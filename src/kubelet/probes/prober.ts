/**
 * The probes of one running container (`pkg/kubelet/prober/worker.go`): one timer a probe, thresholds, and the order
 * startup → liveness and readiness. A probe whose state is settled ticks in the background (simulation, invariant 4).
 * Differs: the first check comes right after the start (plus initialDelaySeconds); upstream's tickers start with the pod.
 */
import type { Container, Probe } from '../../api/generated/types.ts';
import type { ContainerRuntime } from '../../container-runtime/cri.ts';
import type { TaskScope, Timer } from '../../sim/task-scope.ts';
import { checkProbe } from './check.ts';
import { PROBE_DEFAULTS, initialRun, isSettled, nextRun } from './result.ts';
import type { ProbeRun, ProbeType } from './result.ts';

/** What the pod worker is told. */
export interface ProbeListener {
  /** A check failed: the text of the Unhealthy event. */
  unhealthy(message: string): void;
  /** A result changed: `startup` and `readiness` change the status, a liveness or startup failure restarts the container. */
  changed(type: ProbeType, success: boolean): void;
}

/** How long a readiness probe that never succeeded keeps the world from being idle, ms. */
const PATIENCE_MS = 60_000;
/** The kubelet notices a started container after this long, ms (`plegRelistPeriod`). */
const FIRST_CHECK_MS = 1000;

/** A check whose answer takes longer than this no longer keeps the world from being idle, ms. */
const ANSWER_LIMIT_MS = 30_000;

const TITLES: Record<ProbeType, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

/** The container whose probes run. */
export interface ProbedContainer {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
  /** "pods/default/web-1", for task labels. */
  readonly object: string;
  /** ms. */
  readonly startedAt: number;
}

class ProbeWorker {
  readonly type: ProbeType;
  readonly probe: Probe;
  run: ProbeRun;
  timer: Timer | undefined;
  succeeded = false;
  /** The last check did not work: it gave no result, and the next is not likely to. */
  errored = false;

  constructor(type: ProbeType, probe: Probe) {
    this.type = type;
    this.probe = probe;
    this.run = initialRun(type);
  }
}

/** The running probes of one container; make it when the container starts, `stop` it when it ends. */
export class ContainerProber {
  readonly #scope: TaskScope;
  readonly #runtime: ContainerRuntime;
  readonly #target: ProbedContainer;
  readonly #listener: ProbeListener;
  readonly #workers: ProbeWorker[] = [];
  #stopped = false;

  constructor(scope: TaskScope, runtime: ContainerRuntime, target: ProbedContainer, listener: ProbeListener) {
    this.#scope = scope;
    this.#runtime = runtime;
    this.#target = target;
    this.#listener = listener;
    const { startupProbe, livenessProbe, readinessProbe } = target.container;
    if (startupProbe) this.#add('startup', startupProbe);
    if (livenessProbe) this.#add('liveness', livenessProbe);
    if (readinessProbe) this.#add('readiness', readinessProbe);
  }

  /** True when the container has probes at all. */
  static hasProbes({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
    return startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;
  }

  /** Whether the container counts as started: its startup probe, if any, has succeeded. */
  get started(): boolean {
    return this.#worker('startup')?.run.result !== 'unknown' && this.#worker('startup')?.run.result !== 'failure';
  }

  /** Whether the readiness probe, if any, says ready. */
  get ready(): boolean {
    const worker = this.#worker('readiness');
    return worker === undefined || worker.run.result === 'success';
  }

  /** Begins. */
  start(): void {
    for (const worker of this.#workers) {
      if (worker.type === 'startup' || this.started) this.#schedule(worker, this.#firstDelay(worker.probe));
    }
  }

  /** Ends all probes. */
  stop(): void {
    this.#stopped = true;
    for (const worker of this.#workers) worker.timer?.stop();
  }

  /** Ends startup and liveness probes: a terminating pod is not restarted, but its readiness is still watched (`StopLivenessAndStartup`). */
  stopLivenessAndStartup(): void {
    for (const worker of this.#workers) if (worker.type !== 'readiness') worker.timer?.stop();
  }

  /** Takes over results from before a reload: started and ready, so that nothing flaps. */
  restore(ready: boolean): void {
    for (const worker of this.#workers) {
      const success = worker.type !== 'readiness' || ready;
      worker.run = { last: success ? 'success' : 'failure', length: 1, result: success ? 'success' : 'failure' };
      worker.succeeded = success;
    }
  }

  #add(type: ProbeType, probe: Probe): void {
    this.#workers.push(new ProbeWorker(type, probe));
  }

  #worker(type: ProbeType): ProbeWorker | undefined {
    return this.#workers.find((worker) => worker.type === type);
  }

  #firstDelay({ initialDelaySeconds = PROBE_DEFAULTS.initialDelaySeconds }: Probe): number {
    return Math.max(FIRST_CHECK_MS, this.#target.startedAt + initialDelaySeconds * 1000 - this.#scope.now);
  }

  #isStable({ type, probe, run, succeeded, errored }: ProbeWorker): boolean {
    if (errored) return true;
    if (type === 'liveness' && run.length === 0) return true;
    if (!isSettled(probe, run)) return false;
    if (succeeded) return true;
    return type !== 'startup' && this.#scope.now - this.#target.startedAt >= PATIENCE_MS;
  }

  #schedule(worker: ProbeWorker, delayMs: number): void {
    worker.timer = this.#scope.after(delayMs, 'probe', this.#target.object, () => this.#check(worker), {
      background: this.#isStable(worker),
    });
  }

  #scheduleNext(worker: ProbeWorker): void {
    this.#schedule(worker, (worker.probe.periodSeconds ?? PROBE_DEFAULTS.periodSeconds) * 1000);
  }

  #check(worker: ProbeWorker): void {
    if (this.#stopped) return;
    // The answer may come in the background; until then a result that matters keeps the world from being idle.
    const waits = this.#isStable(worker)
      ? undefined
      : this.#scope.after(ANSWER_LIMIT_MS, 'await probe', this.#target.object, () => undefined);
    checkProbe(this.#runtime, worker.probe, this.#target, ({ success, output, isError = false }) => {
      waits?.stop();
      if (this.#stopped) return;
      worker.errored = isError;
      if (isError) {
        this.#listener.unhealthy(`${TITLES[worker.type]} probe errored and resulted in unknown state: ${output}`);
        return this.#scheduleNext(worker);
      }
      if (!success) this.#listener.unhealthy(`${TITLES[worker.type]} probe failed: ${output}`);
      this.#take(worker, success);
    });
  }

  #take(worker: ProbeWorker, success: boolean): void {
    const before = worker.run.result;
    worker.run = nextRun(worker.probe, worker.run, success ? 'success' : 'failure');
    worker.succeeded ||= success;
    const { result } = worker.run;
    const changed = result !== before;
    const ends = changed && (worker.type === 'startup' || (worker.type === 'liveness' && result === 'failure'));
    if (!ends) this.#scheduleNext(worker);
    if (!changed) return;
    if (worker.type === 'startup' && result === 'success') {
      for (const other of this.#workers) if (other !== worker) this.#schedule(other, this.#firstDelay(other.probe));
    }
    this.#listener.changed(worker.type, result === 'success');
  }
}
