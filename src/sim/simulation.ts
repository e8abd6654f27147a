/**
 * The virtual world's clock and its one run queue (architecture, decision 3).
 *
 * Invariants:
 * 1. Tasks run one at a time, to completion, ordered by (time, insertion number).
 * 2. Time moves only between tasks, and never backwards.
 * 3. A task knows the task that posted it (its cause), so every effect can be traced to a user's act.
 * 4. A task is foreground unless it is marked background: periodic housekeeping and retries that can change nothing by
 *    themselves. The world is idle when only background tasks remain.
 * 5. More than `maxTasksPerInstant` tasks without time moving is a runaway and stops with the last tasks' labels.
 */
import { Random } from './random.ts';
import { runsBefore, TimerHeap } from './timer-heap.ts';

/** A step of a component, waiting in the run queue. */
export interface Task {
  /** Insertion number, from 1. */
  readonly id: number;
  /** Virtual time in ms since the Unix epoch. */
  readonly at: number;
  /** Who acts: "kubelet/node-1", "deployment-controller", "you". */
  readonly component: string;
  /** What it does, in a word or two: "reconcile", "deliver", "probe". */
  readonly action: string;
  /** On which object, as "pods/default/web-1"; empty when on none. */
  readonly object: string;
  /** `id` of the task that posted this one; 0 when it came from outside. */
  readonly cause: number;
  readonly background: boolean;
  readonly run: () => void;
  /** Set by `cancel`; a cancelled task is skipped. */
  cancelled: boolean;
}

/** Choices for a world. */
export interface SimulationOptions {
  /** Same seed, same requests: same bytes. */
  seed?: number | string;
  /** Names the stream of chance when a world goes on after a pause, so that it does not draw the same numbers again. */
  stream?: string;
  /** Virtual time at the start, ms since the Unix epoch. */
  startTime?: number;
  /** See invariant 5. */
  maxTasksPerInstant?: number;
}

/** How a delayed task is to be treated. */
export interface DelayOptions {
  /** See invariant 4. */
  background?: boolean;
}

/** 2026-01-01T10:00:00Z, the hour at which every fresh cluster starts. */
export const DEFAULT_START_TIME = 1_767_261_600_000;

const HISTORY_LENGTH = 32;

const noop = (): void => undefined;

/** A task threw, or tasks ran away. The simulation cannot go on; the message holds seed, task number and the last tasks. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/** The clock, the run queue and the source of chance of one cluster. */
export class Simulation {
  readonly seed: string;
  readonly random: Random;
  /** Called after each task; for the timeline and for tests. */
  onTask: ((task: Task) => void) | undefined;

  readonly #maxTasksPerInstant: number;
  readonly #timers = new TimerHeap();
  #due: Task[] = [];
  #dueHead = 0;
  #now: number;
  #taskCount = 0;
  #executed = 0;
  #foreground = 0;
  #tasksThisInstant = 0;
  #current: Task | undefined;
  readonly #history: Task[] = [];

  constructor(options: SimulationOptions = {}) {
    this.seed = String(options.seed ?? 1);
    this.random = new Random(options.stream === undefined ? this.seed : `${this.seed}/${options.stream}`);
    this.#now = options.startTime ?? DEFAULT_START_TIME;
    this.#maxTasksPerInstant = options.maxTasksPerInstant ?? 2_000_000;
  }

  /** Virtual time, ms since the Unix epoch. */
  get now(): number {
    return this.#now;
  }

  /** The task that is running, if any. */
  get current(): Task | undefined {
    return this.#current;
  }

  /** How many tasks have run. */
  get executed(): number {
    return this.#executed;
  }

  /** True when nothing is left but background tasks. */
  get isIdle(): boolean {
    return this.#foreground === 0;
  }

  /** Time of the next task, or undefined when there is none. */
  get nextTaskTime(): number | undefined {
    return this.#peek()?.at;
  }

