/**
 * What makes etcd refuse a transaction before it runs (`server/etcdserver/api/v3rpc/key.go`: checkTxnRequest, checkIntervals;
 * `server/etcdserver/apply.go`: checkRequestPut, checkRequestRange).
 */
import type { KeyRange } from './etcd.ts';
import { DUPLICATE_KEY, EMPTY_KEY, LEASE_PROVIDED, TOO_MANY_OPERATIONS, VALUE_PROVIDED } from './errors.ts';
import type { PutRequest, RequestOp, TxnRequest } from './rpc-types.ts';

/** `--max-txn-ops` */
const MAX_OPERATIONS = 128;

/** Throws for a put that contradicts itself. */
export function checkPut<V>({ key, value, lease = 0, ignoreValue, ignoreLease }: PutRequest<V>): void {
  checkKey(key);
  if (ignoreValue && value !== undefined && value !== '') throw VALUE_PROVIDED();
  if (ignoreLease && lease !== 0) throw LEASE_PROVIDED();
}

/** Throws when there is no key. */
export function checkKey(key: string): void {
  if (key === '') throw EMPTY_KEY();
}

/** Throws for what can be seen without the store. */
export function checkTxn<V>(request: TxnRequest<V>, limit = MAX_OPERATIONS): void {
  const { compare = [], success = [], failure = [] } = request;
  const operations = Math.max(compare.length, success.length, failure.length);
  if (operations > limit) throw TOO_MANY_OPERATIONS();
  for (const { key } of compare) checkKey(key);
  for (const operation of [...success, ...failure]) {
    if (operation.type === 'put') checkPut(operation.request);
    else if (operation.type === 'txn') checkTxn(operation.request, limit - operations);
    else checkKey(operation.request.key);
  }
}

interface Touched {
  puts: Set<string>;
  deletes: KeyRange[];
}

/** Throws when one key would be put twice, or put and deleted; branches that exclude each other may put the same key. */
export function checkOverlaps<V>(operations: readonly RequestOp<V>[]): Touched {
  const deletes: KeyRange[] = operations.flatMap((operation) => (operation.type === 'deleteRange' ? [operation.request] : []));
  const puts = new Set<string>();
  const add = (key: string, exempt?: ReadonlySet<string>) => {
    if ((puts.has(key) && !exempt?.has(key)) || deletes.some((range) => isInterval(range, key))) throw DUPLICATE_KEY();
    puts.add(key);
  };
  for (const operation of operations) {
    if (operation.type !== 'txn') continue;
    const then = checkOverlaps(operation.request.success ?? []);
    const otherwise = checkOverlaps(operation.request.failure ?? []);
    for (const key of then.puts) add(key);
    for (const key of otherwise.puts) add(key, then.puts);
    deletes.push(...then.deletes, ...otherwise.deletes);
  }
  for (const operation of operations) if (operation.type === 'put') add(operation.request.key);
  return { puts, deletes };
}

/** Whether the key is in the interval; one that goes to the last key ends, as an interval, before it begins. */
function isInterval({ key, end }: KeyRange, name: string): boolean {
  return end === undefined || end === '' ? name === key : name >= key && name < end;
}
