/**
 * Where each resource lies in etcd, under upstream's own paths, so that the store view and etcdctl show what a real
 * cluster's etcd holds (`k8s.io/kubernetes/pkg/registry/<group>/<kind>/storage`).
 */
import type { ResourceDefinition } from '../../api/resource.ts';

/** Resources whose path is not their plural name. */
const PATHS: Readonly<Record<string, string>> = {
  '/nodes': 'minions',
  '/services': 'services/specs',
  '/endpoints': 'services/endpoints',
  '/replicationcontrollers': 'controllers',
  'networking.k8s.io/ingresses': 'ingress',
};

/** Groups of the Kubernetes repository itself store below the plural name alone; all others below group and plural. */
const BUILT_IN_GROUPS = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'discovery.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'admissionregistration.k8s.io',
  'certificates.k8s.io',
]);

/** "/registry/pods/", "/registry/services/specs/", "/registry/kubarium.dev/faults/". */
export function prefixOf({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): string {
  const path = PATHS[`${group}/${plural}`] ?? (BUILT_IN_GROUPS.has(group) ? plural : `${group}/${plural}`);
  return `/registry/${path}/`;
}

/** The etcd key of one object. */
export function etcdKey(prefix: string, namespace: string | undefined, name: string): string {
  return namespace ? `${prefix}${namespace}/${name}` : prefix + name;
}
