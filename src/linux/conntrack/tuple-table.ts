/** A hash table of tuples, compared with packets without making a tuple for each (`nf_conntrack_find_get`). */
import { type Packet, PROTOCOL_NUMBERS, type PacketProtocol } from '../net/packet.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { ConntrackDirection, ConntrackEntry, Tuple } from './entry.ts';

/** A tuple in the table: whose, and which of both it is. An entry's own tuples are these once it is in the table. */
export class TupleHash implements Tuple {
  /** The tuple's hash. */
  readonly key: number;
  readonly protocol: PacketProtocol;
  /** The protocol's number. */
  readonly number: number;
  /** Addresses as signed numbers and both ports as one: numbers that need no object of their own. */
  readonly from: number;
  readonly to: number;
  readonly ports: number;
  readonly entry: ConntrackEntry;
  readonly direction: ConntrackDirection;
  next: TupleHash | undefined = undefined;

  constructor(
    key: number,
    protocol: PacketProtocol,
    from: number,
    to: number,
    ports: number,
    entry: ConntrackEntry,
    direction: ConntrackDirection,
  ) {
    this.key = key;
    this.protocol = protocol;
    this.number = PROTOCOL_NUMBERS[protocol];
    this.from = from;
    this.to = to;
    this.ports = ports;
    this.entry = entry;
    this.direction = direction;
  }

  get source(): Ipv4 {
    return this.from >>> 0;
  }

  get destination(): Ipv4 {
    return this.to >>> 0;
  }

  get sourcePort(): number {
    return this.ports >>> 16;
  }

  get destinationPort(): number {
    return this.ports & 0xffff;
  }
}

/** Two odd numbers with evenly spread bits (from the golden ratio and from xxHash). */
const MIX_A = 0x9e3779b1;
const MIX_B = 0x85ebca77;
const KEY_MASK = 0x3fffffff;

/** The part of the hash that both addresses and the protocol's number make. */
export function addressKey(protocol: number, source: Ipv4, destination: Ipv4): number {
  let h = Math.imul(source ^ protocol, MIX_A);
  h = Math.imul(h ^ (h >>> 15) ^ destination, MIX_B);
  h = Math.imul(h ^ (h >>> 13), MIX_A);
  return (h ^ (h >>> 16)) & KEY_MASK;
}

/** The hash: ports are added, so that a client's next connection lies beside its last one, in memory that is at hand. */
export const tupleKey = (addresses: number, sourcePort: number, destinationPort: number): number =>
  (addresses + sourcePort + destinationPort) & KEY_MASK;

/** A tuple's hash. */
export const keyOf = (t: Tuple): number =>
  tupleKey(addressKey(PROTOCOL_NUMBERS[t.protocol], t.source, t.destination), t.sourcePort, t.destinationPort);

/** Both ports in one number. */
export const portPair = (sourcePort: number, destinationPort: number): number => (sourcePort << 16) | destinationPort;

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

  /** The tuple with this key, protocol number, these addresses (signed) and these ports (`portPair`). */
  lookUp(key: number, protocol: number, from: number, to: number, ports: number): TupleHash | undefined {
    let at = this.#buckets[key & (this.#buckets.length - 1)];
    while (at !== undefined && (at.key !== key || at.ports !== ports || at.from !== from || at.to !== to || at.number !== protocol))
      at = at.next;
    return at;
  }

  /** Puts a tuple in, as which it is to be known from now on. */
  add(tuple: Tuple, entry: ConntrackEntry, direction: ConntrackDirection): TupleHash {
    const { protocol, source, destination, sourcePort, destinationPort } = tuple;
    const ports = portPair(sourcePort, destinationPort);
    const hash = new TupleHash(keyOf(tuple), protocol, source | 0, destination | 0, ports, entry, direction);
    this.#link(hash);
    return hash;
  }

  #link(hash: TupleHash): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    const bucket = hash.key & (this.#buckets.length - 1);
    hash.next = this.#buckets[bucket];
    this.#buckets[bucket] = hash;
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

  remove(hash: TupleHash): void {
    const bucket = hash.key & (this.#buckets.length - 1);
    let before: TupleHash | undefined;
    for (let at = this.#buckets[bucket]; at !== undefined; at = at.next) {
      if (at !== hash) {
        before = at;
        continue;
      }
      if (before === undefined) this.#buckets[bucket] = at.next;
      else before.next = at.next;
      at.next = undefined;
      this.#size--;
      return;
    }
  }

  clear(): void {
    this.#buckets = new Array<TupleHash | undefined>(MIN_BUCKETS).fill(undefined);
    this.#size = 0;
  }
}
