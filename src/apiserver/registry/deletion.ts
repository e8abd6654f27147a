/**
 * What deleting means: preconditions, grace, finalizers and propagation
 * (`k8s.io/apiserver/pkg/registry/generic/registry/store.go`: Delete, `pkg/registry/rest/delete.go`: BeforeDelete).
 */
import { formatTime } from '../../apimachinery/durations.ts';
import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts';
import { conflict } from '../../apimachinery/status.ts';
import type { PropagationPolicy, RequestOptions } from '../../api/request.ts';
import type { Registry, RequestContext } from './registry.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** The outcome: the object as it stands, and whether it is gone. */
export interface Deletion<T> {
  object: T;
  gone: boolean;
}

/** Deletes an object, or begins to. */
export function deleteObject<T extends KubernetesObject>(
  registry: Registry<T>,
  context: RequestContext,
  namespace: string | undefined,
  name: string,
): Deletion<T> {
  const old = registry.get(namespace, name);
  const { options } = context;
  checkPreconditions(registry, old, options);
  if (!context.admitted) registry.deps.admission.validate(registry.admissionRequest('DELETE', context, '', undefined, old));
  const finalizers = finalizersFor(old, options.propagationPolicy);
  const graceSeconds = registry.definition.gracePeriodSeconds?.(old, options.gracePeriodSeconds) ?? 0;
  const alreadyGoing = old.metadata.deletionTimestamp !== undefined;
  const waits = graceSeconds > 0 || finalizers.length > 0 || isNamespace(old);
  if (!waits) {
    if (options.dryRun) return { object: old, gone: true };
    return { object: registry.remove(old), gone: true };
  }
  const metadata = terminating(old.metadata, graceSeconds, alreadyGoing, finalizers, registry.deps.sim.now);
  const next = terminatingPhase({ ...old, metadata });
  return { object: registry.commit(context, next, old), gone: false };
}

function checkPreconditions<T extends KubernetesObject>(registry: Registry<T>, old: T, { preconditions }: RequestOptions): void {
  const { uid, resourceVersion, name } = old.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    throw conflict(
      registry.groupResource,
      name,
      `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
    );
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
    throw conflict(
      registry.groupResource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    );
}

/** The propagation policy, said in finalizers: the garbage collector acts on them. */
function finalizersFor(old: KubernetesObject, policy: PropagationPolicy | undefined): string[] {
  const current = old.metadata.finalizers ?? [];
  if (policy === undefined) return current;
  const others = current.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  if (policy === 'Foreground') return [...others, FOREGROUND];
  return policy === 'Orphan' ? [...others, ORPHAN] : others;
}

/** A second delete may only shorten the grace. */
function terminating(metadata: ObjectMeta, graceSeconds: number, alreadyGoing: boolean, finalizers: string[], now: number): ObjectMeta {
  const { finalizers: _finalizers, ...rest } = metadata;
  const withFinalizers = finalizers.length > 0 ? { finalizers } : {};
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  if (alreadyGoing && graceSeconds >= current) return { ...rest, ...withFinalizers };
  return {
    ...rest,
    ...withFinalizers,
    deletionTimestamp: formatTime(now + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
    ...(metadata.generation !== undefined && { generation: metadata.generation + (alreadyGoing ? 0 : 1) }),
  };
}

function isNamespace(object: KubernetesObject): boolean {
  const spec = (object as KubernetesObject & { spec?: { finalizers?: string[] } }).spec;
  return object.kind === 'Namespace' && (spec?.finalizers?.length ?? 0) > 0;
}

function terminatingPhase<T extends KubernetesObject>(object: T): T {
  if (object.kind !== 'Namespace') return object;
  return { ...object, status: { ...(object as T & { status?: object }).status, phase: 'Terminating' } };
}
