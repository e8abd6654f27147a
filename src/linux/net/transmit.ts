/** From a device to the device at the other end (`dev_queue_xmit`, `netif_receive_skb`). */
import { forgetNeighbour } from './arp.ts';
import type { Journey } from './journey.ts';
import type { Link } from './link.ts';

/** Three ARP requests, one a second (`net.ipv4.neigh.default.mcast_solicit`). */
const ARP_GIVES_UP_MS = 3000;

/** Hands the frame to `j.output`. */
export function transmit(j: Journey): void {
  const { output, packet } = j;
  if (output === undefined || !output.carrier) return notTaken(j);
  if (output.kind === 'bridge') {
    j.stage = 'bridge out';
    return;
  }
  const { sourceMac, destinationMac } = j;
  j.recorder?.event({ kind: 'transmit', link: output, packet, sourceMac, destinationMac });
  const { loss = 0 } = output.details;
  if (loss > 0) j.lossy = true;
  if (loss > 0 && output.netns.machine.random.float() < loss) return j.lose(output, 'lost');
  switch (output.kind) {
    case 'loopback':
      j.input = output;
      j.stage = 'ip receive';
      return;
    case 'veth':
      return cross(j, output, output.peer);
    case 'eth':
      return lan(j, output);
    case 'dummy':
      return j.lose(output, 'not taken');
    default:
      j.stage = 'wrap';
  }
}

function lan(j: Journey, output: Link): void {
  const { fabric } = output;
  if (fabric !== undefined && j.packet.length > fabric.mtu) return j.lose(output, 'too big');
  cross(j, output, fabric?.holderOf(output, j.destinationMac));
}

/** Into another namespace, where the packet is nothing but its bytes. */
function cross(j: Journey, from: Link, to: Link | undefined): void {
  if (to === undefined) return notTaken(j);
  j.noteConnection();
  if (to.netns === from.netns) j.packet.conntrack = undefined;
  else j.packet.scrub();
  j.netns = to.netns;
  j.input = to;
  j.output = undefined;
  j.prerouted = false;
  j.stage = 'receive';
}

/** Nobody took the frame: with the entry that led there, ARP's memory was wrong, and asking again finds nobody. */
export function notTaken(j: Journey): void {
  const { output } = j;
  if (output === undefined) return j.drop('link down');
  if (!j.bridged && j.packet.inner === undefined) {
    forgetNeighbour(output, j.nextHop);
    j.waitedMs += ARP_GIVES_UP_MS;
    j.error = 'host-unreachable';
    j.errorIsLocal = j.input === undefined;
  }
  j.lose(output, 'not taken');
}

/** A frame arrives at `j.input`: a bridge's port, or a card that takes only what is meant for it. */
export function receive(j: Journey): void {
  const { input } = j;
  if (input === undefined) return j.drop('loop');
  if (!input.up || !input.netns.machine.powered) return j.lose(input, 'link down');
  if (input.master !== undefined) j.stage = 'bridge in';
  else if (j.destinationMac !== input.mac && input.kind !== 'tun' && input.kind !== 'ipip') j.drop('not for this host');
  else j.stage = 'ip receive';
}
