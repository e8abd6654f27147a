/**
 * Malformed and adversarial requests against the API over HTTP: `node scripts/fuzz.ts --requests 20000 --seed 1`.
 * None may be answered with a 5xx, take longer than a second, or change the store when it is refused. A failure prints the request, which the
 * same seed makes again. Ends with "N passed, N failed".
 */
import { parseArgs } from 'node:util';
import { TARGETS, SUBRESOURCES, NAMES, PATCH_TYPES, QUERIES, ACCEPTS, WHO, BODIES } from './fuzz-data.ts';
import type { Json } from './fuzz-data.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { serve } from '../src/headless/server.ts';
import { Random } from '../src/sim/random.ts';
import { installExtras } from '../src/cluster/extras.ts';

installExtras();

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});
const LIMIT_MS = 1000;
const SHOWN = 20;

interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Makes requests that follow from a seed. */
class Maker {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = new Random(seed);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#random.float() < probability;
  }

  /** Some value where another one is expected. */
  #strange(): Json {
    const values: Json[] = [
      null,
      true,
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      '',
      'x',
      '1Gi',
      '-5',
      '__proto__',
      'x'.repeat(5000),
      [],
      [null],
      [[]],
      [1, 'a'],
      {},
      { a: null },
      { name: 'a' },
      { constructor: { prototype: 1 } },
    ];
    return this.#pick(values);
  }

  /** The value with a few things in it changed, added or taken away. */
  #mutated(value: Json, probability: number): Json {
    if (this.#chance(probability)) return this.#strange();
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#mutated(item, probability));
      return this.#chance(probability) ? [...items, ...items, this.#strange()] : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, child]): [string, Json][] =>
      this.#chance(probability / 2) ? [] : [[key, this.#mutated(child, probability)]],
    );
    if (this.#chance(probability))
      entries.push([
        this.#pick([
          'extra',
          'name',
          'spec',
          'status',
          'resourceVersion',
          'uid',
          'finalizers',
          'ownerReferences',
          'managedFields',
          'generateName',
          'toString',
        ]),
        this.#strange(),
      ]);
    return Object.fromEntries(entries);
  }

  make(): FuzzRequest {
    const [collection, object] = this.#pick(TARGETS);
    const method = this.#chance(0.02)
      ? 'OPTIONS'
      : this.#pick(['GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'DELETE']);
    const onCollection = method === 'POST' ? this.#chance(0.8) : this.#chance(0.15);
    const subresource = onCollection ? '' : this.#pick(SUBRESOURCES);
    const path = onCollection
      ? collection
      : `${collection}/${this.#chance(0.7) ? 'a' : this.#pick(NAMES)}${subresource && `/${subresource}`}`;
    const query = Array.from({ length: this.#random.int(3) }, () => this.#pick(QUERIES)).join('&');
    const patch = method === 'PATCH' ? this.#pick(PATCH_TYPES) : 'json';
    const type = this.#chance(0.95)
      ? `application/${patch}`
      : this.#pick(['text/plain', 'application/yaml', 'application/vnd.kubernetes.protobuf', '']);
    // Deleting all namespaces or nodes would leave little to test.
    const safe = method === 'DELETE' && (onCollection || /namespaces\/(default|kube)|nodes\//.test(path));
    const body =
      method === 'GET'
        ? undefined
        : this.#chance(0.12)
          ? this.#pick(BODIES)
          : JSON.stringify(this.#mutated(object, this.#pick([0, 0.02, 0.1])));
    const headers = { Accept: this.#pick(ACCEPTS), ...(type && { 'Content-Type': type }), ...this.#pick(WHO) };
    return { method: safe ? 'GET' : method, path: path + (query && `?${query}`), headers, body: safe ? undefined : body };
  }
}

/** What is wrong with the answer; undefined when nothing is. */
const statuses = new Map<number, number>();

async function problemOf(base: string, cluster: Cluster, { method, path, headers, body }: FuzzRequest): Promise<string | undefined> {
  const before = cluster.etcd.revision;
  const started = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(base + path, { method, headers, body, signal: AbortSignal.timeout(10 * LIMIT_MS) });
    text = await response.text();
  } catch (error) {
    return `no answer: ${error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)}`;
  }
  const took = performance.now() - started;
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  // 504 with "Too large resource version" is how upstream answers a version from the future.
  // 500 without a reason is how upstream answers a strategic merge patch that contradicts itself.
  const asUpstream = text.includes('Too large resource version') || text.includes('"reason":""');
  if (response.status >= 500 && !asUpstream) return `${response.status} ${text.slice(0, 600)}`;
  if (took > LIMIT_MS) return `took ${took.toFixed(0)} ms`;
  if (response.status >= 400 && cluster.etcd.revision !== before)
    return `refused with ${response.status}, but the store moved from ${before} to ${cluster.etcd.revision}`;
  if (response.status >= 400 && !text.includes('"kind":"Status"')) return `${response.status} without a Status: ${text.slice(0, 200)}`;
  return undefined;
}

const cluster = new Cluster({ seed: values.seed, layout: { workers: 1 } });
cluster.boot(600_000);
const { port, close } = await serve(cluster, 0, () => undefined);
for (const [collection, object] of TARGETS)
  await fetch(`http://127.0.0.1:${port}${collection}`, {
    method: 'POST',
    body: JSON.stringify(object),
    headers: { 'Content-Type': 'application/json' },
  });
const total = Number(values.requests);
const first = Number(values.from);
let failed = 0;
for (let number = first; number < first + total; number++) {
  const request = new Maker(`${values.seed}/${number}`).make();
  const problem = await problemOf(`http://127.0.0.1:${port}`, cluster, request);
  if (problem !== undefined) {
    failed++;
    if (failed <= SHOWN)
      console.log(
        `--seed ${values.seed} --from ${number}: ${request.method} ${request.path} ${JSON.stringify(request.headers)}\n  ${request.body?.slice(0, 500) ?? ''}\n  → ${problem}`,
      );
  }
  // Time goes on: controllers meet what was stored.
  if (number % 200 === 0) {
    try {
      cluster.sim.runUntil(cluster.sim.now + 2000);
    } catch (error) {
      failed++;
      console.log(
        `--seed ${values.seed}, after request ${number}: ${error instanceof Error ? error.message : String(error)}\n${String((error as Error).cause ?? '')}\n${((error as Error).cause as Error | undefined)?.stack ?? ''}`,
      );
      break;
    }
  }
}
close();
console.log(
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', '),
);
console.log(`${total - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
