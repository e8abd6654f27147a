/**
 * The table of tracked connections of one namespace (`net/netfilter/nf_conntrack_core.c`). Time is the caller's: an
 * entry that has ended is forgotten when somebody comes across it, and all of them now and then.
 * Differs: no zones, helpers, expectations, accounting or events.
 */
import { ICMP_DEST_UNREACHABLE, ICMP_ECHO_REQUEST, ICMP_PARAMETER_PROBLEM, ICMP_REDIRECT, ICMP_TIME_EXCEEDED } from '../net/packet.ts';
import { type Packet, PROTOCOL_NUMBERS } from '../net/packet.ts';
import type { NetfilterRecorder } from '../netfilter/recorder.ts';
import { ConntrackEntry, invertTuple, type ConntrackDirection, type ConntrackState, type Tuple } from './entry.ts';
import { mayBeginTcp, reopensTcp, tcpPacket } from './tcp.ts';
import { GENERIC_TIMEOUT, ICMP_TIMEOUT, TCP_TIMEOUTS, UDP_STREAM_AFTER, UDP_STREAM_TIMEOUT, UDP_TIMEOUT } from './timeouts.ts';
import { NONE, PackedEntries } from './packed-entries.ts';
import { keyOf, portPair, type TupleHash, tupleOf, TupleTable } from './tuple-table.ts';

/** Of a machine with 8 GiB or more. */
const DEFAULT_MAX = 262_144;
/** How many entries are looked at for one that may be dropped early (NF_CT_EVICTION_RANGE). */
const EVICTION_RANGE = 8;
const SWEEP_MIN = 64;

const ICMP_ERRORS = new Set([ICMP_DEST_UNREACHABLE, 4, ICMP_REDIRECT, ICMP_TIME_EXCEEDED, ICMP_PARAMETER_PROBLEM]);
/** Echo, timestamp, information and address mask requests. */
const ICMP_REQUESTS = new Set([ICMP_ECHO_REQUEST, 13, 15, 17]);

/** Whether a packet tells of an error with another one. */
export const isIcmpError = ({ protocol, icmp }: Packet): boolean => protocol === 'ICMP' && icmp !== undefined && ICMP_ERRORS.has(icmp.type);

/** The connections of one namespace. */
export class Conntrack {
  /** net.netfilter.nf_conntrack_max; at most so many entries. */
  max = DEFAULT_MAX;
  /** net.netfilter.nf_conntrack_tcp_be_liberal */
  tcpBeLiberal = false;
  /** Whether packets are tracked: since the first rule that needs it. */
  enabled = false;
  /** How often the table was full, and how many entries were dropped for others (`conntrack -S`). */
  readonly stats = { drop: 0, earlyDrop: 0, insert: 0, invalid: 0, found: 0 };
  readonly #tuples = new TupleTable();
  /** Entries that are objects are in one list, by age unless one was unpacked since they were last sorted. */
  #oldest: ConntrackEntry | undefined = undefined;
  #newest: ConntrackEntry | undefined = undefined;
  #objects = 0;
  #sorted = true;
  #serial = 0;
  /** The others, which only flow plans know: whoever comes across one makes an object of it. */
  readonly #packed = new PackedEntries();
  #insertsUntilSweep = SWEEP_MIN;

  /** Entries that have not ended. */
  count(now: number): number {
    this.#sweep(now);
    return this.size;
  }

  /** Entries in the table, also those that have ended since somebody last came across them. */
  get size(): number {
    return this.#objects + this.#packed.size;
  }

  /** All entries, oldest first. */
  entries(now: number): ConntrackEntry[] {
    this.#sweep(now);
    return this.#byAge();
  }

