/**
 * Keeps a proxier from writing its rules too often or too seldom (`pkg/util/async/bounded_frequency_runner.go`): a
 * token bucket that lets a few runs through at once and then one each `minIntervalMs`.
 */
import type { TaskScope, Timer } from '../sim/task-scope.ts';

/** How often to run, in ms of virtual time. */
export interface SyncPace {
  readonly minIntervalMs: number;
  /** Runs that may follow each other at once. */
  readonly burst: number;
  readonly maxIntervalMs: number;
}

/** Calls `run` soon after it is asked to, and once each `maxIntervalMs` unasked. */
export class SyncRunner {
  readonly #scope: TaskScope;
  readonly #label: string;
  readonly #pace: SyncPace;
  readonly #run: () => void;
  #tokens: number;
  #refilledAt: number;
  #lastRun: number;
  #asked = false;
  #timer: Timer | undefined;

  /** `label` is the object of its tasks. */
  constructor(scope: TaskScope, label: string, pace: SyncPace, run: () => void) {
    this.#scope = scope;
    this.#label = label;
    this.#pace = pace;
    this.#run = run;
    this.#tokens = pace.burst;
    this.#refilledAt = scope.now;
    this.#lastRun = scope.now;
  }

  /** Asks for a run. Several requests before it are one. */
  request(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#wait(this.#nextPossibleMs(), false);
  }

  /** A failed run is tried again after `delayMs`. */
  retryAfter(delayMs: number): void {
    this.#asked = true;
    this.#wait(Math.max(delayMs, this.#nextPossibleMs()), false);
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#asked = true;
  }

  #nextPossibleMs(): number {
    const { minIntervalMs, burst } = this.#pace;
    const { now } = this.#scope;
    if (minIntervalMs > 0) this.#tokens = Math.min(burst, this.#tokens + (now - this.#refilledAt) / minIntervalMs);
    else this.#tokens = burst;
    this.#refilledAt = now;
    return this.#tokens >= 1 ? 0 : Math.max(0, minIntervalMs - (now - this.#lastRun));
  }

  #wait(delayMs: number, background: boolean): void {
    this.#timer?.stop();
    this.#timer = this.#scope.after(delayMs, 'sync', this.#label, () => this.#fire(), { background });
  }

  #fire(): void {
    this.#nextPossibleMs();
    this.#tokens = Math.max(0, this.#tokens - 1);
    this.#lastRun = this.#scope.now;
    this.#asked = false;
    this.#timer = undefined;
    this.#run();
    if (this.#timer === undefined) this.#wait(this.#pace.maxIntervalMs, true);
  }
}
