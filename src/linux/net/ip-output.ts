/** The way out of the IP layer (`net/ipv4/ip_output.c`): a socket's packet to its route, POSTROUTING, the next hop's address. */
import { neighbourFor } from './arp.ts';
import { runHook } from './hooks.ts';
import { isTooBig, type Journey } from './journey.ts';
import { findRoute } from './routing.ts';

/** From a socket: the route, OUTPUT, and the route again when OUTPUT gave the packet another destination or mark. */
export function localOut(j: Journey): void {
  const { netns, packet, recorder } = j;
  j.input = undefined;
  recorder?.event({ kind: 'enter', netns, input: undefined, packet, outer: packet.inner !== undefined });
  if (!routeOutput(j)) return;
  const { destination, mark } = packet;
  if (!runHook(j, 'OUTPUT')) return;
  if ((packet.destination !== destination || packet.mark !== mark) && !routeOutput(j)) return;
  j.stage = 'post routing';
}

/** What IPVS has rewritten leaves by LOCAL_OUT, one hop older when it came from another machine (`ip_vs_nat_xmit`). */
export function virtualServerOut(j: Journey): void {
  const { input, packet } = j;
  if (input !== undefined && input.kind !== 'loopback') {
    if (packet.ttl <= 1) return j.refuse('ttl exceeded', 'ttl-exceeded');
    packet.ttl--;
  }
  if (!routeOutput(j) || !runHook(j, 'OUTPUT')) return;
  j.stage = 'post routing';
}

/** Finds the way out for a packet of the machine's own; again after OUTPUT has changed it (`ip_route_me_harder`). */
function routeOutput(j: Journey): boolean {
  const { netns, packet, recorder } = j;
  const { destination } = packet;
  if (netns.isLocal(destination)) {
    recorder?.event({ kind: 'route', netns, destination, route: 'local' });
    j.output = netns.loopback;
    j.nextHop = destination;
    return true;
  }
  const route = findRoute(netns, destination, packet.source, packet.mark);
  recorder?.event({ kind: 'route', netns, destination, route });
  if (route === undefined) j.refuse('no route', 'net-unreachable');
  else if (route.type === 'blackhole') j.drop('blackhole');
  else if (route.type === 'unreachable') j.refuse('unreachable', 'host-unreachable');
  else if (route.type === 'prohibit') j.refuse('prohibited', 'admin-prohibited');
  else {
    j.output = route.link;
    j.nextHop = route.gateway ?? destination;
    return true;
  }
  return false;
}

/** POSTROUTING, then the device. A packet of one's own that is too long is told to its sender. */
export function postRouting(j: Journey): void {
  const { output } = j;
  if (output === undefined) return j.drop('no route');
  const origin = j.input;
  j.input = undefined;
  const goesOn = runHook(j, 'POSTROUTING');
  j.input = origin;
  if (!goesOn) return;
  if (j.input === undefined && isTooBig(j.packet, output.mtu)) {
    j.mtu = output.mtu;
    return j.refuse('too big', 'fragmentation-needed');
  }
  j.stage = 'neighbour';
}

/** The hardware address of the next hop. Tunnels and the loopback need none. */
export function neighbour(j: Journey): void {
  const { output, nextHop, recorder } = j;
  if (output === undefined || !output.carrier) return j.drop('link down');
  const { kind } = output;
  if (kind === 'loopback' || kind === 'tun' || kind === 'ipip' || kind === 'dummy') {
    j.leave();
    j.stage = 'transmit';
    return;
  }
  j.leave();
  const known = output.neighbours?.has(nextHop) ?? false;
  const found = neighbourFor(output, nextHop, j.packet.source);
  recorder?.event({ kind: 'neighbour', link: output, ip: nextHop, mac: found?.mac, asked: !known });
  if (found === undefined) {
    j.stage = 'not taken';
    return;
  }
  j.sourceMac = output.mac;
  j.destinationMac = found.mac;
  j.stage = 'transmit';
}
