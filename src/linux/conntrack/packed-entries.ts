/**
 * Connections as numbers in one buffer: 64 bytes each, in the order in which they came, found by both tuples. Flow plans
 * make and find them here by the hundred thousand; who wants to see one has it made into a `ConntrackEntry` first.
 */
import { PROTOCOL_NUMBERS, type PacketProtocol } from '../net/packet.ts';
import { ConntrackEntry, TCP_STATES } from './entry.ts';
import { addressKey, keyOf, portPair, tupleKey } from './tuple-table.ts';

/** Words of an entry. The first two chain the buckets of its tuples. */
const FROM = 2;
const TO = 3;
const PORTS = 4;
const REPLY_FROM = 5;
const REPLY_TO = 6;
const REPLY_PORTS = 7;
const FLAGS = 8;
const MARK = 9;
const SERIAL = 10;
const REPLY_KEY = 11;
/** Two times of two words each follow. */
const EXPIRES_AT = 6;
const CREATED_AT = 7;
const WORDS = 16;
const TIMES = 8;

/** Flags: the protocol's number, the TCP state's, then bits. No entry has flags 0. */
const TCP_SHIFT = 8;
const SEEN_REPLY = 1 << 12;
const ASSURED = 1 << 13;
const SOURCE_NAT_DONE = 1 << 14;
const DESTINATION_NAT_DONE = 1 << 15;
const SOURCE_NAT = 1 << 16;
const DESTINATION_NAT = 1 << 17;

const MIN_ENTRIES = 64;
/** Buckets for each entry: few tuples share one, so that no entry but the right one is looked at. */
const BUCKETS = 4;
/** Nothing found. */
export const NONE = -1;

const PROTOCOLS = new Map(Object.entries(PROTOCOL_NUMBERS).map(([name, number]) => [number, name as PacketProtocol]));

/** What an entry has besides tuples, mark and times, as one number. */
export const flagsOf = (entry: ConntrackEntry): number =>
  PROTOCOL_NUMBERS[entry.original.protocol] |
  (TCP_STATES.indexOf(entry.tcp) << TCP_SHIFT) |
  (entry.seenReply ? SEEN_REPLY : 0) |
  (entry.assured ? ASSURED : 0) |
  (entry.sourceNatDone ? SOURCE_NAT_DONE : 0) |
  (entry.destinationNatDone ? DESTINATION_NAT_DONE : 0) |
  (entry.sourceNat ? SOURCE_NAT : 0) |
  (entry.destinationNat ? DESTINATION_NAT : 0);

const CLOSED_STATES = [TCP_STATES.indexOf('TIME_WAIT'), TCP_STATES.indexOf('CLOSE')];

/** Whether a TCP connection is over (TIME_WAIT, CLOSE), so that a SYN may use its ports again. */
export const isClosed = (flags: number): boolean => CLOSED_STATES.includes((flags >>> TCP_SHIFT) & 15);
export const hasSeenReply = (flags: number): boolean => (flags & SEEN_REPLY) !== 0;
export const hasSourceNat = (flags: number): boolean => (flags & SOURCE_NAT) !== 0;
export const hasDestinationNat = (flags: number): boolean => (flags & DESTINATION_NAT) !== 0;

/** The entries. One is known by its number; a tuple that was found by twice that, plus one when it is the reply's. */
export class PackedEntries {
  size = 0;
  #words = new Int32Array(0);
  #times = new Float64Array(0);
  /** What `find` gives for the first of each bucket, plus one; 0: nothing. */
  #buckets = new Int32Array(0);
  /** Entries from here on were never used; those before and free are chained by their first word. */
  #end = 0;
  #free = NONE;

