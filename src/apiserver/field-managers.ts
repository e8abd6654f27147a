/**
 * Where managedFields are kept up: who owns which field after a write (`k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager`).
 * Differs: only objects that somebody outside wrote are tracked; what components make for themselves carries no managedFields, which
 * saves a kilobyte a pod.
 */
import type { KubernetesObject, ManagedFieldsEntry } from '../apimachinery/meta.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { userRequests } from './user-requests.ts';

/** Who writes. */
export interface FieldManager {
  /** `fieldManager`, or the program's name. */
  name: string;
  /** Begins tracking an object that is not tracked yet. */
  starts: boolean;
  /** "status", "scale"; absent for the object itself. */
  subresource?: string;
  /** The object comes out of server-side apply, which has written its managers already. */
  applied?: boolean;
}

/** `next` with its managers after a create (`old` undefined) or update; `next` itself when the object is not tracked. */
export function withManagers<T extends KubernetesObject>(
  definition: ResourceDefinition<T>,
  old: T | undefined,
  next: T,
  manager: FieldManager | undefined,
  now: number,
): T {
  if (manager === undefined || manager.applied) return next;
  const before = old?.metadata.managedFields;
  const sent = next.metadata.managedFields;
  if (!manager.starts && before === undefined) return next;
  // A list with one empty entry forgets all managers; no list, or an empty one, keeps them.
  if (isReset(sent)) return { ...next, metadata: { ...next.metadata, managedFields: undefined } };
  const managers = sent?.length ? sent : before;
  const live = old && { ...old, metadata: { ...old.metadata, managedFields: managers } };
  return userRequests.get().recorded(definition as unknown as ResourceDefinition, live, next, manager, now) as T;
}

function isReset(sent: readonly ManagedFieldsEntry[] | undefined): boolean {
  return sent?.length === 1 && Object.keys(sent[0] ?? {}).length === 0;
}
