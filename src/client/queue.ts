/**
 * A controller's work queue (`k8s.io/client-go/util/workqueue`): a key waits at most once, a key that is being worked
 * on comes back afterwards, failures back off per key from 5 ms, doubling to 1000 s.
 * Differs: the overall token bucket (10 per second, burst 100) is not modelled; virtual time has no load to limit.
 */
import type { TaskScope, Timer } from '../sim/task-scope.ts';

const BASE_DELAY_MS = 5;
const MAX_DELAY_MS = 1_000_000;

/** Keys waiting for one worker. Each key is processed as a task of its own. */
export class WorkQueue {
  readonly #scope: TaskScope;
  readonly #resource: string;
  readonly #process: (key: string) => void;
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { at: number; timer: Timer }>();
  readonly #failures = new Map<string, number>();
  #processing: string | undefined;

  /** `resource` labels the tasks ("deployments"); `process` handles one key and must not throw. */
  constructor(scope: TaskScope, resource: string, process: (key: string) => void) {
    this.#scope = scope;
    this.#resource = resource;
    this.#process = process;
  }

  /** Keys waiting to be processed now. */
  get depth(): number {
    return this.#dirty.size;
  }

  /** Queues the key unless it waits already. */
  add(key: string): void {
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (this.#processing !== key) this.#post(key);
  }

  /** Queues the key in `delayMs`; an earlier time given before wins. */
  addAfter(key: string, delayMs: number, options: { background?: boolean } = {}): void {
    if (delayMs <= 0) return this.add(key);
    const at = this.#scope.now + delayMs;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined) {
      if (waiting.at <= at) return;
      waiting.timer.stop();
    }
    const timer = this.#scope.after(
      delayMs,
      'requeue',
      `${this.#resource}/${key}`,
      () => {
        this.#delayed.delete(key);
        this.add(key);
      },
      options,
    );
    this.#delayed.set(key, { at, timer });
  }

  /** Queues the key after its back-off: 5 ms · 2^failures, at most 1000 s. From the 12th failure (10 s) on it counts as background. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(BASE_DELAY_MS * 2 ** failures, MAX_DELAY_MS), { background: failures >= 11 });
  }

  /** Resets the key's back-off. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often the key failed in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  #post(key: string): void {
    this.#scope.post('reconcile', `${this.#resource}/${key}`, () => {
      this.#dirty.delete(key);
      this.#processing = key;
      try {
        this.#process(key);
      } finally {
        this.#processing = undefined;
        if (this.#dirty.has(key)) this.#post(key);
      }
    });
  }
}
