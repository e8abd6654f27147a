/** A store's saved state: a snapshot and the revisions after it. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import type { Etcd, EtcdEvent, KeyValue } from '../etcd/etcd.ts';

/** What the journal gives back. */
export interface SavedState {
  snapshot: { revision: number; at: number; kvs: readonly KeyValue<KubernetesObject>[] };
  journal: readonly { revision: number; at: number; changes: readonly { key: string; kv: KeyValue<KubernetesObject> | undefined }[] }[];
}

/** Only Events are under leases; upstream's are as long. */
const LEASE_TTL_MS = 3_600_000;

/** Virtual time of the last saved revision, ms. */
export const savedAt = ({ snapshot, journal }: SavedState): number => journal.at(-1)?.at ?? snapshot.at;

/** Fills a fresh store. Objects come back frozen, as they were; leases begin anew. */
export function restoreStore(etcd: Etcd<KubernetesObject>, saved: SavedState): void {
  const { snapshot, journal } = saved;
  etcd.restore(snapshot.revision, snapshot.kvs.map(deepFreeze));
  for (const { revision, changes } of journal) {
    const events = changes.map(({ key, kv }): EtcdEvent<KubernetesObject> => {
      const prevKv = etcd.get(key);
      return kv === undefined
        ? { type: 'DELETE', key, revision, kv: undefined, prevKv }
        : { type: 'PUT', key, revision, kv: deepFreeze(kv), prevKv };
    });
    etcd.replay(revision, events);
  }
  const now = savedAt(saved);
  for (const { key, lease } of etcd.range({ key: '\0', end: '\0' }).kvs)
    if (lease !== 0) etcd.leases.restore(lease, LEASE_TTL_MS, now, key);
}
