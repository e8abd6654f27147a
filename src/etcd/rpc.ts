/**
 * etcd's API over the store: ranges with all their options, puts, deletes, nested transactions, leases, watches
 * (`server/etcdserver/{apply,v3_server}.go`, `server/etcdserver/api/v3rpc/{key,lease,watch}.go`). The apiserver works on the store
 * itself; this is for etcdctl and for the comparison with a real etcd.
 */
import { FUTURE_REVISION, COMPACTED, KEY_NOT_FOUND, LEASE_EXISTS, LEASE_NOT_FOUND, LEASE_TTL_TOO_LARGE } from './errors.ts';
import type { Etcd, EtcdEvent, KeyRange, KeyValue, RangeOptions, RangeResult, WriteTxn } from './etcd.ts';
import type {
  Comparison,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
  WatchedEvent,
  WatchRequest,
  WatchResponse,
} from './rpc-types.ts';
import { checkKey, checkOverlaps, checkPut, checkTxn } from './txn-checks.ts';

/** One and a half election timeouts, rounded up (`minLeaseTTL`), s. */
const MIN_TTL_SECONDS = 2;
const MAX_TTL_SECONDS = 9_000_000_000;

/** How values stand to each other and what an empty one is: etcd knows only bytes. */
export interface ValueOrder<V> {
  compare(a: V, b: V): number;
  empty: V;
}

/** Something that can be read: the store, or a transaction on it. */
interface Readable<V> {
  readonly revision: number;
  range(options: RangeOptions): RangeResult<V>;
}

/** Serves requests. Every method throws `EtcdError` with etcd's text. */
export class EtcdRpc<V> {
  readonly #etcd: Etcd<V>;
  readonly #values: ValueOrder<V>;
  readonly #now: () => number;

  /** `now` is the time that leases live by, ms. */
  constructor(etcd: Etcd<V>, values: ValueOrder<V>, now: () => number) {
    this.#etcd = etcd;
    this.#values = values;
    this.#now = now;
  }

  range(request: RangeRequest): RangeResponse<V> {
    checkKey(request.key);
    return this.#range(this.#etcd, request);
  }

