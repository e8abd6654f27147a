/** Faults of the network below Kubernetes: each changes a kernel, a device or the LAN, and puts it back when it ends. */
import { badRequest } from '../../apimachinery/status.ts';
import type { FaultKind, FaultSpec } from '../../api/kubarium/fault.ts';
import { parseCidr } from '../../linux/net/ipv4.ts';
import type { Link } from '../../linux/net/link.ts';
import { netfilterOf } from '../../linux/net/netfilter-of.ts';
import type { Route } from '../../linux/net/routes.ts';
import type { Cluster } from '../cluster.ts';
import type { ClusterNode } from '../node.ts';
import type { Effect } from './effect.ts';

const DEFAULT_LOSS_PERCENT = 50;
/** A VXLAN packet of a pod is 1500 bytes long: 1450, and 50 of headers. */
const DEFAULT_SMALL_MTU = 1450;
const named = (nodes: readonly ClusterNode[]) => nodes.map(({ name }) => `node/${name}`);

/** What each kind does to some nodes. Throws a Status error when it cannot. */
export const NETWORK_EFFECTS: Partial<Record<FaultKind, (spec: FaultSpec, nodes: readonly ClusterNode[]) => Effect>> = {
  PacketLoss: packetLoss,
  ForwardingOff: (_spec, nodes) => sysctl(nodes, 'net/ipv4/ip_forward', 0, 1),
  ReversePathFilter: (_spec, nodes) => sysctl(nodes, 'net/ipv4/conf/all/rp_filter', 1, 0),
  RouteMissing: routeMissing,
  ConntrackFull: conntrackFull,
};

/** The LAN's switch passes only short packets, and loses longer ones without a word. */
export function mtuTooSmall({ mtu = DEFAULT_SMALL_MTU }: FaultSpec, { fabric, nodes }: Cluster): Effect {
  const before = fabric.mtu;
  fabric.mtu = mtu;
  return { affected: named([...nodes.values()]), end: () => (fabric.mtu = before) };
}

/** The device of this name on each node. */
export function linksOf({ interface: name = 'eth0' }: FaultSpec, nodes: readonly ClusterNode[]): Link[] {
  return nodes.map(({ machine }) => {
    const link = machine.netns.link(name);
    if (link === undefined) throw badRequest(`${machine.hostname} has no interface "${name}"`);
    return link;
  });
}

function packetLoss(spec: FaultSpec, nodes: readonly ClusterNode[]): Effect {
  const links = linksOf(spec, nodes);
  const before = links.map(({ details }) => details.loss ?? 0);
  for (const link of links) link.configure({ loss: (spec.percent ?? DEFAULT_LOSS_PERCENT) / 100 });
  return { affected: named(nodes), end: () => links.forEach((link, index) => link.configure({ loss: before[index] ?? 0 })) };
}

function sysctl(nodes: readonly ClusterNode[], path: string, during: number, after: number): Effect {
  const set = (value: number) => nodes.forEach(({ machine }) => machine.netns.setSysctl(path, value));
  set(during);
  return { affected: named(nodes), end: () => set(after) };
}

/** Routes to the pods of other nodes disappear; one, or all of them. */
function routeMissing({ route: text }: FaultSpec, nodes: readonly ClusterNode[]): Effect {
  const wanted = text === undefined ? undefined : parseCidr(text);
  if (text !== undefined && wanted === undefined) throw badRequest(`spec.route: "${text}" is no network`);
  const matches = ({ network, prefixLength, gateway, link }: Route) =>
    wanted === undefined
      ? prefixLength > 0 && prefixLength < 32 && (gateway !== undefined || link.kind === 'tun')
      : network === wanted.network && prefixLength === wanted.prefixLength;
  const deleted = nodes.map(({ machine }) => {
    const { routes } = machine.netns;
    const gone = routes.list().filter(matches);
    for (const { network, prefixLength } of gone) routes.delete(network, prefixLength);
    return gone;
  });
  if (deleted.every((routes) => routes.length === 0)) throw badRequest('there is no such route on the nodes that are meant by this fault');
  const end = () => nodes.forEach(({ machine }, index) => deleted[index]?.forEach((route) => machine.netns.routes.restore(route)));
  return { affected: named(nodes), end };
}

/** nf_conntrack_max falls to what there is: every further connection is dropped. */
function conntrackFull({ max }: FaultSpec, nodes: readonly ClusterNode[]): Effect {
  const undo = nodes.map(({ machine }) => {
    const { conntrack } = netfilterOf(machine.netns);
    const before = conntrack.max;
    conntrack.max = max ?? Math.max(1, conntrack.count(machine.now));
    return () => (conntrack.max = before);
  });
  return { affected: named(nodes), end: () => undo.forEach((back) => back()) };
}
