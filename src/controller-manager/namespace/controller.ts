/**
 * Empties namespaces that are being deleted and then lets them go (`pkg/controller/namespace`). Pods go first, the rest
 * follows when they are gone (OrderedNamespaceDeletion).
 */
import { NamespaceResource } from '../../api/core/namespace.ts';
import type { Namespace, Pod } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';
import { conditionsAfter } from './conditions.ts';

const FINALIZER = 'kubernetes';
/** What was created just before the deletion gets time to arrive (`namespaceDeletionGracePeriod`). */
const DELETION_GRACE_MS = 5000;

/** Starts the controller over the given kinds, of which the namespaced ones are emptied. */
export function startNamespaceController(deps: ControllerDeps, resources: () => readonly ResourceDefinition[]): void {
  const namespaces = deps.informers.informer(NamespaceResource);
  const controller = startController(deps.scope, 'namespaces', reconcile, [namespaces]);
  const enqueue = ({ metadata }: Namespace, old?: Namespace | boolean) => {
    const isNew = typeof old !== 'object' || old.metadata.deletionTimestamp === undefined;
    if (metadata.deletionTimestamp !== undefined && isNew) controller.enqueueAfter(metadata.name, DELETION_GRACE_MS);
  };
  namespaces.addHandler({ add: (namespace) => enqueue(namespace), update: enqueue }, deps.scope);

  function reconcile(name: string): Requeue | undefined {
    const namespace = deps.client.find(NamespaceResource, { name });
    if (namespace === undefined || namespace.metadata.deletionTimestamp === undefined) return undefined;
    if (!(namespace.spec?.finalizers ?? []).includes(FINALIZER)) return undefined;
    const content = deleteContent(deps, name, resources());
    const conditions = conditionsAfter(namespace.status?.conditions, content, deps.scope.now);
    const fresh = writeConditions(deps, namespace, conditions);
    if (content.resources.size > 0 || content.errors.length > 0) return waitFor(content.estimateSeconds);
    finalize(deps, fresh);
    return undefined;
  }

  function waitFor(estimateSeconds: number): Requeue {
    // Upstream halves the longest grace period; without one its rate limiter comes back soon.
    return requeueAfter((Math.floor(estimateSeconds / 2) + 1) * 1000, { background: estimateSeconds === 0 });
  }
}

interface Content {
  resources: Map<string, number>;
  finalizers: Map<string, number>;
  errors: string[];
  /** Longest grace period of the pods that are left. */
  estimateSeconds: number;
}

function deleteContent(deps: ControllerDeps, namespace: string, resources: readonly ResourceDefinition[]): Content {
  const content: Content = { resources: new Map(), finalizers: new Map(), errors: [], estimateSeconds: 0 };
  const namespaced = resources.filter((resource) => resource.namespaced && deletable(resource));
  const pods = namespaced.filter(({ group, plural }) => group === '' && plural === 'pods');
  for (const resource of pods) deleteKind(deps, namespace, resource, content);
  if (content.resources.size > 0 || content.errors.length > 0) return content;
  for (const resource of namespaced) if (!pods.includes(resource)) deleteKind(deps, namespace, resource, content);
  return content;
}

const deletable = ({ verbs }: ResourceDefinition): boolean => verbs === undefined || (verbs.includes('delete') && verbs.includes('list'));

function deleteKind({ client }: ControllerDeps, namespace: string, resource: ResourceDefinition, content: Content): void {
  try {
    if (client.list(resource, namespace, { limit: 1 }).items.length === 0) return;
    if (resource.verbs === undefined || resource.verbs.includes('deletecollection')) {
      client.deleteCollection(resource, namespace, { propagationPolicy: 'Background' });
    } else {
      for (const { metadata } of client.list(resource, namespace).items)
        client.delete(resource, metadata, { propagationPolicy: 'Background' });
    }
    const { items } = client.list(resource, namespace);
    if (items.length === 0) return;
    content.resources.set(`${resource.plural}.${resource.group}`, items.length);
    for (const { metadata } of items) {
      for (const finalizer of metadata.finalizers ?? []) content.finalizers.set(finalizer, (content.finalizers.get(finalizer) ?? 0) + 1);
    }
    if (resource.plural === 'pods') content.estimateSeconds = longestGrace(items as Pod[]);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.reason !== 'NotFound') content.errors.push(error.message);
  }
}

/** Only pods still running are waited for; a finished one needs no grace (`estimateGracefulTerminationForPods`). */
function longestGrace(pods: readonly Pod[]): number {
  return pods.reduce((longest, { spec, status }) => {
    const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    return ended ? longest : Math.max(longest, spec.terminationGracePeriodSeconds ?? 0);
  }, 0);
}

function writeConditions(
  { client }: ControllerDeps,
  namespace: Namespace,
  conditions: readonly NonNullable<NonNullable<Namespace['status']>['conditions']>[number][],
): Namespace {
  if (namespace.status?.phase === 'Terminating' && deepEqual(namespace.status.conditions, conditions)) return namespace;
  return client.updateStatus(NamespaceResource, {
    ...namespace,
    status: { ...namespace.status, phase: 'Terminating', conditions: [...conditions] },
  });
}

function finalize({ client }: ControllerDeps, namespace: Namespace): void {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== FINALIZER);
  client.updateSubresource(NamespaceResource, namespace.metadata, 'finalize', { ...namespace, spec: { ...namespace.spec, finalizers } });
}
