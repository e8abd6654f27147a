/**
 * Copies of damaged storage: which there are, what can still be read of them, and how they go. Nothing here trusts what it reads; a part that
 * makes no sense is passed over.
 */
import { openDB } from 'idb';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { appliedManifests } from '../export.ts';
import { DATABASE } from '../protocol.ts';

const PREFIX = `${DATABASE}-damaged-`;

/** The databases of this origin that hold clusters, damaged or not; empty where the browser does not tell. */
async function ownDatabases(): Promise<string[]> {
  const all = (await indexedDB.databases?.()) ?? [];
  return all.flatMap(({ name = '' }) => (name === DATABASE || name.startsWith(PREFIX) ? [name] : []));
}

/** Names of the damaged copies, oldest first. */
export async function damagedCopies(): Promise<string[]> {
  try {
    return (await ownDatabases()).filter((name) => name.startsWith(PREFIX)).sort();
  } catch {
    return []; // no IndexedDB here, and so no copies
  }
}

/** What of a copy can be used again. */
export interface Rescued {
  /** The manifests that were applied, in the order in which they are met. */
  objects: KubernetesObject[];
  /** All records as they are, as JSON text. */
  raw: string;
}

/** Reads a copy. Rejects with the browser's error when it cannot be opened. */
export async function readDamaged(name: string): Promise<Rescued> {
  const db = await openDB(name);
  try {
    const stores = [...db.objectStoreNames];
    const records = await Promise.all(stores.map(async (store) => [store, await db.getAll(store)] as [string, unknown[]]));
    const found = Object.fromEntries(records);
    return { objects: salvage(found['snapshot'] ?? [], found['journal'] ?? []), raw: JSON.stringify(found) };
  } finally {
    db.close();
  }
}

/** Deletes a copy. */
export async function dropDamaged(name: string): Promise<void> {
  if (name.startsWith(PREFIX)) await deleteDatabase(name);
}

/** Deletes every saved cluster and every damaged copy. Resolves to their names. */
export async function eraseDatabases(): Promise<string[]> {
  const names = [...new Set([DATABASE, ...(await ownDatabases())])];
  await Promise.all(names.map(deleteDatabase));
  return names;
}

/** Deletes a database; resolves too when another tab still holds it open: it goes as soon as that one is closed. */
function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onblocked = () => resolve();
    request.onerror = () => reject(request.error ?? new Error(`${name} could not be deleted`));
  });
}

/** The newest value of each key, from whatever looks like a value. */
function salvage(chunks: readonly unknown[], batches: readonly unknown[]): KubernetesObject[] {
  const byKey = new Map<string, unknown>();
  for (const kv of chunks.filter((chunk) => Array.isArray(chunk)).flat() as unknown[]) take(byKey, kv);
  for (const entry of batches.filter((batch) => Array.isArray(batch)).flat() as unknown[]) {
    const changes = (entry as { changes?: unknown } | undefined)?.changes;
    for (const change of Array.isArray(changes) ? (changes as unknown[]) : []) {
      const { key, kv } = (change ?? {}) as { key?: unknown; kv?: unknown };
      if (typeof key === 'string' && kv === undefined) byKey.delete(key);
      else take(byKey, kv);
    }
  }
  return appliedManifests([...byKey.values()]);
}

function take(byKey: Map<string, unknown>, kv: unknown): void {
  const { key, value } = (kv ?? {}) as { key?: unknown; value?: unknown };
  if (typeof key === 'string') byKey.set(key, value);
}