  /** The tuple with this key, protocol number, signed addresses and ports. */
  find(key: number, protocol: number, from: number, to: number, ports: number): number {
    if (this.size === 0) return NONE;
    const words = this.#words;
    let found = (this.#buckets[key & (this.#buckets.length - 1)] ?? 0) - 1;
    while (found >= 0) {
      const at = (found >>> 1) * WORDS;
      const shift = (found & 1) * (REPLY_FROM - FROM);
      const same = words[at + shift + PORTS] === ports && words[at + shift + FROM] === from && words[at + shift + TO] === to;
      if (same && ((words[at + FLAGS] ?? 0) & 255) === protocol) return found;
      found = (words[at + (found & 1)] ?? 0) - 1;
    }
    return NONE;
  }

  flags(entry: number): number {
    return this.#words[entry * WORDS + FLAGS] ?? 0;
  }

  expiresAt(entry: number): number {
    return this.#times[entry * TIMES + EXPIRES_AT] ?? 0;
  }

  createdAt(entry: number): number {
    return this.#times[entry * TIMES + CREATED_AT] ?? 0;
  }

  /** Whether the other tuple of one that was found is this one. */
  hasOther(found: number, from: number, to: number, ports: number): boolean {
    const words = this.#words;
    const at = (found >>> 1) * WORDS + (1 - (found & 1)) * (REPLY_FROM - FROM);
    return words[at + PORTS] === ports && words[at + FROM] === from && words[at + TO] === to;
  }

  /** A packet came: when the entry ends now, and what is so from now on. */
  refresh(entry: number, expiresAt: number, seenReply: boolean, assured: boolean): void {
    this.#times[entry * TIMES + EXPIRES_AT] = expiresAt;
    const flags = this.flags(entry);
    const after = flags | (seenReply ? SEEN_REPLY : 0) | (assured ? ASSURED : 0);
    if (after !== flags) this.#words[entry * WORDS + FLAGS] = after;
  }

  /** Adds an entry whose `setState` and `setReply` are still to come. */
  add(key: number, from: number, to: number, ports: number): number {
    if (this.#free < 0 && (this.#end + 1) * WORDS > this.#words.length) this.#grow();
    const entry = this.#free < 0 ? this.#end++ : this.#free;
    const at = entry * WORDS;
    const words = this.#words;
    if (entry === this.#free) this.#free = words[at] ?? NONE;
    words[at + FROM] = from;
    words[at + TO] = to;
    words[at + PORTS] = ports;
    words[at + REPLY_KEY] = NONE;
    this.#link(key, entry * 2);
    this.size++;
    return entry;
  }

  /** Gives an entry its reply tuple, or another one. */
  setReply(entry: number, key: number, from: number, to: number, ports: number): void {
    const at = entry * WORDS;
    const words = this.#words;
    const before = words[at + REPLY_KEY] ?? NONE;
    if (before === key && words[at + REPLY_PORTS] === ports && words[at + REPLY_FROM] === from && words[at + REPLY_TO] === to) return;
    if (before !== NONE) this.#unlink(before, entry * 2 + 1);
    words[at + REPLY_FROM] = from;
    words[at + REPLY_TO] = to;
    words[at + REPLY_PORTS] = ports;
    words[at + REPLY_KEY] = key;
    this.#link(key, entry * 2 + 1);
  }

  /** All but the tuples. */
  setState(entry: number, flags: number, mark: number, serial: number, expiresAt: number, createdAt: number): void {
    const at = entry * WORDS;
    this.#words[at + FLAGS] = flags;
    this.#words[at + MARK] = mark;
    this.#words[at + SERIAL] = serial;
    this.#times[entry * TIMES + EXPIRES_AT] = expiresAt;
    this.#times[entry * TIMES + CREATED_AT] = createdAt;
  }

  remove(entry: number): void {
    const at = entry * WORDS;
    const words = this.#words;
    const ports = words[at + PORTS] ?? 0;
    const addresses = addressKey(this.flags(entry) & 255, words[at + FROM] ?? 0, words[at + TO] ?? 0);
    this.#unlink(tupleKey(addresses, ports >>> 16, ports & 0xffff), entry * 2);
    this.#unlink(words[at + REPLY_KEY] ?? 0, entry * 2 + 1);
    words[at + FLAGS] = 0;
    words[at] = this.#free;
    this.#free = entry;
    this.size--;
  }

  /** Forgets what has ended, and with the last one the buffer. */
  sweep(now: number): void {
    if (this.#end === 0) return;
    for (let entry = 0; entry < this.#end; entry++)
      if (this.#words[entry * WORDS + FLAGS] !== 0 && this.expiresAt(entry) <= now) this.remove(entry);
    if (this.size === 0) this.clear();
  }

  clear(): void {
    this.#words = new Int32Array(0);
    this.#times = new Float64Array(0);
    this.#buckets = new Int32Array(0);
    this.size = this.#end = 0;
    this.#free = NONE;
  }

  /** Numbers of all entries. */
  *[Symbol.iterator](): Generator<number> {
    for (let entry = 0; entry < this.#end; entry++) if (this.#words[entry * WORDS + FLAGS] !== 0) yield entry;
  }

  /** The entry as an object. */
  unpack(entry: number): ConntrackEntry {
    const at = entry * WORDS;
    const flags = this.flags(entry);
    const object = new ConntrackEntry(this.#tuple(at, flags), this.#tuple(at + REPLY_FROM - FROM, flags), this.createdAt(entry));
    object.confirmed = true;
    object.tcp = TCP_STATES[(flags >>> TCP_SHIFT) & 15] ?? 'NONE';
    object.seenReply = hasSeenReply(flags);
    object.assured = (flags & ASSURED) !== 0;
    object.sourceNatDone = (flags & SOURCE_NAT_DONE) !== 0;
    object.destinationNatDone = (flags & DESTINATION_NAT_DONE) !== 0;
    object.sourceNat = hasSourceNat(flags);
    object.destinationNat = hasDestinationNat(flags);
    object.mark = (this.#words[at + MARK] ?? 0) >>> 0;
    object.serial = this.#words[at + SERIAL] ?? 0;
    object.expiresAt = this.expiresAt(entry);
    return object;
  }

  #tuple(at: number, flags: number): ConntrackEntry['original'] {
    const words = this.#words;
    const ports = words[at + PORTS] ?? 0;
    const protocol = PROTOCOLS.get(flags & 255) ?? 'TCP';
    const ends = { source: (words[at + FROM] ?? 0) >>> 0, destination: (words[at + TO] ?? 0) >>> 0 };
    return { protocol, ...ends, sourcePort: ports >>> 16, destinationPort: ports & 0xffff };
  }

  /** Takes an object's content over. */
  pack(object: ConntrackEntry): number {
    const { original, reply } = object;
    const ports = portPair(original.sourcePort, original.destinationPort);
    const entry = this.add(keyOf(original), original.source | 0, original.destination | 0, ports);
    this.setReply(entry, keyOf(reply), reply.source | 0, reply.destination | 0, portPair(reply.sourcePort, reply.destinationPort));
    this.setState(entry, flagsOf(object), object.mark | 0, object.serial, object.expiresAt, object.createdAt);
    return entry;
  }

  #link(key: number, tuple: number): void {
    const bucket = key & (this.#buckets.length - 1);
    this.#words[(tuple >>> 1) * WORDS + (tuple & 1)] = this.#buckets[bucket] ?? 0;
    this.#buckets[bucket] = tuple + 1;
  }

  #unlink(key: number, tuple: number): void {
    const words = this.#words;
    const bucket = key & (this.#buckets.length - 1);
    const next = words[(tuple >>> 1) * WORDS + (tuple & 1)] ?? 0;
    let at = (this.#buckets[bucket] ?? 0) - 1;
    if (at === tuple) {
      this.#buckets[bucket] = next;
      return;
    }
    while (at >= 0) {
      const place = (at >>> 1) * WORDS + (at & 1);
      at = (words[place] ?? 0) - 1;
      if (at === tuple) words[place] = next;
    }
  }

  #grow(): void {
    const entries = Math.max(MIN_ENTRIES, this.#end * 2);
    const buffer = new ArrayBuffer(entries * WORDS * 4);
    const words = new Int32Array(buffer);
    words.set(this.#words);
    this.#words = words;
    this.#times = new Float64Array(buffer);
    this.#buckets = new Int32Array(entries * BUCKETS);
    for (const entry of this) {
      const at = entry * WORDS;
      const ports = words[at + PORTS] ?? 0;
      const addresses = addressKey(this.flags(entry) & 255, words[at + FROM] ?? 0, words[at + TO] ?? 0);
      this.#link(tupleKey(addresses, ports >>> 16, ports & 0xffff), entry * 2);
      this.#link(words[at + REPLY_KEY] ?? 0, entry * 2 + 1);
    }
  }
}
