/**
 * Adoption and release: a controller takes orphans that its selector matches, and lets go what it no longer matches
 * (`pkg/controller/controller_ref_manager.go`).
 */
import type { ResourceDefinition } from '../api/resource.ts';
import { controllerOf, newControllerRef } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { conflict, hasReason } from '../apimachinery/status.ts';
import type { Client } from '../client/client.ts';

/** Who claims what. */
export interface Claim<Owner extends KubernetesObject, T extends KubernetesObject> {
  client: Client;
  owner: Owner;
  ownerResource: ResourceDefinition<Owner>;
  resource: ResourceDefinition<T>;
  /** Whether the object is one that the owner wants. */
  matches(object: T): boolean;
  /** Finalizers that adopted objects get (Jobs). */
  finalizers?: readonly string[];
}

/** The objects among `objects` that the owner manages now: those it managed and still matches, and adopted ones. Throws the first refusal, after trying all. */
export function claimObjects<Owner extends KubernetesObject, T extends KubernetesObject>(
  claim: Claim<Owner, T>,
  objects: Iterable<T>,
): T[] {
  const claimed: T[] = [];
  let canAdopt = false;
  let failure: unknown;
  for (const object of objects) {
    const decision = decide(claim, object);
    if (decision === 'ignore') continue;
    if (decision === 'keep') {
      claimed.push(object);
      continue;
    }
    try {
      if (decision === 'release') release(claim, object);
      else {
        if (!canAdopt) assertCanAdopt(claim);
        canAdopt = true;
        claimed.push(adopt(claim, object));
      }
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Invalid')) failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return claimed;
}

function decide<Owner extends KubernetesObject, T extends KubernetesObject>(
  { owner, matches }: Claim<Owner, T>,
  object: T,
): 'keep' | 'ignore' | 'release' | 'adopt' {
  const current = controllerOf(object);
  if (current !== undefined) {
    if (current.uid !== owner.metadata.uid) return 'ignore';
    if (matches(object)) return 'keep';
    return owner.metadata.deletionTimestamp === undefined ? 'release' : 'ignore';
  }
  if (owner.metadata.deletionTimestamp !== undefined || object.metadata.deletionTimestamp !== undefined) return 'ignore';
  return object.metadata.namespace === owner.metadata.namespace && matches(object) ? 'adopt' : 'ignore';
}

/** Asks the API, not the cache: an owner that is being deleted must not adopt (`RecheckDeletionTimestamp`). */
function assertCanAdopt<Owner extends KubernetesObject, T extends KubernetesObject>({
  client,
  owner,
  ownerResource,
}: Claim<Owner, T>): void {
  const { plural: resource, group } = ownerResource;
  const { name, uid } = owner.metadata;
  const fresh = client.get(ownerResource, owner.metadata);
  if (fresh.metadata.uid !== uid)
    throw conflict({ group, resource }, name, `original ${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`);
  if (fresh.metadata.deletionTimestamp !== undefined) throw conflict({ group, resource }, name, 'it is being deleted');
}

function adopt<Owner extends KubernetesObject, T extends KubernetesObject>(
  { client, owner, resource, finalizers }: Claim<Owner, T>,
  object: T,
): T {
  const metadata = { uid: object.metadata.uid, ownerReferences: [newControllerRef(owner)], ...(finalizers && { finalizers }) };
  return client.patch(resource, object.metadata, 'strategic', { metadata });
}

function release<Owner extends KubernetesObject, T extends KubernetesObject>(
  { client, owner, resource, finalizers }: Claim<Owner, T>,
  object: T,
): void {
  const metadata = {
    uid: object.metadata.uid,
    ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }],
    ...(finalizers && { '$deleteFromPrimitiveList/finalizers': finalizers }),
  };
  client.patch(resource, object.metadata, 'strategic', { metadata });
}
