/**
 * Where a cluster survives a reload: an IndexedDB database with a journal of revisions and, now and then, a snapshot.
 * A snapshot is written in chunks and counts only when its last part, the mark, is there; the journal behind it is
 * then dropped. Everything in one `append` is one transaction: it is on disk as a whole or not at all.
 */
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ScenarioCluster } from '../../api/kubarium/scenario.ts';
import type { KeyValue } from '../../etcd/etcd.ts';
import { DATABASE } from '../protocol.ts';

/** One revision of the store, as it happened. */
export interface JournalEntry {
  revision: number;
  /** Virtual time, ms. */
  at: number;
  /** Changed keys with their new value; undefined where the key was deleted. */
  changes: readonly { key: string; kv: KeyValue<KubernetesObject> | undefined }[];
}

/** What identifies a saved cluster and how it began. */
export interface ClusterMeta {
  /** Version of this format. A newer one is not read. */
  format: 1;
  seed: string;
  /** The scenario's name, for the title; empty for the default cluster. */
  scenario: string;
  /** Cluster layout, so that recovery builds the same nodes. */
  layout: ScenarioCluster;
}

/** What recovery starts from. */
export interface SavedCluster {
  meta: ClusterMeta;
  snapshot: { revision: number; at: number; kvs: KeyValue<KubernetesObject>[] };
  journal: JournalEntry[];
}

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  /** Key: the batch's first revision. */
  journal: { key: number; value: JournalEntry[] };
  /** Key: [revision, chunk]. */
  snapshot: { key: [number, number]; value: KeyValue<KubernetesObject>[] };
}

const CHUNK = 500;

interface SnapshotMark {
  revision: number;
  at: number;
  chunks: number;
}

/** The saved data cannot be used; `open` of a fresh database follows, and the old one is kept under another name. */
export class DamagedStorageError extends Error {
  override readonly name = 'DamagedStorageError';
}

/** An open database. Every method rejects with the browser's own error when storage fails (quota, closed). */
export class JournalStore {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** Opens or makes the database. */
  static async open(name = DATABASE): Promise<JournalStore> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('meta');
        fresh.createObjectStore('journal');
        fresh.createObjectStore('snapshot');
      },
    });
    return new JournalStore(db);
  }

  close(): void {
    this.#db.close();
  }

  /**
   * Copies everything as it is into a database named "kubarium-damaged-<time>", so that nothing is lost when a fresh cluster takes
   * this one's place. Resolves to the name.
   */
  async setAside(): Promise<string> {
    const name = `${DATABASE}-damaged-${new Date().toISOString()}`;
    const copy = await JournalStore.open(name);
    for (const store of ['meta', 'journal', 'snapshot'] as const) {
      const [keys, values] = await Promise.all([this.#db.getAllKeys(store), this.#db.getAll(store)]);
      const tx = copy.#db.transaction(store, 'readwrite');
      await Promise.all([...keys.map((key, at) => tx.store.put(values[at] as never, key)), tx.done]);
    }
    copy.close();
    return name;
  }

  /** Forgets everything and begins a new cluster. */
  async begin(meta: ClusterMeta): Promise<void> {
    const tx = this.#db.transaction(['meta', 'journal', 'snapshot'], 'readwrite', { durability: 'relaxed' });
    await Promise.all([
      tx.objectStore('meta').clear(),
      tx.objectStore('journal').clear(),
      tx.objectStore('snapshot').clear(),
      tx.objectStore('meta').put(meta, 'cluster'),
      tx.done,
    ]);
  }

  /** Adds revisions, in order, as one transaction. */
  async append(entries: JournalEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    const tx = this.#db.transaction('journal', 'readwrite', { durability: 'relaxed' });
    await Promise.all([tx.store.put(entries, first.revision), tx.done]);
  }

  /** Writes the whole state at a revision, chunk by chunk, then drops what it replaces. */
  async writeSnapshot(revision: number, at: number, kvs: readonly KeyValue<KubernetesObject>[]): Promise<void> {
    const chunks = Math.max(1, Math.ceil(kvs.length / CHUNK));
    for (let chunk = 0; chunk < chunks; chunk++) {
      await this.#db.put('snapshot', kvs.slice(chunk * CHUNK, (chunk + 1) * CHUNK), [revision, chunk]);
    }
    const mark: SnapshotMark = { revision, at, chunks };
    const tx = this.#db.transaction(['meta', 'journal', 'snapshot'], 'readwrite');
    const journal = tx.objectStore('journal');
    await tx.objectStore('meta').put(mark, 'snapshot');
    await tx.objectStore('snapshot').delete(IDBKeyRange.bound([0, 0], [revision - 1, Infinity]));
    for (const key of await journal.getAllKeys(IDBKeyRange.upperBound(revision))) {
      const batch = await journal.get(key);
      const last = batch?.at(-1);
      if (last !== undefined && last.revision <= revision) await journal.delete(key);
    }
    await tx.done;
  }

  /** What was saved; undefined when there is nothing. Throws `DamagedStorageError` when it does not fit together. */
  async load(): Promise<SavedCluster | undefined> {
    const meta = (await this.#db.get('meta', 'cluster')) as ClusterMeta | undefined;
    const mark = (await this.#db.get('meta', 'snapshot')) as SnapshotMark | undefined;
    if (meta === undefined || mark === undefined) return undefined;
    if (meta.format !== 1) throw new DamagedStorageError(`storage format ${String(meta.format)} is newer than this release knows`);
    const kvs: KeyValue<KubernetesObject>[] = [];
    for (let chunk = 0; chunk < mark.chunks; chunk++) {
      const part = await this.#db.get('snapshot', [mark.revision, chunk]);
      if (part === undefined) throw new DamagedStorageError(`chunk ${chunk} of snapshot ${mark.revision} is missing`);
      if (!Array.isArray(part) || !part.every(isKeyValue))
        throw new DamagedStorageError(`chunk ${chunk} of snapshot ${mark.revision} holds no objects`);
      kvs.push(...part);
    }
    const batches = await this.#db.getAll('journal');
    return { meta, snapshot: { revision: mark.revision, at: mark.at, kvs }, journal: contiguous(mark.revision, batches.flat()) };
  }
}

/** Whether it has the parts that everything relies on; other releases and other hands may have written it. */
function isKeyValue(kv: unknown): boolean {
  const { key, value, modRevision } = (kv ?? {}) as Partial<KeyValue<Partial<KubernetesObject> | undefined>>;
  return (
    typeof key === 'string' &&
    typeof modRevision === 'number' &&
    typeof value?.kind === 'string' &&
    typeof value.metadata?.name === 'string'
  );
}

/** The entries behind `revision`, up to the first gap: a consistent prefix of history. */
function contiguous(revision: number, entries: readonly JournalEntry[]): JournalEntry[] {
  const result: JournalEntry[] = [];
  let next = revision + 1;
  for (const entry of entries) {
    if (entry.revision < next) continue;
    if (entry.revision > next) break;
    result.push(entry);
    next++;
  }
  return result;
}
