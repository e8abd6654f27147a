/** A namespace's main routing table: the longest prefix wins, then the lowest metric (`net/ipv4/fib_trie.c`). */
import { formatCidr, formatIpv4, networkOf, type Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';

/** "10.244.2.0/24 via 172.18.0.3 dev eth0". */
export interface Route {
  readonly network: Ipv4;
  readonly prefixLength: number;
  /** Next hop; undefined when the network is on the link itself. */
  readonly gateway: Ipv4 | undefined;
  readonly link: Link;
  readonly metric: number;
  /** Preferred source address. */
  readonly source: Ipv4 | undefined;
}

/** From how many routes on a lookup uses an index. */
const INDEX_FROM = 16;

/** The routes of one namespace. */
export class RouteTable {
  #routes: readonly Route[] = [];
  /** prefix length → network → routes; built when needed, dropped by each change. */
  #index: Map<number, Map<Ipv4, Route[]>> | undefined = undefined;

  /** All routes, longest prefix first. */
  list(): readonly Route[] {
    return this.#routes;
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
    const found = routes.length < this.#routes.length;
    if (found) this.#set(routes);
    return found;
  }

  /** Deletes the routes through a link that goes away. */
  forget(link: Link): void {
    if (this.#routes.some((route) => route.link === link)) this.#set(this.#routes.filter((route) => route.link !== link));
  }

  /**
   * The route to `destination`; undefined when none fits.
   * Differs: routes through a link that is down are skipped, not deleted, so they work again once it is up.
   */
  lookup(destination: Ipv4): Route | undefined {
    if (this.#routes.length < INDEX_FROM) return best(this.#routes, destination);
    this.#index ??= indexOf(this.#routes);
    for (const [prefixLength, networks] of this.#index) {
      const found = best(networks.get(networkOf(destination, prefixLength)) ?? [], destination);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #set(routes: readonly Route[]): void {
    this.#routes = routes;
    this.#index = undefined;
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
  const via = route.gateway === undefined ? '' : ` via ${formatIpv4(route.gateway)}`;
  const scope = route.gateway === undefined && route.prefixLength > 0 ? ' scope link' : '';
  const source = route.source === undefined ? '' : ` src ${formatIpv4(route.source)}`;
  return `${target}${via} dev ${route.link.name}${scope}${source}`;
}