  put(request: PutRequest<V>): PutResponse<V> {
    checkPut(request);
    this.#checkStoredPut(request, true);
    return this.#etcd.write((txn) => this.#put(txn, request));
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse<V> {
    checkKey(request.key);
    return this.#etcd.write((txn) => this.#delete(txn, request));
  }

  txn(request: TxnRequest<V>): TxnResponse<V> {
    checkTxn(request);
    checkOverlaps(request.success ?? []);
    checkOverlaps(request.failure ?? []);
    // All branches are chosen before anything is written.
    const chosen = new Map<TxnRequest<V>, boolean>();
    this.#choose(request, chosen);
    this.#checkChosen(request, chosen, (operation) => {
      if (operation.type === 'put') this.#checkStoredPut(operation.request, false);
    });
    this.#checkChosen(request, chosen, (operation) => {
      if (operation.type === 'range') this.#checkRevision(operation.request.revision ?? 0);
    });
    const response = this.#etcd.write((txn) => this.#run(txn, request, chosen));
    return { ...response, revision: this.#etcd.revision };
  }

  /** Compacts; returns the current revision. */
  compact(revision: number): number {
    this.#etcd.compact(revision);
    return this.#etcd.revision;
  }

  /** Grants a lease; id 0 lets the store choose. Short times are lengthened to the least possible. */
  leaseGrant(ttlSeconds: number, id = 0): { id: number; ttl: number } {
    const { leases } = this.#etcd;
    if (ttlSeconds > MAX_TTL_SECONDS) throw LEASE_TTL_TOO_LARGE();
    if (id !== 0 && leases.has(id)) throw LEASE_EXISTS();
    const ttl = Math.max(ttlSeconds, MIN_TTL_SECONDS);
    if (id === 0) return { id: leases.grant(ttl * 1000, this.#now()), ttl };
    leases.grantAs(id, ttl * 1000, this.#now());
    return { id, ttl };
  }

  /** Ends a lease; its keys go in one revision. Returns the revision afterwards. */
  leaseRevoke(id: number): number {
    if (!this.#etcd.leases.revoke(id)) throw LEASE_NOT_FOUND();
    return this.#etcd.revision;
  }

  /** Seconds left, -1 when there is no such lease; whole seconds, rounded down. */
  leaseTimeToLive(id: number): { ttl: number; grantedTtl: number; keys: string[] } {
    const lease = this.#etcd.leases.get(id, this.#now());
    if (lease === undefined) return { ttl: -1, grantedTtl: 0, keys: [] };
    return { ttl: Math.floor(lease.leftMs / 1000), grantedTtl: lease.ttlMs / 1000, keys: lease.keys };
  }

  /** Starts the lease's time anew; 0 when there is no such lease. */
  leaseKeepAlive(id: number): number {
    const { leases } = this.#etcd;
    return leases.keepAlive(id, this.#now()) ? (leases.get(id, this.#now())?.ttlMs ?? 0) / 1000 : 0;
  }

  /** Ids, the lease that expires first in front. */
  leaseLeases(): number[] {
    return this.#etcd.leases.ids();
  }

  /** Tells `deliver` what happens, past changes first. Returns how to stop. A compacted start is answered once and ends the watch. */
  watch(request: WatchRequest, deliver: (response: WatchResponse<V>) => void): () => void {
    const etcd = this.#etcd;
    const { key, startRevision = 0, prevKv = false, filters = [] } = request;
    const end = request.end === '' ? undefined : request.end;
    if (end !== undefined && end !== '\0' && key >= end) {
      deliver({ revision: etcd.revision, canceled: true, compactRevision: 0, reason: 'mvcc: watcher range is empty' });
      return () => undefined;
    }
    if (startRevision > 0 && startRevision < etcd.compactedRevision) {
      deliver({ revision: etcd.revision, canceled: true, compactRevision: etcd.compactedRevision });
      return () => undefined;
    }
    const watcher = etcd.watch({ key, end }, startRevision, (events, revision) => {
      const wanted = events.filter(
        (event) => event.revision >= startRevision && !filters.includes(event.type === 'PUT' ? 'NOPUT' : 'NODELETE'),
      );
      if (wanted.length > 0) deliver({ revision, events: wanted.map((event) => watched(event, prevKv, etcd.compactedRevision)) });
    });
    return () => watcher.cancel();
  }

  #range(from: Readable<V>, request: RangeRequest): RangeResponse<V> {
    const { key, end, revision, limit = 0, keysOnly, countOnly } = request;
    const result = from.range({ key, end: end === '' ? undefined : end, revision });
    if (countOnly) return { revision: from.revision, kvs: [], more: false, count: result.count };
    let kvs: RangeResponse<V>['kvs'] = this.#sorted(readOf(result.kvs, request), request);
    const more = limit > 0 && kvs.length > limit;
    if (more) kvs = kvs.slice(0, limit);
    if (keysOnly) kvs = kvs.map(({ value: _value, ...rest }) => rest);
    return { revision: from.revision, kvs, more, count: result.count };
  }

  #sorted(kvs: KeyValue<V>[], { sortOrder = 'NONE', sortTarget = 'KEY' }: RangeRequest): KeyValue<V>[] {
    // What is read comes in the order of keys.
    if (sortTarget === 'KEY') return sortOrder === 'DESCEND' ? kvs.reverse() : kvs;
    const sign = sortOrder === 'DESCEND' ? -1 : 1;
    return kvs.sort((a, b) => sign * this.#difference(a, b, sortTarget));
  }

  #difference(a: KeyValue<V>, b: KeyValue<V>, target: 'VERSION' | 'CREATE' | 'MOD' | 'VALUE'): number {
    if (target === 'VALUE') return this.#values.compare(a.value, b.value);
    const field = FIELDS[target];
    return a[field] - b[field];
  }

  #put(txn: WriteTxn<V>, { key, value, lease = 0, prevKv, ignoreValue, ignoreLease }: PutRequest<V>): PutResponse<V> {
    const [old] = txn.range({ key }).kvs;
    txn.put(key, ignoreValue && old ? old.value : (value ?? this.#values.empty), ignoreLease && old ? old.lease : lease);
    return { revision: txn.revision, ...(prevKv && old && { prevKv: old }) };
  }

  #delete(txn: WriteTxn<V>, { key, end, prevKv }: DeleteRangeRequest): DeleteRangeResponse<V> {
    const gone = txn.deleteRange({ key, end: end === '' ? undefined : end });
    return { revision: txn.revision, deleted: gone.length, prevKvs: prevKv ? gone : [] };
  }

  /** `checkRequestPut`; a put of its own looks for its lease first. */
  #checkStoredPut({ key, lease = 0, ignoreValue, ignoreLease }: PutRequest<V>, alone: boolean): void {
    const mustLease = () => {
      if (lease !== 0 && !this.#etcd.leases.has(lease)) throw LEASE_NOT_FOUND();
    };
    if (alone) mustLease();
    if ((ignoreValue || ignoreLease) && this.#etcd.get(key) === undefined) throw KEY_NOT_FOUND();
    if (!alone) mustLease();
  }

  #checkRevision(revision: number): void {
    if (revision > this.#etcd.revision) throw FUTURE_REVISION();
    if (revision > 0 && revision < this.#etcd.compactedRevision) throw COMPACTED();
  }

  #choose(request: TxnRequest<V>, chosen: Map<TxnRequest<V>, boolean>): void {
    chosen.set(
      request,
      (request.compare ?? []).every((comparison) => this.#holds(comparison)),
    );
    for (const operation of branchOf(request, chosen)) if (operation.type === 'txn') this.#choose(operation.request, chosen);
  }

  #checkChosen(request: TxnRequest<V>, chosen: ReadonlyMap<TxnRequest<V>, boolean>, check: (operation: RequestOp<V>) => void): void {
    for (const operation of branchOf(request, chosen)) {
      if (operation.type === 'txn') this.#checkChosen(operation.request, chosen, check);
      else check(operation);
    }
  }

  #run(txn: WriteTxn<V>, request: TxnRequest<V>, chosen: ReadonlyMap<TxnRequest<V>, boolean>): TxnResponse<V> {
    const responses = branchOf(request, chosen).map((operation): ResponseOp<V> => {
      switch (operation.type) {
        case 'range':
          return { type: 'range', response: this.#range(txn, operation.request) };
        case 'put':
          return { type: 'put', response: this.#put(txn, operation.request) };
        case 'deleteRange':
          return { type: 'deleteRange', response: this.#delete(txn, operation.request) };
        case 'txn':
          return { type: 'txn', response: this.#run(txn, operation.request, chosen) };
      }
    });
    return { revision: 0, succeeded: chosen.get(request) === true, responses };
  }

  #holds({ key, end, target, result, operand }: Comparison<V>): boolean {
    const { kvs } = this.#etcd.range({ key, end: end === '' ? undefined : end });
    const test = (difference: number) => {
      if (result === 'EQUAL') return difference === 0;
      if (result === 'NOT_EQUAL') return difference !== 0;
      return result === 'GREATER' ? difference > 0 : difference < 0;
    };
    if (target === 'VALUE') return kvs.length > 0 && kvs.every((kv) => test(this.#values.compare(kv.value, operand as V)));
    if (kvs.length === 0) return test(0 - (operand as number));
    return kvs.every((kv) => test((target === 'LEASE' ? kv.lease : kv[FIELDS[target]]) - (operand as number)));
  }
}

const FIELDS = { VERSION: 'version', CREATE: 'createRevision', MOD: 'modRevision' } as const;

function branchOf<V>(request: TxnRequest<V>, chosen: ReadonlyMap<TxnRequest<V>, boolean>): readonly RequestOp<V>[] {
  return (chosen.get(request) === true ? request.success : request.failure) ?? [];
}

/** What is read before it is sorted: a limit counts here already, unless an order or bounds are asked for by name. */
function readOf<V>(kvs: KeyValue<V>[], request: RangeRequest): KeyValue<V>[] {
  const { limit = 0, sortOrder = 'NONE', minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  const bounded = minModRevision || maxModRevision || minCreateRevision || maxCreateRevision;
  if (bounded) return kvs.filter(isWithin(request));
  return limit > 0 && sortOrder === 'NONE' ? kvs.slice(0, limit + 1) : kvs;
}

function isWithin({ minModRevision = 0, maxModRevision = 0, minCreateRevision = 0, maxCreateRevision = 0 }: RangeRequest) {
  return ({ modRevision, createRevision }: KeyValue<unknown>): boolean =>
    modRevision >= minModRevision &&
    (maxModRevision === 0 || modRevision <= maxModRevision) &&
    createRevision >= minCreateRevision &&
    (maxCreateRevision === 0 || createRevision <= maxCreateRevision);
}

/** The change as it is told: what was before is read at the revision before, which may be compacted. */
function watched<V>({ type, key, revision, kv, prevKv }: EtcdEvent<V>, wantsPrevious: boolean, compacted: number): WatchedEvent<V> {
  const isCreate = kv !== undefined && kv.createRevision === kv.modRevision;
  const previous = wantsPrevious && !isCreate && revision - 1 >= compacted ? prevKv : undefined;
  return { type, kv: kv ?? { key, modRevision: revision }, ...(previous && { prevKv: previous }) };
}

/** The keys with a prefix, as etcdctl's --prefix asks for them. */
export function prefixRange(prefix: string): KeyRange {
  if (prefix === '') return { key: '\0', end: '\0' };
  return { key: prefix, end: prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1) };
}
