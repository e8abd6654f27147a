/**
 * Whether the node can take a pod (`pkg/kubelet/lifecycle/predicate.go`): the scheduler's filters once more, because a
 * pod can name its node itself. Reasons and texts are upstream's.
 */
import { milliValue, value } from '../apimachinery/quantity.ts';
import { matchesNodeSelectorTerms } from './node-affinity.ts';
import type { Container, Node, Pod, PodSpec } from '../api/generated/types.ts';
import type { Host } from './host.ts';

/** Amounts of the resources that the kubelet checks. */
export interface Amounts {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
}

const requests = new WeakMap<PodSpec, Amounts>();

const amountsOf = ({ resources }: Pick<Container, 'resources'>): Amounts => ({
  milliCpu: milliValue(resources?.requests?.['cpu'] ?? '0'),
  memoryBytes: value(resources?.requests?.['memory'] ?? '0'),
  ephemeralStorageBytes: value(resources?.requests?.['ephemeral-storage'] ?? '0'),
});

const combine = (a: Amounts, b: Amounts, how: (x: number, y: number) => number): Amounts => ({
  milliCpu: how(a.milliCpu, b.milliCpu),
  memoryBytes: how(a.memoryBytes, b.memoryBytes),
  ephemeralStorageBytes: how(a.ephemeralStorageBytes, b.ephemeralStorageBytes),
});

const plus = (x: number, y: number) => x + y;

/**
 * What a pod asks for (`PodRequests`): max(sum of containers and sidecars, each init container with the sidecars
 * before it) + overhead.
 */
export function podRequests(spec: PodSpec): Amounts {
  const known = requests.get(spec);
  if (known) return known;
  let sum: Amounts = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
  for (const container of spec.containers) sum = combine(sum, amountsOf(container), plus);
  let sidecars: Amounts = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
  let init = sidecars;
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      sidecars = combine(sidecars, amountsOf(container), plus);
      init = combine(init, sidecars, Math.max);
    } else init = combine(init, combine(sidecars, amountsOf(container), plus), Math.max);
  }
  let total = combine(combine(sum, sidecars, plus), init, Math.max);
  if (spec.overhead) total = combine(total, amountsOf({ resources: { requests: spec.overhead } }), plus);
  requests.set(spec, total);
  return total;
}

/** The host ports that containers ask for, as "TCP/0.0.0.0/80". */
function hostPorts(spec: PodSpec): string[] {
  const found: string[] = [];
  for (const { ports } of spec.containers) {
    for (const { hostPort, protocol = 'TCP', hostIP } of ports ?? [])
      if (hostPort) found.push(`${protocol}/${hostIP || '0.0.0.0'}/${hostPort}`);
  }
  return found;
}

function portsClash(a: string, b: string): boolean {
  const [protocolA, ipA, portA] = a.split('/');
  const [protocolB, ipB, portB] = b.split('/');
  return protocolA === protocolB && portA === portB && (ipA === ipB || ipA === '0.0.0.0' || ipB === '0.0.0.0');
}

const insufficient = (resource: string, requested: number, used: number, capacity: number) => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

const predicateFailed = (name: string, why: string) => ({ reason: name, message: `Predicate ${name} failed: ${why}` });

/** Why the pod is refused, or undefined. `others`: the pods that use the node already. */
export function admitPod(
  pod: Pod,
  others: Iterable<Pod>,
  allocatable: Host['allocatable'],
  node: Node | undefined,
): { reason: string; message: string } | undefined {
  let used: Amounts = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
  let count = 0;
  let clash = false;
  const wanted = hostPorts(pod.spec);
  for (const other of others) {
    count++;
    used = combine(used, podRequests(other.spec), plus);
    if (wanted.length > 0) clash ||= hostPorts(other.spec).some((port) => wanted.some((mine) => portsClash(mine, port)));
  }
  const asked = podRequests(pod.spec);
  if (count + 1 > allocatable.pods) return insufficient('pods', 1, count, allocatable.pods);
  if (asked.milliCpu > 0 && asked.milliCpu + used.milliCpu > allocatable.milliCpu)
    return insufficient('cpu', asked.milliCpu, used.milliCpu, allocatable.milliCpu);
  if (asked.memoryBytes > 0 && asked.memoryBytes + used.memoryBytes > allocatable.memoryBytes) {
    return insufficient('memory', asked.memoryBytes, used.memoryBytes, allocatable.memoryBytes);
  }
  if (asked.ephemeralStorageBytes > 0 && asked.ephemeralStorageBytes + used.ephemeralStorageBytes > allocatable.ephemeralStorageBytes) {
    return insufficient('ephemeral-storage', asked.ephemeralStorageBytes, used.ephemeralStorageBytes, allocatable.ephemeralStorageBytes);
  }
  if (node && !matchesNode(pod.spec, node)) return predicateFailed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (clash) return predicateFailed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  return undefined;
}

function matchesNode({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelectorTerms(required.nodeSelectorTerms, node);
}
