/**
 * The Deployment controller (`pkg/controller/deployment/deployment_controller.go`): makes a ReplicaSet for each version
 * of the pod template and moves pods from the old ones to the new one.
 * Left out: the rollback annotation of the extensions API; `kubectl rollout undo` writes the old template itself.
 */
import { DeploymentResource } from '../../api/apps/deployment.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts';
import { findCondition } from '../../apimachinery/conditions.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { claimObjects } from '../controller-ref-manager.ts';
import type { ControllerDeps } from '../deps.ts';
import { BY_CONTROLLER, claimable, indexByController, isPodTerminal } from '../pods.ts';
import { desiredReplicasOf, revisionOf } from './annotations.ts';
import { calculateStatus, hasProgressDeadline, newCondition, rolloutStatus, stuckCheckMs, TIMED_OUT, withCondition } from './progress.ts';
import { deleteReplicaSet, scaleReplicaSet, syncRevision, writeStatus } from './replica-sets.ts';
import type { Roles, Sync } from './replica-sets.ts';
import {
  activeSets,
  actualPods,
  desiredPods,
  historyToDelete,
  isComplete,
  isSaturated,
  maxScaledDown,
  newReplicaSetSize,
  oldestFirst,
  proportionalSizes,
  replicasOf,
  scaledDownOld,
  withoutUnhealthy,
} from './rollout.ts';

