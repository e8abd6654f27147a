/**
 * A routing table: the longest prefix wins, then the lowest metric (`net/ipv4/fib_trie.c`). Routes that are the same on
 * many machines, as a pod network's routes to all other nodes, are held once and shared (`SharedRoutes`).
 */
import { networkChanged, networkGeneration } from './generation.ts';
import { formatCidr, formatIpv4, networkOf, type Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';

/** What a route does with a packet. All but unicast end its way: silently, or with an ICMP error. */
export type RouteType = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

/** Who put a route there. */
export type RouteProtocol = 'kernel' | 'boot' | 'static' | 'bird';

/** "10.244.2.0/24 via 172.18.0.3 dev eth0". */
export interface Route {
  readonly network: Ipv4;
  readonly prefixLength: number;
  /** Next hop; undefined when the network is on the link itself. */
  readonly gateway: Ipv4 | undefined;
  /** Where packets leave. With a type other than unicast, the loopback. */
  readonly link: Link;
  readonly metric: number;
  /** Preferred source address. */
  readonly source: Ipv4 | undefined;
  /** Default: unicast. */
  readonly type?: RouteType;
  readonly protocol?: RouteProtocol;
  /** The gateway need not be in a network of the link. */
  readonly onlink?: boolean;
}

/** From how many routes on a lookup uses an index. */
const INDEX_FROM = 16;
/** Look-ups that are remembered. */
const MOST_FOUND = 256;

/** Routes by network and gateway, without a link: which one they use, each table says for itself. */
export class SharedRoutes {
  /** prefix length → network → gateway */
  readonly #gateways = new Map<number, Map<Ipv4, Ipv4>>();
  /** Prefix lengths, longest first. */
  #lengths: readonly number[] = [];

  /** Adds a route, or changes its gateway. */
  set(network: Ipv4, prefixLength: number, gateway: Ipv4): void {
    let networks = this.#gateways.get(prefixLength);
    if (networks === undefined) {
      this.#gateways.set(prefixLength, (networks = new Map()));
      this.#lengths = [...this.#gateways.keys()].sort((a, b) => b - a);
    }
    networks.set(network, gateway);
    networkChanged();
  }

  delete(network: Ipv4, prefixLength: number): boolean {
    const found = this.#gateways.get(prefixLength)?.delete(network) ?? false;
    if (found) networkChanged();
    return found;
  }

  /** The lengths that there are routes of, longest first. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  /** The gateway for `destination` among the networks of this length. */
  find(destination: Ipv4, prefixLength: number): Ipv4 | undefined {
    return this.#gateways.get(prefixLength)?.get(networkOf(destination, prefixLength));
  }

  *[Symbol.iterator](): Iterator<{ network: Ipv4; prefixLength: number; gateway: Ipv4 }> {
    for (const [prefixLength, networks] of this.#gateways) {
      for (const [network, gateway] of networks) yield { network, prefixLength, gateway };
    }
  }
}

/** Shared routes, and how a table uses them. */
interface Attached {
  readonly routes: SharedRoutes;
  readonly link: Link;
  readonly onlink: boolean;
  /** Those that were deleted from this table alone, as network * 64 + prefix length. */
  readonly without: Set<number>;
  /** What look-ups found since the network last changed. */
  readonly found: Map<Ipv4, Route | undefined>;
  generation: number;
}

const keyOf = (network: Ipv4, prefixLength: number): number => network * 64 + prefixLength;

/** The routes of one namespace. */
export class RouteTable {
  #routes: readonly Route[] = [];
  /** prefix length → network → routes; built when needed, dropped by each change. */
  #index: Map<number, Map<Ipv4, Route[]>> | undefined = undefined;
  #attached: Attached | undefined = undefined;

  /** All routes, longest prefix first. Shared ones through this machine itself are left out. */
  list(): readonly Route[] {
    if (this.#attached === undefined) return this.#routes;
    const all = [...this.#routes];
    for (const shared of this.#attached.routes) {
      if (this.#hides(shared.network, shared.prefixLength, shared.gateway)) continue;
      const at = all.findIndex(({ prefixLength }) => prefixLength < shared.prefixLength);
      all.splice(at < 0 ? all.length : at, 0, this.#sharedRoute(shared.network, shared.prefixLength, shared.gateway));
    }
    return all;
  }

  /** Uses `routes` too, through `link`; undefined stops it. Own routes win over shared ones of the same length. */
  attach(routes: SharedRoutes | undefined, link?: Link, onlink = false): void {
    this.#attached =
      routes === undefined || link === undefined
        ? undefined
        : { routes, link, onlink, without: new Set(), found: new Map(), generation: 0 };
    networkChanged();
  }

  /** Adds a route; one with the same network and metric is replaced (`ip route replace`). */
  replace(route: Route): void {
    const same = (other: Route) =>
      other.network === route.network && other.prefixLength === route.prefixLength && other.metric === route.metric;
    const routes = this.#routes.filter((other) => !same(other));
    const at = routes.findIndex((other) => other.prefixLength < route.prefixLength);
    const split = at < 0 ? routes.length : at;
    this.#set(routes.slice(0, split).concat(route, routes.slice(split)));
  }

  /** Deletes the routes to a network. Returns whether there was one. */
  delete(network: Ipv4, prefixLength: number): boolean {
    const routes = this.#routes.filter((route) => route.network !== network || route.prefixLength !== prefixLength);
    if (routes.length < this.#routes.length) {
      this.#set(routes);
      return true;
    }
    const attached = this.#attached;
    const gateway = attached?.routes.find(network, prefixLength);
    if (attached === undefined || gateway === undefined || this.#hides(network, prefixLength, gateway)) return false;
    attached.without.add(keyOf(network, prefixLength));
    networkChanged();
    return true;
  }

  /** Puts a deleted route back; one that is shared is followed again. */
  restore(route: Route): void {
    if (this.#attached?.without.delete(keyOf(route.network, route.prefixLength))) networkChanged();
    else this.replace(route);
  }

  /** Deletes the routes through a link that goes away. */
  forget(link: Link): void {
    if (this.#attached?.link === link) this.attach(undefined);
    if (this.#routes.some((route) => route.link === link)) this.#set(this.#routes.filter((route) => route.link !== link));
  }

  /**
   * The route to `destination`; undefined when none fits.
   * Differs: routes through a link that is down are skipped, not deleted, so they work again once it is up.
   */
  lookup(destination: Ipv4): Route | undefined {
    const attached = this.#attached;
    if (attached === undefined) return this.#own(destination);
    const generation = networkGeneration();
    if (attached.generation !== generation || attached.found.size > MOST_FOUND) {
      attached.found.clear();
      attached.generation = generation;
    }
    let route = attached.found.get(destination);
    if (route === undefined) attached.found.set(destination, (route = this.#longest(destination, attached)));
    return route;
  }

  /** Among own and shared routes. */
  #longest(destination: Ipv4, { link, routes }: Attached): Route | undefined {
    const own = this.#own(destination);
    if (!link.up) return own;
    for (const length of routes.lengths) {
      if (own !== undefined && length <= own.prefixLength) break;
      const gateway = routes.find(destination, length);
      if (gateway === undefined) continue;
      const network = networkOf(destination, length);
      if (!this.#hides(network, length, gateway)) return this.#sharedRoute(network, length, gateway);
    }
    return own;
  }

  #own(destination: Ipv4): Route | undefined {
    if (this.#routes.length < INDEX_FROM) return best(this.#routes, destination);
    this.#index ??= indexOf(this.#routes);
    for (const [prefixLength, networks] of this.#index) {
      const found = best(networks.get(networkOf(destination, prefixLength)) ?? [], destination);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether this table does without a shared route: it was deleted here, or leads to the machine itself. */
  #hides(network: Ipv4, prefixLength: number, gateway: Ipv4): boolean {
    const attached = this.#attached;
    if (attached === undefined) return true;
    return (attached.without.size > 0 && attached.without.has(keyOf(network, prefixLength))) || attached.link.netns.isLocal(gateway);
  }

  #sharedRoute(network: Ipv4, prefixLength: number, gateway: Ipv4): Route {
    const { link, onlink } = this.#attached as Attached;
    return { network, prefixLength, gateway, link, metric: 0, source: undefined, onlink };
  }

  #set(routes: readonly Route[]): void {
    this.#routes = routes;
    this.#index = undefined;
    networkChanged();
  }
}

/** `routes` are ordered by prefix length, longest first. */
function best(routes: readonly Route[], destination: Ipv4): Route | undefined {
  let found: Route | undefined;
  for (const route of routes) {
    if (found !== undefined && route.prefixLength < found.prefixLength) break;
    if (!route.link.up || networkOf(destination, route.prefixLength) !== route.network) continue;
    if (found === undefined || route.metric < found.metric) found = route;
  }
  return found;
}

function indexOf(routes: readonly Route[]): Map<number, Map<Ipv4, Route[]>> {
  const index = new Map<number, Map<Ipv4, Route[]>>();
  for (const route of routes) {
    let networks = index.get(route.prefixLength);
    if (networks === undefined) index.set(route.prefixLength, (networks = new Map()));
    const same = networks.get(route.network);
    if (same === undefined) networks.set(route.network, [route]);
    else same.push(route);
  }
  return index;
}

/** A line of `ip route`. */
export function formatRoute(route: Route): string {
  const target = route.prefixLength === 0 ? 'default' : formatCidr(route);
  if (route.type !== undefined && route.type !== 'unicast') return `${route.type} ${target}`;
  const via = route.gateway === undefined ? '' : ` via ${formatIpv4(route.gateway)}`;
  const scope = route.gateway === undefined && route.prefixLength > 0 ? ' scope link' : '';
  const source = route.source === undefined ? '' : ` src ${formatIpv4(route.source)}`;
  return `${target}${via} dev ${route.link.name}${scope}${source}`;
}
