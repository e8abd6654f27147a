/**
 * Changes of the cluster that may make a rejected pod schedulable, and what plugins say about them
 * (`pkg/scheduler/framework/types.go` and `events.go`: ClusterEvent, QueueingHint).
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Node, NodeCondition, Pod } from '../../api/generated/types.ts';
import { containerFacts } from '../cache/resource.ts';

/** What happened, as bits, so that a plugin may ask for several. */
export const Action = {
  Add: 1,
  Delete: 1 << 1,
  UpdateNodeAllocatable: 1 << 2,
  UpdateNodeLabel: 1 << 3,
  UpdateNodeTaint: 1 << 4,
  UpdateNodeCondition: 1 << 5,
  UpdateNodeAnnotation: 1 << 6,
  UpdatePodLabel: 1 << 7,
  UpdatePodScaleDown: 1 << 8,
  UpdatePodToleration: 1 << 9,
  UpdatePodSchedulingGatesEliminated: 1 << 10,
  /** Any change of a kind whose changes are not told apart, or one of none of the kinds above. */
  Update: 1 << 11,
  All: (1 << 12) - 1,
} as const;

/** Which objects. `Pod` stands for both kinds of pod events. */
export type EventResource =
  | 'Pod'
  | 'AssignedPod'
  | 'UnscheduledPod'
  | 'Node'
  | 'Namespace'
  | 'PersistentVolumeClaim'
  | 'PersistentVolume'
  | 'StorageClass'
  | 'CSINode'
  | '*';

/** One kind of change. */
export interface ClusterEvent {
  readonly resource: EventResource;
  /** Bits of `Action`. */
  readonly action: number;
}

/** A change with the objects before and after it. */
export interface ClusterChange extends ClusterEvent {
  /** For the decision record: "NodeAdd", "AssignedPodDelete". */
  readonly label: string;
  readonly old?: KubernetesObject;
  readonly object?: KubernetesObject;
}

/** Whether the change may make `pod` schedulable. Called only for pods that this plugin has rejected. */
export type QueueingHint = (pod: Pod, change: ClusterChange) => boolean;

/** A change that a plugin wants to hear of. Without a hint, every such change queues the pod. */
export interface EventRegistration {
  readonly event: ClusterEvent;
  readonly hint?: QueueingHint;
}

/** Whether a plugin that registered for `registered` hears of `incoming`. */
export function eventMatches(registered: ClusterEvent, incoming: ClusterEvent): boolean {
  const { resource } = registered;
  const pods = resource === 'Pod' && (incoming.resource === 'AssignedPod' || incoming.resource === 'UnscheduledPod');
  return (
    (resource === '*' || incoming.resource === '*' || resource === incoming.resource || pods) && (registered.action & incoming.action) !== 0
  );
}

/** The change by which leftovers are retried regardless of hints. */
export const UNSCHEDULABLE_TIMEOUT: ClusterChange = { resource: '*', action: Action.All, label: 'UnschedulableTimeout' };

const conditionStatuses = (node: Node) => (node.status?.conditions ?? []).map(({ type, status }: NodeCondition) => [type, status]);

/** What changed on a node that scheduling can depend on; 0 when nothing did (`NodeSchedulingPropertiesChange`). */
export function nodeChanges(next: Node, old: Node): number {
  let action = 0;
  if (next.spec !== old.spec && (next.spec.unschedulable !== old.spec.unschedulable || !deepEqual(next.spec.taints, old.spec.taints))) {
    action |= Action.UpdateNodeTaint;
  }
  if (!deepEqual(next.status?.allocatable, old.status?.allocatable)) action |= Action.UpdateNodeAllocatable;
  if (!deepEqual(next.metadata.labels, old.metadata.labels)) action |= Action.UpdateNodeLabel;
  if (next.status?.conditions !== old.status?.conditions && !deepEqual(conditionStatuses(next), conditionStatuses(old))) {
    action |= Action.UpdateNodeCondition;
  }
  if (!deepEqual(next.metadata.annotations, old.metadata.annotations)) action |= Action.UpdateNodeAnnotation;
  return action;
}

function requestsLess(next: Pod, old: Pod): boolean {
  const [after, before] = [containerFacts(next.spec).requests, containerFacts(old.spec).requests];
  if (after === before) return false;
  if (after.milliCPU < before.milliCPU || after.memory < before.memory || after.ephemeralStorage < before.ephemeralStorage) return true;
  for (const [name, amount] of before.scalars ?? []) if (after.get(name) < amount) return true;
  return false;
}

/** What changed on a pod that scheduling can depend on; `Action.Update` for any other change (`PodSchedulingPropertiesChange`). */
export function podChanges(next: Pod, old: Pod): number {
  let action = 0;
  if (!deepEqual(next.metadata.labels, old.metadata.labels)) action |= Action.UpdatePodLabel;
  if (requestsLess(next, old)) action |= Action.UpdatePodScaleDown;
  if (!deepEqual(next.spec.tolerations, old.spec.tolerations)) action |= Action.UpdatePodToleration;
  if ((old.spec.schedulingGates?.length ?? 0) > 0 && (next.spec.schedulingGates?.length ?? 0) === 0) {
    action |= Action.UpdatePodSchedulingGatesEliminated;
  }
  return action === 0 ? Action.Update : action;
}
