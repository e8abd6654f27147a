/**
 * Kubarium's etcd beside a real one: `node conformance/etcd.ts [--operations 5000] [--seed 1]`. Both get the same random sequence of puts,
 * ranges, deletions, nested transactions, compactions, leases and watches from old revisions, and every answer and every event must be
 * the same, error texts included. Prints the first differences and "N passed, N failed"; exits with 1 if any failed, and with 2 where no etcd
 * is installed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deepEqual } from '../src/apimachinery/freeze.ts';
import { EtcdError } from '../src/etcd/errors.ts';
import { Etcd } from '../src/etcd/etcd.ts';
import { EtcdRpc } from '../src/etcd/rpc.ts';
import type { WatchRequest } from '../src/etcd/rpc-types.ts';
import { Random } from '../src/sim/random.ts';
import * as json from './etcd/json.ts';
import type { Json } from './etcd/json.ts';
import { OperationMaker } from './etcd/operations.ts';
import type { Operation } from './etcd/operations.ts';
import { etcdVersion, RealEtcd } from './etcd/real.ts';

const SHOWN = 10;
const EVENTS_LIMIT_MS = 5000;
/** A watch lives for so many operations at most. */
const WATCH_OPERATIONS = 150;
/** etcd looks every 100 ms after watches that are behind. */
const CATCH_UP_MS = 300;
const MOST_WATCHES = 16;
/** Leases live by the real clock there, by none here. */
const TTL_TOLERANCE_SECONDS = 3600;

interface Watch {
  request: WatchRequest;
  startedAt: number;
  expected: Json[];
  actual: Json[];
  stop(): void;
}

/** Runs one comparison. */
class Comparison {
  readonly #store = new Etcd<string>();
  readonly #rpc = new EtcdRpc(this.#store, { compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0), empty: '' }, () => 0);
  readonly #real: RealEtcd;
  readonly #maker: OperationMaker;
  readonly #watches: Watch[] = [];
  readonly failures: string[] = [];
  /** When the real etcd's watches have seen all of the past, real time in ms. */
  #caughtUpAt = 0;
  passed = 0;
  events = 0;

