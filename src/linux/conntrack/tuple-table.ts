/** A hash table of tuples, compared with packets without making a tuple for each (`nf_conntrack_find_get`). */
import { type Packet, PROTOCOL_NUMBERS, type PacketProtocol } from '../net/packet.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { ConntrackDirection, ConntrackEntry, Tuple } from './entry.ts';

/** A tuple in the table: whose, and which of both it is. */
export interface TupleHash {
  /** The tuple's hash. */
  readonly key: number;
  readonly tuple: Tuple;
  readonly entry: ConntrackEntry;
  readonly direction: ConntrackDirection;
  next: TupleHash | undefined;
}

/** Two odd numbers with evenly spread bits (from the golden ratio and from xxHash). */
const MIX_A = 0x9e3779b1;
const MIX_B = 0x85ebca77;

function hash(protocol: PacketProtocol, source: Ipv4, sourcePort: number, destination: Ipv4, destinationPort: number): number {
  let h = Math.imul(source ^ PROTOCOL_NUMBERS[protocol], MIX_A);
  h = Math.imul(h ^ (h >>> 15) ^ destination, MIX_B);
  h = Math.imul(h ^ (h >>> 13) ^ ((sourcePort << 16) | destinationPort), MIX_A);
  return (h ^ (h >>> 16)) & 0x3fffffff;
}

const hashOf = (t: Tuple): number => hash(t.protocol, t.source, t.sourcePort, t.destination, t.destinationPort);

/** ICMP's place of ports: the id, and type and code. */
export const sourceKey = ({ protocol, sourcePort, icmp }: Packet): number => (protocol === 'ICMP' ? (icmp?.id ?? 0) : sourcePort);
export const destinationKey = ({ protocol, destinationPort, icmp }: Packet): number =>
  protocol === 'ICMP' ? ((icmp?.type ?? 0) << 8) | (icmp?.code ?? 0) : destinationPort;

/** The tuple of a packet as it is now. */
export const tupleOf = (packet: Packet): Tuple => ({
  protocol: packet.protocol,
  source: packet.source,
  sourcePort: sourceKey(packet),
  destination: packet.destination,
  destinationPort: destinationKey(packet),
});

/** Whether two tuples are the same. */
export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source &&
  a.sourcePort === b.sourcePort &&
  a.destination === b.destination &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol;

const MIN_BUCKETS = 64;

/**
 * Tuples by their hash, in buckets that are doubled with the number of tuples: most look-ups are for new connections, and
 * find an empty bucket at once.
 */
export class TupleTable {
  #buckets: (TupleHash | undefined)[] = new Array<TupleHash | undefined>(MIN_BUCKETS).fill(undefined);
  #size = 0;

  find(tuple: Tuple): TupleHash | undefined {
    const key = hashOf(tuple);
    let at = this.#buckets[key & (this.#buckets.length - 1)];
    while (at !== undefined && (at.key !== key || !sameTuple(at.tuple, tuple))) at = at.next;
    return at;
  }

  /** What `find(tupleOf(packet))` finds. */
  findPacket(packet: Packet): TupleHash | undefined {
    const { protocol, source, destination } = packet;
    const isIcmp = protocol === 'ICMP';
    const sourcePort = isIcmp ? sourceKey(packet) : packet.sourcePort;
    const destinationPort = isIcmp ? destinationKey(packet) : packet.destinationPort;
    const key = hash(protocol, source, sourcePort, destination, destinationPort);
    let at = this.#buckets[key & (this.#buckets.length - 1)];
    for (; at !== undefined; at = at.next) {
      if (at.key !== key) continue;
      const t = at.tuple;
      const same = t.source === source && t.destination === destination && t.destinationPort === destinationPort;
      if (same && t.sourcePort === sourcePort && t.protocol === protocol) return at;
    }
    return undefined;
  }

  add(tuple: Tuple, entry: ConntrackEntry, direction: ConntrackDirection): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    const key = hashOf(tuple);
    const bucket = key & (this.#buckets.length - 1);
    this.#buckets[bucket] = { key, tuple, entry, direction, next: this.#buckets[bucket] };
    this.#size++;
  }

  #grow(): void {
    const before = this.#buckets;
    const after = new Array<TupleHash | undefined>(before.length * 2).fill(undefined);
    for (const head of before) {
      for (let at = head; at !== undefined;) {
        const { next } = at;
        const bucket = at.key & (after.length - 1);
        at.next = after[bucket];
        after[bucket] = at;
        at = next;
      }
    }
    this.#buckets = after;
  }

  remove(tuple: Tuple, entry: ConntrackEntry): void {
    const key = hashOf(tuple);
    const bucket = key & (this.#buckets.length - 1);
    let before: TupleHash | undefined;
    for (let at = this.#buckets[bucket]; at !== undefined; at = at.next) {
      if (at.entry !== entry || at.key !== key || !sameTuple(at.tuple, tuple)) {
        before = at;
        continue;
      }
      if (before === undefined) this.#buckets[bucket] = at.next;
      else before.next = at.next;
      this.#size--;
    }
  }

  clear(): void {
    this.#buckets = new Array<TupleHash | undefined>(MIN_BUCKETS).fill(undefined);
    this.#size = 0;
  }
}
