/**
 * Carries out TrafficGenerators: every tenth of a second each sends its share of requests, which travel through the
 * cluster's network to real sockets and are answered there; the servers' CPU use follows. Counts go into the status once
 * a second, and samples become PacketTraces.
 */
// Differs: requests of one tick all travel at its moment, and an answer's delay does not hold up the next request.
import { formatTime } from '../../apimachinery/durations.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { TrafficGeneratorResource } from '../../api/kubarium/traffic-generator.ts';
import type { TrafficGenerator, TrafficGeneratorStatus } from '../../api/kubarium/traffic-generator.ts';
import type { Client, Sent } from '../../client/client.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { userWorld } from '../late-parts.ts';
import type { TraceWorld } from '../packet-traces/world.ts';
import type { RequestSender } from './request-sender.ts';

const TICK_MS = 100;
const TICKS_A_SECOND = 1000 / TICK_MS;
const SAMPLES_KEPT = 10;

/** Watches TrafficGenerators. */
export class TrafficController {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #world: TraceWorld;
  readonly #informers: InformerFactory;
  readonly #running = new Map<string, Generator>();

  constructor(scope: TaskScope, client: Client, world: TraceWorld) {
    this.#scope = scope;
    this.#client = client;
    this.#world = world;
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(TrafficGeneratorResource).addHandler({
      add: (generator) => this.#begin(generator),
      update: (generator) => this.#change(generator),
      delete: ({ metadata }) => this.#end(metadata.uid),
    });
  }

  start(): void {
    this.#informers.start();
  }

  #begin(generator: TrafficGenerator): void {
    const { uid, name, namespace = '' } = generator.metadata;
    const scope = this.#scope.child();
    const running = new Generator(generator, scope, this.#client, this.#world);
    this.#running.set(uid, running);
    scope.every(TICK_MS, 'send', `trafficgenerators/${namespace}/${name}`, () => running.tick());
  }

  #change(generator: TrafficGenerator): void {
    const running = this.#running.get(generator.metadata.uid);
    if (running === undefined) this.#begin(generator);
    else running.configure(generator);
  }

  #end(uid: string): void {
    this.#running.get(uid)?.scope.kill();
    this.#running.delete(uid);
  }
}

/** One generator at work. */
class Generator {
  readonly scope: TaskScope;
  readonly #client: Client;
  readonly #sender: RequestSender;
  #generator: TrafficGenerator;
  #ticks = 0;
  /** The part of a request that the rate has left over. */
  #owed = 0;
  #untilSample = 0;
  #written: number;
  #traces: readonly string[];

  constructor(generator: TrafficGenerator, scope: TaskScope, client: Client, world: TraceWorld) {
    this.scope = scope;
    this.#client = client;
    this.#generator = generator;
    this.#sender = new (userWorld.get().RequestSender)(generator, world);
    this.#written = this.#sender.sent;
    this.#traces = generator.status?.traces ?? [];
    this.#untilSample = generator.spec.sample ?? 0;
  }

  configure(generator: TrafficGenerator): void {
    if (generator.spec === this.#generator.spec) return;
    this.#generator = generator;
    this.#sender.configure(generator);
  }

  tick(): void {
    const { paused = false, rate = 1 } = this.#generator.spec;
    const wholeSecond = this.#ticks++ % TICKS_A_SECOND === 0;
    if (!paused) {
      if (wholeSecond) this.#sender.refresh();
      this.#owed += rate / TICKS_A_SECOND;
      const requests = Math.floor(this.#owed);
      this.#owed -= requests;
      this.#sender.send(requests);
      this.#untilSample -= requests;
    }
    if (!wholeSecond || this.#sender.sent === this.#written) return;
    this.#sample();
    this.#write();
  }

  /** The next request travels with a recorder. */
  #sample(): void {
    const { metadata, spec } = this.#generator;
    const { sample = 0 } = spec;
    const from = this.#sender.lastSource;
    if (sample <= 0 || this.#untilSample > 0 || from === undefined) return;
    this.#untilSample = sample;
    const { namespace, uid } = metadata;
    const name = `${metadata.name}-${this.#sender.sent}`;
    const owner = { apiVersion: 'kubarium.dev/v1alpha1', kind: 'TrafficGenerator', name: metadata.name, uid };
    const http = spec.path === undefined && spec.httpHost === undefined ? undefined : { path: spec.path, host: spec.httpHost };
    const trace = {
      metadata: { name, namespace, labels: { 'kubarium.dev/traffic': metadata.name }, ownerReferences: [owner] },
      spec: { from, to: spec.to, port: spec.port, http },
    } as Sent<PacketTrace>;
    this.#try(() => this.#client.create(PacketTraceResource, trace));
    this.#traces = [...this.#traces, name];
    for (const old of this.#traces.slice(0, -SAMPLES_KEPT))
      this.#try(() => this.#client.delete(PacketTraceResource, { namespace, name: old }));
    this.#traces = this.#traces.slice(-SAMPLES_KEPT);
  }

  #write(): void {
    this.#written = this.#sender.sent;
    const { sent, answered, byBackend, byResult, lastError, lastErrorAt } = this.#sender;
    const status: TrafficGeneratorStatus = {
      sent,
      answered,
      failed: sent - answered,
      byBackend: Object.fromEntries(byBackend),
      byResult: Object.fromEntries(byResult),
      ...(lastError !== undefined && { lastError, lastErrorTime: formatTime(lastErrorAt) }),
      ...(this.#traces.length > 0 && { traces: [...this.#traces] }),
    };
    const { metadata } = this.#generator;
    // Replaced as a whole: a merge would keep end points that are forgotten.
    this.#try(() =>
      this.#client.patch(TrafficGeneratorResource, metadata, 'json', [{ op: 'add', path: '/status', value: status }], {
        subresource: 'status',
      }),
    );
  }

  /** The apiserver may be down: the next second's counts come to the same. */
  #try(request: () => unknown): void {
    try {
      request();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
