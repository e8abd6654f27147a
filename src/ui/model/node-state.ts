/** What a node is like: whether it answers, what its pods have asked of it, and what is left. */
import { memoisedByContainers, podRequests as podRequestsOf } from '../../api/core/pod-resources.ts';
import { milliValue, milliValueOf, value, valueOf } from '../../apimachinery/quantity.ts';
import type { Node, Pod } from '../../api/generated/types.ts';

/** Ready as the control plane believes it: 'unknown' when the node has gone silent. */
export type NodeState = 'ready' | 'notReady' | 'unknown';

/** What a node's Ready condition says. */
export function nodeState(node: Node): NodeState {
  const status = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  if (status === 'True') return 'ready';
  return status === 'False' ? 'notReady' : 'unknown';
}

/** Whether the node runs the control plane. */
export const isControlPlane = ({ metadata }: Node): boolean => metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined;

/** Amounts the scheduler counts: cpu in thousandths, memory in bytes. */
export interface Amounts {
  cpu: number;
  memory: number;
}

const amountsOf = memoisedByContainers((spec): Amounts => {
  const requests = podRequestsOf(spec);
  const [cpu, memory] = [requests.get('cpu'), requests.get('memory')];
  return { cpu: cpu ? milliValueOf(cpu) : 0, memory: memory ? valueOf(memory) : 0 };
});

/** What a pod asks for. */
export const podRequests = ({ spec }: Pod): Amounts => amountsOf(spec);

/** What a node can give to pods. */
export function allocatable({ status }: Node): Amounts & { pods: number } {
  const amounts = status?.allocatable ?? status?.capacity ?? {};
  return { cpu: milliValue(amounts['cpu'] ?? '0'), memory: value(amounts['memory'] ?? '0'), pods: value(amounts['pods'] ?? '0') };
}

/** What the pods of each node ask for together; pods that have ended ask for nothing. */
export function requestsByNode(pods: readonly Pod[]): Map<string, Amounts & { pods: number }> {
  const usage = new Map<string, Amounts & { pods: number }>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    let sum = usage.get(nodeName);
    if (!sum) usage.set(nodeName, (sum = { cpu: 0, memory: 0, pods: 0 }));
    const asked = podRequests(pod);
    sum.cpu += asked.cpu;
    sum.memory += asked.memory;
    sum.pods++;
  }
  return usage;
}

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

/** Bytes for a small label: "512Mi", "1.5Gi". */
export function memoryText(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${String(Math.round(amount * 10) / 10)}${UNITS[unit] ?? ''}`;
}

/** A part of a total in the total's unit, for a small label: "0.9/8Gi". */
export function memoryShare(part: number, total: number): string {
  const text = memoryText(total);
  const unit = UNITS.findLastIndex((name) => name !== '' && text.endsWith(name));
  return `${String(Math.round((part / 1024 ** Math.max(0, unit)) * 10) / 10)}/${text}`;
}

/** Thousandths of a cpu for a small label: "250m", "1.5", "2". */
export const cpuText = (milli: number): string => (milli < 1000 && milli > 0 ? `${String(milli)}m` : String(Math.round(milli / 100) / 10));
