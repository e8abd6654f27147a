/** Why a trace failed, whose doing it is, and the shortest way to mend it. */
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { NetworkPolicyResource } from '../../api/networking/network-policy.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import type { Service } from '../../api/generated/types.ts';
import type { PacketTraceSpec, PacketTraceStatus, TracedPacket, TraceOwner } from '../../api/kubarium/packet-trace.ts';
import { contains, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { Receiver } from './ends.ts';
import { meantInstead, ownerElsewhere } from './same-address.ts';
import type { SentTrace } from './send-trace.ts';
import { dropText } from './sentences.ts';
import type { DropPoint } from './step-recorder.ts';
import type { TraceWorld } from './world.ts';

/** The part of the status that explains a failure. */
export type Explanation = Pick<PacketTraceStatus, 'message' | 'blame' | 'repair'>;

const named = (kind: string, { metadata }: { metadata: { namespace?: string; name: string } }): TraceOwner => ({
  kind,
  ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  name: metadata.name,
});

/** Explains a verdict; a good one too, in a sentence. */
export function explain(sent: SentTrace, spec: PacketTraceSpec, receiver: Receiver, world: TraceWorld): Explanation {
  const found = explained(sent, spec, receiver, world);
  const { recorder } = sent;
  const end = recorder.servers.at(-1)?.netns ?? recorder.refusedBy;
  const service = () => receiver.service ?? serviceAt(firstSent(sent)?.destination ?? '', world);
  const meant = end && meantInstead(end, receiver.pod, service, world);
  if (meant === undefined) return found;
  return { message: `${found.message}; it was meant for ${meant}, which has the same address there` };
}

const firstSent = ({ recorder }: SentTrace): TracedPacket | undefined => recorder.hops.find(({ kind }) => kind === 'send')?.packet;

function explained(sent: SentTrace, spec: PacketTraceSpec, receiver: Receiver, world: TraceWorld): Explanation {
  const { verdict, recorder } = sent;
  if (verdict === 'Delivered') return delivered(sent, world);
  if (verdict === 'NoSuchHost') return noSuchHost(sent, receiver);
  if (sent.lostData) return lostData(sent, world);
  const drop = recorder.drops.at(-1);
  if (verdict === 'Refused') return refused(sent, receiver, world);
  if (drop === undefined) return { message: 'no answer came' };
  return byDrop(drop, spec, receiver, world) ?? { message: placed(drop, world, dropText(drop.reason, drop.rule)) };
}

/** "on host of node-1: …" */
function placed({ netns, link, reply }: DropPoint, world: TraceWorld, text: string): string {
  const { node, place } = world.places()(netns);
  const where = [place, node && `on ${node}`, link && `at ${link.name}`].filter(Boolean).join(' ');
  return `${reply ? 'the answer, ' : ''}${where}: ${text}`;
}

function delivered({ recorder, backend, lostData, httpStatus }: SentTrace, world: TraceWorld): Explanation {
  const server = recorder.servers.at(-1)?.netns;
  const { place = '', node = '' } = server === undefined ? {} : world.places()(server);
  const where = [place, node && `on ${node}`].filter(Boolean).join(' ');
  const retries = recorder.retries > 0 ? `; packets were lost and sent ${recorder.retries + 1} times` : '';
  const status = httpStatus === undefined ? '' : `; HTTP ${httpStatus}`;
  const unenforced = server === undefined ? undefined : unenforcedPolicy(server, world);
  const { cni } = world.surroundings;
  const ignored = unenforced === undefined ? '' : `; NetworkPolicy ${unenforced} selects the pod, but ${cni} does not enforce policies`;
  const message = `${backend ?? ''} answers${where === '' ? '' : `: ${where}`}${status}${retries}${ignored}`;
  if (!lostData) return { message };
  return { message: `${message}; but full packets of its answers are lost: an MTU on the way is too small` };
}

/** A policy that selects the pod in a cluster where nobody enforces it. */
function unenforcedPolicy(server: NetworkNamespace, world: TraceWorld): string | undefined {
  const { client, enforcesPolicies } = world.surroundings;
  const { podNamespace: namespace, podName: name } = (enforcesPolicies ? undefined : world.sandboxIn(server)?.config) ?? {};
  if (namespace === undefined || name === undefined) return undefined;
  const labels = world.pod({ namespace, name })?.metadata.labels;
  const policies = client.list(NetworkPolicyResource, namespace).items;
  const found = policies.find(({ spec }) => labelSelectorAsSelector(spec?.podSelector).matches(labels));
  return found && `${namespace}/${found.metadata.name}`;
}

function noSuchHost({ questions }: SentTrace, { host = '' }: Receiver): Explanation {
  const results = [...new Set(questions.map(({ result }) => result))].join(', ');
  const silent = questions.some(({ result }) => result === 'timeout' || result === 'refused' || result === 'unreachable');
  if (questions.length === 0) return { message: `${host}: no server to ask` };
  const message = `${host} has no address: ${questions.length} questions to ${questions[0]?.server ?? ''}, answered with ${results}`;
  if (!silent) return { message };
  return {
    message,
    blame: { kind: 'Service', namespace: 'kube-system', name: 'kube-dns' },
    repair: 'kubectl -n kube-system get pods -l k8s-app=kube-dns',
  };
}

function lostData({ recorder }: SentTrace, world: TraceWorld): Explanation {
  const drop = recorder.drops.at(-1);
  const message = 'the connection stands, but its data does not arrive: a packet is longer than the way allows';
  if (drop === undefined) return { message };
  const node = drop.netns.machine.hostname;
  return {
    message: `${message}; ${placed(drop, world, dropText(drop.reason, drop.rule))}`,
    ...faultOn(node, world, { kind: 'Node', name: node }),
  };
}

/** A reset or an ICMP error of a machine that has no such socket. */
function refused(sent: SentTrace, { service }: Receiver, world: TraceWorld): Explanation {
  const { recorder } = sent;
  const end = recorder.hops.findLast(({ kind, reply }) => kind === 'socket' && reply !== true);
  const port = end?.packet.destinationPort ?? 0;
  const address = end?.packet.destination ?? '';
  const netns = recorder.refusedBy;
  const open = netns === undefined ? [] : openPorts(netns, end?.packet.protocol ?? 'TCP');
  const sandbox = netns && world.sandboxIn(netns);
  const who = sandbox === undefined ? `${address}` : `pod ${sandbox.config.podNamespace}/${sandbox.config.podName}`;
  const listens = open.length === 0 ? 'nothing listens there at all' : `it listens on ${open.join(', ')}`;
  const message = `nothing listens on port ${port} in ${who}; ${listens}`;
  const sentTo = firstSent(sent)?.destination;
  const through = sentTo === address ? undefined : (service ?? serviceAt(sentTo ?? '', world));
  if (through !== undefined) {
    const index = through.spec.ports?.findIndex((each) => each.port === firstSent(sent)?.destinationPort) ?? 0;
    const { namespace = '', name } = through.metadata;
    const patch = JSON.stringify([{ op: 'replace', path: `/spec/ports/${Math.max(0, index)}/targetPort`, value: open[0] ?? port }]);
    const repair = open.length === 0 ? {} : { repair: `kubectl -n ${namespace} patch service ${name} --type=json -p '${patch}'` };
    return { message, blame: named('Service', through), ...repair };
  }
  if (sandbox === undefined) return { message };
  const { podNamespace: namespace, podName: name } = sandbox.config;
  return { message, blame: { kind: 'Pod', namespace, name }, ...(open.length > 0 && { repair: `send to port ${open[0]}` }) };
}

/** The ports that something listens on. */
function openPorts(netns: NetworkNamespace, protocol: string): number[] {
  return [...new Set(netns.listeners.filter((socket) => socket.protocol === protocol).map(({ port }) => port))].sort((a, b) => a - b);
}

function serviceAt(ip: string, { surroundings }: TraceWorld): Service | undefined {
  return surroundings.client.list(ServiceResource).items.find(({ spec, status }) => {
    const balanced = status?.loadBalancer?.ingress?.some((ingress) => ingress.ip === ip) ?? false;
    return spec.clusterIP === ip || spec.externalIPs?.includes(ip) || balanced;
  });
}

/** A node port leads to its Service. */
function serviceAtNodePort(port: number, { surroundings }: TraceWorld): Service | undefined {
  return surroundings.client.list(ServiceResource).items.find(({ spec }) => spec.ports?.some(({ nodePort }) => nodePort === port));
}

function byDrop(drop: DropPoint, spec: PacketTraceSpec, receiver: Receiver, world: TraceWorld): Explanation | undefined {
  const { reason, netns, packet, rule } = drop;
  const node = netns.machine.hostname;
  const onNode: TraceOwner = { kind: 'Node', name: node };
  const message = placed(drop, world, dropText(reason, rule));
  switch (reason) {
    case 'netfilter':
    case 'rejected':
      return byFilter(drop, receiver, world, message);
    case 'not forwarding':
      return { message, ...faultOn(node, world, onNode), repair: `sysctl -w net.ipv4.ip_forward=1 on ${node}` };
    case 'rp_filter':
      return { message, ...faultOn(node, world, onNode), repair: `sysctl -w net.ipv4.conf.all.rp_filter=0 on ${node}` };
    case 'no route':
      return { message, ...noRoute(drop, spec, receiver, world) };
    case 'too big':
    case 'lost':
    case 'link down':
      return { message, ...faultOn(node, world, onNode) };
    case 'not taken':
    case 'neighbour failed':
      return notTaken(drop, spec, receiver, world, message);
    case 'hairpin off':
      return { message, blame: onNode, repair: `set "hairpinMode": true in the CNI configuration of ${node}` };
    default:
      return { message, ...(packet.source !== '' && faultOn(node, world, onNode)) };
  }
}

function byFilter(drop: DropPoint, receiver: Receiver, world: TraceWorld, message: string): Explanation {
  const { packet, rule, netns } = drop;
  const { netfilter, machine } = netns;
  const { hostname: node } = machine;
  const conntrack = netfilter?.conntrack;
  if (rule === undefined && conntrack !== undefined && conntrack.count(machine.now) >= conntrack.max) {
    const text = `${node}: nf_conntrack: table full, dropping packet: all ${conntrack.max} entries are taken`;
    return {
      message: text,
      ...faultOn(node, world, { kind: 'Node', name: node }),
      repair: `sysctl -w net.netfilter.nf_conntrack_max=${conntrack.max * 2 || 262144} on ${node}`,
    };
  }
  if (rule?.owner?.kind === 'NetworkPolicy') {
    const { namespace = '', name } = rule.owner;
    const text = `NetworkPolicy ${namespace}/${name} does not allow it (${message})`;
    return { message: text, blame: rule.owner, repair: `kubectl -n ${namespace} edit networkpolicy ${name}` };
  }
  const service = receiver.service ?? serviceAt(packet.destination, world) ?? serviceAtNodePort(packet.destinationPort ?? 0, world);
  return service === undefined ? { message } : byService(service, drop, world, message);
}

/** A Service that has nobody to send to. */
function byService(service: Service, { rule }: DropPoint, { surroundings }: TraceWorld, message: string): Explanation {
  const { namespace = '', name } = service.metadata;
  const blame = named('Service', service);
  const { selector, externalTrafficPolicy, internalTrafficPolicy } = service.spec;
  const isLocal = rule?.text?.includes('no local endpoints') ?? false;
  if (isLocal) {
    const field = externalTrafficPolicy === 'Local' ? 'externalTrafficPolicy' : 'internalTrafficPolicy';
    const patch = JSON.stringify({ spec: { [field]: 'Cluster' } });
    const text = `Service ${namespace}/${name} has ${field} Local, and no Ready pod on this node`;
    return { message: text, blame, repair: `kubectl -n ${namespace} patch service ${name} -p '${patch}'` };
  }
  if (rule?.text?.includes('not accepted by') ?? false)
    return {
      message: `Service ${namespace}/${name} does not take this source: see spec.loadBalancerSourceRanges`,
      blame,
      repair: `kubectl -n ${namespace} edit service ${name}`,
    };
  if (selector === undefined) return { message: `Service ${namespace}/${name} has no selector and no endpoints`, blame };
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = surroundings.client.list(PodResource, namespace, { labelSelector: labels }).items;
  const ready = pods.filter(({ status }) => isCondition(status?.conditions, 'Ready'));
  if (ready.length > 0 && internalTrafficPolicy !== 'Local') return { message, blame };
  const [unready] = pods;
  const text = `Service ${namespace}/${name} has no endpoints: no Ready pod has labels ${labels}`;
  if (unready === undefined)
    return { message: text, blame, repair: `kubectl -n ${namespace} get pods --show-labels, then set spec.selector of service ${name}` };
  return {
    message: `${text}; ${pods.length} ${pods.length === 1 ? 'pod has' : 'pods have'} them but ${pods.length === 1 ? 'is' : 'are'} not Ready`,
    blame,
    repair: `kubectl -n ${namespace} describe pod ${unready.metadata.name}`,
  };
}

function noRoute({ packet, netns }: DropPoint, { from }: PacketTraceSpec, { service }: Receiver, world: TraceWorld): Explanation {
  const { hostname: node } = netns.machine;
  if (from.external === true && service !== undefined) return outsideRepair(service);
  const { nodes } = world.surroundings;
  if (!nodes.has(node)) return {};
  const [name, cidr] = nodeOfPod(packet.destination, world) ?? [];
  const to = nodes.get(name ?? '')?.plan.ip;
  const repair = to === undefined || cidr === undefined ? {} : { repair: `ip route add ${cidr} via ${to} on ${node}` };
  return { ...faultOn(node, world, { kind: 'Node', name: node }), ...repair };
}

/** A cluster address means nothing outside of the cluster. */
function outsideRepair(service: Service): Explanation {
  const { namespace = '', name } = service.metadata;
  const patch = JSON.stringify({ spec: { type: 'NodePort' } });
  return {
    blame: named('Service', service),
    repair: `kubectl -n ${namespace} patch service ${name} -p '${patch}', then send to a node at its node port`,
  };
}

/** The node whose network of pods an address is in, and that network. */
function nodeOfPod(address: string, { surroundings }: TraceWorld): readonly [node: string, podCidr: string] | undefined {
  const ip = parseIpv4(address);
  for (const { metadata, spec } of surroundings.client.list(NodeResource).items) {
    const cidr = parseCidr(spec.podCIDR ?? '');
    if (ip !== undefined && cidr !== undefined && contains(cidr, ip)) return [metadata.name, spec.podCIDR ?? ''];
  }
  return undefined;
}

/** Nobody has the next hop's address: a machine without power, an address that no pod has any more, or one that no Service has. */
function notTaken(drop: DropPoint, spec: PacketTraceSpec, receiver: Receiver, world: TraceWorld, message: string): Explanation {
  const { nodes } = world.surroundings;
  const address = drop.packet.destination;
  const [podNode] = nodeOfPod(address, world) ?? [];
  const down = [...nodes.values()].find(({ name, machine, plan }) => !machine.powered && (plan.ip === address || name === podNode));
  if (down !== undefined) {
    const text = `node ${down.name} has no power: ${message}`;
    return { message: text, ...faultOn(down.name, world, { kind: 'Node', name: down.name }) };
  }
  const ownNode = [...nodes.values()].find(({ plan }) => plan.ip === address)?.name;
  for (const node of [drop.netns.machine.hostname, podNode ?? '', ownNode ?? '']) {
    const here = faultOn(node, world, undefined);
    if (here.blame !== undefined) return { message, ...here };
  }
  if (podNode !== undefined)
    return {
      message: `no pod has the address ${address}: ${message}`,
      ...(receiver.service && { blame: named('Service', receiver.service) }),
    };
  const elsewhere = ownerElsewhere(address, drop.netns.machine.hostname, world);
  if (elsewhere !== undefined)
    return {
      message: `${elsewhere} has the address ${address}, which leads nowhere from here: each node gives out the addresses of its own bridge (${message})`,
      repair: 'give its container a hostPort, then send to that port of its node',
    };
  const service = serviceAt(address, world);
  if (service === undefined) return { message: `nobody has the address ${address}: ${message}` };
  const { namespace = '', name } = service.metadata;
  if (spec.from.external === true)
    return { message: `the address of Service ${namespace}/${name} means nothing outside of the cluster`, ...outsideRepair(service) };
  return { message: `no rule for Service ${namespace}/${name} was met: ${message}`, blame: named('Service', service) };
}

/** The Fault that meets a node now; else `otherwise`. */
function faultOn(node: string, { surroundings }: TraceWorld, otherwise: TraceOwner | undefined): Explanation {
  const active = surroundings.client
    .list(FaultResource)
    .items.find(({ status }) => status?.phase === 'Active' && (status.affected?.includes(`node/${node}`) ?? false));
  if (active !== undefined) return { blame: named('Fault', active), repair: `kubectl delete fault ${active.metadata.name}` };
  return otherwise === undefined ? {} : { blame: otherwise };
}
