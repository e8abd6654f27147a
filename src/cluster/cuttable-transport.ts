/** A component's way to the apiserver that can be cut: a pulled cable, a partition, a machine without power. */
import { serviceUnavailable } from '../apimachinery/status.ts';
import type { ApiRequest, ApiResponse, Transport, WatchHandle, WatchRequest, WatchSink } from '../api/request.ts';
import type { Simulation } from '../sim/simulation.ts';

const UNREACHABLE = 'dial tcp 192.168.0.10:6443: connect: no route to host';

/** Passes everything on until it is cut. */
export class CuttableTransport implements Transport {
  readonly #sim: Simulation;
  readonly #inner: Transport;
  readonly #watches = new Map<WatchHandle, { sink: WatchSink; receiver: string }>();
  #cuts = 0;

  constructor(sim: Simulation, inner: Transport) {
    this.#sim = sim;
    this.#inner = inner;
  }

  get connected(): boolean {
    return this.#cuts === 0;
  }

  /** Cuts the way; every cut must be joined again. Open watches end. */
  cut(): void {
    if (this.#cuts++ > 0) return;
    for (const [handle, { sink, receiver }] of this.#watches) {
      handle.stop();
      this.#sim.schedule(0, receiver, 'watch closed', '', () => sink.closed());
    }
    this.#watches.clear();
  }

  /** Takes one cut back. */
  join(): void {
    this.#cuts = Math.max(0, this.#cuts - 1);
  }

  request(request: ApiRequest): ApiResponse {
    this.#mustReach();
    return this.#inner.request(request);
  }

  watch(request: WatchRequest, sink: WatchSink): WatchHandle {
    this.#mustReach();
    const inner = this.#inner.watch(request, {
      events: (batch) => sink.events(batch),
      closed: () => {
        this.#watches.delete(handle);
        sink.closed();
      },
    });
    const handle: WatchHandle = {
      stop: () => {
        this.#watches.delete(handle);
        inner.stop();
      },
    };
    this.#watches.set(handle, { sink, receiver: request.userAgent });
    return handle;
  }

  #mustReach(): void {
    if (this.#cuts > 0) throw serviceUnavailable(UNREACHABLE);
  }
}
