/** A hash of two addresses, 0 to 2^31 - 1. */
import type { Ipv4 } from '../net/ipv4.ts';

const MIX = 0x9e3779b1;

/** Spreads pairs of addresses evenly. */
export function networkHash(a: Ipv4, b: Ipv4): number {
  let hash = Math.imul(a ^ MIX, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 13) ^ b, MIX);
  return (hash ^ (hash >>> 16)) & 0x7fffffff;
}
