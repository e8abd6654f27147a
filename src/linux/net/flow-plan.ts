/**
 * What the network does with the packets of a connection attempt, as a tree that was grown by watching attempts
 * (`flow-recorder.ts`): a branch wherever chance or a table of connections decides, and at each leaf all that the
 * attempt leaves behind. Only the client's port differs between attempts of one tree, and what is computed from it.
 * Walking down changes nothing but the stream of chance, which is put back when the way ends before a leaf; so whatever
 * was never seen is left to the packets themselves.
 */
import type { Conntrack } from '../conntrack/conntrack.ts';
import { hasDestinationNat, hasSeenReply, hasSourceNat, isClosed, NONE } from '../conntrack/packed-entries.ts';
import { UDP_STREAM_AFTER } from '../conntrack/timeouts.ts';
import { portPair, tupleKey } from '../conntrack/tuple-table.ts';
import type { Tally } from '../netfilter/chain.ts';
import type { NetfilterCost } from '../netfilter/recorder.ts';
import type { Random } from '../../sim/random.ts';
import { AGEING_MS } from './bridge-fdb.ts';
import type { ConnectOutcome, Flow } from './connect.ts';
import type { Ipv4 } from './ipv4.ts';
import type { BridgeFdbEntry } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { PROTOCOL_NUMBERS, type PacketProtocol } from './packet.ts';
import type { ListeningSocket } from './socket.ts';
import { flowPort } from './tunnels.ts';

/** A tuple in which a port may be a variable's: variable 0 is the client's port. -1: the port is the number given. */
export interface TupleTemplate {
  readonly protocol: PacketProtocol;
  /** The protocol's number. */
  readonly number: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** Both as a table of tuples has them, and what of the hash depends on them. */
  readonly from: number;
  readonly to: number;
  readonly addresses: number;
  readonly sourcePort: number;
  readonly sourceVariable: number;
  readonly destinationPort: number;
  readonly destinationVariable: number;
}

/** A live entry that a packet met: which of those that it may meet leads further this way. */
export interface Finding {
  readonly isReply: boolean;
  /** Whether it had been answered; undefined: it made no difference. */
  readonly seenReply: boolean | undefined;
  /** Whether it was older than UDP_STREAM_AFTER. */
  readonly old: boolean;
  readonly destinationNat: boolean;
  /** The tuple of the other direction. */
  readonly other: TupleTemplate;
}

/** Chance, by a rule's `statistic` match: `next` when it matches, else `other`. */
export interface Draw {
  readonly kind: 'draw';
  readonly random: Random;
  readonly threshold: number;
  readonly inverted: boolean;
}

/** A packet's tuple is looked up: `next` when a connection begins, else the branch of what is found. */
export interface Track {
  readonly kind: 'track';
  readonly conntrack: Conntrack;
  readonly tuple: TupleTemplate;
  readonly slot: number;
}

/** The port of a tunnel's outer packet. */
export interface Wrap {
  readonly kind: 'wrap';
  readonly tuple: TupleTemplate;
  readonly variable: number;
}

/** The tuple of a new connection's answers must be nobody's. */
export interface Free {
  readonly kind: 'free';
  readonly conntrack: Conntrack;
  readonly tuple: TupleTemplate;
  readonly slot: number;
}

/** What one namespace's sums grow by. */
export interface Sums {
  readonly cost: NetfilterCost;
  readonly conntrack: Conntrack;
  readonly comparisons: number;
  readonly setLookups: number;
  readonly conntrackLookups: number;
  readonly found: number;
  readonly inserted: number;
}

/** An entry as the attempt leaves it: a new one (`freeSlot` has its answers' tuple), or one that was found. */
export interface Change {
  readonly conntrack: Conntrack;
  readonly slot: number;
  readonly lifeMs: number;
  /** Of one that was found: what is so from now on. */
  readonly seenReply: boolean;
  readonly assured: boolean;
  /** Of a new one; `flags` as `flagsOf` makes them. */
  readonly fresh?: { readonly freeSlot: number; readonly original: TupleTemplate; readonly reply: TupleTemplate; readonly flags: number };
}

