/**
 * Drives a simulation against real time: paused, at a ratio, or as fast as possible. It works in slices so that
 * messages get in between, and never keeps the thread longer than a slice.
 */
import type { Simulation } from '../sim/simulation.ts';

/** The host's clock and timers. */
export interface Host {
  /** Real time in ms, monotonic. */
  now(): number;
  /** Runs `run` as soon as waiting messages have been handled. */
  soon(run: () => void): void;
  /** Runs `run` in about `ms` of real time. */
  later(ms: number, run: () => void): () => void;
}

const SLICE_MS = 10;
/** A tab that slept does not catch up on more than this much real time. */
const MAX_LAG_MS = 250;
const IDLE_POLL_MS = 200;

/** How time runs. */
export interface Pace {
  paused: boolean;
  speed: number | 'max';
}

/** Runs the simulation at the wanted pace. */
export class Pacer {
  readonly #host: Host;
  readonly #sim: Simulation;
  readonly #onProgress: () => void;
  readonly #onCrash: (error: unknown) => void;
  #pace: Pace;
  #realBefore: number;
  #virtual: number;
  #scheduled = false;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(host: Host, sim: Simulation, pace: Pace, events: { onProgress: () => void; onCrash: (error: unknown) => void }) {
    this.#host = host;
    this.#sim = sim;
    this.#pace = pace;
    this.#onProgress = events.onProgress;
    this.#onCrash = events.onCrash;
    this.#realBefore = host.now();
    this.#virtual = sim.now;
    this.wake();
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** Changes how time runs, from now on. */
  set(pace: Partial<Pace>): void {
    this.#pace = { ...this.#pace, ...pace };
    this.#realBefore = this.#host.now();
    this.#virtual = this.#sim.now;
    this.wake();
  }

  /** Something was added to the queue from outside: look at it soon. */
  wake(): void {
    if (this.#scheduled || this.#stopped || this.#pace.paused) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#scheduled = true;
    this.#host.soon(() => this.#slice());
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #slice(): void {
    this.#scheduled = false;
    if (this.#stopped || this.#pace.paused) return;
    const begin = this.#host.now();
    const elapsed = Math.min(begin - this.#realBefore, MAX_LAG_MS);
    this.#realBefore = begin;
    const shouldYield = () => this.#host.now() - begin >= SLICE_MS;
    try {
      if (this.#pace.speed === 'max' && !this.#sim.isIdle) this.#runFast(shouldYield);
      else this.#runPaced(elapsed * (this.#pace.speed === 'max' ? 1 : this.#pace.speed), shouldYield);
    } catch (error) {
      this.#stopped = true;
      this.#onCrash(error);
      return;
    }
    this.#onProgress();
    this.#next();
  }

  #runFast(shouldYield: () => boolean): void {
    for (let ran = 0; !this.#sim.isIdle;) {
      if (this.#sim.step() === undefined) break;
      if (++ran % 32 === 0 && shouldYield()) break;
    }
    this.#virtual = this.#sim.now;
  }

  #runPaced(virtualMs: number, shouldYield: () => boolean): void {
    this.#virtual += virtualMs;
    // When the machine is too slow for the speed, virtual time lags; it never jumps.
    if (!this.#sim.runUntil(Math.floor(this.#virtual), shouldYield)) this.#virtual = this.#sim.now;
  }

  #next(): void {
    if (this.#pace.speed === 'max' && !this.#sim.isIdle) return this.wake();
    const speed = this.#pace.speed === 'max' ? 1 : this.#pace.speed;
    const next = this.#sim.nextTaskTime;
    const wait = next === undefined ? IDLE_POLL_MS : (next - this.#virtual) / speed;
    if (wait <= 0) return this.wake();
    this.#cancelTimer = this.#host.later(Math.min(Math.max(wait, 4), IDLE_POLL_MS), () => {
      this.#cancelTimer = undefined;
      this.wake();
    });
  }
}
