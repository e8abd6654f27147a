/**
 * etcd's key-value store: one global revision, every version of every key until compaction, transactions, watches from
 * any kept revision, leases. Values are frozen objects, not bytes, so versions of an object share what did not change.
 * Semantics and error texts: etcd v3.5 `server/etcdserver/api/v3rpc/rpctypes/error.go`, `server/storage/mvcc`.
 * Differs: one member; Raft comes later behind the same interface.
 */
import { assert } from '../apimachinery/assert.ts';
import { COMPACTED, DUPLICATE_KEY, FUTURE_REVISION, LEASE_NOT_FOUND } from './errors.ts';
import { Leases } from './leases.ts';
import { SortedKeys } from './sorted-keys.ts';

/** One version of one key (`mvccpb.KeyValue`). */
export interface KeyValue<V> {
  readonly key: string;
  readonly value: V;
  readonly createRevision: number;
  readonly modRevision: number;
  /** 1 after creation, counted up by each put. */
  readonly version: number;
  /** Id of the lease that the key is attached to; 0 for none. */
  readonly lease: number;
}

/** One change of one key (`mvccpb.Event`). A deletion carries the key and the revision of the deletion. */
export interface EtcdEvent<V> {
  readonly type: 'PUT' | 'DELETE';
  readonly key: string;
  /** The revision in which it happened. */
  readonly revision: number;
  readonly kv: KeyValue<V> | undefined;
  readonly prevKv: KeyValue<V> | undefined;
}

/** Which keys: one (`end` absent), or all with `key` <= k < `end`; `end` of "\0" means to the last key, as in etcd. */
export interface KeyRange {
  key: string;
  end?: string;
}

/** A condition of a transaction. `target` is compared with the key's current state; a missing key has 0 for all numbers. */
export interface Compare {
  key: string;
  target: 'version' | 'createRevision' | 'modRevision' | 'lease';
  result: '=' | '!=' | '<' | '>';
  operand: number;
}

/** A step of a transaction's branch. */
export type Operation<V> =
  | ({ type: 'range'; revision?: number; limit?: number } & KeyRange)
  | { type: 'put'; key: string; value: V; lease?: number }
  | ({ type: 'delete' } & KeyRange);

/** What a range read returns. */
export interface RangeResult<V> {
  kvs: KeyValue<V>[];
  /** True when `limit` cut the result. */
  more: boolean;
  /** How many keys the range holds, regardless of `limit`. */
  count: number;
  revision: number;
}

/** Reads and writes that become one revision together (`mvcc.TxnWrite`). Reads see the writes before them. */
export interface WriteTxn<V> {
  /** The revision as reads see it: the new one as soon as something was written. */
  readonly revision: number;
  range(options: RangeOptions): RangeResult<V>;
  put(key: string, value: V, lease: number): void;
  /** Returns what went. */
  deleteRange(range: KeyRange): KeyValue<V>[];
}

/** What to read. `revision` 0: now; `limit` 0: all. */
export type RangeOptions = KeyRange & { revision?: number; limit?: number };

