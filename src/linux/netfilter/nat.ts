/**
 * NAT (`net/netfilter/nf_nat_core.c`): a connection's first packet chooses what it is translated to, by choosing the
 * tuple that answers will have; every packet after it is rewritten from that.
 * Differs: an address out of a range of several is chosen by another hash than the kernel's.
 */
import type { ConntrackEntry, Tuple } from '../conntrack/entry.ts';
import { invertTuple } from '../conntrack/entry.ts';
import { isIcmpError } from '../conntrack/conntrack.ts';
import { sameTuple } from '../conntrack/tuple-table.ts';
import { networkHash } from './nat-hash.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { Packet } from '../net/packet.ts';
import type { Evaluation } from './evaluation.ts';
import type { TargetResult } from './rule.ts';
import type { PortRange } from './values.ts';

/** Which end of a connection's first packet is translated. */
export type NatKind = 'source' | 'destination';

/** What a rule allows as translation; nothing: any free tuple at the same address. */
export interface NatRange {
  readonly ips?: readonly [Ipv4, Ipv4] | undefined;
  readonly ports?: PortRange | undefined;
  readonly random?: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
}

const NULL_RANGE: NatRange = Object.freeze({});
/** NF_NAT_MAX_ATTEMPTS: ports tried one after the other before another place is tried. */
const MAX_ATTEMPTS = 128;
const LEAST_ATTEMPTS = 16;
const MAX_PORT = 65535;
/** The threshold that all 31 bits are below. */
const EVERY_CHANCE = 0x80000000;

/** A target's work: binds the packet's new connection (`nf_nat_setup_info`). */
export function bindNat(kind: NatKind, packet: Packet, range: NatRange, evaluation: Evaluation): TargetResult {
  const entry = packet.conntrack;
  if (entry !== undefined) bind(kind, entry, range, evaluation);
  return 'accept';
}

/** What a new connection gets that no rule has bound: the same tuple, or a free port if another has it. */
export function bindNothing(kind: NatKind, entry: ConntrackEntry, evaluation: Evaluation): void {
  bind(kind, entry, NULL_RANGE, evaluation);
}

/** Whether the rules have been asked for this end. */
export const isBound = (kind: NatKind, entry: ConntrackEntry): boolean =>
  kind === 'source' ? entry.sourceNatDone : entry.destinationNatDone;

function bind(kind: NatKind, entry: ConntrackEntry, range: NatRange, evaluation: Evaluation): void {
  if (entry.confirmed || isBound(kind, entry)) return;
  if (range !== NULL_RANGE || evaluation.conntrack.isTaken(entry.reply, entry, evaluation.context.now))
    translate(kind, entry, range, evaluation);
  if (kind === 'source') entry.sourceNatDone = true;
  else entry.destinationNatDone = true;
}

function translate(kind: NatKind, entry: ConntrackEntry, range: NatRange, evaluation: Evaluation): void {
  const current = invertTuple(entry.reply);
  const chosen = uniqueTuple(kind, entry, current, range, evaluation);
  if (sameTuple(chosen, current)) return;
  entry.reply = invertTuple(chosen);
  if (kind === 'source') entry.sourceNat = true;
  else entry.destinationNat = true;
  evaluation.recorder?.natBound?.(kind, entry, undefined);
}

function uniqueTuple(kind: NatKind, entry: ConntrackEntry, original: Tuple, range: NatRange, evaluation: Evaluation): Tuple {
  const { conntrack, context } = evaluation;
  const isTaken = (tuple: Tuple) => conntrack.isTaken(invertTuple(tuple), entry, context.now);
  const random = range.random === true || range.randomFully === true;
  if (kind === 'source' && !random && isInRange(kind, original, range) && !isTaken(original)) return original;
  const tuple = withAddress(kind, original, range);
  if (!random) {
    if (range.ports !== undefined) {
      if (portInRange(kind, tuple, range.ports) && (range.ports[0] === range.ports[1] || !isTaken(tuple))) return tuple;
    } else if (!isTaken(tuple)) return tuple;
  }
  return uniquePort(kind, tuple, range, evaluation, isTaken);
}

const addressOf = (kind: NatKind, tuple: Tuple): Ipv4 => (kind === 'source' ? tuple.source : tuple.destination);
/** ICMP has one "port", its id, which counts as the source's in both kinds. */
const portOf = (kind: NatKind, tuple: Tuple): number =>
  kind === 'source' || tuple.protocol === 'ICMP' ? tuple.sourcePort : tuple.destinationPort;

