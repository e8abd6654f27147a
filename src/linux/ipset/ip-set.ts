/**
 * One set (`net/netfilter/ipset/ip_set_hash_gen.h`): members in hash tables, one for each length of prefix that the
 * members' networks have, asked from the longest to the shortest.
 * Differs: members are listed in the order in which they were added; the kernel's order is that of its hash.
 */
import { formatIpv4, type Ipv4, networkOf } from '../net/ipv4.ts';
import { IpSetError } from './ipset-error.ts';
import { formatNet, formatPort, parseAddresses, parseNet, parsePorts, type Range, type SetType } from './set-types.ts';

/** How a set was made. */
export interface SetOptions {
  readonly hashsize: number;
  readonly maxelem: number;
  readonly netmask: number | undefined;
  /** Default timeout in seconds; undefined: members do not end. 0: they do not unless they say so. */
  readonly timeout: number | undefined;
  readonly counters: boolean;
  readonly comment: boolean;
  readonly skbinfo: boolean;
  readonly forceadd: boolean;
  /** bitmap:port */
  readonly range: Range;
  /** list:set */
  readonly size: number;
}

/** What one member is and says. */
export interface Member {
  /** The address or network; 0 in a bitmap. */
  readonly ip: Ipv4;
  /** Protocol and port; 0 without. */
  readonly port: number;
  /** The second address or network. */
  readonly second: Ipv4;
  readonly prefixLength: number;
  /** list:set */
  readonly set: string;
  readonly comment: string | undefined;
  readonly nomatch: boolean;
  /** Virtual ms when it ends; Infinity: never. */
  expiresAt: number;
  packets: number;
  bytes: number;
}

/** What is looked for. */
export interface Key {
  readonly ip: Ipv4;
  readonly port: number;
  readonly second: Ipv4;
}

/** Words after the member's text. */
export interface MemberOptions {
  readonly timeout?: number | undefined;
  readonly comment?: string | undefined;
  readonly nomatch?: boolean;
  readonly exist?: boolean;
}

type Table = Map<number, Map<number, Member>>;

/** Ports with their protocol need 18 bits; with an address of 32 that is less than a double's 53. */
const PORT_SPAN = 2 ** 18;
const NEVER = Infinity;
const MS = 1000;

/** A set and its members. */
export class IpSet {
  name: string;
  readonly type: SetType;
  readonly options: SetOptions;
  readonly #tables = new Map<number, Table>();
  /** Prefix lengths of the tables, longest first. */
  #prefixLengths: readonly number[] = [];
  /** All members, in the order in which they were added. */
  readonly #members = new Set<Member>();
  /** list:set */
  #names: Member[] = [];

  constructor(name: string, type: SetType, options: SetOptions) {
    this.name = name;
    this.type = type;
    this.options = options;
  }

  get isList(): boolean {
    return this.type.name === 'list:set';
  }

  get isBitmap(): boolean {
    return this.type.name === 'bitmap:port';
  }

  /** Members that have not ended; a bitmap's in order. */
  members(now: number): Member[] {
    if (this.isList) return this.#names;
    for (const member of this.#members) if (member.expiresAt <= now) this.#forget(member);
    const all = [...this.#members];
    return this.isBitmap ? all.sort((a, b) => a.port - b.port) : all;
  }

  /** The live member that matches, networks and all. Its `nomatch` says whether that is a match. */
  find(key: Key, now: number): Member | undefined {
    const net = this.#netDimension;
    for (const prefixLength of this.#prefixLengths) {
      const ip = net === 0 ? networkOf(key.ip, prefixLength) : this.#masked(key.ip);
      const second = net > 0 ? networkOf(key.second, prefixLength) : key.second;
      const member = this.#tables
        .get(prefixLength)
        ?.get(ip * PORT_SPAN + key.port)
        ?.get(second);
      if (member === undefined) continue;
      if (member.expiresAt > now) return member;
      this.#forget(member);
    }
    return undefined;
  }

  get #netDimension(): number {
    return this.type.dimensions.indexOf('net');
  }

  #masked(ip: Ipv4): Ipv4 {
    return this.options.netmask === undefined ? ip : networkOf(ip, this.options.netmask);
  }

