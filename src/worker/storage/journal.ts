/**
 * Group commit: revisions gather while a transaction is on its way to disk and go together in the next one. Whoever
 * must not answer before a revision is durable waits for it here.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Etcd, EtcdEvent } from '../../etcd/etcd.ts';
import type { JournalEntry, JournalStore } from './journal-store.ts';

/** A snapshot is taken after so many revisions. */
const SNAPSHOT_EVERY = 4000;

/** Why saving stopped. */
export type StorageFailure = 'quota' | 'unavailable';

/** What a journal needs from its surroundings. */
export interface JournalOptions {
  etcd: Etcd<KubernetesObject>;
  store: JournalStore;
  /** Virtual time, ms. */
  now: () => number;
  /** Saving stopped; the cluster runs on in memory. */
  onFailure: (why: StorageFailure) => void;
  /** Revisions between snapshots. Default 4000. */
  snapshotEvery?: number | undefined;
  /** A batch is on disk. */
  onDurable?: (revision: number) => void;
}

/** Saves every revision of a store. */
export class Journal {
  readonly #options: JournalOptions;
  #pending: JournalEntry[] = [];
  #flushing: Promise<void> | undefined;
  #durable: number;
  #sinceSnapshot = 0;
  #failed = false;
  #waiters: { revision: number; resolve: () => void }[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#durable = options.etcd.revision;
    options.etcd.onCommit = (revision, events) => this.#record(revision, events);
  }

  /** Newest revision on disk. */
  get durableRevision(): number {
    return this.#durable;
  }

  /** Resolves when `revision` is on disk, or at once when saving has stopped: the user was told that nothing is saved. */
  durable(revision: number): Promise<void> {
    if (this.#failed || revision <= this.#durable) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ revision, resolve });
      this.#flush();
    });
  }

  /** Writes the whole state as a snapshot, once what is on its way has arrived. */
  async snapshot(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    const { etcd, store, now } = this.#options;
    const { revision } = etcd;
    const { kvs } = etcd.range({ key: '\0', end: '\0' });
    this.#pending = [];
    this.#sinceSnapshot = 0;
    this.#flushing = store.writeSnapshot(revision, now(), kvs);
    try {
      await this.#flushing;
      this.#settle(revision);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#flushing = undefined;
    }
    if (this.#pending.length > 0) this.#flush();
  }

  /** Stops saving, for good. */
  close(): void {
    this.#options.etcd.onCommit = undefined;
    this.#failed = true;
    this.#release(Infinity);
  }

  /** Stops at once and answers nobody, as if the process had died. */
  abandon(): void {
    this.#options.etcd.onCommit = undefined;
    this.#failed = true;
    this.#pending = [];
    this.#waiters = [];
  }

  #record(revision: number, events: readonly EtcdEvent<KubernetesObject>[]): void {
    if (this.#failed) return;
    this.#pending.push({ revision, at: this.#options.now(), changes: events.map(({ key, kv }) => ({ key, kv })) });
    this.#flush();
  }

  #flush(): void {
    if (this.#flushing !== undefined || this.#failed) return;
    // Not at once: the task that is running may write more revisions, which then go together.
    this.#flushing = Promise.resolve().then(() => this.#flushAll());
  }

  async #flushAll(): Promise<void> {
    try {
      while (this.#pending.length > 0 && !this.#failed) {
        const batch = this.#pending;
        this.#pending = [];
        await this.#options.store.append(batch);
        this.#sinceSnapshot += batch.length;
        this.#settle(batch.at(-1)?.revision ?? 0);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#flushing = undefined;
    }
    if (this.#sinceSnapshot >= (this.#options.snapshotEvery ?? SNAPSHOT_EVERY) && !this.#failed) void this.snapshot();
  }

  #settle(revision: number): void {
    this.#durable = Math.max(this.#durable, revision);
    this.#release(revision);
    this.#options.onDurable?.(revision);
  }

  #release(revision: number): void {
    const ready = this.#waiters.filter((waiter) => waiter.revision <= revision);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision);
    for (const { resolve } of ready) resolve();
  }

  #fail(error: unknown): void {
    this.close();
    this.#options.onFailure(error instanceof Error && error.name === 'QuotaExceededError' ? 'quota' : 'unavailable');
  }
}
