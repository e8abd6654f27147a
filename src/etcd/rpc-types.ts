/** The messages of etcd's API (`api/etcdserverpb/rpc.proto`). Left out: auth, alarms, cluster changes. All fields that are absent are zero. */
import type { KeyRange, KeyValue } from './etcd.ts';

/** `RangeRequest`. */
export interface RangeRequest extends KeyRange {
  limit?: number;
  revision?: number;
  sortOrder?: 'NONE' | 'ASCEND' | 'DESCEND';
  sortTarget?: 'KEY' | 'VERSION' | 'CREATE' | 'MOD' | 'VALUE';
  keysOnly?: boolean;
  countOnly?: boolean;
  minModRevision?: number;
  maxModRevision?: number;
  minCreateRevision?: number;
  maxCreateRevision?: number;
}

/** `PutRequest`. */
export interface PutRequest<V> {
  key: string;
  value?: V;
  lease?: number;
  prevKv?: boolean;
  /** Keeps the value, or the lease, that the key has. */
  ignoreValue?: boolean;
  ignoreLease?: boolean;
}

/** `DeleteRangeRequest`. */
export interface DeleteRangeRequest extends KeyRange {
  prevKv?: boolean;
}

/** `Compare`: holds when it holds for every key of the range; a missing key has zero for all numbers, and no value at all. */
export interface Comparison<V> extends KeyRange {
  target: 'VERSION' | 'CREATE' | 'MOD' | 'VALUE' | 'LEASE';
  result: 'EQUAL' | 'GREATER' | 'LESS' | 'NOT_EQUAL';
  /** What is compared with: a number, or a value where the target is VALUE. */
  operand: number | V;
}

/** `RequestOp`. */
export type RequestOp<V> =
  | { type: 'range'; request: RangeRequest }
  | { type: 'put'; request: PutRequest<V> }
  | { type: 'deleteRange'; request: DeleteRangeRequest }
  | { type: 'txn'; request: TxnRequest<V> };

/** `TxnRequest`. */
export interface TxnRequest<V> {
  compare?: readonly Comparison<V>[];
  success?: readonly RequestOp<V>[];
  failure?: readonly RequestOp<V>[];
}

/** `RangeResponse`; values are left out with `keysOnly`. */
export interface RangeResponse<V> {
  revision: number;
  kvs: (Omit<KeyValue<V>, 'value'> & { value?: V })[];
  more: boolean;
  count: number;
}

/** `PutResponse`. */
export interface PutResponse<V> {
  revision: number;
  prevKv?: KeyValue<V>;
}

/** `DeleteRangeResponse`. */
export interface DeleteRangeResponse<V> {
  revision: number;
  deleted: number;
  prevKvs: KeyValue<V>[];
}

/** `ResponseOp`. */
export type ResponseOp<V> =
  | { type: 'range'; response: RangeResponse<V> }
  | { type: 'put'; response: PutResponse<V> }
  | { type: 'deleteRange'; response: DeleteRangeResponse<V> }
  | { type: 'txn'; response: TxnResponse<V> };

/** `TxnResponse`. */
export interface TxnResponse<V> {
  /** 0 in the responses of nested transactions, as upstream leaves it out there. */
  revision: number;
  succeeded: boolean;
  responses: ResponseOp<V>[];
}

/** `WatchCreateRequest`. */
export interface WatchRequest extends KeyRange {
  /** Absent: from now on. */
  startRevision?: number;
  prevKv?: boolean;
  filters?: readonly ('NOPUT' | 'NODELETE')[];
}

/** `mvccpb.Event` as a watch tells it. */
export interface WatchedEvent<V> {
  type: 'PUT' | 'DELETE';
  /** Of a deletion: only the key and the revision of the deletion. */
  kv: Pick<KeyValue<V>, 'key' | 'modRevision'> & Partial<KeyValue<V>>;
  prevKv?: KeyValue<V>;
}

/** `WatchResponse`, without its first one that says "created". */
export type WatchResponse<V> =
  | { revision: number; events: WatchedEvent<V>[] }
  /** The watch is over: its start is compacted, or its range is empty, which `reason` says. */
  | { revision: number; canceled: true; compactRevision: number; reason?: string };