  /** The member that is exactly this one. */
  #exact({ ip, port, second, prefixLength }: Member): Member | undefined {
    return this.#tables
      .get(prefixLength)
      ?.get(ip * PORT_SPAN + port)
      ?.get(second);
  }

  /** Adds one member. Throws when it is there, unless `exist`, or when the set is full. */
  add(member: Member, exist: boolean, now: number): void {
    const before = this.isList ? this.#names.find(({ set }) => set === member.set) : this.#exact(member);
    if (before !== undefined && before.expiresAt > now) {
      if (!exist) throw new IpSetError("Element cannot be added to the set: it's already added");
      before.expiresAt = member.expiresAt;
      return;
    }
    if (before !== undefined) this.#forget(before);
    if (this.isList) {
      if (this.#names.length >= this.options.size) throw new IpSetError('Element cannot be added to the set: it is full');
      this.#names = this.#names.concat(member);
      return;
    }
    if (this.#members.size >= this.options.maxelem) this.#makeRoom(now);
    this.#store(member);
  }

  #makeRoom(now: number): void {
    if (this.members(now).length < this.options.maxelem) return;
    const [oldest] = this.#members;
    if (!this.options.forceadd || oldest === undefined) throw new IpSetError('Hash is full, cannot add more elements');
    this.#forget(oldest);
  }

  #store(member: Member): void {
    const { ip, port, second, prefixLength } = member;
    let table = this.#tables.get(prefixLength);
    if (table === undefined) {
      this.#tables.set(prefixLength, (table = new Map()));
      this.#prefixLengths = [...this.#tables.keys()].sort((a, b) => b - a);
    }
    const key = ip * PORT_SPAN + port;
    const own = table.get(key);
    if (own === undefined) table.set(key, new Map([[second, member]]));
    else own.set(second, member);
    this.#members.add(member);
  }

  #forget(member: Member): void {
    this.#members.delete(member);
    const { ip, port, second, prefixLength } = member;
    const table = this.#tables.get(prefixLength);
    const key = ip * PORT_SPAN + port;
    const own = table?.get(key);
    own?.delete(second);
    if (own?.size === 0) table?.delete(key);
    if (table?.size !== 0) return;
    this.#tables.delete(prefixLength);
    this.#prefixLengths = this.#prefixLengths.filter((length) => length !== prefixLength);
  }

  /** Deletes the member that is exactly this one. Throws when it is not there, unless `exist`. */
  delete(member: Member, exist: boolean): void {
    const before = this.isList ? this.#names.find(({ set }) => set === member.set) : this.#exact(member);
    if (before === undefined) {
      if (exist) return;
      throw new IpSetError("Element cannot be deleted from the set: it's not added");
    }
    if (this.isList) this.#names = this.#names.filter((other) => other !== before);
    else this.#forget(before);
  }

  flush(): void {
    this.#tables.clear();
    this.#prefixLengths = [];
    this.#members.clear();
    this.#names = [];
  }

  /** Reads what stands for one member or, with ranges, several. */
  parse(text: string, options: MemberOptions, now: number): Member[] {
    const parts = text.split(',');
    const { name, dimensions } = this.type;
    if (parts.length > dimensions.length) {
      if (dimensions.length === 1) throw new IpSetError(`Syntax error: Elem separator in ${text}, but settype ${name} supports none.`);
      throw new IpSetError(`Syntax error: Elem separator in ${text} too many times.`);
    }
    if (parts.length < dimensions.length)
      throw new IpSetError(`Syntax error: ${parts.length === 1 ? 'Second' : 'Third'} element is missing from ${text}.`);
    const timeout = options.timeout ?? this.options.timeout ?? 0;
    if (options.timeout !== undefined && this.options.timeout === undefined)
      throw new IpSetError('Timeout cannot be used: set was created without timeout support');
    const rest = {
      comment: options.comment,
      nomatch: options.nomatch ?? false,
      expiresAt: timeout === 0 ? NEVER : now + timeout * MS,
      packets: 0,
      bytes: 0,
    };
    return this.#parseParts(parts).map((part) => ({ ...NO_PARTS, ...part, ...rest }));
  }

  #parseParts(parts: readonly string[]): Partial<Member>[] {
    let members: Partial<Member>[] = [{}];
    this.type.dimensions.forEach((dimension, index) => {
      const text = parts[index] ?? '';
      const choices = this.#choices(dimension, text, index);
      members = members.flatMap((member) => choices.map((choice) => ({ ...member, ...choice })));
    });
    return members;
  }

  #choices(dimension: string, text: string, index: number): Partial<Member>[] {
    if (dimension === 'set') return [{ set: text }];
    if (dimension === 'port') {
      const [from, to] = parsePorts(text);
      return numbers(from, to).map((port) => ({ port: this.isBitmap ? this.#inRange(port % 65536, text) : port }));
    }
    if (dimension === 'net') {
      const { network, prefixLength } = parseNet(text);
      return [index === 0 ? { ip: network, prefixLength } : { second: network, prefixLength }];
    }
    const [from, to] = parseAddresses(text);
    if (index > 0) return numbers(from, to).map((second) => ({ second }));
    return [...new Set(numbers(from, to).map((ip) => this.#masked(ip)))].map((ip) => ({ ip }));
  }

  #inRange(port: number, text: string): number {
    const [from, to] = this.options.range;
    if (port < from || port > to) throw new IpSetError(`Element is out of the range of the set`);
    return text === '' ? from : port;
  }

  /** A member as it is printed, with what it has besides. */
  format(member: Member, now: number): string {
    const parts = this.type.dimensions.map((dimension, index) => {
      if (dimension === 'set') return member.set;
      if (dimension === 'port') return this.isBitmap ? `${member.port}` : formatPort(member.port);
      const ip = index === 0 ? member.ip : member.second;
      return dimension === 'net' ? formatNet(ip, member.prefixLength) : formatIpv4(ip);
    });
    const { timeout, counters, comment } = this.options;
    const left = member.expiresAt === NEVER ? 0 : Math.max(0, Math.floor((member.expiresAt - now) / MS));
    return [
      parts.join(','),
      timeout === undefined ? '' : ` timeout ${left}`,
      counters ? ` packets ${member.packets} bytes ${member.bytes}` : '',
      comment && member.comment !== undefined ? ` comment "${member.comment}"` : '',
      member.nomatch ? ' nomatch' : '',
    ].join('');
  }

  /** "family inet hashsize 1024 maxelem 65536 …". */
  header(): string {
    const { hashsize, maxelem, netmask, timeout, counters, comment, skbinfo, range, size } = this.options;
    const extensions = [
      timeout === undefined ? '' : ` timeout ${timeout}`,
      counters ? ' counters' : '',
      comment ? ' comment' : '',
      skbinfo ? ' skbinfo' : '',
    ].join('');
    if (this.isList) return `size ${size}${extensions}`;
    if (this.isBitmap) return `range ${range[0]}-${range[1]}${extensions}`;
    const mask = netmask === undefined ? '' : ` netmask ${netmask}`;
    return `family inet hashsize ${hashsize} maxelem ${maxelem}${mask}${extensions} bucketsize 12 initval ${this.#initval()}`;
  }

  /** The seed of the kernel's hash, which is random there and comes from the name here. */
  #initval(): string {
    let hash = 0x811c9dc5;
    for (let i = 0; i < this.name.length; i++) hash = Math.imul(hash ^ this.name.charCodeAt(i), 0x01000193);
    return `0x${(hash >>> 0).toString(16).padStart(8, '0')}`;
  }

  /** Bytes as the kernel would tell, roughly. */
  memory(now: number): number {
    if (this.isBitmap) return 72 + Math.ceil((this.options.range[1] - this.options.range[0] + 1) / 8);
    return (this.isList ? 80 : 216) + 48 * this.members(now).length;
  }
}

const NO_PARTS = { ip: 0, port: 0, second: 0, prefixLength: 32, set: '' };

function numbers(from: number, to: number): number[] {
  const [low, high] = from <= to ? [from, to] : [to, from];
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
