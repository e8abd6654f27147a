/**
 * What a ReplicaSet's and a ReplicationController's status says about their pods
 * (`pkg/controller/replicaset/replica_set_utils.go`). Pure.
 */
import type { Pod, ReplicaSetCondition } from '../../api/generated/types.ts';
import { findCondition, removeCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { Selector } from '../../apimachinery/labels.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';

/** The status of both kinds. */
export interface ReplicasStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  conditions?: ReplicaSetCondition[];
}

/** What a sync found out. */
export interface Observed {
  pods: readonly Pod[];
  /** Selects pods that carry all labels of the template. */
  templateLabels: Selector;
  minReadySeconds: number;
  desired: number;
  generation: number | undefined;
  nowMs: number;
  /** Why creating or deleting failed in this sync. */
  failure?: string;
}

/** The status that follows; `current` itself when nothing changed. */
export function calculateStatus(current: ReplicasStatus | undefined, observed: Observed): ReplicasStatus {
  const { pods, templateLabels, minReadySeconds, nowMs } = observed;
  let [fullyLabeled, ready, available] = [0, 0, 0];
  for (const pod of pods) {
    if (templateLabels.matches(pod.metadata.labels)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, nowMs)) available++;
  }
  const conditions = conditionsAfter(current?.conditions ?? [], observed);
  const next: ReplicasStatus = { replicas: pods.length };
  if (fullyLabeled > 0) next.fullyLabeledReplicas = fullyLabeled;
  if (ready > 0) next.readyReplicas = ready;
  if (available > 0) next.availableReplicas = available;
  if (observed.generation !== undefined) next.observedGeneration = observed.generation;
  if (conditions.length > 0) next.conditions = [...conditions];
  return isSame(current, next) ? (current as ReplicasStatus) : next;
}

function isSame(current: ReplicasStatus | undefined, next: ReplicasStatus): boolean {
  return (
    current !== undefined &&
    current.replicas === next.replicas &&
    (current.fullyLabeledReplicas ?? 0) === (next.fullyLabeledReplicas ?? 0) &&
    (current.readyReplicas ?? 0) === (next.readyReplicas ?? 0) &&
    (current.availableReplicas ?? 0) === (next.availableReplicas ?? 0) &&
    current.observedGeneration === next.observedGeneration &&
    deepEqual(current.conditions ?? [], next.conditions ?? [])
  );
}

function conditionsAfter(
  conditions: readonly ReplicaSetCondition[],
  { failure, pods, desired, nowMs }: Observed,
): readonly ReplicaSetCondition[] {
  if (failure === undefined) return removeCondition(conditions, 'ReplicaFailure');
  if (findCondition(conditions, 'ReplicaFailure') !== undefined) return conditions;
  const reason = pods.length < desired ? 'FailedCreate' : 'FailedDelete';
  return [...conditions, { type: 'ReplicaFailure', status: 'True', reason, message: failure, lastTransitionTime: formatTime(nowMs) }];
}
