/**
 * Follows packets on their walk and writes down each step as the status of a PacketTrace has it: devices, hooks with
 * their rules, routes, neighbours, tunnels, sockets, and where a packet ended.
 */
import type { PacketTraceHop, PacketTraceRule, TracedPacket } from '../../api/kubarium/packet-trace.ts';
import type { Link } from '../../linux/net/link.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { Packet } from '../../linux/net/packet.ts';
import type { DropReason, WalkEvent, WalkRecorder } from '../../linux/net/walk-recorder.ts';
import { HookLog, type IpvsHop } from './hook-log.ts';
import { endText, samePacket, tracedPacket, waysText } from './packets.ts';
import { bridgeText, dropText, hookText, neighbourText, routeText, sendText } from './sentences.ts';

/** The machine and the place of a namespace: "node-1", "pod default/web-1". */
export type PlaceOf = (netns: NetworkNamespace) => { node: string; place: string };

/** Where a packet ended before it was delivered. */
export interface DropPoint {
  readonly reason: DropReason;
  readonly netns: NetworkNamespace;
  /** The device that lost it. */
  readonly link: Link | undefined;
  readonly packet: TracedPacket;
  /** The rule that ended it, if one did. */
  readonly rule: PacketTraceRule | undefined;
  readonly reply: boolean;
}

/** A packet as it came to the IP layer of a namespace. */
export interface Arrival {
  readonly netns: NetworkNamespace;
  /** undefined: from a socket. */
  readonly input: Link | undefined;
  readonly packet: Packet;
}

interface PendingHook {
  readonly hook: NonNullable<PacketTraceHop['hook']>;
  readonly netns: NetworkNamespace;
  readonly device: string | undefined;
  readonly packet: Packet;
  readonly before: TracedPacket;
  ipvs: (IpvsHop & { readonly packet: TracedPacket }) | undefined;
}

const ENDING = new Set(['DROP', 'REJECT', 'drop', 'reject', 'policy DROP']);
const NO_PACKET: TracedPacket = { protocol: '', source: '', destination: '', ttl: 0, length: 0 };

/** Writes down the steps of one connection, and of those that proxies make for it. */
export class StepRecorder implements WalkRecorder {
  readonly netfilter = new HookLog();
  readonly hops: PacketTraceHop[] = [];
  /** Where packets of the first connection ended, in order. */
  drops: DropPoint[] = [];
  /** How often a packet was sent again because the one before was lost. */
  retries = 0;
  /** Where the destination of the first connection was translated; undefined: nowhere. */
  translatedAt: Arrival | undefined;
  /** Where it first met a machine's own namespace. */
  firstHost: Arrival | undefined;
  /** Whose sockets took the connections, in order. */
  readonly servers: { readonly netns: NetworkNamespace; readonly end: string }[] = [];
  /** Where a packet arrived that no socket wanted. */
  refusedBy: NetworkNamespace | undefined;
  readonly #placeOf: PlaceOf;
  #connection = -1;
  #flow = '';
  #reply = false;
  #live: Packet | undefined;
  #pending: PendingHook | undefined;
  #arrival: Arrival | undefined;
  #delivered: { readonly netns: NetworkNamespace; readonly packet: TracedPacket } | undefined;
  #connectionStart = 0;

