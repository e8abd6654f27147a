/**
 * Carries out PacketTraces: the packets travel through the cluster's own network while the object is created, and what they met is
 * its status from the first. As a mutating webhook of the network would do it; so the answer is there at once, even while the clock
 * stands still, and no packet is sent twice.
 */
// Differs: a trace is done at the moment it begins, also when a real client would have waited for an answer in vain.
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { serviceUnavailable } from '../../apimachinery/status.ts';
import type { AdmissionPlugin } from '../../apiserver/admission/admission.ts';
import { userWorld } from '../late-parts.ts';
import type { TraceWorld } from './world.ts';

/** The admission plugin. `world` gives the network once its machines run; the request is refused before. What is invalid is not sent. */
export function packetTraceSend(world: () => TraceWorld | undefined): AdmissionPlugin {
  return {
    name: 'PacketTrace',
    admit({ operation, resource, options }, object) {
      if (operation !== 'CREATE' || resource !== PacketTraceResource || options.dryRun) return object;
      const trace = object as PacketTrace;
      if ((PacketTraceResource.validate?.(trace) ?? []).length > 0) return object;
      const at = world();
      if (at === undefined) throw serviceUnavailable('no machine is running that could send a packet');
      const traced: PacketTrace = { ...trace, status: userWorld.get().carriedOut(trace, at) };
      return traced;
    },
  };
}
