/**
 * What the garbage collector decides about one object from its owners (`pkg/controller/garbagecollector/garbagecollector.go`
 * classifyReferences, attemptToDeleteItem). Pure.
 */
import type { PropagationPolicy } from '../../api/request.ts';
import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts';

/** The finalizer of an object whose dependents are to be deleted before it. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** The finalizer of an object whose dependents are to be let go before it. */
export const ORPHAN_FINALIZER = 'orphan';

/** What an owner is found to be: there, gone, or there only until its dependents are deleted. */
export type OwnerState = 'solid' | 'dangling' | 'waiting';

/** What to do with an object. */
export type Verdict =
  { action: 'keep' } | { action: 'drop references'; uids: string[] } | { action: 'delete'; policy: PropagationPolicy; unblock: boolean };

/** True while the object waits for its dependents (foreground deletion). */
export function isDeletingDependents({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(FOREGROUND_FINALIZER);
}

/** True while the object waits for its dependents to be orphaned. */
export function isOrphaning({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(ORPHAN_FINALIZER);
}

/**
 * The verdict on an object that is not being deleted. One living owner keeps it, and only its references to dead ones
 * are dropped. Without any, it is deleted: in the foreground when an owner waits for it and it has dependents itself, and
 * then, if one of those waits too, the circle is cut (`unblock`) by not blocking the owner any more.
 */
export function judge(
  object: KubernetesObject,
  stateOf: (reference: OwnerReference) => OwnerState,
  dependents: readonly KubernetesObject[],
): Verdict {
  const references = object.metadata.ownerReferences ?? [];
  if (references.length === 0) return { action: 'keep' };
  const states = references.map((reference) => ({ uid: reference.uid, state: stateOf(reference) }));
  const dead = states.filter(({ state }) => state !== 'solid');
  if (dead.length < states.length)
    return dead.length === 0 ? { action: 'keep' } : { action: 'drop references', uids: dead.map(({ uid }) => uid) };
  if (dead.some(({ state }) => state === 'waiting') && dependents.length > 0) {
    return { action: 'delete', policy: 'Foreground', unblock: dependents.some(isDeletingDependents) };
  }
  const finalizers = object.metadata.finalizers ?? [];
  const policy = finalizers.includes(ORPHAN_FINALIZER) ? 'Orphan' : finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
  return { action: 'delete', policy, unblock: false };
}

/** The dependents that an owner in foreground deletion waits for. */
export function blocking(owner: KubernetesObject, dependents: readonly KubernetesObject[]): KubernetesObject[] {
  return dependents.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true),
  );
}
