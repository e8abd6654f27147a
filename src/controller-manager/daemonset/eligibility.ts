/**
 * Which nodes run a DaemonSet's pod, and how such a pod differs from its template (`pkg/controller/daemon/daemon_controller.go`
 * NodeShouldRunDaemonPod, `util/daemonset_util.go`). Pure.
 */
import type { Node, NodeAffinity, Pod, PodSpec, Toleration } from '../../api/generated/types.ts';
import { asNodeLike, requiredNodeAffinityMatches } from '../../api/core/node-selector.ts';
import {
  DISK_PRESSURE,
  forbidsRunning,
  MEMORY_PRESSURE,
  NETWORK_UNAVAILABLE,
  NOT_READY,
  PID_PRESSURE,
  UNREACHABLE,
  UNSCHEDULABLE,
  untoleratedTaint,
} from '../../api/core/taints.ts';

const NO_EXECUTE = [NOT_READY, UNREACHABLE];
const NO_SCHEDULE = [DISK_PRESSURE, MEMORY_PRESSURE, PID_PRESSURE, UNSCHEDULABLE];

/** The tolerations that every daemon pod gets: it stays on broken nodes, and comes to those under pressure or cordoned. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const always: Toleration[] = [
    ...NO_EXECUTE.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' })),
    ...NO_SCHEDULE.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
  ];
  if (hostNetwork) always.push({ key: NETWORK_UNAVAILABLE, operator: 'Exists', effect: 'NoSchedule' });
  const isAdded = ({ key, effect, operator }: Toleration) =>
    always.some((added) => added.key === key && added.effect === effect && added.operator === operator);
  return [...tolerations.filter((toleration) => !isAdded(toleration)), ...always];
}

/** Whether a pod of the template is to be started on the node, and whether one that is there may stay. */
export function shouldRun(spec: PodSpec, node: Node): { shouldRun: boolean; shouldContinueRunning: boolean } {
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { shouldRun: false, shouldContinueRunning: false };
  if (!requiredNodeAffinityMatches(spec, asNodeLike(node))) return { shouldRun: false, shouldContinueRunning: false };
  const [taints, tolerations] = [node.spec?.taints ?? [], daemonTolerations(spec)];
  if (untoleratedTaint(taints, tolerations) === undefined) return { shouldRun: true, shouldContinueRunning: true };
  return { shouldRun: false, shouldContinueRunning: untoleratedTaint(taints, tolerations, forbidsRunning) === undefined };
}

/** The template's spec for one node: the scheduler may choose no other (`ReplaceDaemonSetPodNodeNameNodeAffinity`). */
export function specForNode(spec: PodSpec, tolerations: Toleration[], node: string): PodSpec {
  const nodeAffinity: NodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
    },
  };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity }, tolerations };
}

/** The node that the pod is on or is meant for (`GetTargetNodeName`). */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    const field = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (field?.values?.length === 1) return field.values[0];
  }
  return undefined;
}
