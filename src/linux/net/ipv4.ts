/**
 * IPv4 addresses as unsigned 32-bit numbers, so that tables of them are small and comparisons cheap.
 */

/** An IPv4 address, 0 to 2^32 - 1. 0 stands for "any". */
export type Ipv4 = number;

/** A network: the lowest address, and how many leading bits are fixed. */
export interface Cidr {
  readonly network: Ipv4;
  readonly prefixLength: number;
}

/** 127.0.0.1 */
export const LOCALHOST: Ipv4 = 0x7f000001;

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;

/** "10.244.1.5" as a number; undefined for what is not a dotted quad: numbers up to 255, without zeros before them. */
export function parseIpv4(text: string): Ipv4 | undefined {
  let address = 0;
  let byte = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return undefined;
      address = address * 256 + byte;
      byte = digits = 0;
    } else {
      if (code < ZERO || code > NINE || (digits > 0 && byte === 0)) return undefined;
      byte = byte * 10 + code - ZERO;
      if (byte > 255) return undefined;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? address * 256 + byte : undefined;
}

/** 0x0af40105 as "10.244.1.5". */
export const formatIpv4 = (address: Ipv4): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

/** 24 as 0xffffff00. */
const maskOf = (prefixLength: number): number => (prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);

/** The network that `address` with this prefix length lies in. */
export const networkOf = (address: Ipv4, prefixLength: number): Ipv4 => (address & maskOf(prefixLength)) >>> 0;

/** The highest address of a network. */
export const broadcastOf = ({ network, prefixLength }: Cidr): Ipv4 => (network | ~maskOf(prefixLength)) >>> 0;

/** "10.244.1.0/24"; host bits are cleared. Undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseIpv4(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (slash < 0 || address === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  return { network: networkOf(address, Number(length)), prefixLength: Number(length) };
}

/** "10.244.1.0/24". */
export const formatCidr = ({ network, prefixLength }: Cidr): string => `${formatIpv4(network)}/${prefixLength}`;

/** Whether `address` lies in the network. */
export const contains = ({ network, prefixLength }: Cidr, address: Ipv4): boolean => networkOf(address, prefixLength) === network;
