/** The kinds that the explorer lists, in groups. */
import type { ResourceRef } from '../cluster/live-store.ts';

/** A kind of the explorer. */
export interface ExplorerKind {
  kind: string;
  apiVersion: string;
  resource: ResourceRef;
}

/** Key of a group's title among the texts of the explorer. */
export type GroupKey = 'workloads' | 'network' | 'config' | 'storage' | 'cluster' | 'playground';

function kind(apiVersion: string, name: string, plural: string): ExplorerKind {
  const [group = '', version = group] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { kind: name, apiVersion, resource: { group, version, plural } };
}

export const GROUPS: readonly { key: GroupKey; kinds: readonly ExplorerKind[] }[] = [
  {
    key: 'workloads',
    kinds: [
      kind('apps/v1', 'Deployment', 'deployments'),
      kind('apps/v1', 'ReplicaSet', 'replicasets'),
      kind('apps/v1', 'StatefulSet', 'statefulsets'),
      kind('apps/v1', 'DaemonSet', 'daemonsets'),
      kind('v1', 'ReplicationController', 'replicationcontrollers'),
      kind('batch/v1', 'Job', 'jobs'),
      kind('batch/v1', 'CronJob', 'cronjobs'),
      kind('v1', 'Pod', 'pods'),
    ],
  },
  {
    key: 'network',
    kinds: [
      kind('v1', 'Service', 'services'),
      kind('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
      kind('networking.k8s.io/v1', 'Ingress', 'ingresses'),
      kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
    ],
  },
  { key: 'config', kinds: [kind('v1', 'ConfigMap', 'configmaps'), kind('v1', 'Secret', 'secrets')] },
  {
    key: 'storage',
    kinds: [
      kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
      kind('v1', 'PersistentVolume', 'persistentvolumes'),
      kind('storage.k8s.io/v1', 'StorageClass', 'storageclasses'),
    ],
  },
  { key: 'cluster', kinds: [kind('v1', 'Node', 'nodes'), kind('v1', 'Namespace', 'namespaces')] },
  { key: 'playground', kinds: [kind('kubarium.dev/v1alpha1', 'Fault', 'faults'), kind('kubarium.dev/v1alpha1', 'Image', 'images')] },
];