/** Starts the controller. */
export function startDeploymentController(deps: ControllerDeps): void {
  const deployments = deps.informers.informer(DeploymentResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const sets = indexByController(deps.informers.informer(ReplicaSetResource));
  const pods = indexByController(deps.informers.informer(PodResource));
  const controller = startController(deps.scope, 'deployments', reconcile, [deployments, sets, pods]);
  watch(deps, controller, deployments, sets, pods);

  function reconcile(key: string): Requeue | undefined {
    const deployment = deployments.get(key);
    if (deployment === undefined) return undefined;
    if (selectsEverything(deployment)) return refuseEmptySelector(deps, deployment);
    const sync: Sync = { ...deps, nowMs: deps.scope.now, deployment, sets: claim(deployment) };
    if (deployment.metadata.deletionTimestamp !== undefined) return syncStatus(sync, syncRevision(sync, { create: false }));
    checkPausedConditions(sync);
    if (deployment.spec.paused || isScalingEvent(sync)) return scaleOnly(sync);
    if (deployment.spec.strategy?.type === 'Recreate') return recreate(sync, (newSet) => oldPodsRunning(sync, newSet));
    return rollingUpdate(sync);
  }

  function claim(deployment: Deployment): ReplicaSet[] {
    const selector = labelSelectorAsSelector(deployment.spec.selector);
    const matches = (set: ReplicaSet) => selector.matches(set.metadata.labels);
    const { client } = deps;
    return claimObjects(
      { client, owner: deployment, ownerResource: DeploymentResource, resource: ReplicaSetResource, matches },
      claimable(sets, deployment),
    );
  }

  /** Pods of old ReplicaSets that have not ended, also those being deleted. */
  function oldPodsRunning(sync: Sync, newSet: ReplicaSet | undefined): boolean {
    for (const set of sync.sets) {
      if (set.metadata.uid === newSet?.metadata.uid) continue;
      for (const pod of pods.byIndex(BY_CONTROLLER, set.metadata.uid)) if (!isPodTerminal(pod)) return true;
    }
    return false;
  }
}

function watch(
  deps: ControllerDeps,
  controller: Controller,
  deployments: Informer<Deployment>,
  sets: Informer<ReplicaSet>,
  pods: Informer<Pod>,
): void {
  const enqueue = (deployment: Deployment | undefined) => {
    if (deployment !== undefined) controller.enqueue(keyOf(deployment));
  };
  const ownerOf = (set: ReplicaSet): Deployment | undefined => {
    const reference = controllerOf(set);
    if (reference?.kind !== 'Deployment') return undefined;
    const owner = deployments.get(`${set.metadata.namespace ?? ''}/${reference.name}`);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  };
  const enqueueMatching = (set: ReplicaSet) => {
    for (const deployment of deployments.byIndex('namespace', set.metadata.namespace ?? '')) {
      if (labelSelectorAsSelector(deployment.spec.selector).matches(set.metadata.labels)) enqueue(deployment);
    }
  };
  deployments.addHandler({ add: enqueue, update: enqueue, delete: enqueue }, deps.scope);
  sets.addHandler(
    {
      add: (set) => (controllerOf(set) === undefined ? enqueueMatching(set) : enqueue(ownerOf(set))),
      update: (set, old) => {
        if (controllerOf(set)?.uid !== controllerOf(old)?.uid) enqueue(ownerOf(old));
        if (controllerOf(set) !== undefined) enqueue(ownerOf(set));
        else if (controllerOf(old) !== undefined || set.metadata.labels !== old.metadata.labels) enqueueMatching(set);
      },
      delete: (set) => enqueue(ownerOf(set)),
    },
    deps.scope,
  );
  pods.addHandler(
    {
      delete: (pod) => {
        const reference = controllerOf(pod);
        const set = reference?.kind === 'ReplicaSet' ? sets.get(`${pod.metadata.namespace ?? ''}/${reference.name}`) : undefined;
        const deployment = set && ownerOf(set);
        // Recreate waits for the last old pod to be gone.
        if (deployment?.spec.strategy?.type === 'Recreate') enqueue(deployment);
      },
    },
    deps.scope,
  );
}

function selectsEverything({ spec }: Deployment): boolean {
  return Object.keys(spec.selector.matchLabels ?? {}).length === 0 && (spec.selector.matchExpressions ?? []).length === 0;
}

function refuseEmptySelector({ client, recorder }: ControllerDeps, deployment: Deployment): undefined {
  recorder.event(deployment, 'Warning', 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.');
  const { generation = 0 } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return;
  client.updateStatus(DeploymentResource, { ...deployment, status: { ...deployment.status, observedGeneration: generation } });
}

/** Notes pause and resume, so that the time in between does not count as lack of progress. */
function checkPausedConditions(sync: Sync): void {
  const { deployment } = sync;
  if (!hasProgressDeadline(deployment)) return;
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  if (current?.reason === TIMED_OUT) return;
  const paused = deployment.spec.paused === true;
  if (paused === (current?.reason === 'DeploymentPaused')) return;
  const condition = paused
    ? newCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', sync.nowMs)
    : newCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', sync.nowMs);
  writeStatus(sync, {
    ...deployment,
    status: { ...deployment.status, conditions: [...withCondition(deployment.status?.conditions, condition)] },
  });
}

/** True when the size changed since the ReplicaSets were last scaled. */
function isScalingEvent(sync: Sync): boolean {
  const desired = replicasOf(sync.deployment);
  return activeSets(syncRevision(sync, { create: false }).all).some((set) => (desiredReplicasOf(set) ?? desired) !== desired);
}

/** Paused or scaled: sizes change, the rollout does not go on. */
function scaleOnly(sync: Sync): Requeue | undefined {
  const roles = syncRevision(sync, { create: false });
  scale(sync, roles);
  if (sync.deployment.spec.paused) cleanUpHistory(sync, roles);
  return syncStatus(sync, roles);
}

function scale(sync: Sync, { newSet, old, all }: Roles): void {
  const active = activeSets(all);
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? oldestFirst(old).at(-1);
    if (only !== undefined && replicasOf(only) !== replicasOf(sync.deployment)) scaleReplicaSet(sync, only, replicasOf(sync.deployment));
    return;
  }
  if (isSaturated(sync.deployment, newSet)) {
    for (const set of activeSets(old)) scaleReplicaSet(sync, set, 0);
    return;
  }
  if (sync.deployment.spec.strategy?.type !== 'RollingUpdate') return;
  for (const [set, size] of proportionalSizes(sync.deployment, active)) scaleReplicaSet(sync, set, size);
}

function rollingUpdate(sync: Sync): Requeue | undefined {
  const roles = syncRevision(sync, { create: true });
  if (reconcileNew(sync, roles)) return syncRolloutStatus(sync, roles);
  if (reconcileOld(sync, roles)) return syncRolloutStatus(sync, roles);
  if (isComplete(sync.deployment, sync.deployment.status)) cleanUpHistory(sync, roles);
  return syncRolloutStatus(sync, roles);
}

function reconcileNew(sync: Sync, { newSet, all }: Roles): boolean {
  if (newSet === undefined) return false;
  const desired = replicasOf(sync.deployment);
  const size = replicasOf(newSet) > desired ? desired : newReplicaSetSize(sync.deployment, all, replicasOf(newSet));
  if (size === replicasOf(newSet)) return false;
  scaleReplicaSet(sync, newSet, size);
  return true;
}

function reconcileOld(sync: Sync, { newSet, old, all }: Roles): boolean {
  let active = activeSets(old);
  if (desiredPods(old) === 0) return false;
  const limit = maxScaledDown(sync.deployment, all, newSet);
  if (limit <= 0) return false;
  const unhealthy = withoutUnhealthy(active, limit);
  active = active.map((set) => scaleTo(sync, set, unhealthy));
  const others = newSet === undefined ? active : [...active, newSet];
  const fewer = scaledDownOld(sync.deployment, others, active);
  for (const set of active) scaleTo(sync, set, fewer);
  return unhealthy.size + fewer.size > 0;
}

function scaleTo(sync: Sync, set: ReplicaSet, sizes: ReadonlyMap<ReplicaSet, number>): ReplicaSet {
  const size = sizes.get(set);
  return size === undefined ? set : scaleReplicaSet(sync, set, size);
}

/** All old pods go before the first new one comes. */
function recreate(sync: Sync, oldPodsRunning: (newSet: ReplicaSet | undefined) => boolean): Requeue | undefined {
  let roles = syncRevision(sync, { create: false });
  const active = activeSets(roles.old);
  for (const set of active) scaleReplicaSet(sync, set, 0);
  if (active.length > 0 || actualPods(roles.old) > 0 || oldPodsRunning(roles.newSet)) return syncRolloutStatus(sync, roles);
  if (roles.newSet === undefined) roles = syncRevision(sync, { create: true });
  const { newSet } = roles;
  if (newSet !== undefined && replicasOf(newSet) !== replicasOf(sync.deployment))
    scaleReplicaSet(sync, newSet, replicasOf(sync.deployment));
  if (isComplete(sync.deployment, sync.deployment.status)) cleanUpHistory(sync, roles);
  return syncRolloutStatus(sync, roles);
}

function cleanUpHistory(sync: Sync, { old }: Roles): void {
  for (const set of historyToDelete(old, sync.deployment.spec.revisionHistoryLimit, revisionOf)) deleteReplicaSet(sync, set);
}

function syncStatus(sync: Sync, { newSet, all }: Roles): undefined {
  const { deployment } = sync;
  const status = calculateStatus(deployment, all, newSet, sync.nowMs);
  if (!deepEqual(deployment.status, status)) writeStatus(sync, { ...deployment, status });
}

function syncRolloutStatus(sync: Sync, { newSet, all }: Roles): Requeue | undefined {
  const { deployment } = sync;
  const status = rolloutStatus(deployment, all, newSet, sync.nowMs);
  if (!deepEqual(deployment.status, status)) {
    writeStatus(sync, { ...deployment, status });
    return undefined;
  }
  const checkMs = stuckCheckMs(deployment, status, sync.nowMs);
  // A deadline is far away and mostly passes in silence: the world may count as idle meanwhile.
  return checkMs === undefined ? undefined : requeueAfter(checkMs, { background: true });
}
