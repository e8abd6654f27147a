/**
 * Notices a scenario that grows or churns without bounds, so that it can be paused before the tab suffers. Counts are held against virtual
 * time and against the size of the cluster: a large rollout at top speed writes much, but it also makes much, and it ends.
 */

/** What is counted, all since the cluster began. */
export interface Load {
  /** Virtual time, ms. */
  now: number;
  /** etcd's revision. */
  revision: number;
  /** Tasks run. */
  tasks: number;
  /** Objects in the store. */
  objects: number;
}

/** Which limit was passed, and by how much. */
export interface Runaway {
  /** `objects`: too many of them; `writes`: changes without growth; `tasks`: work without changes. */
  what: 'objects' | 'writes' | 'tasks';
  count: number;
  limit: number;
  /** Virtual seconds in which `count` came together; 0 with `objects`. */
  seconds: number;
}

/** More objects than the largest scenario (10,000 pods with their events) has. */
const MAX_OBJECTS = 60_000;
/** Counts begin anew after so much virtual time, ms. */
const WINDOW_MS = 30_000;
/**
 * Limits within a window: so many in any case (2,000 writes a second), and more where there are many objects. A pod's life costs about ten
 * writes of its own and a few of its events; 40 an object is beyond any rollout.
 */
const WRITES = { least: 60_000, perObject: 40 };
const TASKS = { least: 1_000_000, perObject: 400 };

/** Watches one cluster. */
export class RunawayGuard {
  #begin: Load;
  #peak = 0;
  /** Grows each time that the user goes on anyway. */
  #factor = 1;

  constructor(load: Load) {
    this.#begin = load;
  }

  /** Looks at the present load; the result is what ran away, or undefined. */
  check(load: Load): Runaway | undefined {
    if (load.now - this.#begin.now >= WINDOW_MS) this.#restart(load);
    this.#peak = Math.max(this.#peak, load.objects);
    const limit = MAX_OBJECTS * this.#factor;
    if (load.objects > limit) return { what: 'objects', count: load.objects, limit, seconds: 0 };
    return (
      this.#rate('writes', load.revision - this.#begin.revision, WRITES, load) ??
      this.#rate('tasks', load.tasks - this.#begin.tasks, TASKS, load)
    );
  }

  /** The user goes on: twice as much is allowed from now on. */
  allowMore(load: Load): void {
    this.#factor *= 2;
    this.#restart(load);
  }

  #restart(load: Load): void {
    this.#begin = load;
    this.#peak = load.objects;
  }

  #rate(what: 'writes' | 'tasks', count: number, { least, perObject }: typeof WRITES, load: Load): Runaway | undefined {
    const limit = Math.max(least, perObject * this.#peak) * this.#factor;
    return count > limit ? { what, count, limit, seconds: Math.max(1, Math.round((load.now - this.#begin.now) / 1000)) } : undefined;
  }
}
