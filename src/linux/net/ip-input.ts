/** The way into the IP layer (`net/ipv4/ip_input.c`, `ip_forward.c`): PREROUTING, the routing decision, then up or on. */
import { runHook } from './hooks.ts';
import { type IcmpError, isTooBig, type Journey } from './journey.ts';
import { routeInput } from './routing.ts';
import type { DropReason } from './walk-recorder.ts';

/** What a router tells the sender of a packet that it does not forward. */
const ERRORS: Partial<Record<DropReason, IcmpError>> = {
  'no route': 'net-unreachable',
  unreachable: 'host-unreachable',
  prohibited: 'admin-prohibited',
};

/** A packet from a device: PREROUTING, unless the bridge below has called it, and the decision. */
export function ipReceive(j: Journey): void {
  const { netns, packet, recorder, input } = j;
  if (input === undefined) return j.drop('loop');
  j.output = undefined;
  j.bridged = false;
  packet.physOut = undefined;
  if (j.prerouted) j.prerouted = false;
  else {
    recorder?.event({ kind: 'enter', netns, input, packet, outer: packet.inner !== undefined });
    if (!runHook(j, 'PREROUTING')) return;
  }
  const decision = routeInput(netns, input, packet.source, packet.destination, packet.mark);
  const route = typeof decision === 'object' ? decision : decision === 'local' ? 'local' : undefined;
  recorder?.event({ kind: 'route', netns, destination: packet.destination, route });
  if (decision === 'local') j.stage = 'local in';
  else if (typeof decision === 'object') {
    j.output = decision.link;
    j.nextHop = decision.gateway ?? packet.destination;
    j.stage = 'forward';
  } else {
    const error = ERRORS[decision];
    if (error === undefined || !netns.forwards) j.drop(decision);
    else j.refuse(decision, error);
  }
}

/** On to the next hop: the TTL falls, what is too long is sent back, FORWARD. */
export function forward(j: Journey): void {
  const { packet, output } = j;
  if (packet.ttl <= 1) return j.refuse('ttl exceeded', 'ttl-exceeded');
  if (output !== undefined && isTooBig(packet, output.mtu)) {
    j.mtu = output.mtu;
    return j.refuse('too big', 'fragmentation-needed');
  }
  packet.ttl--;
  if (!runHook(j, 'FORWARD')) return;
  j.stage = 'post routing';
}

/** Up: INPUT, where IPVS may take it, then whoever unwraps it, or a socket. */
export function localIn(j: Journey): void {
  const { netns, packet } = j;
  if (!runHook(j, 'INPUT')) return;
  j.recorder?.event({ kind: 'leave', netns, end: 'LOCAL', output: undefined, reason: undefined, packet });
  j.stage = packet.inner !== undefined ? 'unwrap' : 'deliver';
}
