/** What each kind of Fault does to the cluster, and how what lasts is undone. */
import { parseSelector } from '../../apimachinery/label-selector-parser.ts';
import { badRequest, notFound } from '../../apimachinery/status.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { FaultKind, FaultSpec } from '../../api/kubarium/fault.ts';
import type { Cluster } from '../cluster.ts';
import { CONTROL_PLANE_COMPONENTS } from '../control-plane.ts';
import type { ClusterNode } from '../node.ts';
import type { Effect } from './effect.ts';
import { linksOf, mtuTooSmall, NETWORK_EFFECTS } from './network-effects.ts';

type Begin = (spec: FaultSpec, cluster: Cluster) => Effect;

const EFFECTS: Partial<Record<FaultKind, Begin>> = {
  NodeDown: nodeDown,
  NodeUp: nodeUp,
  ComponentStopped: componentStopped,
  ImageRegistryDown: registryDown,
  LinkDown: linkDown,
  MtuTooSmall: mtuTooSmall,
  Partition: partition,
  PodDeleted: podDeleted,
  ProcessExit: processExit,
};

/** Makes it happen. Throws a Status error when it cannot. */
export function beginFault(spec: FaultSpec, cluster: Cluster): Effect {
  const onNodes = NETWORK_EFFECTS[spec.kind];
  if (onNodes !== undefined) return onNodes(spec, nodesOf(spec, cluster));
  const begin = EFFECTS[spec.kind];
  if (begin === undefined) throw badRequest(`a Fault of kind ${spec.kind} is not simulated yet`);
  return begin(spec, cluster);
}

function nodesOf({ node, nodes, zone }: FaultSpec, cluster: Cluster): ClusterNode[] {
  const names = nodes ?? (node === undefined ? [] : [node]);
  const found = names.map((name) => {
    const known = cluster.nodes.get(name);
    if (known === undefined) throw notFound({ group: '', resource: 'nodes' }, name);
    return known;
  });
  if (zone !== undefined)
    for (const each of cluster.nodes.values()) if (each.plan.labels['topology.kubernetes.io/zone'] === zone) found.push(each);
  if (found.length === 0) throw badRequest('no node is meant by this fault');
  return found;
}

const named = (nodes: readonly ClusterNode[]) => nodes.map(({ name }) => `node/${name}`);

function nodeDown(spec: FaultSpec, cluster: Cluster): Effect {
  const nodes = nodesOf(spec, cluster);
  for (const node of nodes) cluster.powerOff(node);
  return { affected: named(nodes), end: () => nodes.forEach((node) => node.powerOn()) };
}

function nodeUp(spec: FaultSpec, cluster: Cluster): Effect {
  const nodes = nodesOf(spec, cluster);
  for (const node of nodes) node.powerOn();
  return { affected: named(nodes) };
}

/** Components that each node has. */
const NODE_COMPONENTS = ['kubelet', 'kube-proxy'];

function componentStopped(spec: FaultSpec, cluster: Cluster): Effect {
  const components = spec.components ?? [];
  const onNodes = components.filter((name) => NODE_COMPONENTS.includes(name));
  const central = components.filter((name) => !NODE_COMPONENTS.includes(name));
  for (const name of central) {
    if (!cluster.controlPlane.stopComponent(name))
      throw badRequest(
        `there is no component "${name}"; there are ${NODE_COMPONENTS.join(', ')} (with spec.node), ${CONTROL_PLANE_COMPONENTS.join(', ')}, and the controllers by name`,
      );
  }
  const nodes = onNodes.length > 0 ? nodesOf(spec, cluster) : [];
  const set = (node: ClusterNode, name: string, runs: boolean) => {
    if (name === 'kube-proxy') cluster.kubeProxies?.setSuspended(node.name, !runs);
    else if (runs) node.startKubelet();
    else node.stopKubelet();
  };
  for (const node of nodes) for (const name of onNodes) set(node, name, false);
  return {
    affected: [...central.map((name) => `component/${name}`), ...named(nodes)],
    end: () => {
      for (const name of central) cluster.controlPlane.startComponent(name);
      for (const node of nodes) for (const name of onNodes) set(node, name, true);
    },
  };
}

