/**
 * The ReplicaSets of a Deployment: which is the new one, making it, scaling it (`pkg/controller/deployment/sync.go`).
 */
import { DeploymentResource } from '../../api/apps/deployment.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import type { Deployment, DeploymentStatus, PodTemplateSpec, ReplicaSet } from '../../api/generated/types.ts';
import { findCondition } from '../../apimachinery/conditions.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { controllerOf, newControllerRef } from '../../apimachinery/meta.ts';
import { podTemplateHash } from '../../apimachinery/safe-encode.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import type { Client, Sent } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { newReplicaSetAnnotations, REVISION, revisionOf, withSizes } from './annotations.ts';
import { hasProgressDeadline, newCondition, withCondition } from './progress.ts';
import { maxSurge, newReplicaSetSize, oldestFirst, replicasOf } from './rollout.ts';

/** The label that tells the pods of one ReplicaSet from those of the others. */
export const POD_TEMPLATE_HASH = 'pod-template-hash';

/** One sync's view: the Deployment, which status writes replace by their result, and its ReplicaSets. */
export interface Sync {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly nowMs: number;
  deployment: Deployment;
  readonly sets: readonly ReplicaSet[];
}

/** The ReplicaSets by role. `all` is old and new. */
export interface Roles {
  newSet: ReplicaSet | undefined;
  old: ReplicaSet[];
  all: ReplicaSet[];
}

/** The roles, with the new set's annotations and the Deployment's revision brought up to date (`getAllReplicaSetsAndSyncRevision`). */
export function syncRevision(sync: Sync, options: { create: boolean }): Roles {
  const existing = findNewReplicaSet(sync.deployment, sync.sets);
  const old = sync.sets.filter((set) => set !== existing);
  const newSet = getNewReplicaSet(sync, existing, old, options.create);
  return { newSet, old, all: newSet === undefined ? old : [...old, newSet] };
}

/** The oldest ReplicaSet with the Deployment's template (`FindNewReplicaSet`). */
export function findNewReplicaSet({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return oldestFirst(sets).find((set) => isSameTemplate(set.spec.template, spec.template));
}

/** Equal but for the hash label (`EqualIgnoreHash`). */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(a.spec, b.spec) && deepEqual(comparableMetadata(a), comparableMetadata(b));
}

function comparableMetadata({ metadata }: PodTemplateSpec): object {
  const { labels = {}, annotations = {}, ...rest } = metadata ?? {};
  const { [POD_TEMPLATE_HASH]: _hash, ...others } = labels;
  return { ...rest, labels: others, annotations };
}

function getNewReplicaSet(
  sync: Sync,
  existing: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  create: boolean,
): ReplicaSet | undefined {
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  if (existing !== undefined) return syncExisting(sync, existing, revision);
  return create ? createNewReplicaSet(sync, old, revision) : undefined;
}

function syncExisting(sync: Sync, existing: ReplicaSet, revision: number): ReplicaSet {
  const { deployment, client } = sync;
  const annotations = newReplicaSetAnnotations(deployment, existing.metadata.annotations, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (annotations !== existing.metadata.annotations || (existing.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const next = { ...existing, metadata: { ...existing.metadata, annotations }, spec: { ...existing.spec, minReadySeconds } };
    return client.update(ReplicaSetResource, next);
  }
  const isUnknown = hasProgressDeadline(deployment) && findCondition(deployment.status?.conditions, 'Progressing') === undefined;
  const found = newCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${existing.metadata.name}"`, sync.nowMs);
  recordRevision(sync, revisionOf(existing), isUnknown ? found : undefined);
  return existing;
}

/** Writes revision and condition if they are news. The revision annotation travels with the status, as upstream's does. */
function recordRevision(sync: Sync, revision: number, condition: ReturnType<typeof newCondition> | undefined): void {
  const { deployment } = sync;
  if (revisionOf(deployment) === revision && condition === undefined) return;
  const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) };
  const status: DeploymentStatus = { ...deployment.status };
  if (condition !== undefined) status.conditions = [...withCondition(status.conditions, condition)];
  writeStatus(sync, { ...deployment, metadata: { ...deployment.metadata, annotations }, status });
}

