/**
 * Keeps the running cluster: opens the storage, sets damaged data aside, holds the journal, and knows what the user must be told about all
 * that. It never stops the cluster; when saving fails, the cluster goes on in memory.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Etcd } from '../../etcd/etcd.ts';
import type { StorageState } from '../protocol.ts';
import { Journal } from './journal.ts';
import { DamagedStorageError } from './journal-store.ts';
import type { ClusterMeta, JournalStore, SavedCluster } from './journal-store.ts';
import { damagedCopies, eraseDatabases } from './rescue.ts';

/** What the keeper needs from its surroundings. */
export interface KeeperEnvironment {
  /** Opens the storage; rejects when there is none. `name` is undefined for the usual database. */
  openStore(name?: string): Promise<JournalStore>;
  /** Storage in use and allowed, in bytes, where the browser tells. */
  estimate(): Promise<{ usage?: number; quota?: number }>;
  /** Revisions between snapshots; for tests. */
  snapshotEvery?: number;
}

/** The cluster to keep. */
export interface Kept {
  meta: ClusterMeta;
  etcd: Etcd<KubernetesObject>;
  /** Virtual time, ms. */
  now: () => number;
}

const reasonOf = (error: unknown): 'quota' | 'unavailable' =>
  error instanceof Error && error.name === 'QuotaExceededError' ? 'quota' : 'unavailable';

/** One per host. */
export class StorageKeeper {
  readonly #environment: KeeperEnvironment;
  readonly #changed: () => void;
  #store: JournalStore | undefined;
  #journal: Journal | undefined;
  #kept: Kept | undefined;
  #state: StorageState = { mode: 'memory', reason: 'unavailable', durableRevision: 0 };

  /** `changed` is called when saving stops or goes on. */
  constructor(environment: KeeperEnvironment, changed: () => void) {
    this.#environment = environment;
    this.#changed = changed;
  }

  get state(): StorageState {
    return this.#state;
  }

  /** Opens the storage; the result is what was saved. Damaged data is set aside. Never rejects. */
  async open(): Promise<SavedCluster | undefined> {
    try {
      this.#store = await this.#environment.openStore();
      this.#state = { mode: 'durable', durableRevision: 0 };
      return await this.#store.load();
    } catch (error) {
      if (error instanceof DamagedStorageError) await this.setAside();
      else this.#giveUp('unavailable');
      return undefined;
    }
  }

  /** Keeps what cannot be used, for whoever can rescue it. */
  async setAside(): Promise<void> {
    this.#journal?.close();
    try {
      await this.#store?.setAside();
      this.#state = { mode: 'durable', reason: 'damaged', durableRevision: 0 };
    } catch {
      // No room for a copy, or storage that refuses: then the damaged data stays where it is, and this cluster is not saved.
      this.#giveUp('unavailable');
    }
  }

  /** Goes on saving a cluster that came from this storage. */
  continue(kept: Kept): void {
    this.#kept = kept;
    if (this.#store === undefined) return;
    this.#journal = new Journal({
      etcd: kept.etcd,
      store: this.#store,
      now: kept.now,
      snapshotEvery: this.#environment.snapshotEvery,
      onFailure: (why) => this.#stopped(why),
      onDurable: (durableRevision) => (this.#state = { ...this.#state, durableRevision }),
    });
  }

  /** Forgets what was saved, and saves this cluster from now on. Never rejects. */
  async begin(kept: Kept): Promise<void> {
    this.#kept = kept;
    if (this.#store === undefined) return;
    try {
      await this.#store.begin(kept.meta);
      this.continue(kept);
      await this.#journal?.snapshot();
    } catch (error) {
      this.#stopped(reasonOf(error));
    }
  }

  /** After saving stopped: drops the history on disk, which makes room, and writes the present state. */
  async saveAgain(): Promise<StorageState> {
    const kept = this.#kept;
    if (kept !== undefined && this.#state.mode === 'memory') {
      this.#journal?.close();
      try {
        this.#store ??= await this.#environment.openStore();
        this.#state = { mode: 'durable', durableRevision: 0 };
        await this.begin(kept);
      } catch (error) {
        this.#stopped(reasonOf(error));
      }
      await this.measure();
      this.#changed();
    }
    return this.#state;
  }

  /** Deletes everything that was ever saved, and saves nothing any more. Resolves to the names of the databases. */
  async erase(): Promise<string[]> {
    this.release();
    this.#store?.close();
    this.#giveUp('unavailable');
    return eraseDatabases();
  }

  /** Asks the browser how much room there is, and looks for damaged copies. */
  async measure(): Promise<StorageState> {
    const { usage, quota } = await this.#environment.estimate();
    this.#state = { ...this.#state, usedBytes: usage, quotaBytes: quota, damagedCopies: await damagedCopies() };
    return this.#state;
  }

  /** Resolves when `revision` is on disk, or at once when nothing is saved. */
  durable(revision: number): Promise<void> {
    return this.#journal?.durable(revision) ?? Promise.resolve();
  }

  /** Another cluster takes the place of the kept one. */
  release(): void {
    this.#journal?.close();
    this.#journal = undefined;
    this.#kept = undefined;
  }

  /** Stops as if the process had died. */
  abandon(): void {
    this.#journal?.abandon();
  }

  #giveUp(reason: 'unavailable'): void {
    this.#store = undefined;
    this.#state = { ...this.#state, mode: 'memory', reason, durableRevision: 0 };
  }

  #stopped(reason: 'quota' | 'unavailable'): void {
    this.#journal = undefined;
    this.#state = { ...this.#state, mode: 'memory', reason };
    this.#changed();
  }
}
