/** Sends the requests of one TrafficGenerator, and counts what came of them. */
import { parseTime } from '../../apimachinery/durations.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { PacketTraceEnd } from '../../api/kubarium/packet-trace.ts';
import type { TrafficGenerator, TrafficGeneratorSpec } from '../../api/kubarium/traffic-generator.ts';
import { formatIpv4, type Ipv4 } from '../../linux/net/ipv4.ts';
import { lookup } from '../../linux/net/resolve.ts';
import { exchangeNow } from '../../linux/runner.ts';
import type { HttpRequest } from '../../linux/net/socket.ts';
import { CannotSend, receiverOf, type Receiver, senderOf, type Sender } from '../packet-traces/ends.ts';
import type { TraceWorld } from '../packet-traces/world.ts';

/** What a client waits for an answer, ms. */
const TIMEOUT_MS = 10_000;
/** End points that are told apart; the oldest are forgotten. */
const MOST_BACKENDS = 256;
const USER_AGENT = { name: 'User-Agent', value: 'kubarium-traffic' };

interface Source {
  readonly end: PacketTraceEnd;
  readonly sender: Sender;
}

/** Counts since the generator was made. */
export class RequestSender {
  sent: number;
  answered: number;
  readonly byBackend: Map<string, number>;
  readonly byResult: Map<string, number>;
  lastError: string | undefined;
  /** Virtual ms. */
  lastErrorAt: number;
  /** Who sent the last request, by name. */
  lastSource: PacketTraceEnd | undefined;
  readonly #world: TraceWorld;
  readonly #namespace: string;
  /** Texts of end points, so that none is made for each request. */
  readonly #names = new Map<number, string>();
  #spec: TrafficGeneratorSpec;
  #sources: readonly Source[] = [];
  #receiver: Receiver | undefined;
  #message: HttpRequest | undefined;
  #turn = 0;
  #problem = '';

  constructor({ metadata, spec, status = {} }: TrafficGenerator, world: TraceWorld) {
    this.#world = world;
    this.#namespace = metadata.namespace ?? '';
    this.#spec = spec;
    this.sent = status.sent ?? 0;
    this.answered = status.answered ?? 0;
    this.byBackend = new Map(Object.entries(status.byBackend ?? {}));
    this.byResult = new Map(Object.entries(status.byResult ?? {}));
    this.lastError = status.lastError;
    this.lastErrorAt = status.lastErrorTime === undefined ? 0 : parseTime(status.lastErrorTime);
  }

  configure({ spec }: TrafficGenerator): void {
    this.#spec = spec;
    this.refresh();
  }

  /** Looks again who sends and who receives. */
  refresh(): void {
    const { from, to, port, path = '/', httpHost } = this.#spec;
    try {
      this.#sources = this.#ends().map((end) => ({ end, sender: senderOf(end, this.#namespace, this.#world) }));
      const external = from.external === true;
      this.#receiver = receiverOf({ from: { external }, to, ...(port !== undefined && { port }) }, this.#namespace, this.#world);
      this.#problem = this.#sources.length === 0 ? 'there is no running pod that could send' : '';
    } catch (error) {
      if (!(error instanceof CannotSend)) throw error;
      this.#problem = error.message;
      this.#receiver = undefined;
    }
    const host = httpHost ?? this.#receiver?.host ?? formatIpv4(this.#receiver?.ip ?? 0);
    this.#message = { kind: 'http', method: 'GET', path, host, headers: [USER_AGENT], body: '', tls: false };
  }

  #ends(): PacketTraceEnd[] {
    const { selector, ...end } = this.#spec.from;
    if (selector === undefined) return [end];
    const { client } = this.#world.surroundings;
    const pods = client.list(PodResource, this.#namespace, { labelSelector: selector }).items;
    return pods.filter(({ status }) => status?.phase === 'Running').map(({ metadata }) => ({ pod: metadata.name }));
  }

  /** Sends so many requests now, from one source after the other. */
  send(requests: number): void {
    const { length } = this.#sources;
    for (let number = 0; number < requests; number++) {
      this.sent++;
      const source = this.#sources[this.#turn++ % (length || 1)];
      if (source === undefined || this.#receiver === undefined) this.#fail(this.#problem);
      else {
        this.lastSource = source.end;
        this.#sendOne(source.sender, this.#receiver);
      }
    }
  }

  #sendOne(sender: Sender, { ip, host, port }: Receiver): void {
    const address = host === undefined ? ip : this.#resolve(sender, host);
    if (address === undefined) return this.#fail(`could not resolve host: ${host ?? ''}`);
    const message = this.#message as HttpRequest;
    const { outcome, connection } = exchangeNow(sender.netns, { ip: address, port, protocol: 'TCP', timeoutMs: TIMEOUT_MS }, message);
    if (connection.state === 'connected') {
      const { source, sourcePort } = connection.connection.reply;
      this.#countBackend(source, sourcePort);
    }
    if (outcome.state !== 'answered') return this.#fail(outcome.state);
    this.answered++;
    this.#count(outcome.reply.kind === 'http' ? String(outcome.reply.status) : 'answered');
  }

  #resolve({ looker }: Sender, host: string): Ipv4 | undefined {
    const outcome = lookup(looker, host);
    return 'error' in outcome ? undefined : outcome.addresses[0];
  }

  #countBackend(ip: Ipv4, port: number): void {
    const key = ip * 65_536 + port;
    let name = this.#names.get(key);
    if (name === undefined) this.#names.set(key, (name = `${formatIpv4(ip)}:${port}`));
    this.byBackend.set(name, (this.byBackend.get(name) ?? 0) + 1);
    if (this.byBackend.size <= MOST_BACKENDS) return;
    const [oldest] = this.byBackend.keys();
    if (oldest !== undefined) this.byBackend.delete(oldest);
  }

  #count(result: string): void {
    this.byResult.set(result, (this.byResult.get(result) ?? 0) + 1);
  }

  #fail(why: string): void {
    this.#count(why);
    this.lastError = why;
    this.lastErrorAt = this.#world.surroundings.scope.now;
  }
}
