/** Where a trace begins and where it goes: from names of objects to namespaces and addresses. */
import { ServiceResource } from '../../api/core/service.ts';
import type { Pod, Service } from '../../api/generated/types.ts';
import type { PacketTraceEnd, PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import { type Ipv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { Looker } from '../../linux/net/resolve.ts';
import { objectName, type TraceWorld } from './world.ts';

const CLUSTER_DOMAIN = 'cluster.local';
const DEFAULT_PORT = 80;

/** Who sends. */
export interface Sender {
  readonly netns: NetworkNamespace;
  /** Whose resolv.conf is asked. */
  readonly looker: Looker;
  /** The node's name; "" outside. */
  readonly node: string;
}

/** Who receives: an address, or a name that is looked up first. */
export interface Receiver {
  readonly ip: Ipv4 | undefined;
  readonly host: string | undefined;
  readonly port: number;
  /** The Service that was named. */
  readonly service: Service | undefined;
  /** The pod that was named. */
  readonly pod: Pod | undefined;
}

/** Nothing can be sent: a sentence why. */
export class CannotSend extends Error {}

/** Throws CannotSend. */
export function senderOf(end: PacketTraceEnd, namespace: string, world: TraceWorld): Sender {
  if (end.pod !== undefined) return podSender(end.pod, namespace, world);
  if (end.node !== undefined) return nodeSender(end.node, world);
  if (end.external !== true) throw new CannotSend('a trace begins at a pod, a node or an external client');
  const machine = world.external();
  return { netns: machine.netns, looker: machine, node: '' };
}

function nodeSender(node: string, world: TraceWorld): Sender {
  const { machine } = nodeOf(node, world);
  if (!machine.powered) throw new CannotSend(`node ${node} has no power`);
  return { netns: machine.netns, looker: machine, node };
}

function podSender(text: string, namespace: string, world: TraceWorld): Sender {
  const name = objectName(text, namespace);
  const pod = world.pod(name);
  if (pod === undefined) throw new CannotSend(`there is no pod ${name.namespace}/${name.name}`);
  const sandbox = world.sandboxOf(pod);
  // The control plane's own pods have no sandbox here; like all pods of the host network they send from the node itself.
  if (sandbox === undefined && pod.spec.hostNetwork === true && pod.status?.phase === 'Running')
    return nodeSender(pod.spec.nodeName ?? '', world);
  if (sandbox === undefined) throw new CannotSend(`pod ${name.namespace}/${name.name} does not run`);
  return { netns: sandbox.netns, looker: world.lookerIn(sandbox), node: pod.spec.nodeName ?? '' };
}

function nodeOf(name: string, { surroundings }: TraceWorld) {
  const node = surroundings.nodes.get(name);
  if (node === undefined) throw new CannotSend(`there is no node ${name}`);
  return node;
}

/** Throws CannotSend. */
export function receiverOf({ to, from, port }: PacketTraceSpec, namespace: string, world: TraceWorld): Receiver {
  const plain = { host: undefined, port: port ?? DEFAULT_PORT, service: undefined, pod: undefined };
  if (to.ip !== undefined) {
    const ip = parseIpv4(to.ip);
    if (ip === undefined) throw new CannotSend(`${to.ip} is no IPv4 address`);
    return { ...plain, ip };
  }
  if (to.host !== undefined) return { ...plain, ip: undefined, host: to.host };
  if (to.node !== undefined) return { ...plain, ip: parseIpv4(nodeOf(to.node, world).plan.ip) };
  if (to.service !== undefined) return serviceReceiver(to.service, namespace, { outside: from.external === true, port }, world);
  if (to.pod === undefined) throw new CannotSend('a trace ends at a pod, a Service, a node, an address or a host');
  const name = objectName(to.pod, namespace);
  const pod = world.pod(name);
  const ip = parseIpv4(pod?.status?.podIP ?? '');
  if (pod === undefined) throw new CannotSend(`there is no pod ${name.namespace}/${name.name}`);
  if (ip === undefined) throw new CannotSend(`pod ${name.namespace}/${name.name} has no address`);
  const first = pod.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  return { ...plain, ip, port: port ?? first ?? DEFAULT_PORT, pod };
}

/** A Service is its cluster address; from outside that of its load balancer; by name when it has no address. */
function serviceReceiver(
  text: string,
  namespace: string,
  { outside, port }: { outside: boolean; port?: number | undefined },
  world: TraceWorld,
): Receiver {
  const { namespace: own, name } = objectName(text, namespace);
  const service = world.surroundings.client.find(ServiceResource, { namespace: own, name });
  if (service === undefined) throw new CannotSend(`there is no Service ${own}/${name}`);
  const { spec, status } = service;
  const to = { port: port ?? spec.ports?.[0]?.port ?? DEFAULT_PORT, service, pod: undefined };
  const balanced = outside ? status?.loadBalancer?.ingress?.[0]?.ip : undefined;
  const ip = parseIpv4(balanced ?? spec.clusterIP ?? '');
  if (ip !== undefined) return { ...to, ip, host: undefined };
  return { ...to, ip: undefined, host: `${name}.${own}.svc.${CLUSTER_DOMAIN}` };
}
