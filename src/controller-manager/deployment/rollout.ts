/**
 * The arithmetic of rolling updates and scaling (`pkg/controller/deployment/util/deployment_util.go`, `rolling.go`,
 * `sync.go`). Pure: numbers in, numbers out.
 */
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/generated/types.ts';
import { scaledValue } from '../../apimachinery/int-or-string.ts';
import type { IntOrString } from '../../apimachinery/int-or-string.ts';
import { desiredReplicasOf, maxReplicasOf } from './annotations.ts';

/** What the API defaults absent replicas to. */
export const replicasOf = (object: Deployment | ReplicaSet): number => object.spec.replicas ?? 1;

/**
 * How many pods more and fewer than desired are allowed: surge rounds up, unavailable down. When both come out as 0
 * nothing could ever move, so unavailable is 1 then (`ResolveFenceposts`). Throws BadRequest on a malformed percentage.
 */
export function resolveFenceposts(
  maxSurge: IntOrString | undefined,
  maxUnavailable: IntOrString | undefined,
  desired: number,
): { surge: number; unavailable: number } {
  const surge = scaledValue(maxSurge ?? 0, desired, true);
  const unavailable = scaledValue(maxUnavailable ?? 0, desired, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Pods above the desired number that a rolling update may use; 0 for Recreate (`MaxSurge`). */
export function maxSurge(deployment: Deployment): number {
  const { strategy } = deployment.spec;
  if (strategy?.type !== 'RollingUpdate') return 0;
  return resolveFenceposts(strategy.rollingUpdate?.maxSurge, strategy.rollingUpdate?.maxUnavailable, replicasOf(deployment)).surge;
}

/** Pods that may be unavailable; never more than there are, 0 for Recreate (`MaxUnavailable`). */
export function maxUnavailable(deployment: Deployment): number {
  const { strategy } = deployment.spec;
  const desired = replicasOf(deployment);
  if (strategy?.type !== 'RollingUpdate' || desired === 0) return 0;
  return Math.min(
    desired,
    resolveFenceposts(strategy.rollingUpdate?.maxSurge, strategy.rollingUpdate?.maxUnavailable, desired).unavailable,
  );
}

/** Pods that the ReplicaSets ask for together. */
export const desiredPods = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);
/** Pods that they have. */
export const actualPods = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);
/** Ready pods of all the sets (`GetReadyReplicaCountForReplicaSets`). */
export const readyPods = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
/** Pods of all the sets that have been ready for minReadySeconds (`GetAvailableReplicaCountForReplicaSets`). */
export const availablePods = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

/**
 * The size of the new ReplicaSet (`NewRSNewReplicas`). Rolling: it grows into what `desired + maxSurge` leaves free.
 * Example: 10 desired, surge 3, old 10, new 0: 13 - 10 = 3 pods may be added, so 3.
 */
export function newReplicaSetSize(deployment: Deployment, all: readonly ReplicaSet[], newSize: number): number {
  const desired = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return desired;
  const room = desired + maxSurge(deployment) - desiredPods(all);
  return room <= 0 ? newSize : newSize + Math.min(room, desired - newSize);
}

/**
 * How far old ReplicaSets may shrink in total (`reconcileOldReplicaSets`). New pods that are not yet available count as
 * if they were missing: all - (desired - maxUnavailable) - unavailable new pods.
 * Example: 10 desired, surge 3, unavailable 2, old 10, new 3 of which none is available: 13 - 8 - 3 = 2.
 */
export function maxScaledDown(deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet | undefined): number {
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = newSet === undefined ? 0 : replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0);
  return desiredPods(all) - minAvailable - newUnavailable;
}

/** New sizes of old ReplicaSets, oldest first, when up to `limit` pods that are not available are removed first (`cleanupUnhealthyReplicas`). */
export function withoutUnhealthy(old: readonly ReplicaSet[], limit: number): Map<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  let left = limit;
  for (const set of oldestFirst(old)) {
    const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0);
    const removed = Math.min(left, unhealthy);
    if (left <= 0) break;
    if (replicasOf(set) === 0 || removed <= 0) continue;
    sizes.set(set, replicasOf(set) - removed);
    left -= removed;
  }
  return sizes;
}