const portInRange = (kind: NatKind, tuple: Tuple, [from, to]: PortRange): boolean =>
  portOf(kind, tuple) >= from && portOf(kind, tuple) <= to;

function isInRange(kind: NatKind, tuple: Tuple, { ips, ports }: NatRange): boolean {
  const address = addressOf(kind, tuple);
  if (ips !== undefined && (address < ips[0] || address > ips[1])) return false;
  return ports === undefined || portInRange(kind, tuple, ports);
}

/** The same client always gets the same address of a range (`find_best_ips_proto`). */
function withAddress(kind: NatKind, tuple: Tuple, { ips, persistent }: NatRange): Tuple {
  if (ips === undefined) return tuple;
  const count = ips[1] - ips[0] + 1;
  const address = count === 1 ? ips[0] : ips[0] + (networkHash(tuple.source, persistent ? 0 : tuple.destination) % count);
  return kind === 'source' ? { ...tuple, source: address } : { ...tuple, destination: address };
}

const hasPorts = ({ protocol }: Tuple): boolean => protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP' || protocol === 'ICMP';

/** Ports below 512 and below 1024 stay among their like. */
function portChoice(kind: NatKind, tuple: Tuple, ports: PortRange | undefined): PortRange | undefined {
  if (ports !== undefined) return ports;
  if (tuple.protocol === 'ICMP') return [0, MAX_PORT];
  if (kind === 'destination') return undefined;
  const port = portOf(kind, tuple);
  if (port >= 1024) return [1024, MAX_PORT];
  return port < 512 ? [1, 511] : [600, 1023];
}

/** A port that no other connection has with the same addresses (`nf_nat_l4proto_unique_tuple`); when all do, the last one tried. */
function uniquePort(
  kind: NatKind,
  tuple: Tuple,
  range: NatRange,
  { context: { random }, recorder }: Evaluation,
  isTaken: (tuple: Tuple) => boolean,
): Tuple {
  const choice = hasPorts(tuple) ? portChoice(kind, tuple, range.ports) : undefined;
  if (choice === undefined) return tuple;
  const [min, max] = choice;
  const size = max - min + 1;
  let attempts = Math.min(size, MAX_ATTEMPTS);
  for (;;) {
    let offset = random.int(MAX_PORT + 1);
    recorder?.chanceTaken?.(random, EVERY_CHANCE, false, true);
    let candidate = tuple;
    for (let i = 0; i < attempts; i++, offset++) {
      const port = min + (offset % size);
      candidate = kind === 'source' || tuple.protocol === 'ICMP' ? { ...tuple, sourcePort: port } : { ...tuple, destinationPort: port };
      if (!isTaken(candidate)) return candidate;
    }
    if (attempts >= size || attempts < LEAST_ATTEMPTS) return candidate;
    attempts >>>= 1;
  }
}

/** Rewrites one end of a packet as its connection is bound (`nf_nat_packet`). */
export function rewrite(kind: NatKind, packet: Packet, { recorder }: Evaluation): void {
  const entry = packet.conntrack;
  if (entry === undefined) return;
  const reply = packet.direction === 'reply';
  if (!((kind === 'source') !== reply ? entry.sourceNat : entry.destinationNat)) return;
  const other = reply ? entry.original : entry.reply;
  if (isIcmpError(packet)) rewriteError(kind, packet, other);
  else rewriteEnd(kind, packet, invertTuple(other));
  recorder?.natRewritten?.(kind, packet);
}

function rewriteEnd(kind: NatKind, packet: Packet, target: Tuple): void {
  if (kind === 'source') packet.source = target.source;
  else packet.destination = target.destination;
  if (packet.protocol === 'ICMP') {
    if (packet.icmp !== undefined && packet.icmp.id !== target.sourcePort) packet.icmp = { ...packet.icmp, id: target.sourcePort };
  } else if (kind === 'source') packet.sourcePort = target.sourcePort;
  else packet.destinationPort = target.destinationPort;
}

/** An error's own address, and the other end of the packet that it quotes (`nf_nat_icmp_reply_translation`). */
function rewriteError(kind: NatKind, packet: Packet, other: Tuple): void {
  const target = invertTuple(other);
  if (kind === 'source') packet.source = target.source;
  else packet.destination = target.destination;
  const { icmp } = packet;
  if (icmp?.quoted === undefined) return;
  const quoted = new Packet(icmp.quoted);
  rewriteEnd(kind === 'source' ? 'destination' : 'source', quoted, other);
  packet.icmp = { ...icmp, quoted };
}
