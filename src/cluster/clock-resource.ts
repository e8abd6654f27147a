/**
 * The Clock object: the pace of time as an API object, answered from the simulation itself and not from etcd, because
 * how fast somebody watches is not part of the cluster's history (docs/decisions).
 */
import { formatTime } from '../apimachinery/durations.ts';
import { invalid, methodNotSupported, notFound } from '../apimachinery/status.ts';
import { CLOCK_NAME, ClockResource } from '../api/kubarium/clock.ts';
import type { Clock } from '../api/kubarium/clock.ts';
import type { ApiRequest, ApiResponse, WatchHandle, WatchRequest, WatchSink } from '../api/request.ts';
import { userRequests } from '../apiserver/user-requests.ts';
import { apiVersionOf } from '../api/resource.ts';
import type { VirtualResource } from '../apiserver/server.ts';
import type { Simulation } from '../sim/simulation.ts';

/** Whoever drives the simulation: knows its pace and can change it. */
export interface ClockDriver {
  state(): { paused: boolean; speed: number | 'max' };
  set(pace: { paused?: boolean; speed?: number | 'max' }): void;
}

const groupResource = { group: ClockResource.group, resource: ClockResource.plural };

/** Serves `clocks/cluster`. Until a driver is attached the clock reads paused. */
export class ClockVirtualResource implements VirtualResource {
  readonly definition = ClockResource as unknown as VirtualResource['definition'];
  readonly #sim: Simulation;
  readonly #sinks = new Set<WatchSink>();
  readonly #startedAt: number;
  #driver: ClockDriver = { state: () => ({ paused: true, speed: 1 }), set: () => undefined };

  constructor(sim: Simulation) {
    this.#sim = sim;
    this.#startedAt = sim.now;
  }

  /** Connects the clock to whoever drives the simulation. */
  attach(driver: ClockDriver): void {
    this.#driver = driver;
  }

  handle(request: ApiRequest): ApiResponse {
    const { verb, name, body } = request;
    if (verb === 'list') {
      const object = {
        apiVersion: apiVersionOf(ClockResource),
        kind: 'ClockList',
        metadata: { resourceVersion: '0' },
        items: [this.#clock()],
      };
      return { code: 200, object, warnings: [] };
    }
    if (name !== CLOCK_NAME) throw notFound(groupResource, name ?? '');
    if (verb === 'update') this.#drive(body as Partial<Clock>);
    else if (verb === 'patch') this.#drive(userRequests.get().patchObject(this.definition, this.#clock(), request) as Clock);
    else if (verb !== 'get') throw methodNotSupported(groupResource, verb);
    return { code: 200, object: this.#clock(), warnings: [] };
  }

  watch(_request: WatchRequest, sink: WatchSink): WatchHandle {
    this.#sinks.add(sink);
    sink.events([{ type: 'ADDED', object: this.#clock() }]);
    return { stop: () => this.#sinks.delete(sink) };
  }

  #drive(next: Partial<Clock>): void {
    const clock: Clock = { ...this.#clock(), spec: next.spec ?? {} };
    const errors = ClockResource.validate?.(clock) ?? [];
    if (errors.length > 0) throw invalid(ClockResource.group, ClockResource.kind, CLOCK_NAME, errors);
    const { paused = false, speed = 1 } = clock.spec;
    this.#driver.set({ paused, speed: speed === 'max' ? 'max' : Number(speed) });
    for (const sink of this.#sinks) sink.events([{ type: 'MODIFIED', object: this.#clock() }]);
  }

  #clock(): Clock {
    const sim = this.#sim;
    const { paused, speed } = this.#driver.state();
    return {
      apiVersion: 'kubarium.dev/v1alpha1',
      kind: 'Clock',
      metadata: { name: CLOCK_NAME, uid: 'clock', resourceVersion: String(sim.executed), creationTimestamp: formatTime(this.#startedAt) },
      spec: { paused, speed },
      status: {
        now: formatTime(sim.now),
        tasks: sim.executed,
        elapsedSeconds: Math.floor((sim.now - this.#startedAt) / 1000),
        idle: sim.isIdle,
        seed: Number(sim.seed),
      },
    };
  }
}