/** New sizes of old ReplicaSets, oldest first, when available pods above the minimum go (`scaleDownOldReplicaSetsForRollingUpdate`). */
export function scaledDownOld(deployment: Deployment, all: readonly ReplicaSet[], old: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  let left = availablePods(all) - (replicasOf(deployment) - maxUnavailable(deployment));
  for (const set of oldestFirst(old)) {
    if (left <= 0) break;
    const removed = Math.min(left, replicasOf(set));
    if (removed === 0) continue;
    sizes.set(set, replicasOf(set) - removed);
    left -= removed;
  }
  return sizes;
}

/**
 * Sizes of the active ReplicaSets after the Deployment was scaled in the middle of a rollout: each grows or shrinks in
 * proportion, the largest takes what rounding leaves (`scale`, `GetReplicaSetProportion`).
 * Example: 10 -> 50 with surge 3 -> 6, sets of 5 and 8: 56 - 13 = 43 to add; 8·56/13 = 34 (+26), 5·56/13 = 22 (+17).
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const desired = replicasOf(deployment);
  const toAdd = (desired > 0 ? desired + maxSurge(deployment) : 0) - desiredPods(active);
  const sets = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? compareAge(b, a) : compareAge(a, b)));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of sets) {
    const share = toAdd === 0 ? 0 : proportionOf(deployment, set, toAdd, added);
    sizes.set(set, replicasOf(set) + share);
    added += share;
  }
  const largest = sets[0];
  if (largest !== undefined && toAdd !== 0) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  return sizes;
}

function proportionOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (replicasOf(set) === 0 || toAdd === added) return 0;
  const allowed = toAdd - added;
  const fraction = fractionOf(deployment, set);
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = maxReplicasOf(set) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (replicasOf(deployment) + maxSurge(deployment))) / before) - size;
}

/** True when the new ReplicaSet has all the pods and all are available (`IsSaturated`). */
export function isSaturated(deployment: Deployment, newSet: ReplicaSet | undefined): boolean {
  if (newSet === undefined) return false;
  const desired = replicasOf(deployment);
  return replicasOf(newSet) === desired && desiredReplicasOf(newSet) === desired && (newSet.status?.availableReplicas ?? 0) === desired;
}

/** All pods are of the new template, available, and no old ones are left (`DeploymentComplete`). */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const desired = replicasOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === desired &&
    (status?.replicas ?? 0) === desired &&
    (status?.availableReplicas ?? 0) === desired &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** The ReplicaSets that ask for pods (`FilterActiveReplicaSets`). */
export const activeSets = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((set) => replicasOf(set) > 0);

/** Oldest first; of the same second by name (`ReplicaSetsByCreationTimestamp`). */
export const oldestFirst = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.toSorted(compareAge);

function compareAge(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return left.name < right.name ? -1 : Number(left.name > right.name);
}

/** The old ReplicaSets to delete so that `limit` are kept: lowest revisions first, only empty and settled ones (`cleanupDeployment`). */
export function historyToDelete(
  old: readonly ReplicaSet[],
  limit: number | undefined,
  revisionOf: (set: ReplicaSet) => number,
): ReplicaSet[] {
  if (limit === undefined || limit === NO_LIMIT) return [];
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  const candidates = alive.toSorted((a, b) => revisionOf(a) - revisionOf(b) || compareAge(a, b)).slice(0, surplus);
  return candidates.filter(
    (set) =>
      (set.status?.replicas ?? 0) === 0 && replicasOf(set) === 0 && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
  );
}

/** "Unlimited" for revisionHistoryLimit and progressDeadlineSeconds (`math.MaxInt32`). */
export const NO_LIMIT = 2_147_483_647;
