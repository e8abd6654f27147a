/**
 * All kinds that the apiserver serves, and look-ups among them. A list, not a barrel: import a kind from its own file.
 */
import { NamespaceResource } from './core/namespace.ts';
import { NodeResource } from './core/node.ts';
import { PodResource } from './core/pod.ts';
import { ServiceResource } from './core/service.ts';
import { EndpointsResource } from './core/endpoints.ts';
import { ConfigMapResource } from './core/config-map.ts';
import { SecretResource } from './core/secret.ts';
import { ServiceAccountResource } from './core/service-account.ts';
import { EventResource } from './core/event.ts';
import { PersistentVolumeResource } from './core/persistent-volume.ts';
import { PersistentVolumeClaimResource } from './core/persistent-volume-claim.ts';
import { ReplicationControllerResource } from './core/replication-controller.ts';
import { PodTemplateResource } from './core/pod-template.ts';
import { LimitRangeResource } from './core/limit-range.ts';
import { ResourceQuotaResource } from './core/resource-quota.ts';
import { DeploymentResource } from './apps/deployment.ts';
import { ReplicaSetResource } from './apps/replica-set.ts';
import { StatefulSetResource } from './apps/stateful-set.ts';
import { DaemonSetResource } from './apps/daemon-set.ts';
import { ControllerRevisionResource } from './apps/controller-revision.ts';
import { JobResource } from './batch/job.ts';
import { CronJobResource } from './batch/cron-job.ts';
import { HorizontalPodAutoscalerResource } from './autoscaling/horizontal-pod-autoscaler.ts';
import { PodDisruptionBudgetResource } from './policy/pod-disruption-budget.ts';
import { IngressResource } from './networking/ingress.ts';
import { IngressClassResource } from './networking/ingress-class.ts';
import { NetworkPolicyResource } from './networking/network-policy.ts';
import { RoleResource } from './rbac/role.ts';
import { RoleBindingResource } from './rbac/role-binding.ts';
import { ClusterRoleResource } from './rbac/cluster-role.ts';
import { ClusterRoleBindingResource } from './rbac/cluster-role-binding.ts';
import { StorageClassResource } from './storage/storage-class.ts';
import { PriorityClassResource } from './scheduling/priority-class.ts';
import { EndpointSliceResource } from './discovery/endpoint-slice.ts';
import { LeaseResource } from './coordination/lease.ts';
import { CustomResourceDefinitionResource } from './apiextensions/custom-resource-definition.ts';
import { RuntimeClassResource } from './node/runtime-class.ts';
import { ClockResource } from './kubarium/clock.ts';
import { FaultResource } from './kubarium/fault.ts';
import { ImageResource } from './kubarium/image.ts';
import { PacketTraceResource } from './kubarium/packet-trace.ts';
import { ScenarioResource } from './kubarium/scenario.ts';
import { SchedulingDecisionResource } from './kubarium/scheduling-decision.ts';
import { LessonProgressResource } from './kubarium/lesson-progress.ts';
import { apiVersionOf } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';

/** Every kind, in the order in which discovery and `kubectl get all` list them. */
export const ALL_RESOURCES: readonly ResourceDefinition[] = [
  NamespaceResource,
  NodeResource,
  PodResource,
  ServiceResource,
  EndpointsResource,
  ConfigMapResource,
  SecretResource,
  ServiceAccountResource,
  EventResource,
  PersistentVolumeResource,
  PersistentVolumeClaimResource,
  ReplicationControllerResource,
  PodTemplateResource,
  LimitRangeResource,
  ResourceQuotaResource,
  DeploymentResource,
  ReplicaSetResource,
  StatefulSetResource,
  DaemonSetResource,
  ControllerRevisionResource,
  JobResource,
  CronJobResource,
  HorizontalPodAutoscalerResource,
  PodDisruptionBudgetResource,
  IngressResource,
  IngressClassResource,
  NetworkPolicyResource,
  RoleResource,
  RoleBindingResource,
  ClusterRoleResource,
  ClusterRoleBindingResource,
  StorageClassResource,
  PriorityClassResource,
  EndpointSliceResource,
  LeaseResource,
  CustomResourceDefinitionResource,
  RuntimeClassResource,
  ClockResource,
  FaultResource,
  ImageResource,
  PacketTraceResource,
  ScenarioResource,
  SchedulingDecisionResource,
  LessonProgressResource,
];

const byPlural = new Map(ALL_RESOURCES.map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, resource]));
const byKind = new Map(ALL_RESOURCES.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]));

/** The kind served at /apis/<group>/<version>/<plural>; group "" for the core. */
export function resourceByPlural(group: string, version: string, plural: string): ResourceDefinition | undefined {
  return byPlural.get(`${group}/${version}/${plural}`);
}

/** The kind of an object, by its apiVersion ("apps/v1") and kind ("Deployment"). */
export function resourceByKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}