  /** All of them as objects. */
  #byAge(): ConntrackEntry[] {
    for (const entry of this.#packed) this.#unpack(entry);
    const entries: ConntrackEntry[] = [];
    for (let entry = this.#oldest; entry !== undefined; entry = entry.newer) entries.push(entry);
    if (this.#sorted) return entries;
    entries.sort((a, b) => (a.serial - b.serial) | 0);
    this.#oldest = this.#newest = undefined;
    this.#objects = 0;
    for (const entry of entries) {
      entry.newer = undefined;
      this.#append(entry);
    }
    this.#sorted = true;
    return entries;
  }

  #unpack(packed: number): TupleHash {
    const entry = this.#packed.unpack(packed);
    this.#packed.remove(packed);
    this.#sorted = false;
    this.#append(entry);
    entry.reply = this.#tuples.add(entry.reply, entry, 'reply');
    return (entry.original = this.#tuples.add(entry.original, entry, 'original'));
  }

  #lookUp(tuple: Tuple): TupleHash | undefined {
    const key = keyOf(tuple);
    const from = tuple.source | 0;
    const to = tuple.destination | 0;
    const ports = portPair(tuple.sourcePort, tuple.destinationPort);
    const protocol = PROTOCOL_NUMBERS[tuple.protocol];
    const found = this.#tuples.lookUp(key, protocol, from, to, ports);
    if (found !== undefined || this.#packed.size === 0) return found;
    const packed = this.#packed.find(key, protocol, from, to, ports);
    if (packed === NONE) return undefined;
    const original = this.#unpack(packed >>> 1);
    return (packed & 1) === 0 ? original : (original.entry.reply as TupleHash);
  }

  /** The live entry that a tuple belongs to, and as which. */
  find(tuple: Tuple, now: number): { entry: ConntrackEntry; direction: ConntrackDirection } | undefined {
    const found = this.#lookUp(tuple);
    if (found === undefined || !this.#isLive(found.entry, now)) return undefined;
    return found;
  }

  /** Whether a live entry other than `except` has this tuple (`nf_conntrack_tuple_taken`). */
  isTaken(tuple: Tuple, except: ConntrackEntry, now: number): boolean {
    const found = this.#lookUp(tuple);
    return found !== undefined && found.entry !== except && this.#isLive(found.entry, now);
  }

  /** Finds or begins the packet's connection (`nf_conntrack_in`). 'drop' when the table is full. */
  track(packet: Packet, now: number, recorder?: NetfilterRecorder): 'accept' | 'drop' {
    if (packet.ctState !== undefined) return 'accept';
    if (isIcmpError(packet)) this.#trackError(packet, now);
    else if (this.#trackTuple(packet, now) === 'full') {
      this.stats.drop++;
      packet.ctState = undefined;
      return 'drop';
    }
    recorder?.conntrackFound?.(packet.ctState ?? 'INVALID', packet.conntrack, packet);
    return 'accept';
  }

  /** An ICMP error belongs to the connection of the packet that it quotes, and goes against it. */
  #trackError(packet: Packet, now: number): void {
    const quoted = packet.icmp?.quoted;
    const found = quoted === undefined ? undefined : this.find(invertTuple(tupleOf(quoted)), now);
    this.#attach(packet, found?.entry, found?.direction ?? 'original', found === undefined ? 'INVALID' : 'RELATED');
  }

  #trackTuple(packet: Packet, now: number): 'full' | undefined {
    let found = this.#lookUp(packet.protocol === 'ICMP' ? tupleOf(packet) : packet);
    if (found !== undefined && !this.#isLive(found.entry, now)) found = undefined;
    if (found !== undefined && packet.protocol === 'TCP' && reopensTcp(packet, found.entry, found.direction)) {
      this.#remove(found.entry);
      found = undefined;
    }
    if (found !== undefined) {
      this.#trackKnown(packet, found.entry, found.direction, now);
      return undefined;
    }
    if (!mayBegin(packet)) {
      this.#attach(packet, undefined, 'original', 'INVALID');
      return undefined;
    }
    if (this.size >= this.max && !this.#makeRoom(now)) return 'full';
    const tuple = tupleOf(packet);
    const entry = new ConntrackEntry(tuple, invertTuple(tuple), now);
    this.#attach(packet, entry, 'original', 'NEW');
    advance(packet, entry, 'original', now);
    return undefined;
  }

  #trackKnown(packet: Packet, entry: ConntrackEntry, direction: ConntrackDirection, now: number): void {
    this.stats.found++;
    const state = direction === 'reply' || entry.seenReply ? 'ESTABLISHED' : entry.master === undefined ? 'NEW' : 'RELATED';
    const result = advance(packet, entry, direction, now);
    if (result === 'invalid') {
      this.#attach(packet, undefined, 'original', 'INVALID');
      return;
    }
    if (result === 'forget') this.#remove(entry);
    this.#attach(packet, entry, direction, state);
    if (direction === 'reply') entry.seenReply = true;
  }

  #attach(packet: Packet, entry: ConntrackEntry | undefined, direction: ConntrackDirection, state: ConntrackState): void {
    packet.conntrack = entry;
    packet.direction = direction;
    packet.ctState = state;
    if (state === 'INVALID') this.stats.invalid++;
  }

  /** Puts a new connection into the table once its first packet got through (`__nf_conntrack_confirm`). */
  confirm(packet: Packet, now: number, recorder?: NetfilterRecorder): 'accept' | 'drop' {
    const entry = packet.conntrack;
    if (entry === undefined || entry.confirmed || packet.ctState === 'RELATED' || packet.direction === 'reply') return 'accept';
    const taken = this.isTaken(entry.original, entry, now) || this.isTaken(entry.reply, entry, now);
    if (taken) this.stats.drop++;
    else this.#insert(entry, now);
    recorder?.conntrackConfirmed?.(entry, !taken);
    return taken ? 'drop' : 'accept';
  }

  #insert(entry: ConntrackEntry, now: number): void {
    entry.confirmed = true;
    this.stats.insert++;
    entry.serial = this.#nextSerial();
    this.#append(entry);
    entry.original = this.#tuples.add(entry.original, entry, 'original');
    entry.reply = this.#tuples.add(entry.reply, entry, 'reply');
    if (--this.#insertsUntilSweep <= 0) this.#sweep(now);
  }

  /** One more than the last one, of 32 bits: only differences of serial numbers mean anything. */
  #nextSerial(): number {
    return (this.#serial = (this.#serial + 1) | 0);
  }

  #append(entry: ConntrackEntry): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.#objects++;
  }