  constructor(placeOf: PlaceOf) {
    this.#placeOf = placeOf;
    this.netfilter.onVirtualServer = (hop) => {
      if (this.#pending !== undefined) this.#pending.ipvs = { ...hop, packet: tracedPacket(this.#pending.packet) };
    };
  }

  /** How many connections there were; a proxy's are later ones. */
  get connections(): number {
    return this.#connection + 1;
  }

  event(event: WalkEvent): void {
    if (event.kind === 'hook') return this.#hook(event);
    this.#closeHook();
    switch (event.kind) {
      case 'send':
        return this.#send(event);
      case 'enter':
        return this.#enter(event);
      case 'route':
        return this.#push({ kind: 'route', message: routeText(event) }, event.netns);
      case 'neighbour':
        return this.#push({ kind: 'neighbour', device: event.link.name, message: neighbourText(event) }, event.link.netns);
      case 'transmit':
        return this.#transmit(event);
      case 'bridge':
        return this.#push({ kind: 'bridge', device: event.bridge.name, message: bridgeText(event) }, event.bridge.netns);
      case 'encapsulate':
      case 'decapsulate': {
        const what = event.kind === 'encapsulate' ? 'wrapped into' : 'taken out of';
        const message = `${what} ${event.outer.protocol} ${waysText(tracedPacket(event.outer))}`;
        const packets = { packet: tracedPacket(event.inner), outer: tracedPacket(event.outer) };
        return this.#push({ kind: event.kind, device: event.link.name, message, ...packets }, event.link.netns);
      }
      case 'leave':
        if (event.end === 'LOCAL') this.#delivered = { netns: event.netns, packet: tracedPacket(event.packet) };
        else if (event.end !== 'SENT') this.#drop(event.reason ?? 'netfilter', event.netns, undefined, event.packet);
        return;
      case 'lost':
        return this.#drop(event.reason, event.link.netns, event.link, event.packet);
    }
  }

  /** The last packet has ended: an answer that was handed up is with its client now. */
  finish(): void {
    this.#closeHook();
    if (this.#reply) this.#arrived(this.#connection === 0 ? 'the answer is with the client' : 'the answer is with the proxy');
    this.#delivered = undefined;
  }

  /** What looked like a gateway that does not answer was the way to the Internet. */
  leftForInternet(netns: NetworkNamespace, ip: string): void {
    const lost = this.hops.findIndex(({ kind, reply }) => kind === 'drop' && reply !== true);
    const end = this.hops[lost - 1]?.kind === 'neighbour' ? lost - 1 : lost;
    const packet = this.hops[lost]?.packet ?? NO_PACKET;
    if (end >= 0) this.hops.length = end;
    this.drops = [];
    this.#reply = false;
    this.#push(
      { kind: 'network', node: '', place: 'network', message: `by the gateway to the Internet, where ${ip} answers`, packet },
      netns,
    );
  }

  /** A step that is not a packet's: a name that was looked up, a proxy's choice. */
  note(hop: Pick<PacketTraceHop, 'kind' | 'message'> & Partial<PacketTraceHop>, netns: NetworkNamespace): void {
    this.#push(hop, netns);
  }

  #push(hop: Pick<PacketTraceHop, 'kind' | 'message'> & Partial<PacketTraceHop>, netns: NetworkNamespace): void {
    const live = this.#live;
    const shown = live === undefined ? { packet: NO_PACKET } : picture(live);
    const { kind, message, ...rest } = hop;
    const which = { connection: Math.max(0, this.#connection), ...(this.#reply && { reply: true }) };
    this.hops.push({ kind, ...which, ...this.#placeOf(netns), message, ...shown, ...rest });
  }

  #send({ netns, packet, role }: WalkEvent & { kind: 'send' }): void {
    if (role !== 'request') this.#socket(role === 'error');
    else this.#begin(netns, packet);
    this.#reply = role !== 'request';
    this.#delivered = undefined;
    this.#live = packet;
    this.#push({ kind: 'send', message: sendText(packet, role) }, netns);
  }

  /** A new connection, or another try of the one that is under way. */
  #begin(netns: NetworkNamespace, packet: Packet): void {
    const flow = `${netns.name} ${packet.toString()}`;
    if (flow === this.#flow) {
      this.retries++;
      this.hops.length = this.#connectionStart;
      if (this.#connection === 0) this.drops = [];
      return;
    }
    this.#flow = flow;
    if (this.#connection >= 0) {
      this.finish();
      this.#reply = false;
      this.#live = packet;
      const message = `a proxy connects to ${tracedPacket(packet).destination}:${packet.destinationPort}`;
      this.#connection++;
      this.#push({ kind: 'proxy', message }, netns);
    } else this.#connection++;
    this.#connectionStart = this.hops.length;
  }

  /** The request was delivered: whose socket took it, or that there was none. */
  #socket(refused: boolean): void {
    const { netns, packet } = this.#delivered ?? {};
    if (netns === undefined || packet === undefined) return;
    const port = packet.destinationPort ?? 0;
    if (refused) this.refusedBy = netns;
    if (refused) return this.#arrived(`nothing listens on ${packet.protocol} port ${port}`);
    this.servers.push({ netns, end: endText(packet.destination, packet.destinationPort) });
    if (packet.protocol === 'ICMP') return this.#arrived('the kernel answers echo requests itself');
    const listener = this.#live && netns.listener(this.#live.destination, port, packet.protocol === 'UDP' ? 'UDP' : 'TCP');
    const [first = '', second] = listener?.process.argv ?? [];
    // Such a script ends in `exec "$@"`: the program it was given is what listens.
    const program = first.endsWith('docker-entrypoint.sh') && second !== undefined ? second : first;
    this.#arrived(`${program} listens on ${packet.protocol} port ${port}`);
  }

  #arrived(message: string): void {
    if (this.#delivered === undefined) return;
    const { netns, packet } = this.#delivered;
    this.#push({ kind: 'socket', message, packet }, netns);
  }

  #enter({ netns, input, packet, outer }: WalkEvent & { kind: 'enter' }): void {
    this.#live = packet;
    if (this.#connection === 0 && !this.#reply && !outer) {
      this.#arrival = { netns, input, packet: packet.clone() };
      if (netns === netns.machine.netns) this.firstHost ??= this.#arrival;
    }
    if (input === undefined) return;
    const { physIn } = packet;
    const message = physIn === undefined ? 'arrives' : `arrives by its port ${physIn.name}`;
    this.#push({ kind: 'device', device: input.name, message }, netns);
  }

  #transmit({ link, packet }: WalkEvent & { kind: 'transmit' }): void {
    this.#live = packet;
    this.#push({ kind: 'device', device: link.name, message: 'leaves' }, link.netns);
    if (link.kind !== 'eth') return;
    this.#push({ kind: 'network', node: '', place: 'network', message: 'crosses the network between the machines' }, link.netns);
  }

