/**
 * What a controller has asked for and not yet seen in its caches (`pkg/controller/controller_utils.go`,
 * ControllerExpectations, UIDTrackingControllerExpectations). Until it has, its caches are too old to count by.
 */

/** After so long an expectation is given up: an event was lost. */
const EXPECTATIONS_TIMEOUT_MS = 5 * 60_000;

interface Expectation {
  creations: number;
  readonly deletions: Set<string>;
  atMs: number;
}

/** Expected creations (counted) and deletions (by the object's key) per controller key. */
export class Expectations {
  readonly #byKey = new Map<string, Expectation>();

  /** True when all that was asked for has been seen, never asked, or given up. */
  satisfied(key: string, nowMs: number): boolean {
    const expectation = this.#byKey.get(key);
    if (expectation === undefined) return true;
    if (expectation.creations <= 0 && expectation.deletions.size === 0) return true;
    return nowMs - expectation.atMs > EXPECTATIONS_TIMEOUT_MS;
  }

  expectCreations(key: string, count: number, nowMs: number): void {
    this.#byKey.set(key, { creations: count, deletions: new Set(), atMs: nowMs });
  }

  /** `objects`: keys of what is about to be deleted. */
  expectDeletions(key: string, objects: Iterable<string>, nowMs: number): void {
    this.#byKey.set(key, { creations: 0, deletions: new Set(objects), atMs: nowMs });
  }

  /** Both at once, as the DaemonSet controller does. */
  expect(key: string, creations: number, deletions: Iterable<string>, nowMs: number): void {
    this.#byKey.set(key, { creations, deletions: new Set(deletions), atMs: nowMs });
  }

  creationObserved(key: string): void {
    const expectation = this.#byKey.get(key);
    if (expectation !== undefined) expectation.creations--;
  }

  deletionObserved(key: string, object: string): void {
    this.#byKey.get(key)?.deletions.delete(object);
  }

  /** The controller's object is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}

/**
 * Runs `attempt` `count` times in batches of 1, 2, 4 ...; after a batch with a failure the rest is left out, so that a
 * hopeless creation (quota) is not tried thousands of times (`slowStartBatch`). Returns successes and the first error.
 */
export function slowStartBatch(count: number, attempt: () => unknown): { successes: number; error: unknown } {
  let [remaining, successes] = [count, 0];
  for (let batch = Math.min(1, remaining); batch > 0; batch = Math.min(2 * batch, remaining)) {
    let error: unknown;
    for (let index = 0; index < batch; index++) {
      try {
        attempt();
        successes++;
      } catch (caught) {
        error ??= caught;
      }
    }
    if (error !== undefined) return { successes, error };
    remaining -= batch;
  }
  return { successes, error: undefined };
}
