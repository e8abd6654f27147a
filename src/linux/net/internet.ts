/** What lies beyond the LAN's gateway. The kernel only knows whether packets get there; what answers, others say. */
import type { Fabric } from './fabric.ts';
import { type Ipv4, networkOf } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Message, Protocol, Reply } from './socket.ts';
import { walk } from './walk.ts';

/** The rest of the world. */
export interface Internet {
  /** The answer of `ip`:`port`; undefined when nobody has that address, or nothing listens there. */
  serve(ip: Ipv4, port: number, protocol: Protocol, message: Message): Reply | undefined;
}

/** Networks that no router of the Internet knows (RFC 1918, RFC 6598, loopback, link local, multicast and above). */
const PRIVATE: readonly (readonly [network: Ipv4, prefixLength: number])[] = [
  [0x0a000000, 8],
  [0xac100000, 12],
  [0xc0a80000, 16],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xe0000000, 3],
  [0, 8],
];

/** Whether routers of the Internet know the way to `ip`. */
export const isPublic = (ip: Ipv4): boolean => PRIVATE.every(([network, length]) => networkOf(ip, length) !== network);

/**
 * The LAN, when a packet from `netns` to `ip` gets as far as its gateway. What the gateway does with it, others say.
 * Differs: the gateway is no machine with a kernel of its own: it takes every packet, and translates pods' addresses itself.
 */
export function fabricLeftBy(netns: NetworkNamespace, ip: Ipv4): Fabric | undefined {
  const there = walk(netns, ip);
  if (there.verdict !== 'host unreachable' || there.netns !== netns.machine.netns) return undefined;
  const route = there.netns.routes.lookup(ip);
  const fabric = route?.link.fabric;
  const leaves = fabric !== undefined && route?.gateway === fabric.gateway && route.link.carrier && netns.machine.powered;
  return leaves ? fabric : undefined;
}

/** The Internet, when a packet to `ip` gets there. */
export const internetFor = (netns: NetworkNamespace, ip: Ipv4): Internet | undefined =>
  isPublic(ip) ? fabricLeftBy(netns, ip)?.internet : undefined;