  constructor(real: RealEtcd, seed: string) {
    this.#real = real;
    const store = this.#store;
    this.#maker = new OperationMaker(new Random(seed), {
      get revision() {
        return store.revision;
      },
      get compactedRevision() {
        return store.compactedRevision;
      },
      deletesAt: (revision) => store.eventsSince(revision).some((event) => event.revision === revision && event.type === 'DELETE'),
    });
  }

  async run(operations: number): Promise<void> {
    for (let index = 0; index < operations; index++) {
      const operation = this.#maker.next();
      if (operation.type === 'watch') await this.#watch(operation.request, index);
      else await this.#request(operation, index);
      const over = this.#watches.filter(({ startedAt }) => index - startedAt > WATCH_OPERATIONS);
      for (const watch of over) await this.#finish(watch);
    }
    for (const watch of [...this.#watches]) await this.#finish(watch);
  }

  async #request(operation: Exclude<Operation, { type: 'watch' }>, index: number): Promise<void> {
    let expected: Json;
    const [path, body, answer] = this.#call(operation);
    try {
      expected = answer();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      expected = { error: error.message, code: error.code };
    }
    // A watch that is still catching up when history goes would be cancelled.
    if (operation.type === 'compact') await sleep(Math.max(0, this.#caughtUpAt - Date.now()));
    const actual = await this.#real.post(path, body);
    this.#judge(`operation ${index} ${operation.type} ${JSON.stringify(operation)}`, expected, normalised(operation, actual));
  }

  /** Where the request goes, how it reads there, and what it does here. */
  #call(operation: Exclude<Operation, { type: 'watch' }>): [path: string, body: Json, answer: () => Json] {
    const rpc = this.#rpc;
    const revisionOnly = () => ({ header: json.header(this.#store.revision) });
    switch (operation.type) {
      case 'range':
        return ['/v3/kv/range', json.rangeRequest(operation.request), () => json.rangeResponse(rpc.range(operation.request))];
      case 'put':
        return ['/v3/kv/put', json.putRequest(operation.request), () => json.putResponse(rpc.put(operation.request))];
      case 'deleteRange':
        return ['/v3/kv/deleterange', json.deleteRequest(operation.request), () => json.deleteResponse(rpc.deleteRange(operation.request))];
      case 'txn':
        return ['/v3/kv/txn', json.txnRequest(operation.request), () => json.txnResponse(rpc.txn(operation.request))];
      case 'compact': {
        const { revision } = operation;
        return ['/v3/kv/compaction', { revision: String(revision) }, () => ({ header: json.header(rpc.compact(revision)) })];
      }
      case 'leaseLeases':
        return [
          '/v3/lease/leases',
          {},
          () => json.compact({ ...revisionOnly(), leases: rpc.leaseLeases().map((id) => ({ ID: String(id) })) }),
        ];
      default:
        return this.#leaseCall(operation, revisionOnly);
    }
  }

  #leaseCall(operation: Extract<Operation, { id: number }>, revisionOnly: () => { header: Json }): [string, Json, () => Json] {
    const rpc = this.#rpc;
    const ID = String(operation.id);
    switch (operation.type) {
      case 'leaseGrant':
        return [
          '/v3/lease/grant',
          { ID, TTL: String(operation.ttl) },
          () => {
            const { id, ttl } = rpc.leaseGrant(operation.ttl, operation.id);
            return { ...revisionOnly(), ID: String(id), TTL: String(ttl) };
          },
        ];
      case 'leaseRevoke':
        return ['/v3/lease/revoke', { ID }, () => ({ header: json.header(rpc.leaseRevoke(operation.id)) })];
      case 'leaseKeepAlive':
        return [
          '/v3/lease/keepalive',
          { ID },
          () => ({ result: json.compact({ ...revisionOnly(), ID, TTL: String(rpc.leaseKeepAlive(operation.id)) }) }),
        ];
      case 'leaseTimeToLive':
        return [
          '/v3/lease/timetolive',
          { ID, keys: true },
          () => {
            const { ttl, grantedTtl, keys } = rpc.leaseTimeToLive(operation.id);
            return json.compact({ ...revisionOnly(), ID, TTL: String(ttl), grantedTTL: String(grantedTtl), keys: keys.map(json.base64) });
          },
        ];
    }
  }

  async #watch(request: WatchRequest, index: number): Promise<void> {
    if (this.#watches.length >= MOST_WATCHES) await this.#finish(this.#watches[0] as Watch);
    const watch: Watch = { request, startedAt: index, expected: [], actual: [], stop: () => undefined };
    const { key, end = '', startRevision = 0, prevKv = false, filters = [] } = request;
    const created: { [key: string]: Json } = { created: { header: json.header(this.#store.revision) } };
    const stopHere = this.#rpc.watch(request, (response) => {
      if ('events' in response) watch.expected.push(...response.events.map(json.watchedEvent));
      else if (response.reason) created['cancel_reason'] = response.reason;
      else watch.expected.push({ canceled: true, compact_revision: String(response.compactRevision) });
    });
    watch.expected.unshift(created);
    const wire = json.compact({
      key: json.base64(key),
      range_end: json.base64(end),
      start_revision: String(startRevision),
      prev_kv: prevKv,
      filters: [...filters],
    });
    const stopThere = this.#real.stream('/v3/watch', { create_request: wire }, (message) => watch.actual.push(...told(message)));
    watch.stop = () => {
      stopHere();
      stopThere();
    };
    this.#watches.push(watch);
    if (startRevision > 0) this.#caughtUpAt = Date.now() + CATCH_UP_MS;
    await arrived(watch);
  }

  async #finish(watch: Watch): Promise<void> {
    await arrived(watch);
    watch.stop();
    this.#watches.splice(this.#watches.indexOf(watch), 1);
    this.events += watch.expected.length - 1;
    this.#judge(`watch of operation ${watch.startedAt} ${JSON.stringify(watch.request)}`, watch.expected, watch.actual);
  }

  #judge(what: string, expected: Json, actual: Json): void {
    if (deepEqual(expected, actual)) this.passed++;
    else this.failures.push(`${what}\n    etcd:     ${JSON.stringify(actual)}\n    Kubarium: ${JSON.stringify(expected)}`);
  }
}

/** Waits until as many messages have come from the real etcd as there must be. */
async function arrived({ expected, actual }: Watch): Promise<void> {
  const until = Date.now() + EVENTS_LIMIT_MS;
  while (actual.length < expected.length && Date.now() < until) await sleep(2);
}

/** What a watch was told, one entry for each event. */
function told(message: Json): Json[] {
  const { result } = message as {
    result?: { header: Json; created?: boolean; canceled?: boolean; compact_revision?: Json; cancel_reason?: Json; events?: Json[] };
  };
  if (result === undefined) return [message];
  const { header, created, canceled, compact_revision: compactRevision = '0', cancel_reason: reason, events = [] } = result;
  // A range without keys is answered in one message.
  if (created) return [{ created: { header }, ...(reason !== undefined && { cancel_reason: reason }) }];
  if (canceled) return [{ canceled: true, compact_revision: compactRevision }];
  return events;
}

/** The parts of an answer that depend on the real clock, or come in no order, as they are here. */
function normalised({ type }: Operation, answer: Json): Json {
  if (type !== 'leaseTimeToLive') return answer;
  const { TTL, keys, ...rest } = answer as { TTL?: string; keys?: string[]; grantedTTL?: string };
  const granted = Number(rest.grantedTTL ?? 0);
  const fresh = TTL !== undefined && granted > 0 && granted - Number(TTL) < TTL_TOLERANCE_SECONDS;
  const plain = (key: string) => Buffer.from(key, 'base64').toString('latin1');
  const sorted = keys?.sort((a, b) => (plain(a) < plain(b) ? -1 : 1));
  return { ...rest, ...(TTL !== undefined && { TTL: fresh ? String(granted) : TTL }), ...(sorted && { keys: sorted }) } as Json;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { operations: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } } });
  const version = etcdVersion();
  if (version === undefined) {
    console.log('no etcd is installed (Debian: etcd-server); nothing was compared');
    process.exitCode = 2;
    return;
  }
  const real = await RealEtcd.start();
  const comparison = new Comparison(real, values.seed);
  try {
    await comparison.run(Number(values.operations));
  } finally {
    await real.stop();
  }
  const { failures, passed, events } = comparison;
  for (const failure of failures.slice(0, SHOWN)) console.log(`FAIL ${failure}`);
  if (failures.length > SHOWN) console.log(`... and ${failures.length - SHOWN} more`);
  console.log(`${version}, seed ${values.seed}: ${events} events of watches`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
}

await main();
