/**
 * Messages of etcd's API as its JSON gateway writes them: names with underscores, keys and values in base 64, whole numbers as strings,
 * nothing that is zero (`api/etcdserverpb/gw`). Keys and values here are ASCII.
 */
import type { KeyValue } from '../../src/etcd/etcd.ts';
import type {
  Comparison,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
  WatchedEvent,
} from '../../src/etcd/rpc-types.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = Record<string, Json | undefined>;

/** Text in base 64. */
export const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** Without what is zero, as the gateway writes it. */
export function compact(fields: Fields): Json {
  const isZero = (value: Json | undefined) =>
    value === undefined || value === '' || value === '0' || value === false || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isZero(value))) as Json;
}

const int = (value: number | undefined): string => String(value ?? 0);

export function rangeRequest(request: RangeRequest): Json {
  const { key, end, limit, revision, sortOrder, sortTarget, keysOnly, countOnly } = request;
  return compact({
    key: base64(key),
    range_end: base64(end ?? ''),
    limit: int(limit),
    revision: int(revision),
    sort_order: sortOrder,
    sort_target: sortTarget,
    keys_only: keysOnly,
    count_only: countOnly,
    min_mod_revision: int(request.minModRevision),
    max_mod_revision: int(request.maxModRevision),
    min_create_revision: int(request.minCreateRevision),
    max_create_revision: int(request.maxCreateRevision),
  });
}

export function putRequest({ key, value = '', lease, prevKv, ignoreLease, ignoreValue }: PutRequest<string>): Json {
  return compact({
    key: base64(key),
    value: base64(value),
    lease: int(lease),
    prev_kv: prevKv,
    ignore_lease: ignoreLease,
    ignore_value: ignoreValue,
  });
}

export function deleteRequest({ key, end, prevKv }: DeleteRangeRequest): Json {
  return compact({ key: base64(key), range_end: base64(end ?? ''), prev_kv: prevKv });
}

const OPERANDS = { VERSION: 'version', CREATE: 'create_revision', MOD: 'mod_revision', VALUE: 'value', LEASE: 'lease' } as const;

function compareJson({ key, end, target, result, operand }: Comparison<string>): Json {
  const value = typeof operand === 'string' ? base64(operand) : String(operand);
  return { ...(compact({ key: base64(key), range_end: base64(end ?? '') }) as object), target, result, [OPERANDS[target]]: value };
}

function operationJson(operation: RequestOp<string>): Json {
  switch (operation.type) {
    case 'range':
      return { request_range: rangeRequest(operation.request) };
    case 'put':
      return { request_put: putRequest(operation.request) };
    case 'deleteRange':
      return { request_delete_range: deleteRequest(operation.request) };
    case 'txn':
      return { request_txn: txnRequest(operation.request) };
  }
}

export function txnRequest({ compare = [], success = [], failure = [] }: TxnRequest<string>): Json {
  return compact({
    compare: compare.map(compareJson),
    success: success.map(operationJson),
    failure: failure.map(operationJson),
  });
}

export function keyValue({ key, value = '', ...rest }: Partial<KeyValue<string>>): Json {
  return compact({
    key: base64(key ?? ''),
    create_revision: int(rest.createRevision),
    mod_revision: int(rest.modRevision),
    version: int(rest.version),
    value: base64(value),
    lease: int(rest.lease),
  });
}

/** The header that every answer begins with; ids of the cluster are left out of the comparison. */
export const header = (revision: number): Json => compact({ revision: int(revision) });

export function rangeResponse({ revision, kvs, more, count }: RangeResponse<string>): Json {
  return compact({ header: header(revision), kvs: kvs.map(keyValue), more, count: int(count) });
}

export function putResponse({ revision, prevKv }: { revision: number; prevKv?: KeyValue<string> }): Json {
  return compact({ header: header(revision), prev_kv: prevKv && keyValue(prevKv) });
}

export function deleteResponse(response: { revision: number; deleted: number; prevKvs: KeyValue<string>[] }): Json {
  const { revision, deleted, prevKvs } = response;
  return compact({ header: header(revision), deleted: int(deleted), prev_kvs: prevKvs.map(keyValue) });
}

function responseOp(operation: ResponseOp<string>): Json {
  switch (operation.type) {
    case 'range':
      return { response_range: rangeResponse(operation.response) };
    case 'put':
      return { response_put: putResponse(operation.response) };
    case 'deleteRange':
      return { response_delete_range: deleteResponse(operation.response) };
    case 'txn':
      return { response_txn: txnResponse(operation.response) };
  }
}

export function txnResponse({ revision, succeeded, responses }: TxnResponse<string>): Json {
  return compact({ header: header(revision), succeeded, responses: responses.map(responseOp) });
}

export function watchedEvent({ type, kv, prevKv }: WatchedEvent<string>): Json {
  return compact({ type: type === 'DELETE' ? type : '', kv: keyValue(kv), prev_kv: prevKv && keyValue(prevKv) });
}

/** The real etcd's answer without the ids of cluster and member and the Raft term, wherever a header is. */
export function withoutIds(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !['cluster_id', 'member_id', 'raft_term'].includes(key));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutIds(child)]));
}
