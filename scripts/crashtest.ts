/**
 * Kills the worker's host at random points while a client writes, and checks what comes back: every acknowledged write
 * is there, and what is there is a prefix of what happened. IndexedDB is fake-indexeddb; a kill aborts the
 * transactions that are open at that moment, or lets them finish unseen, as the seed decides.
 *
 *     npm run crashtest [-- --runs 100] [--seed N]
 */
import { parseArgs } from 'node:util';
import { IDBDatabase as FakeDatabase, IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { deepEqual } from '../src/apimachinery/freeze.ts';
import type { KubernetesObject } from '../src/apimachinery/meta.ts';
import { restoreStore } from '../src/cluster/restore.ts';
import { installExtras } from '../src/cluster/extras.ts';
import { Etcd } from '../src/etcd/etcd.ts';
import { Random } from '../src/sim/random.ts';
import { ClusterHost } from '../src/worker/host.ts';
import type { Connection } from '../src/worker/host.ts';
import type { ApiCall, ServerFrame } from '../src/worker/protocol.ts';
import { JournalStore } from '../src/worker/storage/journal-store.ts';

/** Transactions that are open now: what a dying browser would lose. */
interface Transaction extends EventTarget {
  abort(): void;
}
const open = new Set<Transaction>();
const begin = FakeDatabase.prototype.transaction as (...args: unknown[]) => Transaction;
FakeDatabase.prototype.transaction = function (this: unknown, ...args: unknown[]) {
  const transaction = begin.apply(this, args);
  open.add(transaction);
  for (const end of ['complete', 'abort', 'error']) transaction.addEventListener(end, () => open.delete(transaction));
  return transaction as never;
};

let acknowledgedInAll = 0;
let unseen = 0;

interface Acknowledged {
  key: string;
  revision: number;
}

/** A client that creates, changes and deletes ConfigMaps and Deployments, a few requests at a time. */
class Writer {
  readonly acknowledged: Acknowledged[] = [];
  readonly #random: Random;
  readonly #connection: Connection;
  readonly #waiting = new Map<number, string>();
  #nextId = 1;

  constructor(host: ClusterHost, random: Random) {
    this.#random = random;
    this.#connection = host.connect((frame) => this.#receive(frame));
  }

  write(): void {
    const name = `w-${this.#random.int(12)}`;
    const deployment = this.#random.int(4) === 0;
    const target = deployment
      ? { group: 'apps', version: 'v1', resource: 'deployments' }
      : { group: '', version: 'v1', resource: 'configmaps' };
    const body = deployment ? deploymentOf(name, this.#random.int(5)) : configMapOf(name, this.#random.hex(8));
    const verbs = ['create', 'create', 'patch', 'patch', 'delete'] as const;
    const verb = verbs[this.#random.int(verbs.length)] ?? 'create';
    const call: ApiCall = {
      ...target,
      verb,
      namespace: 'default',
      ...(verb !== 'create' && { name }),
      ...(verb !== 'delete' && { body }),
      ...(verb === 'patch' && { patchType: 'merge' }),
    };
    const id = this.#nextId++;
    this.#waiting.set(id, `/registry/${target.resource}/default/${name}`);
    this.#connection.receive({ type: 'request', id, request: call });
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'failure') this.#waiting.delete(frame.id);
    if (frame.type !== 'response') return;
    const key = this.#waiting.get(frame.id) ?? '';
    this.#waiting.delete(frame.id);
    const { resourceVersion } = (frame.response.object as KubernetesObject).metadata;
    this.acknowledged.push({ key, revision: Number(resourceVersion) });
  }
}

const configMapOf = (name: string, value: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });
const deploymentOf = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } },
  },
});

function newHost(random: Random): ClusterHost {
  return new ClusterHost({
    now: () => performance.now(),
    soon: (run) => void setImmediate(run),
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    openStore: () => JournalStore.open('crashtest'),
    loadExtras: () => Promise.resolve(installExtras()),
    estimate: () => Promise.resolve({}),
    snapshotEvery: 20 + random.int(200),
  });
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** One run; the result is what is wrong, or undefined. */
async function run(seed: number): Promise<string | undefined> {
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  const random = new Random(`crashtest ${seed}`);
  const host = newHost(random);
  await host.start();
  const writer = new Writer(host, random);
  const turns = random.int(60) + 1;
  for (let at = 0; at < turns; at++) {
    for (let writes = random.int(4); writes > 0; writes--) writer.write();
    for (let steps = random.int(40); steps > 0; steps--) host.cluster.sim.step();
    for (let waits = random.int(3); waits > 0; waits--) await turn();
  }
  host.kill();
  const acknowledged = [...writer.acknowledged];
  if (random.int(2) === 0) for (const transaction of open) abort(transaction);
  for (let waits = 0; waits < 20 || open.size > 0; waits++) await turn();
  return compare(host.cluster.etcd, acknowledged);
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // it has finished in the meantime
  }
}

/** Loads what is on disk and compares it with the store as it was in memory. */
async function compare(before: Etcd<KubernetesObject>, acknowledged: readonly Acknowledged[]): Promise<string | undefined> {
  const store = await JournalStore.open('crashtest');
  const saved = await store.load();
  if (saved === undefined) return 'nothing was saved';
  const after = new Etcd<KubernetesObject>();
  restoreStore(after, saved);
  store.close();
  const { revision } = after;
  const lost = acknowledged.find((write) => write.revision > revision);
  if (lost !== undefined) return `${lost.key} was acknowledged at revision ${lost.revision}, but only ${revision} came back`;
  acknowledgedInAll += acknowledged.length;
  unseen += before.revision - revision;
  const everything = { key: '/registry/', end: '/registry0' };
  const expected = before.range({ ...everything, revision }).kvs;
  const found = after.range(everything).kvs;
  if (expected.length !== found.length) return `${expected.length} keys at revision ${revision}, ${found.length} came back`;
  const wrong = expected.find((kv, index) => !deepEqual(kv, found[index]));
  return wrong === undefined ? undefined : `${wrong.key} differs at revision ${revision}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
  let failed = 0;
  const runs = Number(values.runs);
  for (let seed = Number(values.seed); seed < Number(values.seed) + runs; seed++) {
    // A rejected transaction of a killed host is part of the test.
    const wrong = await run(seed);
    if (wrong === undefined) continue;
    failed++;
    process.stdout.write(`seed ${seed}: ${wrong}\n`);
  }
  process.stdout.write(`${acknowledgedInAll} writes were acknowledged, ${unseen} revisions were lost unacknowledged\n`);
  process.stdout.write(`${runs - failed} passed, ${failed} failed\n`);
  process.exit(failed === 0 ? 0 : 1);
}

process.on('unhandledRejection', (error) => {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  throw error;
});
await main();
