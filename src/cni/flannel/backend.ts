/**
 * How flannel brings packets to the pods of other nodes (`pkg/backend`): routes to their addresses (host-gw), a VXLAN
 * device (vxlan), both, so that nodes of one LAN need no tunnel (vxlan-direct), or the daemon itself, which reads from a
 * tun device (udp). What all nodes know of each other is kept once.
 */
// Differs: the kernels of all nodes share one table of peers, so that a node whose daemon has stopped still learns of new nodes.
import { assert } from '../../apimachinery/assert.ts';
import type { Machine } from '../../linux/machine.ts';
import { type Cidr, type Ipv4, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import { addAddress, addLink, type Link, type Neighbour } from '../../linux/net/link.ts';
import { type Mac, macFor } from '../../linux/net/mac.ts';
import { networkChanged } from '../../linux/net/generation.ts';
import { SharedRoutes } from '../../linux/net/routes.ts';
import { configureTun, configureVxlan } from '../../linux/net/tunnels.ts';

/** flannel's Backend.Type, and DirectRouting. */
export type Backend = 'host-gw' | 'vxlan' | 'vxlan-direct' | 'udp';

const VNI = 1;
const VXLAN_PORT = 8472;
const UDP_PORT = 8285;
const UDP_OVERHEAD = 28;

/** What nodes know of each other. */
export class PeerTables {
  /** Pod subnets by the addresses of their nodes. */
  readonly byNode = new SharedRoutes();
  /** Pod subnets by the addresses of their nodes' VXLAN devices. */
  readonly byVtep = new SharedRoutes();
  /** `bridge fdb` of the VXLAN devices. */
  readonly fdb = new Map<Mac, Ipv4>();
  /** `ip neigh` of the VXLAN devices. */
  readonly neighbours = new Map<Ipv4, Neighbour>();

  /** A node has this pod subnet. */
  set(podCidr: string, nodeIp: string): void {
    const subnet = parseCidr(podCidr);
    const gateway = parseIpv4(nodeIp);
    if (subnet === undefined || gateway === undefined) return;
    const { network, prefixLength } = subnet;
    this.byNode.set(network, prefixLength, gateway);
    this.byVtep.set(network, prefixLength, network);
    this.setVtep(network, gateway);
  }

  /** Behind which node a VXLAN device is. */
  setVtep(address: Ipv4, nodeIp: Ipv4): void {
    const mac = macFor(address, 0);
    this.fdb.set(mac, nodeIp);
    this.neighbours.set(address, { mac, confirmedAt: 0, permanent: true });
    networkChanged();
  }

  delete(podCidr: string): void {
    const subnet = parseCidr(podCidr);
    if (subnet === undefined) return;
    const { network, prefixLength } = subnet;
    this.byNode.delete(network, prefixLength);
    this.byVtep.delete(network, prefixLength);
    this.fdb.delete(macFor(network, 0));
    this.neighbours.delete(network);
  }
}

/** Sets up devices and routes of one machine. Returns the MTU that its pods are to have. */
export function startBackend(machine: Machine, backend: Backend, podCidr: string, clusterCidr: string, peers: PeerTables): number {
  const { netns } = machine;
  const eth0 = netns.link('eth0');
  const subnet = parseCidr(podCidr);
  const cluster = parseCidr(clusterCidr);
  assert(eth0 !== undefined && subnet !== undefined && cluster !== undefined, 'flannel needs a device and a subnet');
  if (backend === 'udp') return startUdp(machine, eth0, subnet, cluster, peers);
  const vtep = backend === 'host-gw' ? undefined : vxlanDevice(machine, 'flannel.1', VNI, VXLAN_PORT, subnet.network, peers);
  if (backend === 'vxlan') netns.routes.attach(peers.byVtep, vtep, true);
  else netns.routes.attach(peers.byNode, eth0);
  return vtep?.mtu ?? eth0.mtu;
}

/** A VXLAN device that is told by `peers` who is where. */
export function vxlanDevice(machine: Machine, name: string, vni: number, port: number, address: Ipv4, peers: PeerTables): Link {
  const { netns } = machine;
  const known = netns.link(name);
  const eth0 = netns.link('eth0');
  const local = eth0?.addresses[0]?.ip;
  if (known !== undefined) return known;
  assert(eth0 !== undefined && local !== undefined, 'VXLAN needs a device below it');
  const link = addLink(netns, name, 'vxlan');
  configureVxlan(link, { vni, local, port, underlay: eth0 });
  const { vxlan } = link.details;
  assert(vxlan !== undefined, 'it was configured');
  link.configure({ mac: macFor(address, 0), vxlan: { ...vxlan, fdb: peers.fdb } });
  link.neighbours = peers.neighbours;
  addAddress(link, address, 32);
  return link;
}

function startUdp(machine: Machine, eth0: Link, subnet: Cidr, cluster: Cidr, peers: PeerTables): number {
  const { netns } = machine;
  let link = netns.link('flannel0');
  if (link === undefined) {
    link = addLink(netns, 'flannel0', 'tun');
    link.mtu = eth0.mtu - UDP_OVERHEAD;
    configureTun(link, 'flanneld', UDP_PORT, (destination) => peers.byNode.find(destination, subnet.prefixLength));
    addAddress(link, subnet.network, 32);
    netns.addRoute({ network: cluster.network, prefixLength: cluster.prefixLength, link });
  }
  return link.mtu;
}
