/**
 * API versions that Kubernetes served once: what took their place, and since which release they are gone
 * (kubernetes.io/docs/reference/using-api/deprecation-guide, and the removals before 1.16).
 */

/** What became of a kind in a version. */
export interface RemovedVersion {
  /** The apiVersion to use now; absent when the kind is gone altogether. */
  now?: string;
  /** The release that stopped serving it. */
  release: string;
}

type Row = [apiVersion: string, kinds: string, now: string | undefined, release: string];

const ROWS: Row[] = [
  ['extensions/v1beta1', 'Deployment DaemonSet ReplicaSet', 'apps/v1', '1.16'],
  ['extensions/v1beta1', 'NetworkPolicy', 'networking.k8s.io/v1', '1.16'],
  ['extensions/v1beta1', 'Ingress', 'networking.k8s.io/v1', '1.22'],
  ['extensions/v1beta1', 'PodSecurityPolicy', undefined, '1.16'],
  ['extensions/v1beta1', 'HorizontalPodAutoscaler', 'autoscaling/v2', '1.8'],
  ['extensions/v1beta1', 'Job', 'batch/v1', '1.8'],
  ['apps/v1beta1', 'Deployment StatefulSet', 'apps/v1', '1.16'],
  ['apps/v1beta2', 'Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision', 'apps/v1', '1.16'],
  ['apps/v1alpha1', 'PetSet', undefined, '1.5'],
  ['batch/v2alpha1', 'CronJob', 'batch/v1', '1.21'],
  ['batch/v1beta1', 'CronJob', 'batch/v1', '1.25'],
  ['autoscaling/v2beta1', 'HorizontalPodAutoscaler', 'autoscaling/v2', '1.25'],
  ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', 'autoscaling/v2', '1.26'],
  ['policy/v1beta1', 'PodDisruptionBudget', 'policy/v1', '1.25'],
  ['policy/v1beta1', 'PodSecurityPolicy', undefined, '1.25'],
  ['networking.k8s.io/v1beta1', 'Ingress IngressClass', 'networking.k8s.io/v1', '1.22'],
  ['rbac.authorization.k8s.io/v1beta1', 'Role RoleBinding ClusterRole ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', '1.22'],
  ['rbac.authorization.k8s.io/v1alpha1', 'Role RoleBinding ClusterRole ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', '1.22'],
  ['storage.k8s.io/v1beta1', 'StorageClass VolumeAttachment CSIDriver CSINode', 'storage.k8s.io/v1', '1.22'],
  ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', 'storage.k8s.io/v1', '1.27'],
  ['scheduling.k8s.io/v1beta1', 'PriorityClass', 'scheduling.k8s.io/v1', '1.22'],
  ['scheduling.k8s.io/v1alpha1', 'PriorityClass', 'scheduling.k8s.io/v1', '1.17'],
  ['coordination.k8s.io/v1beta1', 'Lease', 'coordination.k8s.io/v1', '1.22'],
  ['discovery.k8s.io/v1beta1', 'EndpointSlice', 'discovery.k8s.io/v1', '1.25'],
  ['node.k8s.io/v1beta1', 'RuntimeClass', 'node.k8s.io/v1', '1.25'],
  ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', 'apiextensions.k8s.io/v1', '1.22'],
  ['events.k8s.io/v1beta1', 'Event', 'events.k8s.io/v1', '1.25'],
];

const TABLE = new Map<string, RemovedVersion>(
  ROWS.flatMap(([apiVersion, kinds, now, release]) =>
    kinds.split(' ').map((kind) => [`${apiVersion}/${kind}`, { ...(now && { now }), release }] as const),
  ),
);

/** What became of the kind, if that version of it is no longer served. */
export function removedVersion(apiVersion: string, kind: string): RemovedVersion | undefined {
  return TABLE.get(`${apiVersion}/${kind}`);
}
