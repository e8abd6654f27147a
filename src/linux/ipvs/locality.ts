/** Schedulers that remember which server has an address in its cache: lblc and lblcr (`ip_vs_lblc.c`, `ip_vs_lblcr.c`). */
import { weightedLeast } from './least-connection.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { overhead, type RealServer, type ScheduledPacket, type Scheduler, type SchedulingCost, type VirtualServer } from './types.ts';

/** A set that has not changed for so long loses its busiest server (sysctl lblcr_expiration). */
const SET_EXPIRATION_MS = 24 * 3_600_000;

const isUsable = ({ available, weight }: RealServer): boolean => available && weight > 0;

/** Busy beyond its weight, while another is not even half busy. */
const isOverloaded = ({ active, weight }: RealServer, { servers }: VirtualServer): boolean =>
  active > weight && servers.some((other) => other.active * 2 < other.weight);

/** Locality-based least connection: one server for a destination address, until it is overloaded. */
export class LocalityLeast implements Scheduler {
  readonly #cache = new Map<Ipv4, RealServer>();

  choose(service: VirtualServer, { destination }: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    const cached = this.#cache.get(destination);
    if (cached !== undefined && isUsable(cached) && !isOverloaded(cached, service)) return cached;
    const chosen = weightedLeast(service.servers, cost);
    if (chosen !== undefined) this.#cache.set(destination, chosen);
    return chosen;
  }
}

interface ServerSet {
  readonly servers: Set<RealServer>;
  modifiedMs: number;
}

/** The same with a set of servers for an address, that grows under load and shrinks in time. */
export class LocalityLeastReplicated implements Scheduler {
  readonly #cache = new Map<Ipv4, ServerSet>();

  choose(service: VirtualServer, { destination, now }: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    const set = this.#cache.get(destination);
    if (set !== undefined) {
      const least = weightedLeast([...set.servers].filter(isUsable), cost);
      if (set.servers.size > 1 && now > set.modifiedMs + SET_EXPIRATION_MS) dropBusiest(set, now);
      if (least !== undefined && !isOverloaded(least, service)) return least;
    }
    const chosen = weightedLeast(service.servers, cost);
    if (chosen === undefined) return undefined;
    if (set === undefined) this.#cache.set(destination, { servers: new Set([chosen]), modifiedMs: now });
    else if (!set.servers.has(chosen)) {
      set.servers.add(chosen);
      set.modifiedMs = now;
    }
    return chosen;
  }

  changed(_service: VirtualServer, removed?: { server: RealServer }): void {
    if (removed !== undefined) for (const set of this.#cache.values()) set.servers.delete(removed.server);
  }
}

/** Of those with connections, the one with the greatest overhead / weight. */
function dropBusiest(set: ServerSet, now: number): void {
  let busiest: RealServer | undefined;
  for (const server of set.servers) {
    if (overhead(server) === 0 || server.weight <= 0) continue;
    if (busiest === undefined || overhead(busiest) * server.weight < overhead(server) * busiest.weight) busiest = server;
  }
  if (busiest === undefined) return;
  set.servers.delete(busiest);
  set.modifiedMs = now;
}
