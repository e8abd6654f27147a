/** Routing decisions (`net/ipv4/route.c`, `fib_frontend.c`): where a packet of one's own goes, and what becomes of one that came in. */
import type { Ipv4 } from './ipv4.ts';
import { type Link, primaryAddress } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Route } from './routes.ts';
import type { DropReason } from './walk-recorder.ts';

const LOOPBACK_PREFIX = 0x7f;
const LOCALHOST = 0x7f000001;
const MULTICAST_FIRST = 0xe0000000;

/** The route of a packet: by `ip rule` where there are rules, else by the main table. */
export function findRoute(netns: NetworkNamespace, destination: Ipv4, source?: Ipv4, mark = 0, iif?: string): Route | undefined {
  const byRule = netns.details.rules?.lookup({ source, destination, mark, iif });
  const route = byRule ?? netns.routes.lookup(destination);
  return route?.type === 'throw' ? undefined : route;
}

/** The address that `netns` would send from to `destination`; undefined without a route. */
export function sourceAddress(netns: NetworkNamespace, destination: Ipv4): Ipv4 | undefined {
  if (destination >>> 24 === LOOPBACK_PREFIX) return netns.loopback.up ? LOCALHOST : undefined;
  if (netns.isLocal(destination)) return destination;
  const route = findRoute(netns, destination);
  if (route === undefined || (route.type ?? 'unicast') !== 'unicast') return undefined;
  return route.source ?? selectSource(netns, route.link, route.gateway);
}

/** `inet_select_addr`: an address of the link, best in the gateway's network; else any of the namespace. */
export function selectSource(netns: NetworkNamespace, link: Link, gateway: Ipv4 | undefined): Ipv4 | undefined {
  const near = gateway === undefined ? undefined : link.addresses.find(({ ip, prefixLength }) => sameNetwork(ip, gateway, prefixLength));
  return near?.ip ?? primaryAddress(link) ?? netns.addresses[0];
}

const sameNetwork = (a: Ipv4, b: Ipv4, length: number): boolean => length === 0 || (a ^ b) >>> (32 - length) === 0;

/** What a machine does with a packet that came in. */
export type InputDecision = 'local' | Route | DropReason;

/** The decision for a packet from `source` to `destination` that came in by `input` (`ip_route_input_slow`). */
export function routeInput(netns: NetworkNamespace, input: Link, source: Ipv4, destination: Ipv4, mark = 0): InputDecision {
  if (input.kind === 'loopback') return netns.isLocal(destination) ? 'local' : 'no route';
  const martian = martianOf(netns, input, source, destination);
  if (martian !== undefined) return martian;
  const local = netns.isLocal(destination);
  if (!local && !netns.forwards) return 'not forwarding';
  const route = local ? undefined : findRoute(netns, destination, source, mark, input.name);
  if (!local && route === undefined) return 'no route';
  if (route?.type === 'blackhole') return 'blackhole';
  if (route?.type === 'unreachable') return 'unreachable';
  if (route?.type === 'prohibit') return 'prohibited';
  const invalid = invalidSource(netns, input, source);
  return invalid ?? route ?? 'local';
}

function martianOf(netns: NetworkNamespace, input: Link, source: Ipv4, destination: Ipv4): DropReason | undefined {
  const fromLoopback = source >>> 24 === LOOPBACK_PREFIX;
  const toLoopback = destination >>> 24 === LOOPBACK_PREFIX;
  if (source >= MULTICAST_FIRST || source >>> 24 === 0) return 'martian source';
  if (!fromLoopback && !toLoopback) return undefined;
  const routes = (netns.details.sysctls?.device(input.name, 'route_localnet') ?? 0) > 0;
  if (routes) return undefined;
  return fromLoopback ? 'martian source' : 'martian destination';
}

/** `fib_validate_source`: nobody else sends from one's own address; rp_filter 1 wants the way back through the same link, 2 any way. */
function invalidSource(netns: NetworkNamespace, input: Link, source: Ipv4): DropReason | undefined {
  const { sysctls } = netns.details;
  if (netns.isLocal(source) && source >>> 24 !== LOOPBACK_PREFIX) {
    return (sysctls?.device(input.name, 'accept_local') ?? 0) > 0 ? undefined : 'martian source';
  }
  const filter = sysctls?.device(input.name, 'rp_filter') ?? 0;
  if (filter === 0) return undefined;
  const back = findRoute(netns, source);
  if (back === undefined) return 'rp_filter';
  return filter === 1 && back.link !== input ? 'rp_filter' : undefined;
}