/** The end of the range that holds every key with this prefix. */
export function prefixEnd(prefix: string): string {
  assert(prefix.length > 0, 'a prefix has at least one character');
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** A watcher is told of each commit that touches its range, synchronously, within the commit. */
export interface Watcher<V> {
  cancel(): void;
  readonly range: KeyRange;
  readonly deliver: (events: readonly EtcdEvent<V>[], revision: number) => void;
}

/** The store. */
export class Etcd<V> {
  readonly leases: Leases;
  /** Called once per commit, after the watchers: the journal. */
  onCommit: ((revision: number, events: readonly EtcdEvent<V>[]) => void) | undefined;
  readonly #keys = new SortedKeys();
  readonly #versions = new Map<string, KeyHistory<V>>();
  #log: EtcdEvent<V>[] = [];
  #revision = 1;
  #compacted = 0;
  readonly #watchers = new Set<Watcher<V>>();

  constructor() {
    this.leases = new Leases((keys) => this.#commit(keys.map((key) => ({ type: 'delete', key }))));
  }

  /** The current revision; 1 for an empty store, as in etcd. */
  get revision(): number {
    return this.#revision;
  }

  /** History at or before this revision is gone. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  /** How many keys have versions that are kept. */
  get size(): number {
    return this.#versions.size;
  }

  /** The current version of one key. */
  get(key: string): KeyValue<V> | undefined {
    const last = this.#versions.get(key)?.at(-1);
    return last?.value === undefined ? undefined : (last as KeyValue<V>);
  }

  /** The kept versions of one key, oldest first; a deletion has no value. */
  history(key: string): readonly { readonly modRevision: number; readonly kv: KeyValue<V> | undefined }[] {
    return (this.#versions.get(key) ?? []).map((version) => ({
      modRevision: version.modRevision,
      kv: version.value === undefined ? undefined : (version as KeyValue<V>),
    }));
  }

  /** Reads a range in key order, now or as it was at `revision`. Throws when that is compacted or in the future. */
  range({ key, end, revision = 0, limit = 0 }: RangeOptions): RangeResult<V> {
    if (revision > this.#revision) throw FUTURE_REVISION();
    if (revision > 0 && revision < this.#compacted) throw COMPACTED();
    const at = revision || this.#revision;
    const kvs: KeyValue<V>[] = [];
    let count = 0;
    const visit = (name: string) => {
      const kv = versionAt(this.#versions.get(name), at);
      if (kv === undefined) return;
      count++;
      if (limit === 0 || kvs.length < limit) kvs.push(kv);
    };
    if (end === undefined) visit(key);
    else this.#keys.each(key, end === '\0' ? undefined : end, visit);
    return { kvs, more: count > kvs.length, count, revision: this.#revision };
  }

  /** Writes one key in a revision of its own. Returns that revision. */
  put(key: string, value: V, lease = 0): number {
    if (lease !== 0 && !this.leases.has(lease)) throw LEASE_NOT_FOUND();
    const revision = this.#revision + 1;
    const event = this.#put(key, value, lease, revision);
    this.#revision = revision;
    this.#notify([event], revision);
    return revision;
  }

  /** Deletes a range in a revision of its own. Returns how many keys went; the revision does not move when none did. */
  deleteRange(range: KeyRange): number {
    return this.#commit([{ type: 'delete', ...range }]).deleted;
  }

  /**
   * Compares, then runs one of the branches as one revision. Reads in a branch see the writes before them. Throws when
   * a branch puts one key twice.
   */
  txn(
    compare: readonly Compare[],
    success: readonly Operation<V>[],
    failure: readonly Operation<V>[] = [],
  ): { succeeded: boolean; revision: number; responses: (RangeResult<V> | { deleted: number } | undefined)[] } {
    const succeeded = compare.every((condition) => this.#holds(condition));
    const { revision, responses } = this.#commit(succeeded ? success : failure);
    return { succeeded, revision, responses };
  }

  /** Runs `run` as one revision. It must have made sure that nothing fails before it writes. */
  write<R>(run: (txn: WriteTxn<V>) => R): R {
    const next = this.#revision + 1;
    const events: EtcdEvent<V>[] = [];
    const written = (more: readonly EtcdEvent<V>[]) => {
      events.push(...more);
      if (events.length > 0) this.#revision = next;
    };
    const current = () => this.#revision;
    const result = run({
      get revision() {
        return current();
      },
      range: (options) => this.range(options),
      put: (key, value, lease) => written([this.#put(key, value, lease, next)]),
      deleteRange: (range) => {
        const gone = this.#delete(range, next);
        written(gone);
        return gone.map(({ prevKv }) => prevKv as KeyValue<V>);
      },
    });
    if (events.length > 0) this.#notify(events, next);
    return result;
  }

  /**
   * Tells `deliver` of every change in the range from `startRevision` on (0: from now on); the past ones at once.
   * Throws when `startRevision` is before the compacted revision; the changes of that one revision are kept.
   */
  watch(range: KeyRange, startRevision: number, deliver: Watcher<V>['deliver']): Watcher<V> {
    if (startRevision > 0 && startRevision < this.#compacted) throw COMPACTED();
    const watcher: Watcher<V> = { range, deliver, cancel: () => this.#watchers.delete(watcher) };
    if (startRevision > 0) {
      const past = this.eventsSince(startRevision).filter((event) => isIn(range, event.key));
      if (past.length > 0) deliver(past, this.#revision);
    }
    this.#watchers.add(watcher);
    return watcher;
  }

  /** All kept changes at or after `revision`, oldest first. */
  eventsSince(revision: number): readonly EtcdEvent<V>[] {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#log[middle] as EtcdEvent<V>).revision < revision) low = middle + 1;
      else high = middle;
    }
    return this.#log.slice(low);
  }

  /** Forgets versions that were replaced at or before `revision`. Throws when that is compacted already or in the future. */
  compact(revision: number): void {
    if (revision <= this.#compacted) throw COMPACTED();
    if (revision > this.#revision) throw FUTURE_REVISION();
    const touched = new Set<string>();
    const later = this.eventsSince(revision + 1).length;
    for (let index = 0; index < this.#log.length - later; index++) touched.add((this.#log[index] as EtcdEvent<V>).key);
    this.#log = [...this.eventsSince(revision)];
    this.#compacted = revision;
    for (const key of touched) this.#compactKey(key, revision);
  }

  /** Brings a fresh store to a saved state: `kvs` as they were at `revision`, without older history. */
  restore(revision: number, kvs: readonly KeyValue<V>[]): void {
    assert(this.#revision === 1 && this.#versions.size === 0, 'only a fresh store can be restored');
    for (const kv of kvs) {
      this.#keys.add(kv.key);
      this.#versions.set(kv.key, [kv]);
    }
    this.#revision = revision;
    this.#compacted = revision;
  }

  /** Replays one committed revision of a journal, without telling `onCommit`. Revisions must come in order. */
  replay(revision: number, events: readonly EtcdEvent<V>[]): void {
    assert(revision > this.#revision, 'a journal is replayed in order');
    this.#revision = revision;
    for (const event of events) this.#append(event);
  }

  #holds({ key, target, result, operand }: Compare): boolean {
    const actual = this.get(key)?.[target] ?? 0;
    if (result === '=') return actual === operand;
    if (result === '!=') return actual !== operand;
    return result === '<' ? actual < operand : actual > operand;
  }

  #commit(operations: readonly Operation<V>[]) {
    const revision = this.#revision + 1;
    const events: EtcdEvent<V>[] = [];
    const responses: (RangeResult<V> | { deleted: number } | undefined)[] = [];
    let deleted = 0;
    this.#check(operations);
    for (const operation of operations) {
      if (operation.type === 'range') {
        if (events.length > 0) this.#revision = revision;
        responses.push(this.range(operation));
      } else if (operation.type === 'put') {
        events.push(this.#put(operation.key, operation.value, operation.lease ?? 0, revision));
        responses.push(undefined);
      } else {
        const gone = this.#delete(operation, revision);
        events.push(...gone);
        deleted += gone.length;
        responses.push({ deleted: gone.length });
      }
    }
    if (events.length > 0) {
      this.#revision = revision;
      this.#notify(events, revision);
    }
    return { revision: this.#revision, deleted, responses };
  }

  /** Refuses a branch before anything of it is done. */
  #check(operations: readonly Operation<V>[]): void {
    const puts = new Set<string>();
    for (const operation of operations) {
      if (operation.type !== 'put') continue;
      if (puts.has(operation.key)) throw DUPLICATE_KEY();
      puts.add(operation.key);
      if (operation.lease && !this.leases.has(operation.lease)) throw LEASE_NOT_FOUND();
    }
  }

  #put(key: string, value: V, lease: number, revision: number): EtcdEvent<V> {
    const prevKv = this.get(key);
    const kv: KeyValue<V> = {
      key,
      value,
      createRevision: prevKv?.createRevision ?? revision,
      modRevision: revision,
      version: (prevKv?.version ?? 0) + 1,
      lease,
    };
    if (prevKv?.lease) this.leases.detach(prevKv.lease, key);
    if (lease) this.leases.attach(lease, key);
    const event: EtcdEvent<V> = { type: 'PUT', key, revision, kv, prevKv };
    this.#append(event);
    return event;
  }

  #delete(range: KeyRange, revision: number): EtcdEvent<V>[] {
    const events: EtcdEvent<V>[] = [];
    for (const key of [...this.#keysIn(range)]) {
      const prevKv = this.get(key);
      if (prevKv === undefined) continue;
      if (prevKv.lease) this.leases.detach(prevKv.lease, key);
      const event: EtcdEvent<V> = { type: 'DELETE', key, revision, kv: undefined, prevKv };
      this.#append(event);
      events.push(event);
    }
    return events;
  }

  #append(event: EtcdEvent<V>): void {
    const entry: Version<V> = event.kv ?? { key: event.key, value: undefined, modRevision: event.revision };
    const history = this.#versions.get(event.key);
    if (history === undefined) {
      this.#versions.set(event.key, [entry]);
      this.#keys.add(event.key);
    } else history.push(entry);
    this.#log.push(event);
  }

  #notify(events: readonly EtcdEvent<V>[], revision: number): void {
    for (const watcher of this.#watchers) {
      const seen = events.every((event) => isIn(watcher.range, event.key))
        ? events
        : events.filter((event) => isIn(watcher.range, event.key));
      if (seen.length > 0) watcher.deliver(seen, revision);
    }
    this.onCommit?.(revision, events);
  }

  #compactKey(key: string, revision: number): void {
    const history = this.#versions.get(key);
    if (history === undefined) return;
    let keepFrom = 0;
    while (keepFrom + 1 < history.length && (history[keepFrom + 1] as Version<V>).modRevision <= revision) keepFrom++;
    const oldest = history[keepFrom] as Version<V>;
    if (oldest.value === undefined && oldest.modRevision <= revision) keepFrom++;
    if (keepFrom < history.length) history.splice(0, keepFrom);
    else {
      this.#versions.delete(key);
      this.#keys.delete(key);
    }
  }

  *#keysIn({ key, end }: KeyRange): Generator<string> {
    if (end === undefined) {
      if (this.#versions.has(key)) yield key;
    } else yield* this.#keys.range(key, end === '\0' ? undefined : end);
  }
}

/** A kept version: a value, or the mark of a deletion. */
type Version<V> = KeyValue<V> | { readonly key: string; readonly value: undefined; readonly modRevision: number };
type KeyHistory<V> = Version<V>[];

function versionAt<V>(history: KeyHistory<V> | undefined, revision: number): KeyValue<V> | undefined {
  if (history === undefined) return undefined;
  for (let index = history.length - 1; index >= 0; index--) {
    const version = history[index] as Version<V>;
    if (version.modRevision <= revision) return version.value === undefined ? undefined : (version as KeyValue<V>);
  }
  return undefined;
}

function isIn({ key, end }: KeyRange, name: string): boolean {
  if (end === undefined) return name === key;
  return name >= key && (end === '\0' || name < end);
}