  /** Everything that waits, in the order in which it will run. For people who look: it costs the whole queue. */
  pending(): Task[] {
    const due = this.#due.slice(this.#dueHead);
    return [...due, ...this.#timers.list()].filter(({ cancelled }) => !cancelled).sort((a, b) => (runsBefore(a, b) ? -1 : 1));
  }

  /** Adds a task that is due `delayMs` from now (0: after all tasks already due now). */
  schedule(delayMs: number, component: string, action: string, object: string, run: () => void, options?: DelayOptions): Task {
    const task: Task = {
      id: ++this.#taskCount,
      at: this.#now + Math.max(0, delayMs),
      component,
      action,
      object,
      cause: this.#current?.id ?? 0,
      background: options?.background ?? false,
      run,
      cancelled: false,
    };
    if (!task.background) this.#foreground++;
    if (delayMs <= 0) this.#due.push(task);
    else this.#timers.push(task);
    return task;
  }

  /** Takes a task out of the queue. Does nothing when it has run or was cancelled before. */
  cancel(task: Task): void {
    if (task.cancelled) return;
    task.cancelled = true;
    if (!task.background) this.#foreground--;
  }

  /**
   * Runs `run` at once, as a task of its own that comes from outside (a user's request, between two tasks). What it
   * throws goes to the caller; the simulation goes on.
   */
  perform<R>(component: string, action: string, object: string, run: () => R): R {
    const task: Task = {
      id: ++this.#taskCount,
      at: this.#now,
      component,
      action,
      object,
      cause: 0,
      background: false,
      run: noop,
      cancelled: true,
    };
    this.#executed++;
    this.#history[this.#executed % HISTORY_LENGTH] = task;
    const outer = this.#current;
    this.#current = task;
    try {
      return run();
    } finally {
      this.#current = outer;
      this.onTask?.(task);
    }
  }

  /** Runs the next task, moving time to it. Returns it, or undefined when the queue is empty. */
  step(): Task | undefined {
    const task = this.#peek();
    if (task === undefined) return undefined;
    this.#take(task);
    if (task.at > this.#now) {
      this.#now = task.at;
      this.#tasksThisInstant = 0;
    }
    if (++this.#tasksThisInstant > this.#maxTasksPerInstant) throw this.#failure('tasks run away: time does not move any more');
    this.#run(task);
    return task;
  }

  /**
   * Runs all tasks due up to `time` and then moves the clock to `time`. `shouldYield` is asked every 32 tasks and may
   * interrupt; returns false when it did, and the clock then stands at the last task.
   */
  runUntil(time: number, shouldYield?: () => boolean): boolean {
    let ran = 0;
    for (let next = this.#peek(); next !== undefined && next.at <= time; next = this.#peek()) {
      this.step();
      if (shouldYield !== undefined && ++ran % 32 === 0 && shouldYield()) return false;
    }
    if (time > this.#now) {
      this.#now = time;
      this.#tasksThisInstant = 0;
    }
    return true;
  }

  /** Runs as fast as possible until idle, or until `limitMs` of virtual time have passed. Returns whether it is idle. */
  runUntilIdle(limitMs: number): boolean {
    const limit = this.#now + limitMs;
    while (!this.isIdle) {
      const next = this.#peek();
      if (next === undefined || next.at > limit) break;
      this.step();
    }
    return this.isIdle;
  }

  #peek(): Task | undefined {
    while (this.#timers.peek()?.cancelled) this.#timers.pop();
    while (this.#due[this.#dueHead]?.cancelled) this.#dueHead++;
    const timer = this.#timers.peek();
    const due = this.#due[this.#dueHead];
    if (due === undefined) {
      this.#due.length = 0;
      this.#dueHead = 0;
      return timer;
    }
    return timer !== undefined && runsBefore(timer, due) ? timer : due;
  }

  #take(task: Task): void {
    if (task === this.#due[this.#dueHead]) {
      if (++this.#dueHead > 4096 && this.#dueHead * 2 > this.#due.length) {
        this.#due = this.#due.slice(this.#dueHead);
        this.#dueHead = 0;
      }
    } else this.#timers.pop();
    this.cancel(task); // it no longer counts as waiting
  }

  #run(task: Task): void {
    this.#executed++;
    this.#history[this.#executed % HISTORY_LENGTH] = task;
    this.#current = task;
    try {
      task.run();
    } catch (error) {
      if (error instanceof SimulationError) throw error;
      throw this.#failure(error instanceof Error ? `${error.name}: ${error.message}` : String(error), error);
    } finally {
      this.#current = undefined;
    }
    this.onTask?.(task);
  }

  #failure(what: string, cause?: unknown): SimulationError {
    const last = [
      ...this.#history.slice((this.#executed % HISTORY_LENGTH) + 1),
      ...this.#history.slice(0, (this.#executed % HISTORY_LENGTH) + 1),
    ];
    const lines = last.filter(Boolean).map((task) => `  #${task.id} <- #${task.cause} ${task.component} ${task.action} ${task.object}`);
    const when = new Date(this.#now).toISOString();
    return new SimulationError(`${what}\nseed ${this.seed}, task ${this.#executed}, ${when}; the last tasks:\n${lines.join('\n')}`, {
      cause,
    });
  }
}
