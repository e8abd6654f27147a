/**
 * Whether the node can take a pod (`pkg/kubelet/lifecycle/predicate.go`): the scheduler's filters once more, because a
 * pod can name its node itself. Reasons and texts are upstream's.
 */
import { asNodeLike, requiredNodeAffinityMatches } from '../api/core/node-selector.ts';
import { forbidsRunning, untoleratedTaint } from '../api/core/taints.ts';
import { memoisedByContainers, podRequests } from '../api/core/pod-resources.ts';
import { milliValueOf, valueOf } from '../apimachinery/quantity.ts';
import type { Node, Pod, PodSpec } from '../api/generated/types.ts';
import type { Host } from './host.ts';

/** Amounts of the resources that the kubelet checks. */
export interface Amounts {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
}

/** What a pod requests of them. */
export const podAmounts: (spec: PodSpec) => Amounts = memoisedByContainers((spec) => {
  const requests = podRequests(spec);
  const [cpu, memory, storage] = ['cpu', 'memory', 'ephemeral-storage'].map((name) => requests.get(name));
  return {
    milliCpu: cpu ? milliValueOf(cpu) : 0,
    memoryBytes: memory ? valueOf(memory) : 0,
    ephemeralStorageBytes: storage ? valueOf(storage) : 0,
  };
});

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

/** Why the pod is refused, or undefined. `others`: the pods that use the node already. Static pods bear every taint. */
export function admitPod(
  pod: Pod,
  others: Iterable<Pod>,
  allocatable: Host['allocatable'],
  node: Node | undefined,
  isStatic = false,
): { reason: string; message: string } | undefined {
  const used = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
  let count = 0;
  let clash = false;
  const wanted = hostPorts(pod.spec);
  for (const other of others) {
    count++;
    const { milliCpu, memoryBytes, ephemeralStorageBytes } = podAmounts(other.spec);
    used.milliCpu += milliCpu;
    used.memoryBytes += memoryBytes;
    used.ephemeralStorageBytes += ephemeralStorageBytes;
    if (wanted.length > 0) clash ||= hostPorts(other.spec).some((port) => wanted.some((mine) => portsClash(mine, port)));
  }
  const asked = podAmounts(pod.spec);
  if (count + 1 > allocatable.pods) return insufficient('pods', 1, count, allocatable.pods);
  if (asked.milliCpu > 0 && asked.milliCpu + used.milliCpu > allocatable.milliCpu)
    return insufficient('cpu', asked.milliCpu, used.milliCpu, allocatable.milliCpu);
  if (asked.memoryBytes > 0 && asked.memoryBytes + used.memoryBytes > allocatable.memoryBytes) {
    return insufficient('memory', asked.memoryBytes, used.memoryBytes, allocatable.memoryBytes);
  }
  if (asked.ephemeralStorageBytes > 0 && asked.ephemeralStorageBytes + used.ephemeralStorageBytes > allocatable.ephemeralStorageBytes) {
    return insufficient('ephemeral-storage', asked.ephemeralStorageBytes, used.ephemeralStorageBytes, allocatable.ephemeralStorageBytes);
  }
  if (node && !requiredNodeAffinityMatches(pod.spec, asNodeLike(node)))
    return predicateFailed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (clash) return predicateFailed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  if (!isStatic && untoleratedTaint(node?.spec?.taints ?? [], pod.spec.tolerations, forbidsRunning))
    return predicateFailed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  return undefined;
}
