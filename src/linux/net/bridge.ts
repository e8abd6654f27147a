/**
 * A bridge (`net/bridge/br_input.c`, `br_forward.c`) with br_netfilter (`br_netfilter_hooks.c`): IPv4 packets that only
 * cross the bridge are shown to PREROUTING, FORWARD and POSTROUTING too, as if the bridge were both input and output.
 */
import { neighbourFor } from './arp.ts';
import { learn, portFor, portThatTakes } from './bridge-fdb.ts';
import { runHook } from './hooks.ts';
import type { Journey } from './journey.ts';
import type { Link } from './link.ts';
import { routeInput } from './routing.ts';

/** A frame comes in by a port (`j.input`): up to the bridge's own machine, or on to another port. */
export function bridgeIn(j: Journey): void {
  const port = j.input;
  const bridge = port?.master;
  if (port === undefined || bridge === undefined || !bridge.up) return j.drop('link down');
  learn(bridge, port, j.sourceMac);
  const filters = bridge.netns.netfilter !== undefined && (bridge.netns.details.sysctls?.bridgeCallsIptables ?? true);
  j.input = bridge;
  if (filters && !bridgePreRouting(j, bridge, port)) return;
  if (j.destinationMac === bridge.mac) {
    j.stage = 'ip receive';
    return;
  }
  const known = portFor(bridge, j.destinationMac);
  const to = known ?? portThatTakes(bridge, port, j.destinationMac);
  j.recorder?.event({ kind: 'bridge', bridge, from: port, to, flooded: known === undefined });
  if (to === undefined) return j.lose(bridge, 'not taken');
  if (to === port && !port.hairpin) return j.lose(bridge, 'hairpin off');
  if (filters && !bridgeForward(j, bridge, to)) return;
  j.bridged = true;
  j.output = to;
  j.stage = 'transmit';
}

/** `br_nf_pre_routing`: a packet with a new destination is routed once more, and stays on the bridge when its way leads there. */
function bridgePreRouting(j: Journey, bridge: Link, port: Link): boolean {
  const { netns, packet, recorder } = j;
  packet.physIn = port;
  j.output = undefined;
  recorder?.event({ kind: 'enter', netns, input: bridge, packet, outer: packet.inner !== undefined });
  const { destination } = packet;
  if (!runHook(j, 'PREROUTING')) return false;
  j.prerouted = true;
  if (packet.destination === destination) return true;
  const decision = routeInput(netns, bridge, packet.source, packet.destination, packet.mark);
  if (typeof decision !== 'object' || decision.link !== bridge) {
    j.destinationMac = bridge.mac;
    return true;
  }
  recorder?.event({ kind: 'route', netns, destination: packet.destination, route: decision });
  const found = neighbourFor(bridge, decision.gateway ?? packet.destination, undefined);
  if (found === undefined) {
    j.drop('neighbour failed');
    return false;
  }
  j.sourceMac = bridge.mac;
  j.destinationMac = found.mac;
  return true;
}

/** FORWARD and POSTROUTING for a packet that never leaves the bridge. Its TTL stays as it is. */
function bridgeForward(j: Journey, bridge: Link, to: Link): boolean {
  j.prerouted = false;
  j.output = bridge;
  j.packet.physOut = to;
  if (!runHook(j, 'FORWARD') || !runHook(j, 'POSTROUTING')) return false;
  j.leave();
  return true;
}

/** A frame of the machine's own, sent by the bridge device. */
export function bridgeOut(j: Journey): void {
  const bridge = j.output;
  if (bridge === undefined || !bridge.up) return j.drop('link down');
  const known = portFor(bridge, j.destinationMac);
  const to = known ?? portThatTakes(bridge, undefined, j.destinationMac);
  j.recorder?.event({ kind: 'bridge', bridge, from: undefined, to, flooded: known === undefined });
  if (to === undefined) {
    j.stage = 'not taken';
    return;
  }
  j.output = to;
  j.stage = 'transmit';
}