/** All that an attempt leaves behind, and what the client learns. */
export interface Leaf {
  readonly kind: 'leaf';
  /** How often it was taken: chains count by it. */
  readonly tally: Tally;
  readonly sums: readonly Sums[];
  readonly changes: readonly Change[];
  /** Entries of bridges that frames were sent by: they must not have aged; and those that were renewed. */
  readonly used: readonly BridgeFdbEntry[];
  readonly learned: readonly BridgeFdbEntry[];
  /** Virtual ms when it was last taken. */
  at: number;
  readonly socket: ListeningSocket;
  readonly server: NetworkNamespace;
  readonly request: TupleTemplate;
  readonly reply: TupleTemplate;
}

/** What happens next. */
export type Step = Draw | Track | Wrap | Free | Leaf;

/** One place of the tree. */
export class PlanNode {
  readonly step: Step;
  next: PlanNode | undefined = undefined;
  other: PlanNode | undefined = undefined;
  readonly findings: { readonly finding: Finding; node: PlanNode | undefined }[] = [];

  constructor(step: Step) {
    this.step = step;
  }
}

const TCP = PROTOCOL_NUMBERS.TCP;
const MASK31 = 0x7fffffff;
/** Room that a table must have for all that one attempt puts in. */
const ROOM = 16;
const STATE_WORDS = 4;

/** What the way down has found out: there is only ever one way at a time. */
const variables: number[] = [];
const keys: number[] = [];
/** What each slot's look-up found (`Conntrack.findPacked`). */
const found: number[] = [];
const streams: Random[] = [];
const streamStates: number[] = [];
/** Look-ups that found a connection that is over, in whose place a new one comes. */
const replacing: Track[] = [];

const sourcePortOf = (t: TupleTemplate): number => (t.sourceVariable < 0 ? t.sourcePort : (variables[t.sourceVariable] ?? 0));
const destinationPortOf = (t: TupleTemplate): number =>
  t.destinationVariable < 0 ? t.destinationPort : (variables[t.destinationVariable] ?? 0);

/** Goes down the tree with a client's port: the leaf, or undefined when this has not been seen before. */
export function descend(root: PlanNode | undefined, port: number, now: number): Leaf | undefined {
  variables[0] = port;
  streams.length = 0;
  replacing.length = 0;
  let node = root;
  while (node !== undefined) {
    const { step } = node;
    switch (step.kind) {
      case 'draw':
        node = draw(step) ? node.next : node.other;
        break;
      case 'track':
        node = track(node, step, now);
        break;
      case 'wrap': {
        const { tuple } = step;
        variables[step.variable] = flowPort(tuple.source, tuple.destination, sourcePortOf(tuple), destinationPortOf(tuple));
        node = node.next;
        break;
      }
      case 'free':
        node = isFree(step, now) ? node.next : undefined;
        break;
      case 'leaf':
        if (step.at === now || step.used.every(({ seenAt }) => now - seenAt <= AGEING_MS)) return step;
        node = undefined;
    }
  }
  for (let i = 0; i < streams.length; i++) streams[i]?.restore(streamStates, STATE_WORDS * i);
  return undefined;
}

function draw({ random, threshold, inverted }: Draw): boolean {
  if (!streams.includes(random)) {
    random.save(streamStates, STATE_WORDS * streams.length);
    streams.push(random);
  }
  return (random.uint32() & MASK31) < threshold !== inverted;
}

/** The live entry that has a tuple; one that has ended is forgotten, as any packet would have it. */
function lookUp({ conntrack, tuple, slot }: Track | Free, now: number): number {
  const { number, from, to } = tuple;
  const sourcePort = sourcePortOf(tuple);
  const destinationPort = destinationPortOf(tuple);
  const key = tupleKey(tuple.addresses, sourcePort, destinationPort);
  keys[slot] = key;
  return (found[slot] = conntrack.findPacked(key, number, from, to, portPair(sourcePort, destinationPort), now));
}

