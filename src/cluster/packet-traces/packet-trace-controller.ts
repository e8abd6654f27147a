/**
 * Carries out PacketTraces: finds both ends, sends the packets through the cluster's own network, and writes what they
 * met into the status. Each is carried out once; after a reload those that are done stay as they are.
 */
// Differs: a trace is done at the moment it begins, also when a real client would have waited for an answer in vain.
import { StatusError } from '../../apimachinery/status.ts';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import { InformerFactory } from '../../client/informer.ts';
import { userWorld } from '../late-parts.ts';
import type { TraceWorld } from './world.ts';

/** Watches PacketTraces. */
export class PacketTraceController {
  readonly #informers: InformerFactory;
  readonly #world: TraceWorld;

  constructor(world: TraceWorld) {
    const { scope, client } = world.surroundings;
    this.#world = world;
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(PacketTraceResource).addHandler({ add: (trace) => this.#carryOut(trace) });
  }

  start(): void {
    this.#informers.start();
  }

  #carryOut(trace: PacketTrace): void {
    const { phase } = trace.status ?? {};
    if (phase === 'Done' || phase === 'Failed') return;
    this.#write(trace, userWorld.get().carriedOut(trace, this.#world));
  }

  #write({ metadata }: PacketTrace, status: PacketTraceStatus): void {
    try {
      this.#world.surroundings.client.patch(PacketTraceResource, metadata, 'merge', { status }, { subresource: 'status' });
    } catch (error) {
      // The apiserver may be down, or the trace deleted: nobody will look at it.
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