  #hook({ phase, hook, netns, input, output, packet }: WalkEvent & { kind: 'hook' }): void {
    if (phase === 'after') return this.#closeHook();
    this.#closeHook();
    this.#live = packet;
    const device = (hook === 'OUTPUT' || hook === 'POSTROUTING' ? output : input)?.name;
    this.#pending = { hook, netns, device, packet, before: tracedPacket(packet), ipvs: undefined };
  }

  #closeHook(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { hook, netns, device, packet, before, ipvs } = pending;
    const now = tracedPacket(packet);
    const after = ipvs?.packet ?? now;
    const told = this.netfilter.take();
    const changed = !samePacket(before, after);
    const where = { hook, ...(device !== undefined && { device }) };
    if (changed || isTelling(told)) {
      const message = hookText(before, after, told);
      this.#push({ kind: 'hook', ...where, message, ...bothPictures(packet, before, changed ? after : undefined), ...told }, netns);
    }
    if (ipvs !== undefined) {
      const { packet: seen, ...rest } = ipvs;
      this.#push({ kind: 'ipvs', ...where, ...rest, packet: seen, ...(!samePacket(seen, now) && { after: now }) }, netns);
    }
    const isNew = now.destination !== before.destination || now.destinationPort !== before.destinationPort;
    if (isNew && this.#connection === 0 && !this.#reply) this.translatedAt ??= this.#arrival;
  }

  #drop(reason: DropReason, netns: NetworkNamespace, link: Link | undefined, packet: Packet): void {
    const rules = this.hops.at(-1)?.kind === 'hook' ? this.hops.at(-1)?.rules : this.hops.at(-2)?.rules;
    const byRule = reason === 'netfilter' || reason === 'rejected';
    const rule = byRule ? rules?.findLast(({ matched, target }) => matched && ENDING.has(target ?? '')) : undefined;
    this.#live = packet;
    this.#delivered = undefined;
    const device = link === undefined ? {} : { device: link.name };
    this.#push({ kind: 'drop', ...device, message: dropText(reason, rule) }, netns);
    if (this.#connection <= 0) this.drops.push({ reason, netns, link, packet: tracedPacket(packet), rule, reply: this.#reply });
  }
}

/** Policies alone, without a rule before them, tell nothing. */
const isTelling = ({ comparisons = 0, lookups = 0, conntrack }: Partial<PacketTraceHop>): boolean =>
  comparisons + lookups > 0 || conntrack !== undefined;

/** A packet, or what is inside of a tunnel's packet. */
function picture(packet: Packet): Pick<PacketTraceHop, 'packet' | 'outer'> {
  const { inner } = packet;
  return inner === undefined ? { packet: tracedPacket(packet) } : { packet: tracedPacket(inner), outer: tracedPacket(packet) };
}

/** At a hook that sees a tunnel's packet the change is that of the packet around. */
function bothPictures(
  { inner }: Packet,
  before: TracedPacket,
  after: TracedPacket | undefined,
): Pick<PacketTraceHop, 'packet' | 'after' | 'outer'> {
  if (inner !== undefined) return { packet: tracedPacket(inner), outer: before };
  return { packet: before, ...(after && { after }) };
}