  /** For flow plans: the live entry with this tuple (the protocol's number, signed addresses) as `packed` has it, or NONE. */
  findPacked(key: number, protocol: number, from: number, to: number, ports: number, now: number): number {
    let found = this.#packed.find(key, protocol, from, to, ports);
    if (found === NONE && this.#objects > 0) found = this.#pack(this.#tuples.lookUp(key, protocol, from, to, ports));
    if (found === NONE || this.#packed.expiresAt(found >>> 1) > now) return found;
    this.#packed.remove(found >>> 1);
    return NONE;
  }

  #pack(hash: TupleHash | undefined): number {
    if (hash === undefined) return NONE;
    this.#remove(hash.entry);
    return this.#packed.pack(hash.entry) * 2 + (hash.direction === 'reply' ? 1 : 0);
  }

  /** For flow plans, to read and to refresh entries. */
  get packed(): Omit<PackedEntries, 'add' | 'remove' | 'setState'> {
    return this.#packed;
  }

  /**
   * For flow plans: an entry that begins now, in the place of `old` (or NONE), which had the same tuple. What is left to
   * do is `packed.setReply`. The caller counts it in `stats`.
   */
  beginPacked(old: number, key: number, from: number, to: number, ports: number, flags: number, expiresAt: number, now: number): number {
    const entry = old === NONE ? this.#packed.add(key, from, to, ports) : old >>> 1;
    this.#packed.setState(entry, flags, 0, this.#nextSerial(), expiresAt, now);
    return entry;
  }

  /** For flow plans, after each entry that has begun: now and then all that has ended is forgotten. */
  maySweep(now: number): void {
    if (--this.#insertsUntilSweep <= 0) this.#sweep(now);
  }

  /** `conntrack -D`: deletes those for which `matches` holds; how many. */
  delete(now: number, matches: (entry: ConntrackEntry) => boolean): number {
    let deleted = 0;
    for (const entry of this.entries(now)) {
      if (!matches(entry)) continue;
      this.#remove(entry);
      deleted++;
    }
    return deleted;
  }

  /** `conntrack -F` */
  flush(): void {
    for (let entry = this.#oldest; entry !== undefined;) {
      const { newer } = entry;
      entry.older = entry.newer = undefined;
      entry = newer;
    }
    this.#oldest = this.#newest = undefined;
    this.#objects = 0;
    this.#sorted = true;
    this.#tuples.clear();
    this.#packed.clear();
  }

  #isLive(entry: ConntrackEntry, now: number): boolean {
    if (entry.expiresAt > now) return true;
    this.#remove(entry);
    return false;
  }

  /** Takes an entry out, if it is in. */
  #remove(entry: ConntrackEntry): void {
    if (entry.older === undefined && this.#oldest !== entry) return;
    this.#unlink(entry);
    this.#tuples.remove(entry.original as TupleHash);
    this.#tuples.remove(entry.reply as TupleHash);
  }

  #unlink(entry: ConntrackEntry): void {
    const { older, newer } = entry;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    entry.older = entry.newer = undefined;
    this.#objects--;
  }

