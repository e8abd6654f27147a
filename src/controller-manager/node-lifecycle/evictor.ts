/**
 * Lets nodes be tainted NoExecute one after the other, zone by zone, so that a failure of the network does not empty the
 * cluster (`pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go`: a token bucket of one).
 */
import { evictionRate, zoneState } from './health.ts';
import type { ZoneState } from './health.ts';

interface Zone {
  waiting: Set<string>;
  state: ZoneState;
  rate: number;
  nextMs: number;
}

/** The queues of all zones. */
export class Evictor {
  readonly #zones = new Map<string, Zone>();

  /** The counts of all zones at this look. When every zone is down, none evicts: the fault is the control plane's. */
  observe(zones: ReadonlyMap<string, { ready: number; notReady: number }>): void {
    const states = [...zones].map(([name, { ready, notReady }]) => ({ name, nodes: ready + notReady, state: zoneState(ready, notReady) }));
    const allDown = states.length > 0 && states.every(({ state }) => state === 'FullDisruption');
    for (const { name, nodes, state } of states) {
      const zone = this.#zone(name);
      zone.state = state;
      zone.rate = allDown ? 0 : evictionRate(state, nodes);
    }
  }

  add(zone: string, node: string): void {
    this.#zone(zone).waiting.add(node);
  }

  remove(zone: string, node: string): void {
    this.#zone(zone).waiting.delete(node);
  }

  /** The nodes whose turn it is; they leave the queue. */
  take(nowMs: number): string[] {
    const taken: string[] = [];
    for (const zone of this.#zones.values()) {
      const [first] = zone.waiting;
      if (first === undefined || zone.rate === 0 || zone.nextMs > nowMs) continue;
      zone.waiting.delete(first);
      zone.nextMs = nowMs + 1000 / zone.rate;
      taken.push(first);
    }
    return taken;
  }

  #zone(name: string): Zone {
    let zone = this.#zones.get(name);
    if (zone === undefined)
      this.#zones.set(name, (zone = { waiting: new Set(), state: 'Normal', rate: evictionRate('Normal', 0), nextMs: 0 }));
    return zone;
  }
}
