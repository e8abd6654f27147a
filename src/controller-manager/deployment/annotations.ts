/**
 * The annotations by which a Deployment and its ReplicaSets remember revisions and sizes
 * (`pkg/controller/deployment/util/deployment_util.go`).
 */
import type { Deployment, ReplicaSet } from '../../api/generated/types.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const ROLLBACK_TO = 'deprecated.deployment.rollback.to';
const NOT_COPIED = new Set([LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO]);
const MAX_HISTORY_CHARS = 2000;

type Annotations = Readonly<Record<string, string>>;

/** The revision of a Deployment or ReplicaSet; 0 without one. */
export function revisionOf(object: Deployment | ReplicaSet): number {
  return numberIn(object.metadata.annotations, REVISION) ?? 0;
}

/** The Deployment's size when this ReplicaSet was last scaled; undefined when it never was. */
export const desiredReplicasOf = (set: ReplicaSet): number | undefined => numberIn(set.metadata.annotations, DESIRED_REPLICAS);
/** The same with the surge of that time. */
export const maxReplicasOf = (set: ReplicaSet): number | undefined => numberIn(set.metadata.annotations, MAX_REPLICAS);

function numberIn(annotations: Annotations | undefined, key: string): number | undefined {
  const text = annotations?.[key];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The annotations with the two sizes; the same object when they are there already (`SetReplicasAnnotations`). */
export function withSizes(annotations: Annotations | undefined, desired: number, max: number): Annotations {
  return withAll(annotations ?? {}, { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) });
}

function withAll(annotations: Annotations, added: Annotations): Annotations {
  return Object.entries(added).every(([key, value]) => annotations[key] === value) ? annotations : { ...annotations, ...added };
}

/**
 * The annotations of the new ReplicaSet (`SetNewReplicaSetAnnotations`): the Deployment's own, and the revision, which
 * only grows; the revision it had goes into the history. The same object when nothing changes.
 */
export function newReplicaSetAnnotations(deployment: Deployment, current: Annotations | undefined, revision: number): Annotations {
  const copied: Record<string, string> = {};
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!NOT_COPIED.has(key)) copied[key] = value;
  const annotations = withAll(current ?? {}, copied);
  const oldRevision = numberIn(annotations, REVISION);
  if (oldRevision !== undefined && oldRevision >= revision) return annotations;
  const history =
    oldRevision === undefined ? annotations[REVISION_HISTORY] : extendHistory(annotations[REVISION_HISTORY] ?? '', oldRevision);
  return { ...annotations, [REVISION]: String(revision), ...(history !== undefined && { [REVISION_HISTORY]: history }) };
}

function extendHistory(history: string, revision: number): string {
  if (history === '') return String(revision);
  const revisions = [...history.split(','), String(revision)];
  while (revisions.length > 1 && revisions.join(',').length > MAX_HISTORY_CHARS) revisions.shift();
  return revisions.join(',');
}
