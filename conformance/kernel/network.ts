/** Builds a case's network in simulated Linux: router, nodes with bridges, pods, external hosts, as the oracle does in the kernel. */
import { Machine } from '../../src/linux/machine.ts';
import { remember } from '../../src/linux/net/arp.ts';
import { Fabric } from '../../src/linux/net/fabric.ts';
import { type Cidr, contains, type Ipv4, parseCidr, parseIpv4 } from '../../src/linux/net/ipv4.ts';
import { addAddress, addLink, addVethPair, type Link, setMaster } from '../../src/linux/net/link.ts';
import { macFor } from '../../src/linux/net/mac.ts';
import { NetworkNamespace } from '../../src/linux/net/namespace.ts';
import { configureVxlan } from '../../src/linux/net/tunnels.ts';
import { pause } from '../../src/linux/syscalls.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { TaskScope } from '../../src/sim/task-scope.ts';
import type { ExternalPlan, KernelCase, Listener, NodePlan, PodPlan, Topology } from './case.ts';

/** A built case. */
export interface Network {
  readonly sim: Simulation;
  /** By node name. */
  readonly nodes: ReadonlyMap<string, NetworkNamespace>;
  /** "pod/web-1", "node/node-a", "external/client" → where packets start. */
  readonly senders: ReadonlyMap<string, NetworkNamespace>;
}

const DEFAULT_NODE_CIDR = '192.168.50.0/24';
const VXLAN_PORT = 8472;
const VNI = 1;
const SILENT = { read: () => '', reader: undefined };
const IGNORE = { write: () => true };

/** "10.244.1.5" of a case. */
export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`${text} is no IPv4 address`);
  return address;
}

/** "10.244.1.0/24" of a case; a single address is a network of its own. */
export function cidr(text: string): Cidr {
  const network = parseCidr(text.includes('/') ? text : `${text}/32`);
  if (network === undefined) throw new Error(`${text} is no network`);
  return network;
}

/** Builds the network, without rules. */
export function buildNetwork(testCase: KernelCase): Network {
  return new Builder(testCase).build();
}

class Builder {
  readonly #topology: Topology;
  readonly #nodeCidr: Cidr;
  readonly #sim: Simulation;
  readonly #scope: TaskScope;
  readonly #fabric: Fabric;
  readonly #nodes = new Map<string, NetworkNamespace>();
  readonly #senders = new Map<string, NetworkNamespace>();

  constructor({ name, topology }: KernelCase) {
    this.#topology = topology;
    this.#nodeCidr = cidr(topology.nodeCIDR ?? DEFAULT_NODE_CIDR);
    this.#sim = new Simulation({ seed: name });
    this.#scope = new TaskScope(this.#sim, 'kernel');
    this.#fabric = new Fabric(this.#nodeCidr);
  }

  build(): Network {
    const { nodes, pods, external = [], routes = [] } = this.#topology;
    const router = this.#machine('router');
    router.setSysctl('net/ipv4/ip_forward', 1);
    this.#fabric.plug(router.machine, this.#fabric.gateway);
    for (const node of nodes) this.#node(node);
    for (const node of nodes) for (const other of nodes) if (other !== node) this.#podRoute(node, other);
    pods.filter(({ hostNetwork }) => !hostNetwork).forEach((pod, index) => this.#pod(pod, index));
    for (const [index, host] of external.entries()) this.#external(host, router, nodes.length + index);
    for (const { to, via } of routes) {
      const gateway = ip(nodes.find(({ name }) => name === via)?.ip ?? via);
      router.addRoute({ ...cidr(to), gateway, link: linkOf(router, 'eth0') });
    }
    for (const node of nodes) this.#listenOnNode(node);
    return { sim: this.#sim, nodes: this.#nodes, senders: this.#senders };
  }

  #machine(hostname: string): NetworkNamespace {
    return new Machine(this.#scope, { hostname, milliCpu: 1000, memoryBytes: 2 ** 30 }).netns;
  }

  #node({ name, ip: address, podCIDR, extraIPs = [] }: NodePlan): void {
    const { rpFilter = 0, routeLocalnet, bridgeNfCallIptables, sysctls = {}, mode, vxlanPort } = this.#topology;
    const netns = this.#machine(name);
    this.#nodes.set(name, netns);
    this.#senders.set(`node/${name}`, netns);
    netns.setSysctl('net/ipv4/conf/all/rp_filter', rpFilter);
    netns.setSysctl('net/ipv4/conf/all/route_localnet', routeLocalnet ? 1 : 0);
    netns.setSysctl('net/bridge/bridge-nf-call-iptables', bridgeNfCallIptables === false ? 0 : 1);
    for (const [key, value] of Object.entries(sysctls)) netns.setSysctl(key, Number(value));
    const eth = this.#fabric.plug(netns.machine, ip(address));
    for (const extra of extraIPs) addAddress(netns.loopback, ip(extra), 32);
    if (podCIDR === undefined) return;
    const subnet = cidr(podCIDR);
    addAddress(addLink(netns, 'cni0', 'bridge'), subnet.network + 1, subnet.prefixLength);
    if (mode !== 'vxlan') return;
    const vtep = addLink(netns, 'flannel.1', 'vxlan');
    vtep.configure({ mac: vtepMac(address) });
    configureVxlan(vtep, { vni: VNI, local: ip(address), port: vxlanPort ?? VXLAN_PORT, underlay: eth });
    addAddress(vtep, subnet.network, 32);
  }

  #podRoute(node: NodePlan, other: NodePlan): void {
    const netns = this.#nodes.get(node.name);
    if (netns === undefined || other.podCIDR === undefined) return;
    const subnet = cidr(other.podCIDR);
    const vtep = netns.link('flannel.1');
    if (vtep === undefined) return netns.addRoute({ ...subnet, gateway: ip(other.ip), link: linkOf(netns, 'eth0') });
    const mac = vtepMac(other.ip);
    netns.addRoute({ ...subnet, gateway: subnet.network, link: vtep, onlink: true });
    remember(vtep, subnet.network, { mac, confirmedAt: 0, permanent: true });
    vtep.details.vxlan?.fdb.set(mac, ip(other.ip));
  }