/** Writes the status and goes on with what the server made of it. */
export function writeStatus(sync: Sync, next: Deployment): void {
  sync.deployment = sync.client.updateStatus(DeploymentResource, next);
}

function createNewReplicaSet(sync: Sync, old: readonly ReplicaSet[], revision: number): ReplicaSet | undefined {
  const wanted = newReplicaSet(sync.deployment, old, revision);
  let created: ReplicaSet;
  try {
    created = sync.client.create(ReplicaSetResource, wanted);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.reason !== 'AlreadyExists') {
      if (!isNamespaceTerminating(error)) reportCreateError(sync, wanted.metadata.name ?? '', error);
      throw error;
    }
    const mine = ownReplicaSet(sync, wanted.metadata.name ?? '');
    if (mine === undefined) {
      const { status } = sync.deployment;
      writeStatus(sync, { ...sync.deployment, status: { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 } });
      throw error;
    }
    recordRevision(sync, revision, undefined);
    return mine;
  }
  const { name } = created.metadata;
  const size = replicasOf(created);
  if (size > 0) sync.recorder.event(sync.deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`);
  const news = newCondition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`, sync.nowMs);
  recordRevision(sync, revision, hasProgressDeadline(sync.deployment) ? news : undefined);
  return created;
}

function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number): Sent<ReplicaSet> {
  const { metadata, spec, status } = deployment;
  const hash = podTemplateHash(spec.template, status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
  const replicas = newReplicaSetSize(deployment, old, 0);
  const annotations = newReplicaSetAnnotations(deployment, undefined, revision);
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      ownerReferences: [newControllerRef(deployment)],
      labels,
      annotations: { ...withSizes(annotations, replicasOf(deployment), replicasOf(deployment) + maxSurge(deployment)) },
    },
    spec: {
      replicas,
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [POD_TEMPLATE_HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** The ReplicaSet in the way, if it is the one that we wanted to make: our cache was stale. */
function ownReplicaSet({ client, deployment }: Sync, name: string): ReplicaSet | undefined {
  const found = client.find(ReplicaSetResource, { namespace: deployment.metadata.namespace, name });
  if (found === undefined || controllerOf(found)?.uid !== deployment.metadata.uid) return undefined;
  return isSameTemplate(found.spec.template, deployment.spec.template) ? found : undefined;
}

function reportCreateError(sync: Sync, name: string, error: StatusError): void {
  const { deployment } = sync;
  const message = `Failed to create new replica set "${name}": ${error.message}`;
  if (hasProgressDeadline(deployment)) {
    const condition = newCondition('Progressing', 'False', 'ReplicaSetCreateError', message, sync.nowMs);
    writeStatus(sync, {
      ...deployment,
      status: { ...deployment.status, conditions: [...withCondition(deployment.status?.conditions, condition)] },
    });
  }
  sync.recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
}

/** Sets the size of a ReplicaSet and notes the Deployment's size on it (`scaleReplicaSet`). Returns the set as it is now. */
export function scaleReplicaSet({ client, recorder, deployment }: Sync, set: ReplicaSet, size: number): ReplicaSet {
  const annotations = withSizes(set.metadata.annotations, replicasOf(deployment), replicasOf(deployment) + maxSurge(deployment));
  const before = replicasOf(set);
  if (before === size && annotations === set.metadata.annotations) return set;
  const scaled = client.update(ReplicaSetResource, {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: size },
  });
  if (before !== size) {
    const direction = before < size ? 'up' : 'down';
    recorder.event(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${size}`,
    );
  }
  return scaled;
}

/** Deletes a ReplicaSet that is only history; one that is gone already is fine. */
export function deleteReplicaSet({ client }: Sync, { metadata }: ReplicaSet): void {
  try {
    client.delete(ReplicaSetResource, metadata);
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
