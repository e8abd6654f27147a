/**
 * Carries out PacketTraces: finds both ends, sends the packets through the cluster's own network, and writes what they
 * met into the status. Each is carried out once; after a reload those that are done stay as they are.
 */
// Differs: a trace is done at the moment it begins, also when a real client would have waited for an answer in vain.
import { StatusError } from '../../apimachinery/status.ts';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import { InformerFactory } from '../../client/informer.ts';
import { explain } from './blame.ts';
import { compareModes } from './comparison.ts';
import { CannotSend, receiverOf, senderOf } from './ends.ts';
import { factsOf, sendTrace } from './send-trace.ts';
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
    this.#write(trace, statusOf(trace, this.#world));
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

/** Sends a trace's packets now. */
export function statusOf({ metadata, spec }: Pick<PacketTrace, 'metadata' | 'spec'>, world: TraceWorld): PacketTraceStatus {
  const namespace = metadata.namespace ?? '';
  try {
    const sender = senderOf(spec.from, namespace, world);
    const receiver = receiverOf(spec, namespace, world);
    const sent = sendTrace(spec, sender, receiver, world);
    const compared = spec.compare === undefined ? undefined : compareModes(spec.compare, sent.recorder, world);
    return {
      phase: 'Done',
      ...factsOf(sent, world),
      ...explain(sent, spec, receiver, world),
      ...(compared && { compared }),
      proxyMode: world.proxyMode(sender.node),
      cni: world.surroundings.cni,
    };
  } catch (error) {
    if (!(error instanceof CannotSend)) throw error;
    return { phase: 'Failed', message: error.message };
  }
}
