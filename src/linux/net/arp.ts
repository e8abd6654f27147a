/**
 * From IPv4 addresses to hardware addresses (`net/ipv4/arp.c`): a question that everyone on the Ethernet hears, and the
 * answer, which both sides and the bridges between them remember.
 * Differs: an entry does not grow stale by the clock; that its owner is gone is found out when a frame to it is not taken.
 */
import { learn } from './bridge-fdb.ts';
import { networkChanged } from './generation.ts';
import type { Ipv4 } from './ipv4.ts';
import { type Link, type Neighbour, primaryAddress } from './link.ts';
import { findRoute } from './routing.ts';

const LOOPBACK_PREFIX = 0x7f;

/** The neighbour that has `ip`, from memory or by asking. */
export function neighbourFor(link: Link, ip: Ipv4, source: Ipv4 | undefined): Neighbour | undefined {
  return link.neighbours?.get(ip) ?? ask(link, ip, source);
}

/** Sends an ARP request, and remembers the answer. */
export function ask(link: Link, ip: Ipv4, source: Ipv4 | undefined): Neighbour | undefined {
  const answering = whoHas(link, ip);
  if (answering === undefined) {
    if (link.neighbours?.delete(ip)) networkChanged();
    return undefined;
  }
  const { now } = link.netns.machine;
  const neighbour = { mac: answering.mac, confirmedAt: now, permanent: false };
  remember(link, ip, neighbour);
  const asking = senderOf(link, source);
  if (asking !== undefined) remember(answering, asking, { mac: link.mac, confirmedAt: now, permanent: false });
  return neighbour;
}

/** Puts an entry into ARP's memory, or (`ip neigh replace … nud permanent`) one that stays. */
export function remember(link: Link, ip: Ipv4, neighbour: Neighbour): void {
  const known = link.neighbours?.get(ip);
  if (known?.permanent && !neighbour.permanent) return;
  if (known !== undefined && known.mac !== neighbour.mac) networkChanged();
  (link.neighbours ??= new Map()).set(ip, neighbour);
}

/** Forgets who has `ip`, unless it was set by hand. */
export function forgetNeighbour(link: Link, ip: Ipv4): void {
  if (link.neighbours?.get(ip)?.permanent !== false) return;
  link.neighbours.delete(ip);
  networkChanged();
}

/** The sender's address in a request: the packet's own source when it is local, unless arp_announce wants the link's. */
function senderOf(link: Link, source: Ipv4 | undefined): Ipv4 | undefined {
  const announce = link.netns.details.sysctls?.device(link.name, 'arp_announce') ?? 0;
  if (announce < 2 && source !== undefined && source >>> 24 !== LOOPBACK_PREFIX && link.netns.isLocal(source)) return source;
  return primaryAddress(link);
}

/** Whoever answers for `ip` on the Ethernet that `link` is on. The bridges on the way learn where both are. */
function whoHas(link: Link, ip: Ipv4): Link | undefined {
  if (link.kind === 'eth') return link.fabric?.neighbour(link, ip);
  if (link.kind === 'bridge') return askPorts(link, undefined, ip);
  const { peer } = link;
  if (link.kind !== 'veth' || peer === undefined || !peer.up || !link.up) return undefined;
  if (peer.master === undefined) return answers(peer, ip) || proxies(peer, ip) ? peer : undefined;
  const bridge = peer.master;
  if (!bridge.up) return undefined;
  learn(bridge, peer, link.mac);
  return answers(bridge, ip) ? bridge : askPorts(bridge, peer, ip);
}

/** A bridge floods a request to all ports but the one it came by. */
function askPorts(bridge: Link, from: Link | undefined, ip: Ipv4): Link | undefined {
  if (!bridge.up) return undefined;
  for (const port of bridge.ports ?? []) {
    if (port === from || !port.carrier) continue;
    const answering = port.kind === 'eth' ? port.fabric?.neighbour(port, ip) : port.peer;
    if (answering === undefined || !answers(answering, ip)) continue;
    learn(bridge, port, answering.mac);
    return answering;
  }
  return undefined;
}

/** Whether a device answers for others, to which there is a way by another device (`proxy_arp`). */
function proxies(link: Link, ip: Ipv4): boolean {
  const { sysctls } = link.netns.details;
  if (!link.up || sysctls === undefined || sysctls.device(link.name, 'proxy_arp') === 0) return false;
  const route = findRoute(link.netns, ip);
  return route !== undefined && route.link !== link;
}

/** Whether a device that hears a request for `ip` answers it (`arp_ignore`: 1, only for addresses of that device). */
export function answers(link: Link, ip: Ipv4): boolean {
  if (!link.up || ip >>> 24 === LOOPBACK_PREFIX || !link.netns.isLocal(ip)) return false;
  const ignore = link.netns.details.sysctls?.device(link.name, 'arp_ignore') ?? 0;
  return ignore === 0 || link.addresses.some((address) => address.ip === ip);
}
