/**
 * A packet's way: from a namespace, hop by hop, by the state of routes, links and bridges alone. Reachability is
 * what this walk finds; nothing else decides it. Netfilter belongs at the places where `walk` enters and leaves a
 * namespace.
 */
import type { Ipv4 } from './ipv4.ts';
import { primaryAddress, type Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';

/**
 * How a walk ended: delivered to a namespace; no route there (`ENETUNREACH`); nobody answered for the next hop
 * (`EHOSTUNREACH`); dropped without a word.
 */
export type Verdict = 'delivered' | 'no route' | 'host unreachable' | 'dropped';

/** Where the packet was last, and why it ended there. */
export interface WalkResult {
  readonly verdict: Verdict;
  readonly netns: NetworkNamespace;
}

/** Told about every namespace that the packet enters: through which link it came, and by which it leaves. */
export type HopVisitor = (netns: NetworkNamespace, input: Link | undefined, output: Link | undefined) => void;

const TTL = 64;

/** Sends a packet from `start` to `destination`. */
export function walk(start: NetworkNamespace, destination: Ipv4, visit?: HopVisitor): WalkResult {
  let netns = start;
  let input: Link | undefined;
  for (let ttl = TTL; ttl > 0; ttl--) {
    if (netns.isLocal(destination)) {
      visit?.(netns, input, undefined);
      return { verdict: 'delivered', netns };
    }
    if (netns !== start && !netns.forwards) return { verdict: 'dropped', netns };
    const route = netns.routes.lookup(destination);
    visit?.(netns, input, route?.link);
    if (route === undefined) return { verdict: 'no route', netns };
    if (!route.link.carrier) return { verdict: 'host unreachable', netns };
    const next = neighbour(route.link, route.gateway ?? destination);
    if (next === undefined) return { verdict: 'host unreachable', netns };
    input = next;
    netns = next.netns;
  }
  return { verdict: 'dropped', netns };
}

/** The address that `netns` would send from to `destination`; undefined without a route. */
export function sourceAddress(netns: NetworkNamespace, destination: Ipv4): Ipv4 | undefined {
  if (netns.isLocal(destination)) return destination;
  const route = netns.routes.lookup(destination);
  return route === undefined ? undefined : (route.source ?? primaryAddress(route.link) ?? netns.addresses[0]);
}

/** Whoever answers for `ip` on the Ethernet that `link` is on: the receiving link. */
function neighbour(link: Link, ip: Ipv4): Link | undefined {
  if (link.kind === 'bridge') return bridgeNeighbour(link, link, ip);
  if (link.kind === 'eth') return link.fabric?.neighbour(link, ip);
  const { peer } = link;
  if (link.kind !== 'veth' || peer === undefined) return undefined;
  if (peer.master !== undefined) return bridgeNeighbour(peer.master, peer, ip);
  return peer.netns.isLocal(ip) ? peer : undefined;
}

/** ARP on a bridge: the bridge's own machine, or the namespace behind one of its ports. */
function bridgeNeighbour(bridge: Link, from: Link, ip: Ipv4): Link | undefined {
  if (!bridge.up) return undefined;
  if (from !== bridge && bridge.netns.isLocal(ip)) return bridge;
  const known = bridge.neighbours?.get(ip);
  if (known !== undefined && known.peer?.master === bridge && known.carrier && known.netns.isLocal(ip)) return known;
  for (const port of bridge.ports ?? []) {
    const end = port.peer;
    if (port === from || end === undefined || !port.carrier || !end.netns.isLocal(ip)) continue;
    (bridge.neighbours ??= new Map()).set(ip, end);
    return end;
  }
  bridge.neighbours?.delete(ip);
  return undefined;
}
