/**
 * A recorder that keeps what happened to packets as plain data: one visit for each passage through a namespace's IP
 * layer, with the packet at every hook, the rules that matched there, the route, the neighbour, and how it ended.
 */
import type { ConntrackState } from '../conntrack/entry.ts';
import type { Hook, NetfilterRecorder, TableName } from '../netfilter/recorder.ts';
import type { Rule } from '../netfilter/rule.ts';
import { formatIpv4 } from './ipv4.ts';
import { formatMac } from './mac.ts';
import type { Packet, PacketProtocol } from './packet.ts';
import { formatRoute } from './routes.ts';
import type { DropReason, VisitEnd, WalkEvent, WalkRecorder } from './walk-recorder.ts';

/** A packet's headers at one moment. */
export interface PacketView {
  readonly protocol: PacketProtocol;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly mark: number;
  readonly length: number;
  readonly flags: string;
  readonly ctState: ConntrackState | undefined;
}

/** The packet before or after a hook. */
export interface TracePoint {
  readonly hook: Hook;
  readonly phase: 'before' | 'after';
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly physIn: string | undefined;
  readonly physOut: string | undefined;
  readonly packet: PacketView;
}

/** A rule that was compared. `rule` 0: the policy of a built-in chain. `action`: what it did, "" when it did not match. */
export interface TraceStep {
  readonly hook: Hook;
  readonly table: TableName;
  readonly chain: string;
  readonly rule: number;
  readonly matched: boolean;
  action: string;
  /** As iptables-save prints it, without "-A CHAIN". */
  readonly text: string;
}

/** One passage through the IP layer of a namespace. */
export interface Visit {
  readonly node: string;
  readonly netns: string;
  /** The device that the packet came in by; undefined: from a socket of this namespace. */
  readonly input: string | undefined;
  output: string | undefined;
  /** A tunnel's packet, with another one inside. */
  readonly outer: boolean;
  readonly points: TracePoint[];
  readonly steps: TraceStep[];
  /** Rules compared, also those that are not kept. */
  comparisons: number;
  setLookups: number;
  conntrack: string | undefined;
  /** Routing decisions in order: a line of `ip route`, "local", or "none". */
  readonly routes: string[];
  neighbour: { readonly ip: string; readonly mac: string | undefined; readonly asked: boolean } | undefined;
  /** undefined: lost between two IP layers, after the last hook. */
  end: VisitEnd | undefined;
  reason: DropReason | undefined;
}

/** A crossing of a device, and what became of the packet there. */
export interface WireStep {
  readonly kind: 'transmit' | 'bridge' | 'encapsulate' | 'decapsulate' | 'lost';
  readonly node: string;
  readonly netns: string;
  readonly device: string;
  readonly text: string;
}

/** One packet's whole way. */
export interface TracedPacket {
  readonly role: 'request' | 'reply' | 'error';
  readonly node: string;
  readonly netns: string;
  readonly packet: PacketView;
  readonly visits: Visit[];
  readonly wire: WireStep[];
}

/** A picture of the packet as it is now. */
export const viewOf = (packet: Packet): PacketView => ({
  protocol: packet.protocol,
  source: formatIpv4(packet.source),
  sourcePort: packet.sourcePort,
  destination: formatIpv4(packet.destination),
  destinationPort: packet.destinationPort,
  ttl: packet.ttl,
  mark: packet.mark,
  length: packet.length,
  flags: packet.flags,
  ctState: packet.ctState,
});

/** Keeps the ways of all packets that it is told of. `unmatched`: also the rules that were compared in vain. */
export class WalkTrace implements WalkRecorder {
  readonly packets: TracedPacket[] = [];
  readonly netfilter: NetfilterRecorder;
  #visit: Visit | undefined;
  #hook: Hook = 'PREROUTING';

