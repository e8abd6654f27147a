/** The last tasks that ran, for the timeline: labels only, so that nothing is kept alive. */
import type { Task } from '../sim/simulation.ts';
import type { TaskInfo } from './protocol.ts';

const LENGTH = 2048;

/** A ring of task labels. */
export class TaskRing {
  readonly #ring: TaskInfo[] = [];
  #count = 0;

  add({ id, at, component, action, object, cause }: Task): void {
    this.#ring[this.#count++ % LENGTH] = { id, at, component, action, object, cause };
  }

  /** The newest `limit` labels, oldest first. */
  last(limit: number): TaskInfo[] {
    const length = Math.min(limit, this.#count, LENGTH);
    return Array.from({ length }, (_, index) => this.#ring[(this.#count - length + index) % LENGTH] as TaskInfo);
  }
}
