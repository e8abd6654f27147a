/** A PacketTrace from its spec to its status. */
import type { PacketTrace, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import { explain } from './blame.ts';
import { compareModes } from './comparison.ts';
import { CannotSend, receiverOf, senderOf } from './ends.ts';
import { factsOf, sendTrace } from './send-trace.ts';
import type { TraceWorld } from './world.ts';

/** Sends a trace's packets now. */
export function carriedOut({ metadata, spec }: Pick<PacketTrace, 'metadata' | 'spec'>, world: TraceWorld): PacketTraceStatus {
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
