/** Schedulers that take turns: rr and wrr (`net/netfilter/ipvs/ip_vs_rr.c`, `ip_vs_wrr.c`). */
import type { RealServer, ScheduledPacket, Scheduler, SchedulingCost, VirtualServer } from './types.ts';

/** Where the last choice stands in the list. The list's head is -1: the next one is the first. */
function positionOf(servers: readonly RealServer[], last: RealServer | undefined): number {
  return last === undefined ? -1 : servers.indexOf(last);
}

/** The next server after the last one used whose weight is not 0. Its place survives additions before and behind it. */
export class RoundRobin implements Scheduler {
  #last: RealServer | undefined;

  choose({ servers }: VirtualServer, _packet: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    const start = positionOf(servers, this.#last);
    for (let step = 1; step <= servers.length; step++) {
      const server = servers[(start + step) % servers.length];
      cost.servers++;
      if (server === undefined || server.weight <= 0) continue;
      this.#last = server;
      return server;
    }
    return undefined;
  }

  changed({ servers }: VirtualServer, removed?: { server: RealServer; index: number }): void {
    // The place of one that goes is taken by the one before it.
    if (removed !== undefined && removed.server === this.#last) this.#last = servers[removed.index - 1];
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * Weighted turns: from the last position on, the first server with weight ≥ cw; at the end of the list cw falls by the
 * weights' greatest common divisor, and below 1 it starts again at the largest weight.
 * Weights 3, 2, 1: cw = 3, 2, 1 gives A, A B, A B C.
 */
export class WeightedRoundRobin implements Scheduler {
  #last: RealServer | undefined;
  #current = 0;
  #max = 0;
  #step = 1;

  choose({ servers }: VirtualServer, _packet: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    if (this.#max === 0) return undefined;
    let index = positionOf(servers, this.#last);
    // Every level of cw is tried at most once more after the place in the middle of the list where it began.
    const levels = Math.ceil(this.#max / this.#step) + 1;
    for (let tried = 0; tried <= levels; tried++) {
      for (index++; index < servers.length; index++) {
        const server = servers[index];
        cost.servers++;
        if (server === undefined || server.weight < this.#current) continue;
        this.#last = server;
        return server;
      }
      index = -1;
      this.#current -= this.#step;
      if (this.#current <= 0) this.#current = this.#max;
    }
    return undefined;
  }

  changed({ servers }: VirtualServer): void {
    const weights = servers.map(({ weight }) => weight).filter((weight) => weight > 0);
    this.#last = undefined;
    this.#step = weights.reduce(gcd, 0) || 1;
    this.#max = weights.length === 0 ? 0 : Math.max(...weights) - (this.#step - 1);
    if (this.#current > this.#max || this.#current === 0) this.#current = this.#max;
    else if (this.#step > 1) this.#current = Math.floor(this.#current / this.#step) * this.#step + 1;
  }
}
