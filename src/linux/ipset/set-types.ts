/** What the types of sets consist of, and their members as text (`lib/parse.c`, `lib/print.c` of the ipset tool). */
import { type Cidr, formatIpv4, type Ipv4, networkOf, parseIpv4 } from '../net/ipv4.ts';
import type { PacketProtocol } from '../net/packet.ts';
import { IpSetError } from './ipset-error.ts';

/** A part of a member. */
export type Dimension = 'ip' | 'net' | 'port' | 'set';

/** A type of set. */
export interface SetType {
  readonly name: string;
  readonly dimensions: readonly Dimension[];
  /** What `ipset list` prints as revision. */
  readonly revision: number;
}

const TYPES: readonly SetType[] = [
  { name: 'hash:ip', dimensions: ['ip'], revision: 6 },
  { name: 'hash:net', dimensions: ['net'], revision: 7 },
  { name: 'hash:ip,port', dimensions: ['ip', 'port'], revision: 7 },
  { name: 'hash:ip,port,ip', dimensions: ['ip', 'port', 'ip'], revision: 6 },
  { name: 'hash:ip,port,net', dimensions: ['ip', 'port', 'net'], revision: 8 },
  { name: 'hash:net,port', dimensions: ['net', 'port'], revision: 8 },
  { name: 'bitmap:port', dimensions: ['port'], revision: 3 },
  { name: 'list:set', dimensions: ['set'], revision: 3 },
];

/** Types that ipset 7.17 has and that are not modelled here. */
const UNMODELLED = new Set([
  'hash:ip,mark',
  'hash:net,iface',
  'hash:net,net',
  'hash:net,port,net',
  'hash:mac',
  'hash:ip,mac',
  'bitmap:ip',
  'bitmap:ip,mac',
]);

/** The type of this name; "iphash" and the like of long ago are not known. */
export function setType(name: string): SetType {
  const type = TYPES.find((known) => known.name === name);
  if (type !== undefined) return type;
  if (UNMODELLED.has(name)) throw new IpSetError(`Set type '${name}' is not modelled`);
  throw new IpSetError(`Syntax error: typename '${name}' is unknown`);
}

/** Protocols by the number that a port's key has in its upper bits. */
const PROTOCOLS: readonly PacketProtocol[] = ['TCP', 'UDP', 'SCTP', 'ICMP'];
const PORT_BITS = 65536;

/** A protocol and a port as one number; undefined for protocols without ports. */
export function portKey(protocol: PacketProtocol, port: number): number | undefined {
  const index = PROTOCOLS.indexOf(protocol);
  return index < 0 ? undefined : index * PORT_BITS + port;
}

/** "tcp:80". */
export const formatPort = (key: number): string => `${(PROTOCOLS[Math.floor(key / PORT_BITS)] ?? 'TCP').toLowerCase()}:${key % PORT_BITS}`;

/** From, to. */
export type Range = readonly [number, number];

function parsePortNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new IpSetError(`Syntax error: cannot parse '${text}' as a tcp port`);
  const port = Number(text);
  if (port >= PORT_BITS)
    throw new IpSetError(
      `Syntax error: '${text}' is out of range 0-65535\nSyntax error: 'tcp' is invalid as number\ncannot parse '${text}' as a tcp port`,
    );
  return port;
}

/** "tcp:80", "udp:53-60", "80" (TCP) as keys. */
export function parsePorts(text: string): Range {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const protocol = PROTOCOLS.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (protocol < 0) throw new IpSetError(`Syntax error: cannot parse '${name}' as a protocol`);
  const [low = '', high = low] = text.slice(colon + 1).split('-');
  const base = protocol * PORT_BITS;
  return [base + parsePortNumber(low), base + parsePortNumber(high)];
}

function parseAddress(text: string): Ipv4 {
  const ip = parseIpv4(text);
  if (ip === undefined) throw new IpSetError(`Syntax error: cannot parse ${text}: resolving to IPv4 address failed`);
  return ip;
}

function parsePrefix(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 32) throw new IpSetError(`Syntax error: '${text}' is out of range 0-32`);
  return Number(text);
}

/** "1.2.3.4", "10.0.0.0/30", "10.0.0.1-10.0.0.9" as the addresses from and to. */
export function parseAddresses(text: string): Range {
  const [low = '', high] = text.split('-');
  if (high !== undefined) return [parseAddress(low), parseAddress(high)];
  const [host = '', prefix] = text.split('/');
  const ip = parseAddress(host);
  if (prefix === undefined) return [ip, ip];
  const length = parsePrefix(prefix);
  if (length === 0) throw new IpSetError('The value of the CIDR parameter of the IP address is invalid');
  const network = networkOf(ip, length);
  return [network, network + 2 ** (32 - length) - 1];
}

/** "10.0.0.0/8", "1.2.3.4". */
export function parseNet(text: string): Cidr {
  const [host = '', prefix = '32'] = text.split('/');
  const prefixLength = parsePrefix(prefix);
  if (prefixLength === 0) throw new IpSetError('The value of the CIDR parameter of the IP address is invalid');
  return { network: networkOf(parseAddress(host), prefixLength), prefixLength };
}

/** "10.0.0.0/8"; of a single address only that. */
export const formatNet = (ip: Ipv4, prefixLength: number): string =>
  prefixLength === 32 ? formatIpv4(ip) : `${formatIpv4(ip)}/${prefixLength}`;
