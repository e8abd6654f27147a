/**
 * Watches the packets of one connection attempt, and writes down what a flow plan needs: where chance and tables of
 * connections decided, and all that was left behind. Says when the attempt depends on more than a plan knows.
 */
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { ConntrackEntry, ConntrackState, Tuple } from '../conntrack/entry.ts';
import { flagsOf } from '../conntrack/packed-entries.ts';
import { UDP_STREAM_AFTER, UDP_STREAM_TIMEOUT } from '../conntrack/timeouts.ts';
import { addressKey } from '../conntrack/tuple-table.ts';
import type { Chain } from '../netfilter/chain.ts';
import type { Netfilter } from '../netfilter/netfilter.ts';
import type { NetfilterRecorder, TableName } from '../netfilter/recorder.ts';
import type { ConnectOutcome } from './connect.ts';
import type { Random } from '../../sim/random.ts';
import { isPlannableRule, isPlannableTarget, type Meeting } from './flow-plan-rules.ts';
import type { Change, Finding, Leaf, Step, Sums, TupleTemplate } from './flow-plan.ts';
import { networkGeneration } from './generation.ts';
import type { BridgeFdbEntry, Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { type Packet, PROTOCOL_NUMBERS } from './packet.ts';
import type { WalkEvent, WalkRecorder } from './walk-recorder.ts';

/** A connection that the attempt began or met. */
interface Met {
  readonly conntrack: Conntrack;
  readonly entry: ConntrackEntry;
  readonly slot: number;
  readonly original: TupleTemplate;
  readonly isNew: boolean;
  freeSlot: number;
  reply: TupleTemplate | undefined;
}

/** A namespace's sums before the attempt. */
interface Before {
  readonly netfilter: Netfilter;
  readonly cost: Netfilter['cost'];
  readonly stats: Conntrack['stats'];
  /** The machine's stream of chance, how far it was, and how many steps had been taken. */
  readonly random: Random;
  readonly drawn: number;
  readonly steps: number;
}

/** A rule that matched, or a policy: packets and bytes in all. */
interface Count {
  readonly chain: Chain;
  readonly position: number;
  packets: number;
  bytes: number;
}

/** A step that was taken, and by which branch. */
export interface Taken {
  readonly step: Exclude<Step, Leaf>;
  /** Not the `next` one: no match; or what was found. */
  readonly unmatched?: boolean;
  readonly finding?: Finding;
}

/** Whether a plan can have the attempt: not this one, or none to the same destination. */
export type Fitness = 'fit' | 'not this time' | 'never';

/** Follows one attempt. */
export class FlowRecorder implements WalkRecorder {
  readonly netfilter: NetfilterRecorder;
  readonly taken: Taken[] = [];
  fitness: Fitness = 'fit';
  readonly #now: number;
  /** Values of the variables: the client's port, then ports of tunnels. */
  readonly #variables: number[];
  readonly #constants = new Set<number>();
  readonly #before = new Map<NetworkNamespace, Before>();
  readonly #met = new Map<ConntrackEntry, Met>();
  readonly #inserted: Met[] = [];
  readonly #counts = new Map<string, Count>();
  readonly #used = new Set<BridgeFdbEntry>();
  readonly #learned = new Map<Link, Set<number>>();
  #slots = 0;
  #here: Before | undefined;
  #meeting: Meeting | undefined;
  #bridge: Link | undefined;

  constructor(now: number, sourcePort: number, destinationPort: number) {
    this.#now = now;
    this.#variables = [sourcePort];
    this.#constant(destinationPort);
    this.netfilter = {
      ruleCompared: (_table, _chain, _number, rule) => {
        if (this.#meeting === undefined || !isPlannableRule(rule, this.#meeting)) this.#never();
      },
      targetTaken: (table, chain, number, rule, _action, packet) => {
        if (rule !== undefined && !isPlannableTarget(rule.target)) this.#never();
        this.#count(table, chain, number, packet.length);
      },
      conntrackFound: (state, entry, packet) => this.#found(state, entry, packet),
      conntrackConfirmed: (entry, confirmed) => this.#confirmed(entry, confirmed),
      natBound: (kind, entry) => {
        if (kind === 'source') this.#notNow();
        else this.#constant(entry.reply.sourcePort);
      },
      chanceTaken: (random, threshold, inverted, matched) => {
        const step = { kind: 'draw', random, threshold, inverted } as const;
        this.taken.push(matched ? { step } : { step, unmatched: true });
      },
      virtualServerLookedUp: () => this.#never(),
      nftRuleCompared: () => this.#never(),
    };
  }

  #never(): void {
    this.fitness = 'never';
  }

  #notNow(): void {
    if (this.fitness === 'fit') this.fitness = 'not this time';
  }

  /** A port that is always the same; it must not look like a variable's. */
  #constant(port: number): void {
    if (this.#variables.includes(port)) this.#notNow();
    this.#constants.add(port);
  }

  #template({ protocol, source, sourcePort, destination, destinationPort }: Tuple): TupleTemplate {
    const sourceVariable = this.#variables.indexOf(sourcePort);
    const destinationVariable = this.#variables.indexOf(destinationPort);
    if (sourceVariable < 0) this.#constants.add(sourcePort);
    if (destinationVariable < 0) this.#constants.add(destinationPort);
    const ends = { protocol, number: PROTOCOL_NUMBERS[protocol], source, destination, from: source | 0, to: destination | 0 };
    const addresses = addressKey(PROTOCOL_NUMBERS[protocol], source, destination);
    return { ...ends, addresses, sourcePort, sourceVariable, destinationPort, destinationVariable };
  }

  event(event: WalkEvent): void {
    switch (event.kind) {
      case 'hook':
        if (event.phase === 'before') this.#enter(event.netns, event.packet);
        return;
      case 'neighbour':
        if (event.asked || event.mac === undefined) this.#notNow();
        return;
      case 'bridge':
        this.#bridge = event.bridge;
        if (event.flooded) this.#notNow();
        return;
      case 'transmit':
        return this.#transmit(event);
      case 'encapsulate':
        return this.#wrap(event);
      case 'decapsulate':
        if (event.link.master !== undefined) this.#never();
        return;
      case 'lost':
        return this.#notNow();
      default:
    }
  }

  #enter(netns: NetworkNamespace, packet: Packet): void {
    this.#here = this.#before.get(netns);
    const { netfilter } = netns;
    if (netfilter === undefined) return;
    const isVariable = (port: number) => this.#variables.includes(port);
    this.#meeting = {
      packet,
      isVariable,
      get sets() {
        return netfilter.sets;
      },
    };
    if (this.#here !== undefined) return;
    if (!netfilter.isPure) this.#never();
    const { random } = netns.machine;
    const { cost, conntrack } = netfilter;
    const steps = this.taken.length;
    this.#here = { netfilter, cost: { ...cost }, stats: { ...conntrack.stats }, random, drawn: random.drawn, steps };
    this.#before.set(netns, this.#here);
  }

  #count(table: TableName, name: string, number: number, bytes: number): void {
    const chain = this.#here?.netfilter.table(table)?.chains.get(name);
    if (chain === undefined) return this.#never();
    const position = number === 0 ? chain.rules.length : number - 1;
    const key = `${[...this.#before.values()].indexOf(this.#here as Before)} ${table} ${name} ${position}`;
    const count = this.#counts.get(key) ?? { chain, position, packets: 0, bytes: 0 };
    count.packets++;
    count.bytes += bytes;
    this.#counts.set(key, count);
  }

  /** Which bridge learns from the frame that arrives at the other end, and by what the frame left a bridge. */
  #transmit({ link, sourceMac, destinationMac }: WalkEvent & { kind: 'transmit' }): void {
    if ((link.details.loss ?? 0) > 0 || link.kind === 'tun') this.#never();
    if (this.#bridge !== undefined) {
      const entry = this.#bridge.details.fdb?.get(destinationMac);
      if (entry?.port === link) this.#used.add(entry);
      else this.#notNow();
      this.#bridge = undefined;
    }
    const port = link.kind === 'eth' ? link.fabric?.holderOf(link, destinationMac) : link.peer;
    const bridge = port?.master;
    if (bridge === undefined) return;
    const macs = this.#learned.get(bridge) ?? new Set();
    this.#learned.set(bridge, macs.add(sourceMac));
  }

  #wrap({ link, inner, outer }: WalkEvent & { kind: 'encapsulate' }): void {
    if (link.kind !== 'vxlan') {
      if (link.kind !== 'ipip') this.#never();
      return;
    }
    this.#constant(outer.destinationPort);
    const step = { kind: 'wrap', tuple: this.#template(inner), variable: this.#variables.length } as const;
    if (this.#constants.has(outer.sourcePort) || this.#variables.includes(outer.sourcePort)) this.#notNow();
    this.taken.push({ step });
    this.#variables.push(outer.sourcePort);
  }

  #found(state: ConntrackState, entry: ConntrackEntry | undefined, packet: Packet): void {
    if (entry === undefined || (state !== 'NEW' && state !== 'ESTABLISHED') || entry.master !== undefined) return this.#notNow();
    if (this.#met.has(entry) || this.#here === undefined) return;
    const { conntrack } = this.#here.netfilter;
    const own = this.#template(packet.direction === 'reply' ? entry.reply : entry.original);
    const slot = this.#slots++;
    const step = { kind: 'track', conntrack, tuple: own, slot } as const;
    const met = { conntrack, entry, slot, original: own, freeSlot: -1, reply: undefined };
    if (!entry.confirmed) {
      this.#met.set(entry, { ...met, isNew: true });
      this.taken.push({ step });
      return;
    }
    this.#met.set(entry, { ...met, isNew: false });
    const { direction } = packet;
    const isUdp = packet.protocol === 'UDP';
    if (packet.protocol === 'TCP' || entry.sourceNat || (isUdp && direction === 'reply')) return this.#notNow();
    const tuple = direction === 'reply' ? entry.original : entry.reply;
    for (const port of [tuple.sourcePort, tuple.destinationPort]) if (!this.#variables.includes(port)) this.#constant(port);
    const old = this.#now - entry.createdAt > UDP_STREAM_AFTER;
    const seenReply = direction === 'reply' ? undefined : state === 'ESTABLISHED';
    const { destinationNat } = entry;
    this.taken.push({ step, finding: { isReply: direction === 'reply', seenReply, old, destinationNat, other: this.#template(tuple) } });
  }

  #confirmed(entry: ConntrackEntry, confirmed: boolean): void {
    const met = this.#met.get(entry);
    if (met === undefined || !met.isNew || !confirmed || entry.sourceNat) return this.#notNow();
    met.freeSlot = this.#slots++;
    met.reply = this.#template(entry.reply);
    this.taken.push({ step: { kind: 'free', conntrack: met.conntrack, tuple: met.reply, slot: met.freeSlot } });
    // What a table gets between a connection's first look-up and its confirmation would come before it: not so in a plan.
    const later = this.#inserted.some(({ conntrack, slot }) => conntrack === met.conntrack && slot > met.slot);
    const alike = this.#inserted.some((other) => other.conntrack === met.conntrack && mayCollide(other, met));
    if (later || alike) this.#never();
    this.#inserted.push(met);
  }

  /** All that the attempt left behind; undefined when it cannot be had again. */
  leaf(outcome: ConnectOutcome): Leaf | undefined {
    if (outcome.state !== 'connected' || outcome.afterMs !== 0) this.#notNow();
    const changes = this.#changes();
    const sums = this.#sums();
    if (this.fitness !== 'fit' || outcome.state !== 'connected') return undefined;
    const { socket, connection } = outcome;
    const learned: BridgeFdbEntry[] = [];
    for (const [bridge, macs] of this.#learned) {
      for (const mac of macs) {
        const entry = bridge.details.fdb?.get(mac);
        if (entry !== undefined) learned.push(entry);
      }
    }
    return {
      kind: 'leaf',
      tally: { times: 0, generation: networkGeneration() },
      sums,
      changes,
      used: [...this.#used],
      learned,
      at: this.#now,
      socket,
      server: connection.server,
      request: this.#template(connection.request),
      reply: this.#template(connection.reply),
    };
  }

  #changes(): Change[] {
    const changes: Change[] = [];
    // New ones in the order in which they got into the tables, then the others, for which order is nothing.
    for (const met of [...this.#inserted, ...[...this.#met.values()].filter(({ isNew }) => !isNew)]) {
      const { conntrack, slot, entry, isNew, original, reply, freeSlot } = met;
      const { mark, seenReply } = entry;
      const lifeMs = entry.expiresAt - this.#now;
      const assured = lifeMs === UDP_STREAM_TIMEOUT && entry.original.protocol === 'UDP';
      const known = { conntrack, slot, lifeMs, seenReply, assured };
      if (!isNew) {
        changes.push(known);
        continue;
      }
      if (reply === undefined || mark !== 0) this.#never();
      else changes.push({ ...known, fresh: { freeSlot, original, reply, flags: flagsOf(entry) } });
    }
    if (this.#met.size !== changes.length) this.#notNow();
    return changes;
  }

  #sums(): Sums[] {
    const sums: Sums[] = [];
    for (const { netfilter, cost: costBefore, stats: statsBefore, random, drawn, steps } of this.#before.values()) {
      // Whatever else took a number would have to take one in a plan too.
      const known = this.taken.slice(steps).filter(({ step }) => step.kind === 'draw' && step.random === random);
      if (random.drawn - drawn !== known.length) this.#never();
      const { cost, conntrack } = netfilter;
      const { stats } = conntrack;
      const troubles = stats.drop + stats.earlyDrop + stats.invalid;
      if (troubles !== statsBefore.drop + statsBefore.earlyDrop + statsBefore.invalid) this.#notNow();
      sums.push({
        cost,
        conntrack,
        comparisons: cost.comparisons - costBefore.comparisons,
        setLookups: cost.setLookups - costBefore.setLookups,
        conntrackLookups: cost.conntrackLookups - costBefore.conntrackLookups,
        found: stats.found - statsBefore.found,
        inserted: stats.insert - statsBefore.insert,
      });
    }
    return sums;
  }

  /** Lets the chains count for a leaf that is kept. */
  countFor({ tally }: Leaf): void {
    for (const { chain, position, packets, bytes } of this.#counts.values()) chain.follow(tally, position, packets, bytes);
  }

  /** The packet filters that the attempt went through. */
  get netfilters(): Netfilter[] {
    return [...this.#before.values()].map(({ netfilter }) => netfilter);
  }
}

/** Whether a tuple of one could be a tuple of the other for some client's port. */
function mayCollide(a: Met, b: Met): boolean {
  const tuples = (met: Met) => [met.original, met.reply].filter((tuple) => tuple !== undefined);
  return tuples(a).some((one) => tuples(b).some((other) => isAlike(one, other)));
}

function isAlike(a: TupleTemplate, b: TupleTemplate): boolean {
  if (a.protocol !== b.protocol || a.from !== b.from || a.to !== b.to) return false;
  const ports = (variable: number, port: number, otherVariable: number, otherPort: number) =>
    variable >= 0 && otherVariable >= 0
      ? true
      : variable < 0 && otherVariable < 0
        ? port === otherPort
        : isEphemeral(variable < 0 ? port : otherPort);
  return (
    ports(a.sourceVariable, a.sourcePort, b.sourceVariable, b.sourcePort) &&
    ports(a.destinationVariable, a.destinationPort, b.destinationVariable, b.destinationPort)
  );
}

const isEphemeral = (port: number): boolean => port >= 32768 && port <= 60999;
