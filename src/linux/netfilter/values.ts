/** Values of options as the tools read them: numbers, ports, marks, addresses, lists. */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { UsageError } from './tool-error.ts';

const MAX32 = 0xffffffff;
const MAX_PORT = 65535;

/** "80", "0x50", "0120" (octal); undefined for what is not a number from 0 to `max`. */
export function parseNumber(text: string, max = MAX32): number | undefined {
  let value: number;
  if (/^0[xX][\da-fA-F]+$/.test(text)) value = Number.parseInt(text, 16);
  else if (/^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8);
  else if (/^\d+$/.test(text)) value = Number(text);
  else return undefined;
  return value <= max ? value : undefined;
}

/** A number from `min` to `max`, or the error that libxtables prints. */
export function numberOption(module: string, option: string, text: string, min: number, max: number): number {
  const value = parseNumber(text, max);
  if (value === undefined || value < min)
    throw new UsageError(`${module}: bad value for option "${option}", or out of range (${min}-${max}).\n`);
  return value;
}

/** "0x4000". */
export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** A value with a mask: "0x4000/0x4000". */
export interface MaskedValue {
  readonly value: number;
  readonly mask: number;
}

/** "1", "0x4000/0xffff"; without a mask all bits count. */
export function parseMasked(module: string, option: string, text: string): MaskedValue {
  const slash = text.indexOf('/');
  const value = parseNumber(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? MAX32 : parseNumber(text.slice(slash + 1));
  if (value === undefined || mask === undefined)
    throw new UsageError(`${module}: bad integer value for option "${option}", or out of range.\n`);
  return { value, mask };
}

/** "0x4000/0x4000", or "0x4000" when all bits count. */
export const formatMasked = ({ value, mask }: MaskedValue): string => (mask === MAX32 ? hex(value) : `${hex(value)}/${hex(mask)}`);

/** The few names of /etc/services that people write in rules. */
const SERVICES: Readonly<Record<string, number>> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  syslog: 514,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
};

/** "80", "http". */
export function parsePort(text: string): number {
  const port = parseNumber(text, MAX_PORT) ?? SERVICES[text];
  if (port === undefined) throw new UsageError(`invalid port/service \`${text}' specified`);
  return port;
}

/** From port, to port. */
export type PortRange = readonly [number, number];

/** "80", "1000:2000", ":80", "80:". `ordered`: whether the tool looks that the first is not the higher one. */
export function parsePortRange(text: string, ordered: boolean): PortRange {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const port = parsePort(text);
    return [port, port];
  }
  const from = colon === 0 ? 0 : parsePort(text.slice(0, colon));
  const to = colon === text.length - 1 ? MAX_PORT : parsePort(text.slice(colon + 1));
  if (ordered && from > to) throw new UsageError('invalid portrange (min > max)');
  return [from, to];
}

/** "80", "1000:2000". */
export const formatPortRange = ([from, to]: PortRange, separator = ':'): string => (from === to ? `${from}` : `${from}${separator}${to}`);

const DOT = 46;
const ZERO = 48;

/** "10.0.0.1", and the short forms "10" and "10.1.2", filled up with zeros. */
export function parseAddress(text: string): Ipv4 | undefined {
  let address = 0;
  let parts = 1;
  let byte = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (byte < 0 || ++parts > 4) return undefined;
      address = address * 256 + byte;
      byte = -1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    byte = byte < 0 ? digit : byte * 10 + digit;
    if (byte > 255) return undefined;
  }
  if (byte < 0) return undefined;
  address = address * 256 + byte;
  for (; parts < 4; parts++) address *= 256;
  return address;
}

/** An address with the bits of it that count. */
export interface AddressMask {
  readonly address: Ipv4;
  readonly mask: number;
}

/** 24 as 0xffffff00. */
export const maskOfLength = (length: number): number => (length === 0 ? 0 : (MAX32 << (32 - length)) >>> 0);

/** "10.0.0.0/8", "10.0.0.0/255.0.0.0", "10.0.0.1", "localhost"; bits outside the mask are cleared. */
export function parseAddressMask(text: string): AddressMask {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const address = host === 'localhost' ? 0x7f000001 : parseAddress(host);
  if (address === undefined) throw new UsageError(`host/network \`${host}' not found`);
  if (slash < 0) return { address, mask: MAX32 };
  const maskText = text.slice(slash + 1);
  const length = parseNumber(maskText, 32);
  const mask = length !== undefined ? maskOfLength(length) : maskText.includes('.') ? parseAddress(maskText) : undefined;
  if (mask === undefined) throw new UsageError(`invalid mask \`${maskText}' specified`);
  return { address: (address & mask) >>> 0, mask };
}

/** How many leading bits a mask has; undefined when they are not all in front. */
export function lengthOfMask(mask: number): number | undefined {
  const length = Math.clz32(~mask);
  return maskOfLength(length) === mask >>> 0 ? length : undefined;
}

/** "10.0.0.0/8"; `hosts`: whether "/32" is written. */
export function formatAddressMask({ address, mask }: AddressMask, hosts = true): string {
  const length = lengthOfMask(mask);
  if (length === undefined) return `${formatIpv4(address)}/${formatIpv4(mask)}`;
  return length === 32 && !hosts ? formatIpv4(address) : `${formatIpv4(address)}/${length}`;
}

/** Protocols by the names that /etc/protocols gives them. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  all: 0,
  ip: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  ospf: 89,
  ipip: 94,
  sctp: 132,
  udplite: 136,
};

/** "tcp", "6", "all". */
export function parseProtocol(text: string): number {
  const number = parseNumber(text, 255) ?? PROTOCOLS[text.toLowerCase()];
  if (number === undefined) throw new UsageError(`unknown protocol "${text.toLowerCase()}" specified`);
  return number;
}

const PROTOCOL_NAMES = new Map<number, string>();

/** 6 as "tcp"; a number without a name as it is. */
export function formatProtocol(number: number): string {
  if (PROTOCOL_NAMES.size === 0)
    for (const [name, value] of Object.entries(PROTOCOLS)) if (!PROTOCOL_NAMES.has(value)) PROTOCOL_NAMES.set(value, name);
  return PROTOCOL_NAMES.get(number) ?? `${number}`;
}

/** "" or " !" before an option that may be inverted. */
export const not = (inverted: boolean): string => (inverted ? ' !' : '');
