/**
 * Schedulers that compare loads: lc, wlc, sed, nq, ovf, fo (`ip_vs_lc.c`, `ip_vs_wlc.c`, `ip_vs_sed.c`, `ip_vs_nq.c`,
 * `ip_vs_ovf.c`, `ip_vs_fo.c`). The first of equals in the list wins.
 */
import { overhead, type RealServer, type ScheduledPacket, type Scheduler, type SchedulingCost, type VirtualServer } from './types.ts';

/** The first server with a weight for which no later one is better. */
function best(
  servers: Iterable<RealServer>,
  isBetter: (one: RealServer, than: RealServer) => boolean,
  cost: SchedulingCost,
): RealServer | undefined {
  let found: RealServer | undefined;
  for (const server of servers) {
    cost.servers++;
    if (server.weight <= 0) continue;
    if (found === undefined || isBetter(server, found)) found = server;
  }
  return found;
}

/** Smallest overhead / weight, without a division: h1 · w2 > h2 · w1. */
export const weightedLeast = (servers: Iterable<RealServer>, cost: SchedulingCost): RealServer | undefined =>
  best(servers, (one, than) => overhead(than) * one.weight > overhead(one) * than.weight, cost);

/** Smallest (active + 1) / weight: the shortest time until a new connection were served. */
const shortestDelay = (servers: Iterable<RealServer>, cost: SchedulingCost): RealServer | undefined =>
  best(servers, (one, than) => (than.active + 1) * one.weight > (one.active + 1) * than.weight, cost);

/** Remembers nothing: a choice by what the servers are doing now. */
class ByLoad implements Scheduler {
  readonly #choose: (servers: readonly RealServer[], cost: SchedulingCost) => RealServer | undefined;

  constructor(choose: (servers: readonly RealServer[], cost: SchedulingCost) => RealServer | undefined) {
    this.#choose = choose;
  }

  choose({ servers }: VirtualServer, _packet: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    return this.#choose(servers, cost);
  }
}

/** Smallest overhead. */
export const leastConnection = (): Scheduler =>
  new ByLoad((servers, cost) => best(servers, (one, than) => overhead(one) < overhead(than), cost));

/** Smallest overhead for its weight. */
export const weightedLeastConnection = (): Scheduler => new ByLoad(weightedLeast);

/** Shortest expected delay. */
export const shortestExpectedDelay = (): Scheduler => new ByLoad(shortestDelay);

/** Never queue: the first that has nothing to do, else the shortest expected delay. */
export const neverQueue = (): Scheduler =>
  new ByLoad((servers, cost) => servers.find(({ weight, active }) => weight > 0 && active === 0) ?? shortestDelay(servers, cost));

/** Overflow: the highest weight that has no more active connections than its weight. */
export const overflow = (): Scheduler =>
  new ByLoad((servers, cost) =>
    best(
      servers.filter(({ weight, active }) => active <= weight),
      (one, than) => one.weight > than.weight,
      cost,
    ),
  );

/** Failover: the highest weight. */
export const failover = (): Scheduler => new ByLoad((servers, cost) => best(servers, (one, than) => one.weight > than.weight, cost));
