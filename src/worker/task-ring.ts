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

  /** The label that occurs most often among the newest, as text; undefined when none makes up a tenth of them. */
  busiest(): string | undefined {
    const recent = this.last(LENGTH);
    const counts = new Map<string, number>();
    for (const { component, action, object } of recent) {
      const label = [component, action, object].filter(Boolean).join(' ');
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return most !== undefined && most[1] * 10 >= recent.length ? most[0] : undefined;
  }
}
