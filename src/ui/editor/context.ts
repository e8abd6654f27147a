/** What of the cluster the findings depend on, gathered from the live objects. */
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { LiveStore, ResourceRef } from '../cluster/live-store.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import type { ClusterContext, LabelledPods } from '../model/findings.ts';
import { nameOf, podsOf } from './analysis/pods.ts';

const ref = (group: string, version: string, plural: string): ResourceRef => ({ group, version, plural });
const core = (plural: string) => ref('', 'v1', plural);
const apps = (plural: string) => ref('apps', 'v1', plural);

/** Kinds that make pods: their templates stand for the pods they own. */
const WORKLOADS: ResourceRef[] = [
  apps('deployments'),
  apps('statefulsets'),
  apps('daemonsets'),
  ref('batch', 'v1', 'jobs'),
  core('replicationcontrollers'),
];
/** Kinds that others refer to by name. */
const NAMED: ResourceRef[] = [core('configmaps'), core('secrets'), core('persistentvolumeclaims'), core('services'), ...WORKLOADS];

/** Kinds that the cluster learned from somebody. */
const DEFINITIONS: ResourceRef<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
};

/** Everything that `clusterContext` reads; it must be subscribed to. */
export const CONTEXT_RESOURCES: readonly ResourceRef[] = [PODS, NODES, DEFINITIONS, ...NAMED];

/** Label sets beyond this many are left out: findings then err on the quiet side elsewhere, and a typed key stays quick. */
const MAX_LABEL_SETS = 5000;

/** The context now. References are only judged once all lists have arrived. */
export function clusterContext(store: LiveStore, namespace: string): ClusterContext {
  const objects = [...WORKLOADS.flatMap((resource) => store.list(resource).items), ...store.list(PODS).items.filter(isBare)];
  const pods: LabelledPods[] = objects.slice(0, MAX_LABEL_SETS).flatMap((object) => podsOf(object, namespace) ?? []);
  const customKinds = store.list(DEFINITIONS).items.flatMap(kindsOf);
  if (!NAMED.every((resource) => store.list(resource).synced)) return { namespace, pods, customKinds };
  const names = NAMED.flatMap((resource) => store.list(resource).items).map((object) =>
    nameOf(object.kind, object.metadata.namespace ?? '', object.metadata.name),
  );
  return { namespace, pods, names, customKinds };
}

/** "stable.example.com/v1/CronTab" for each version that is served. */
function kindsOf({ spec }: CustomResourceDefinition): string[] {
  return spec.versions.filter(({ served }) => served).map(({ name }) => `${spec.group}/${name}/${spec.names.kind}`);
}

/** A pod without an owner has labels of its own. */
function isBare({ metadata }: KubernetesObject): boolean {
  return (metadata.ownerReferences ?? []).length === 0;
}
