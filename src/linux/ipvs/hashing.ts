/** Schedulers that look into a table by a hash of an address: sh and dh (`ip_vs_sh.c`, `ip_vs_dh.c`). */
import type { RealServer, ScheduledPacket, Scheduler, SchedulingCost, VirtualServer } from './types.ts';

const TABLE_SIZE = 256;

/** (offset + value · 2654435761) mod 256, on 32 bits. */
const bucket = (value: number, offset = 0): number => (offset + Math.imul(value, 2_654_435_761)) & (TABLE_SIZE - 1);

/** Fills the buckets in list order, each server `turns` times in a row. */
function fill(servers: readonly RealServer[], turns: (server: RealServer) => number): readonly RealServer[] {
  const table: RealServer[] = [];
  for (let place = 0, turn = 0; table.length < TABLE_SIZE;) {
    const server = servers[place % servers.length];
    if (server === undefined) return table;
    table.push(server);
    if (++turn < turns(server)) continue;
    place++;
    turn = 0;
  }
  return table;
}

/** A client always gets the same server, as long as the servers stay. flag-1: another one when that is down; flag-2: its port counts too. */
export class SourceHash implements Scheduler {
  #table: readonly RealServer[] = [];

  choose({ flags }: VirtualServer, { source, sourcePort }: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    const value = flags.includes('flag-2') ? source + sourcePort : source;
    const first = bucket(value);
    const usable = (offset: number): RealServer | undefined => {
      cost.servers++;
      const server = this.#table[bucket(value, offset)];
      return server !== undefined && server.weight > 0 ? server : undefined;
    };
    const chosen = usable(0);
    if (chosen !== undefined || !flags.includes('flag-1') || this.#table.length === 0) return chosen;
    for (let offset = 0; offset < TABLE_SIZE; offset++) {
      const other = usable((offset + first) % TABLE_SIZE);
      if (other !== undefined) return other;
    }
    return undefined;
  }

  changed({ servers }: VirtualServer): void {
    this.#table = fill(servers, ({ weight }) => weight);
  }
}

/** By the address that the client asks for; for a farm of caches. */
export class DestinationHash implements Scheduler {
  #table: readonly RealServer[] = [];

  choose(_service: VirtualServer, { destination }: ScheduledPacket, cost: SchedulingCost): RealServer | undefined {
    cost.servers++;
    const server = this.#table[bucket(destination)];
    return server !== undefined && server.weight > 0 ? server : undefined;
  }

  changed({ servers }: VirtualServer): void {
    this.#table = fill(servers, () => 1);
  }
}
