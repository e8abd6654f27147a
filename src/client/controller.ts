/**
 * The frame of every controller: a queue of keys and a `reconcile` that ends silently, asks to come back, or throws.
 * Only this frame records failures, backs off and retries (`processNextWorkItem` in `k8s.io/kubernetes/pkg/controller`).
 */
import { StatusError } from '../apimachinery/status.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { WorkQueue } from './queue.ts';

/** "Come back for this key later." */
export interface Requeue {
  requeueAfterMs: number;
  /** A retry that only waits for somebody else; see `Simulation`, invariant 4. */
  background?: boolean;
}

/** Brings the world one step closer to what the object of `key` asks for. */
export type Reconcile = (key: string) => Requeue | undefined | void;

/** How a reconcile asks to be called again in `delayMs`. */
export function requeueAfter(delayMs: number, options: { background?: boolean } = {}): Requeue {
  return { requeueAfterMs: delayMs, ...options };
}

/** A running controller: what watches call is `enqueue`. */
export interface Controller {
  enqueue(key: string): void;
  enqueueAfter(key: string, delayMs: number): void;
  readonly queue: WorkQueue;
  /** The last error of any key, for the control-loop view. */
  readonly lastError: string | undefined;
}

/** What a controller waits for before it does anything: caches that are complete. */
export interface Synced {
  readonly hasSynced: boolean;
}

const SYNC_POLL_MS = 100;

/**
 * Starts a controller in `scope`. A reconcile that throws a `StatusError` is retried with
 * back-off; any other error stops the simulation. Keys are held back until all of `caches` have synced
 * (`cache.WaitForNamedCacheSync`).
 */
export function startController(scope: TaskScope, resource: string, reconcile: Reconcile, caches: readonly Synced[] = []): Controller {
  let lastError: string | undefined;
  let synced = caches.length === 0;
  const queue = new WorkQueue(scope, resource, (key) => {
    synced ||= caches.every((cache) => cache.hasSynced);
    if (!synced) return queue.addAfter(key, SYNC_POLL_MS, { background: true });
    try {
      const requeue = reconcile(key);
      queue.forget(key);
      if (requeue) queue.addAfter(key, requeue.requeueAfterMs, requeue);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      lastError = error.message;
      queue.addRateLimited(key);
    }
  });
  return {
    enqueue: (key) => queue.add(key),
    enqueueAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    queue,
    get lastError() {
      return lastError;
    },
  };
}