function track(node: PlanNode, step: Track, now: number): PlanNode | undefined {
  const { conntrack, tuple } = step;
  const met = lookUp(step, now);
  if (met !== NONE) {
    const { packed } = conntrack;
    if (tuple.number !== TCP) {
      for (const { finding, node: next } of node.findings) if (isAsBefore(finding, conntrack, met, now)) return next;
      return undefined;
    }
    // A SYN uses a closed connection's ports again.
    if ((met & 1) !== 0 || !isClosed(packed.flags(met >>> 1))) return undefined;
    replacing.push(step);
  }
  return conntrack.size + ROOM < conntrack.max ? node.next : undefined;
}

function isAsBefore({ isReply, seenReply, old, destinationNat, other }: Finding, { packed }: Conntrack, met: number, now: number): boolean {
  const flags = packed.flags(met >>> 1);
  if (isReply !== ((met & 1) !== 0) || hasSourceNat(flags) || destinationNat !== hasDestinationNat(flags)) return false;
  if (seenReply !== undefined && seenReply !== hasSeenReply(flags)) return false;
  if (old !== now - packed.createdAt(met >>> 1) > UDP_STREAM_AFTER) return false;
  return packed.hasOther(met, other.from, other.to, portPair(sourcePortOf(other), destinationPortOf(other)));
}

function isFree(step: Free, now: number): boolean {
  const met = lookUp(step, now);
  if (met === NONE) return true;
  for (const { conntrack, slot } of replacing) if (conntrack === step.conntrack && (found[slot] ?? NONE) >>> 1 === met >>> 1) return true;
  return false;
}

/** Leaves behind what the attempt does for which `descend` has just found this leaf. */
export function takeEffect(leaf: Leaf, now: number): void {
  leaf.tally.times++;
  for (const sums of leaf.sums) {
    const { cost, conntrack } = sums;
    cost.comparisons += sums.comparisons;
    cost.setLookups += sums.setLookups;
    cost.conntrackLookups += sums.conntrackLookups;
    conntrack.stats.found += sums.found;
    conntrack.stats.insert += sums.inserted;
  }
  for (const change of leaf.changes) {
    const { conntrack, slot, lifeMs, seenReply, assured, fresh } = change;
    if (fresh === undefined) conntrack.packed.refresh((found[slot] ?? 0) >>> 1, now + lifeMs, seenReply, assured);
    else begin(conntrack, slot, fresh, now + lifeMs, now);
  }
  if (leaf.at === now) return;
  leaf.at = now;
  for (const entry of leaf.learned) entry.seenAt = now;
}

/** A new connection, in the place of one whose ports it uses again. */
function begin(conntrack: Conntrack, slot: number, fresh: NonNullable<Change['fresh']>, expiresAt: number, now: number): void {
  const { original, reply, freeSlot, flags } = fresh;
  const ports = portPair(sourcePortOf(original), destinationPortOf(original));
  const entry = conntrack.beginPacked(found[slot] ?? NONE, keys[slot] ?? 0, original.from, original.to, ports, flags, expiresAt, now);
  const replyPorts = portPair(sourcePortOf(reply), destinationPortOf(reply));
  conntrack.packed.setReply(entry, keys[freeSlot] ?? 0, reply.from, reply.to, replyPorts);
  conntrack.maySweep(now);
}

/** What the client learns at a leaf. */
export function outcomeOf({ socket, server, request, reply }: Leaf, client: NetworkNamespace): ConnectOutcome {
  const answer = flowOf(reply);
  const peer = { ip: answer.destination, port: answer.destinationPort };
  return { state: 'connected', socket, peer, connection: { client, server, request: flowOf(request), reply: answer }, afterMs: 0 };
}

const flowOf = (t: TupleTemplate): Flow => ({
  protocol: t.protocol as Flow['protocol'],
  source: t.source,
  sourcePort: sourcePortOf(t),
  destination: t.destination,
  destinationPort: destinationPortOf(t),
});
