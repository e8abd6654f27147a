/**
 * The apiserver's side of etcd: typed reads and writes of one resource, with resourceVersions
 * (`k8s.io/apiserver/pkg/storage/etcd3/store.go`). The only code besides the watch hub that touches the store.
 */
import { assert } from '../../apimachinery/assert.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { resourceExpired } from '../../apimachinery/status.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { prefixEnd } from '../../etcd/etcd.ts';
import type { Etcd } from '../../etcd/etcd.ts';

/** A page of a range read. */
export interface Page<T> {
  items: T[];
  revision: number;
  /** The key after which the next page begins; undefined on the last page. */
  next: string | undefined;
  remaining: number;
}

/** Reads and writes objects below one prefix. */
export class Storage<T extends KubernetesObject> {
  readonly prefix: string;
  readonly #etcd: Etcd<KubernetesObject>;

  constructor(etcd: Etcd<KubernetesObject>, prefix: string) {
    this.#etcd = etcd;
    this.prefix = prefix;
  }

  get revision(): number {
    return this.#etcd.revision;
  }

  get(key: string): T | undefined {
    return this.#etcd.get(key)?.value as T | undefined;
  }

  /** Objects below `below` (a prefix of keys) that `accept` takes, in key order, after key `after`, as of `revision` (0: now). */
  page(below: string, options: { revision?: number; after?: string; limit?: number; accept?: (object: T) => boolean }): Page<T> {
    const { revision = 0, after, limit = 0, accept } = options;
    const from = after === undefined ? below : `${after}\0`;
    const { kvs } = this.#range(from, prefixEnd(below), revision);
    const items: T[] = [];
    let next: string | undefined;
    let remaining = 0;
    for (const kv of kvs) {
      const object = kv.value as T;
      if (accept && !accept(object)) continue;
      if (limit > 0 && items.length === limit) {
        remaining++;
        continue;
      }
      items.push(object);
      if (limit > 0 && items.length === limit) next = kv.key;
    }
    return { items, revision: revision || this.#etcd.revision, next: remaining > 0 ? next : undefined, remaining };
  }

  /** Writes a new object; the caller has checked that the key is free. Returns what is stored. */
  create(key: string, object: T, lease = 0): T {
    return this.#write(key, object, 0, lease);
  }

  /** Replaces the object that was read as `old`. */
  update(key: string, object: T, old: T): T {
    return this.#write(key, object, Number(old.metadata.resourceVersion), this.#etcd.get(key)?.lease ?? 0);
  }

  /** Removes the key. */
  delete(key: string): void {
    this.#etcd.deleteRange({ key });
  }

  /** The core is synchronous, so the revision of the coming write is known and can be part of the frozen object. */
  #write(key: string, object: T, expectedModRevision: number, lease: number): T {
    const resourceVersion = String(this.#etcd.revision + 1);
    const stored = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion } });
    assert((this.#etcd.get(key)?.modRevision ?? 0) === expectedModRevision, `${key} changed between read and write within one task`);
    this.#etcd.put(key, stored, lease);
    return stored;
  }

  #range(key: string, end: string, revision: number) {
    try {
      return this.#etcd.range({ key, end, revision });
    } catch (error) {
      if (error instanceof EtcdError && revision > 0)
        throw resourceExpired(
          'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
        );
      throw error;
    }
  }
}