  constructor(options: { unmatched?: boolean } = {}) {
    this.netfilter = {
      ruleCompared: (table, chain, number, rule, matched) => {
        if (this.#visit !== undefined) this.#visit.comparisons++;
        if (matched || options.unmatched) this.#step(table, chain, number, rule, matched);
      },
      targetTaken: (table, chain, number, rule, action) => this.#action(table, chain, number, rule, action),
      setLookedUp: () => {
        if (this.#visit !== undefined) this.#visit.setLookups++;
      },
      conntrackFound: (state) => {
        if (this.#visit !== undefined) this.#visit.conntrack = state;
      },
    };
  }

  event(event: WalkEvent): void {
    switch (event.kind) {
      case 'send': {
        const { netns, packet, role } = event;
        const at = { node: netns.machine.hostname, netns: netns.name };
        this.packets.push({ role, ...at, packet: viewOf(packet), visits: [], wire: [] });
        return;
      }
      case 'enter':
        return this.#enter(event);
      case 'hook':
        return this.#point(event);
      case 'route':
        this.#visit?.routes.push(typeof event.route === 'object' ? formatRoute(event.route) : (event.route ?? 'none'));
        return;
      case 'neighbour':
        if (this.#visit === undefined) return;
        this.#visit.neighbour = {
          ip: formatIpv4(event.ip),
          mac: event.mac === undefined ? undefined : formatMac(event.mac),
          asked: event.asked,
        };
        return;
      case 'leave':
        return this.#leave(event.end, event.output?.name, event.reason);
      default:
        this.#wire(event);
    }
  }

  #enter({ netns, input, outer }: WalkEvent & { kind: 'enter' }): void {
    this.#visit = {
      node: netns.machine.hostname,
      netns: netns.name,
      input: input?.name,
      output: undefined,
      outer,
      points: [],
      steps: [],
      comparisons: 0,
      setLookups: 0,
      conntrack: undefined,
      routes: [],
      neighbour: undefined,
      end: undefined,
      reason: undefined,
    };
    this.packets.at(-1)?.visits.push(this.#visit);
  }

  #point({ phase, hook, input, output, packet }: WalkEvent & { kind: 'hook' }): void {
    this.#hook = hook;
    const { physIn, physOut } = packet;
    const names = { input: input?.name, output: output?.name, physIn: physIn?.name, physOut: physOut?.name };
    this.#visit?.points.push({ hook, phase, ...names, packet: viewOf(packet) });
  }

  #step(table: TableName, chain: string, rule: number, { text }: Rule, matched: boolean): void {
    this.#visit?.steps.push({ hook: this.#hook, table, chain, rule, matched, action: '', text });
  }

  #action(table: TableName, chain: string, number: number, rule: Rule | undefined, action: string): void {
    if (number === 0) {
      this.#visit?.steps.push({ hook: this.#hook, table, chain, rule: 0, matched: true, action, text: rule?.text ?? '' });
      return;
    }
    const step = this.#visit?.steps.findLast(
      (each) => each.matched && each.table === table && each.chain === chain && each.rule === number,
    );
    if (step !== undefined) step.action = action;
  }

  #leave(end: VisitEnd, output: string | undefined, reason: DropReason | undefined): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    visit.end = end;
    visit.output = output;
    visit.reason = reason;
  }

  #wire(event: WalkEvent & { kind: WireStep['kind'] }): void {
    const link = event.kind === 'bridge' ? event.bridge : event.link;
    const at = { node: link.netns.machine.hostname, netns: link.netns.name, device: link.name };
    if (event.kind === 'lost' && this.#visit !== undefined) this.#visit.reason = event.reason;
    this.packets.at(-1)?.wire.push({ kind: event.kind, ...at, text: wireText(event) });
  }
}

function wireText(event: WalkEvent & { kind: WireStep['kind'] }): string {
  switch (event.kind) {
    case 'transmit':
      return `${event.packet.toString()} to ${formatMac(event.destinationMac)}`;
    case 'bridge':
      return `${event.from?.name ?? 'self'} -> ${event.to?.name ?? 'nobody'}${event.flooded ? ' (flooded)' : ''}`;
    case 'encapsulate':
    case 'decapsulate':
      return `${event.outer.toString()} [${event.inner.toString()}]`;
    case 'lost':
      return event.reason;
  }
}
