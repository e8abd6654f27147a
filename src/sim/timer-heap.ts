/** A binary heap of tasks, ordered by time and then by insertion number. */
import type { Task } from './simulation.ts';

/** True when `a` runs before `b`. */
export function runsBefore(a: Task, b: Task): boolean {
  return a.at !== b.at ? a.at < b.at : a.id < b.id;
}

/** Timers waiting for their time. */
export class TimerHeap {
  readonly #tasks: Task[] = [];

  get size(): number {
    return this.#tasks.length;
  }

  /** All tasks, in no order. */
  list(): readonly Task[] {
    return this.#tasks;
  }

  peek(): Task | undefined {
    return this.#tasks[0];
  }

  push(task: Task): void {
    const tasks = this.#tasks;
    let index = tasks.length;
    tasks.push(task);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = tasks[parent] as Task;
      if (!runsBefore(task, above)) break;
      tasks[index] = above;
      index = parent;
    }
    tasks[index] = task;
  }

  pop(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (last === undefined || tasks.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= tasks.length) break;
      if (child + 1 < tasks.length && runsBefore(tasks[child + 1] as Task, tasks[child] as Task)) child++;
      const below = tasks[child] as Task;
      if (!runsBefore(below, last)) break;
      tasks[index] = below;
      index = child;
    }
    tasks[index] = last;
    return first;
  }
}