function registryDown(spec: FaultSpec, cluster: Cluster): Effect {
  const nodes = spec.node === undefined ? [...cluster.nodes.values()] : nodesOf(spec, cluster);
  const set = (down: boolean) => nodes.forEach(({ runtime }) => runtime.setRegistryDown(down));
  set(true);
  return { affected: named(nodes), end: () => set(false) };
}

function linkDown(spec: FaultSpec, cluster: Cluster): Effect {
  const nodes = nodesOf(spec, cluster);
  const links = linksOf(spec, nodes);
  const isUplink = (spec.interface ?? 'eth0') === 'eth0';
  const set = (up: boolean) => {
    for (const link of links) link.up = up;
    if (isUplink) for (const node of nodes) setUplink(node, up);
  };
  set(false);
  return { affected: named(nodes), end: () => set(true) };
}

function setUplink({ uplink, pods }: ClusterNode, up: boolean): void {
  // What the node has heard of so far is in its kernel.
  if (!up) pods.felix?.sync();
  if (up) uplink.join();
  else uplink.cut();
}

function partition(spec: FaultSpec, cluster: Cluster): Effect {
  const side = nodesOf(spec, cluster);
  const others = [...cluster.nodes.values()].filter((node) => !side.includes(node));
  // The control plane is on one side of the cut; who is on the other loses the apiserver.
  const cutOff = side.some(({ plan }) => plan.controlPlane) ? others : side;
  const set = (apart: boolean) => {
    for (const a of side) for (const b of others) cluster.fabric.setApart(a.machine, b.machine, apart);
    for (const node of cutOff) setUplink(node, !apart);
  };
  set(true);
  return { affected: named(side), end: () => set(false) };
}

/** Read from the store, for a fault also strikes while the apiserver is stopped. */
function podsOf({ pod: { namespace = 'default', name, selector, count = Infinity } = {} }: FaultSpec, cluster: Cluster): Pod[] {
  const matches = selector === undefined ? () => true : (each: Pod) => parseSelector(selector).matches(each.metadata.labels);
  const prefix = `/registry/pods/${namespace}`;
  const found = cluster.etcd
    .range({ key: `${prefix}/`, end: `${prefix}0` })
    .kvs.map(({ value }) => value as Pod)
    .filter((each) => (name === undefined || each.metadata.name === name) && matches(each))
    .slice(0, count);
  if (found.length === 0) throw badRequest('no pod is meant by this fault');
  return found;
}

const namedPods = (pods: readonly Pod[]) => pods.map(({ metadata }) => `pod/${metadata.namespace ?? ''}/${metadata.name}`);

function processExit(spec: FaultSpec, cluster: Cluster): Effect {
  const { pod: { container } = {}, exitCode = 1, signal } = spec;
  const pods = podsOf(spec, cluster);
  for (const { metadata, spec: podSpec, status } of pods) {
    const node = cluster.nodes.get(podSpec.nodeName ?? '');
    const name = container ?? podSpec.containers[0]?.name ?? '';
    const reported = status?.containerStatuses?.find((each) => each.name === name)?.containerID?.replace('containerd://', '');
    const id = node?.kubelet?.containerId(metadata.namespace ?? '', metadata.name, name) ?? reported;
    if (id !== undefined) node?.runtime.crash(id, signal === undefined ? exitCode : 128 + signal);
  }
  return { affected: namedPods(pods) };
}

function podDeleted(spec: FaultSpec, cluster: Cluster): Effect {
  const pods = podsOf(spec, cluster);
  for (const { metadata } of pods) cluster.client('fault-controller').delete(PodResource, metadata);
  return { affected: namedPods(pods) };
}
