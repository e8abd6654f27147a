/**
 * A Deployment's status and conditions (`pkg/controller/deployment/progress.go`, `sync.go` calculateStatus). Pure.
 */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/generated/types.ts';
import { findCondition, removeCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { actualPods, availablePods, desiredPods, isComplete, maxUnavailable, NO_LIMIT, readyPods, replicasOf } from './rollout.ts';

export const TIMED_OUT = 'ProgressDeadlineExceeded';
export const NEW_SET_AVAILABLE = 'NewReplicaSetAvailable';

/** Whether the Deployment wants to be told when it does not progress. */
export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_LIMIT;
}

/** A condition that begins now. */
export function newCondition(type: string, status: string, reason: string, message: string, nowMs: number): DeploymentCondition {
  const now = formatTime(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/** Sets a condition; one of the same status and reason stays as it is, message and all (`SetDeploymentCondition`). */
export function withCondition(
  conditions: readonly DeploymentCondition[] | undefined,
  condition: DeploymentCondition,
): readonly DeploymentCondition[] {
  const current = findCondition(conditions, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return conditions ?? [];
  const kept = current?.status === condition.status ? { ...condition, lastTransitionTime: current.lastTransitionTime } : condition;
  return [...removeCondition(conditions, condition.type), kept];
}

/** The counts, and whether enough pods are available. `all` includes the new ReplicaSet. */
export function calculateStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const available = availablePods(all);
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const condition = enough
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', nowMs)
    : newCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', nowMs);
  const counts = {
    replicas: actualPods(all),
    updatedReplicas: newSet === undefined ? 0 : actualPods([newSet]),
    readyReplicas: readyPods(all),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, desiredPods(all) - available),
  };
  const { collisionCount, conditions } = deployment.status ?? {};
  return {
    ...(deployment.metadata.generation !== undefined && { observedGeneration: deployment.metadata.generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: [...withCondition(conditions, condition)],
  };
}

/** The status during a rollout: the above, how it progresses, and what keeps ReplicaSets from creating pods (`syncRolloutStatus`). */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const status = calculateStatus(deployment, all, newSet, nowMs);
  let conditions: readonly DeploymentCondition[] = status.conditions ?? [];
  if (!hasProgressDeadline(deployment)) conditions = removeCondition(conditions, 'Progressing');
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  const wasComplete = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === NEW_SET_AVAILABLE;
  if (hasProgressDeadline(deployment) && !wasComplete) {
    const next = progressing(deployment, status, current, newSet, nowMs);
    if (next?.reason === 'ReplicaSetUpdated') conditions = [...removeCondition(conditions, 'Progressing'), next];
    else if (next !== undefined) conditions = withCondition(conditions, next);
  }
  const failure = replicaFailure(all, newSet);
  conditions = failure === undefined ? removeCondition(conditions, 'ReplicaFailure') : withCondition(conditions, failure);
  return { ...status, conditions: [...conditions] };
}

function progressing(
  deployment: Deployment,
  status: DeploymentStatus,
  current: DeploymentCondition | undefined,
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentCondition | undefined {
  const subject = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status))
    return newCondition('Progressing', 'True', NEW_SET_AVAILABLE, `${subject} has successfully progressed.`, nowMs);
  if (hasProgressed(deployment.status, status)) {
    const next = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, nowMs);
    return current?.status === 'True' ? { ...next, lastTransitionTime: current.lastTransitionTime } : next;
  }
  if (!isTimedOut(deployment, current, nowMs)) return undefined;
  return newCondition('Progressing', 'False', TIMED_OUT, `${subject} has timed out progressing.`, nowMs);
}

/** More new, ready or available pods than before, or fewer old ones (`DeploymentProgressing`). */
export function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined) => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

function isTimedOut({ spec }: Deployment, progress: DeploymentCondition | undefined, nowMs: number): boolean {
  if (progress === undefined || progress.reason === NEW_SET_AVAILABLE) return false;
  if (progress.reason === TIMED_OUT) return true;
  return Date.parse(progress.lastUpdateTime ?? '') + (spec.progressDeadlineSeconds ?? 0) * 1000 < nowMs;
}

/** In how many ms to look again whether the rollout is stuck; undefined when it cannot be (`requeueStuckDeployment`). */
export function stuckCheckMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const progress = findCondition(deployment.status?.conditions, 'Progressing');
  if (!hasProgressDeadline(deployment) || progress === undefined) return undefined;
  if (isComplete(deployment, status) || progress.reason === TIMED_OUT) return undefined;
  const left = Date.parse(progress.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - nowMs;
  return Math.max(left, 0) + 1000;
}

function replicaFailure(all: readonly ReplicaSet[], newSet: ReplicaSet | undefined): DeploymentCondition | undefined {
  const own = findCondition(newSet?.status?.conditions, 'ReplicaFailure');
  const found =
    own ?? all.map(({ status }) => findCondition(status?.conditions, 'ReplicaFailure')).find((condition) => condition !== undefined);
  if (found === undefined) return undefined;
  const { type, status, lastTransitionTime, reason, message } = found;
  return { type, status, lastTransitionTime, lastUpdateTime: lastTransitionTime, reason, message };
}