  #sweep(now: number): void {
    for (let entry = this.#oldest; entry !== undefined;) {
      const { newer } = entry;
      if (entry.expiresAt <= now) this.#remove(entry);
      entry = newer;
    }
    this.#packed.sweep(now);
    this.#insertsUntilSweep = Math.max(SWEEP_MIN, 2 * this.size);
  }

  /**
   * Makes room in a full table (`early_drop`): an entry that has ended, or one that is not assured.
   * Differs: the kernel looks into the hash buckets beside the new entry's, this at the oldest entries.
   */
  #makeRoom(now: number): boolean {
    this.#sweep(now);
    if (this.size < this.max) return true;
    let looked = 0;
    for (const entry of this.#byAge()) {
      if (!entry.assured) {
        this.#remove(entry);
        this.stats.earlyDrop++;
        return true;
      }
      if (++looked >= EVICTION_RANGE) return false;
    }
    return false;
  }
}

function mayBegin(packet: Packet): boolean {
  if (packet.protocol === 'TCP') return mayBeginTcp(packet);
  if (packet.protocol === 'ICMP') return packet.icmp !== undefined && ICMP_REQUESTS.has(packet.icmp.type);
  return true;
}

/** The protocol's part: the state, and how long the entry lives from now. */
function advance(packet: Packet, entry: ConntrackEntry, direction: ConntrackDirection, now: number): 'ok' | 'invalid' | 'forget' {
  switch (packet.protocol) {
    case 'TCP': {
      const result = tcpPacket(packet, entry, direction, now);
      if (entry.expiresAt === 0) entry.expiresAt = now + TCP_TIMEOUTS[entry.tcp];
      return result;
    }
    case 'UDP': {
      const stream = entry.seenReply && now - entry.createdAt > UDP_STREAM_AFTER;
      if (stream) entry.assured = true;
      entry.expiresAt = now + (stream ? UDP_STREAM_TIMEOUT : UDP_TIMEOUT);
      return 'ok';
    }
    case 'ICMP':
      entry.expiresAt = now + ICMP_TIMEOUT;
      return 'ok';
    default:
      entry.expiresAt = now + GENERIC_TIMEOUT;
      return 'ok';
  }
}