  #pod({ name, node, ip: address, listen = [], hairpin, ifName }: PodPlan, index: number): void {
    const host = this.#nodes.get(node);
    const plan = this.#topology.nodes.find((each) => each.name === node);
    if (host === undefined || plan?.podCIDR === undefined) throw new Error(`pod ${name}: unknown node ${node}`);
    const netns = new NetworkNamespace(host.machine, name);
    netns.bringLoopbackUp();
    this.#senders.set(`pod/${name}`, netns);
    const [inside, outside] = addVethPair(netns, 'eth0', host, ifName ?? `veth${index}`);
    setMaster(outside, linkOf(host, 'cni0'));
    outside.hairpin = hairpin ?? plan.hairpin ?? true;
    const subnet = cidr(plan.podCIDR);
    addAddress(inside, ip(address), subnet.prefixLength);
    netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: subnet.network + 1 });
    serve(netns, name, listen);
  }

  #external({ name, ip: address, listen = [] }: ExternalPlan, router: NetworkNamespace, index: number): void {
    const netns = this.#machine(name);
    netns.forwards = false;
    this.#senders.set(`external/${name}`, netns);
    if (contains(this.#nodeCidr, ip(address))) this.#fabric.plug(netns.machine, ip(address));
    else {
      const near = ip(`169.254.${index}.1`);
      const [outside, inside] = addVethPair(router, `rv${index}`, netns, 'eth0');
      addAddress(outside, near, 32);
      router.addRoute({ ...cidr(address), link: outside });
      addAddress(inside, ip(address), 32);
      netns.addRoute({ network: near, prefixLength: 32, link: inside });
      netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: near, source: ip(address) });
    }
    serve(netns, name, listen);
  }

  /** One responder per node answers for all of its host-network pods, with the first one's name. */
  #listenOnNode({ name, listen = [], routes = [] }: NodePlan): void {
    const netns = this.#nodes.get(name);
    if (netns === undefined) return;
    const pods = this.#topology.pods.filter((pod) => pod.hostNetwork && pod.node === name);
    serve(netns, pods[0]?.name ?? name, [...listen, ...pods.flatMap((pod) => pod.listen ?? [])]);
    for (const pod of pods) this.#senders.set(`pod/${pod.name}`, netns);
    for (const text of routes) addRouteText(netns, text);
  }
}

const vtepMac = (nodeIp: string) => macFor(ip(nodeIp), 0);

function linkOf(netns: NetworkNamespace, name: string): Link {
  const link = netns.link(name);
  if (link === undefined) throw new Error(`${netns.machine.hostname} has no device ${name}`);
  return link;
}

/** Text after `ip route add`: "10.0.0.0/8 via 192.168.50.1 dev eth0 metric 5", "blackhole 10.1.0.0/16". */
function addRouteText(netns: NetworkNamespace, text: string): void {
  const words = text.trim().split(/\s+/);
  const type = (['blackhole', 'unreachable', 'prohibit', 'throw'] as const).find((each) => each === words[0]);
  if (type !== undefined) words.shift();
  const value = (key: string) => words[words.indexOf(key) + 1] ?? '';
  const network = words[0] === 'default' ? { network: 0, prefixLength: 0 } : cidr(words[0] ?? '');
  const gateway = words.includes('via') ? ip(value('via')) : undefined;
  const device = words.includes('dev') ? value('dev') : gateway === undefined ? 'lo' : netns.routes.lookup(gateway)?.link.name;
  netns.addRoute({
    ...network,
    gateway,
    link: linkOf(netns, type === undefined ? (device ?? 'eth0') : 'lo'),
    metric: words.includes('metric') ? Number(value('metric')) : 0,
    ...(words.includes('src') && { source: ip(value('src')) }),
    ...(type !== undefined && { type }),
  });
}

/** Responders: the process's name is the name that they answer with. */
function serve(netns: NetworkNamespace, name: string, listen: readonly Listener[]): void {
  const { machine } = netns;
  const process = machine.spawn({
    context: machine.context,
    argv: [name],
    stdin: SILENT,
    stdout: IGNORE,
    stderr: IGNORE,
    *executable() {
      yield* pause();
      return 0;
    },
  });
  const service = { serve: () => undefined };
  for (const { protocol, port } of listen) netns.listen({ protocol: protocol === 'udp' ? 'UDP' : 'TCP', ip: 0, port, process, service });
}
