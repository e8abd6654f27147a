/** Hardware addresses as 48-bit numbers. */
import type { Ipv4 } from './ipv4.ts';

/** 0 to 2^48 - 1. */
export type Mac = number;

/** "0a:58", as the bridge plugin begins them. */
const FROM_ADDRESS = 0x0a58 * 2 ** 32;
/** "2e:58": locally administered. */
const FROM_INDEX = 0x2e58 * 2 ** 32;

/** A device's hardware address, made of its IPv4 address as the bridge plugin does, or of its index when it has none. */
export const macFor = (ip: Ipv4 | undefined, index: number): Mac => (ip === undefined ? FROM_INDEX + index : FROM_ADDRESS + ip);

/** 0x0a580af40105 as "0a:58:0a:f4:01:05". */
export const formatMac = (mac: Mac): string =>
  mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');
