/**
 * The life of one simulated process. All of a component's tasks go through its scope; killing the scope (a stopped
 * controller, a node without power) drops what it had waiting, as the death of a real process would.
 */
import type { Random } from './random.ts';
import type { DelayOptions, Simulation, Task } from './simulation.ts';

/** A periodic or delayed task that can be stopped. */
export interface Timer {
  stop(): void;
}

/** What a component sees of the simulation. */
export class TaskScope {
  readonly sim: Simulation;
  /** The component's name, which labels its tasks: "kubelet/node-1". */
  readonly component: string;
  /** The component's own stream of chance. */
  readonly random: Random;
  #alive = true;
  readonly #children: TaskScope[] = [];
  readonly #onKill: (() => void)[] = [];
  readonly #pending = new Set<Task>();

  constructor(sim: Simulation, component: string) {
    this.sim = sim;
    this.component = component;
    this.random = sim.random.fork(component);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Virtual time, ms since the Unix epoch. */
  get now(): number {
    return this.sim.now;
  }

  /** A process started by this one: dies with it. Labelled `component` when given. */
  child(component: string = this.component): TaskScope {
    const child = new TaskScope(this.sim, component);
    this.#children.push(child);
    child.onKill(() => {
      const index = this.#children.indexOf(child);
      if (index >= 0) this.#children.splice(index, 1);
    });
    return child;
  }

  /** Ends the process: its waiting tasks never run. Runs the `onKill` functions, last registered first. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const child of [...this.#children]) child.kill();
    for (const task of this.#pending) this.sim.cancel(task);
    this.#pending.clear();
    for (const clean of this.#onKill.reverse()) clean();
  }

  /** Registers what must happen when the process dies (closing watches, sockets). */
  onKill(clean: () => void): void {
    this.#onKill.push(clean);
  }

  /** Runs `run` as a task of its own, after all tasks that are due now. */
  post(action: string, object: string, run: () => void): Task {
    return this.after(0, action, object, run);
  }

  /** Runs `run` in `delayMs` of virtual time. `stop` on the result, or the scope's death, prevents it. */
  after(delayMs: number, action: string, object: string, run: () => void, options?: DelayOptions): Task & Timer {
    const task: Task = this.sim.schedule(
      delayMs,
      this.component,
      action,
      object,
      () => {
        this.#pending.delete(task);
        if (this.#alive) run();
      },
      options,
    );
    if (this.#alive) this.#pending.add(task);
    else this.sim.cancel(task);
    return Object.assign(task, {
      stop: () => {
        this.#pending.delete(task);
        this.sim.cancel(task);
      },
    });
  }

  /** Runs `run` every `periodMs`, first after `firstDelayMs` (default: one period). A background task unless said otherwise. */
  every(periodMs: number, action: string, object: string, run: () => void, options: DelayOptions & { firstDelayMs?: number } = {}): Timer {
    const { firstDelayMs = periodMs, background = true } = options;
    let stopped = false;
    let waiting: Timer;
    const next = (delayMs: number) => {
      waiting = this.after(
        delayMs,
        action,
        object,
        () => {
          run();
          if (!stopped) next(periodMs);
        },
        { background },
      );
    };
    next(firstDelayMs);
    return {
      stop: () => {
        stopped = true;
        waiting.stop();
      },
    };
  }
}
