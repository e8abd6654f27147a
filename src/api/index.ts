/**
 * All kinds that the apiserver serves, and look-ups among them. A list, not a barrel: import a kind from its own file.
 */
import { ConfigMapResource } from './core/config-map.ts';
import { EndpointsResource } from './core/endpoints.ts';
import { EventResource } from './core/event.ts';
import { LimitRangeResource } from './core/limit-range.ts';
import { NamespaceResource } from './core/namespace.ts';
import { NodeResource } from './core/node.ts';
import { PersistentVolumeClaimResource } from './core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from './core/persistent-volume.ts';
import { PodResource } from './core/pod.ts';
import { PodTemplateResource } from './core/pod-template.ts';
import { ReplicationControllerResource } from './core/replication-controller.ts';
import { ResourceQuotaResource } from './core/resource-quota.ts';
import { SecretResource } from './core/secret.ts';
import { ServiceAccountResource } from './core/service-account.ts';
import { ServiceResource } from './core/service.ts';
import { ControllerRevisionResource } from './apps/controller-revision.ts';
import { DaemonSetResource } from './apps/daemon-set.ts';
import { DeploymentResource } from './apps/deployment.ts';
import { ReplicaSetResource } from './apps/replica-set.ts';
import { StatefulSetResource } from './apps/stateful-set.ts';
import { HorizontalPodAutoscalerResource } from './autoscaling/horizontal-pod-autoscaler.ts';
import { CronJobResource } from './batch/cron-job.ts';
import { JobResource } from './batch/job.ts';
import { IngressClassResource } from './networking/ingress-class.ts';
import { IngressResource } from './networking/ingress.ts';
import { NetworkPolicyResource } from './networking/network-policy.ts';
import { PodDisruptionBudgetResource } from './policy/pod-disruption-budget.ts';
import { ClusterRoleBindingResource } from './rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from './rbac/cluster-role.ts';
import { RoleBindingResource } from './rbac/role-binding.ts';
import { RoleResource } from './rbac/role.ts';
import { CSINodeResource } from './storage/csi-node.ts';
import { StorageClassResource } from './storage/storage-class.ts';
import { VolumeAttachmentResource } from './storage/volume-attachment.ts';
import { ValidatingAdmissionPolicyBindingResource } from './admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicyResource } from './admissionregistration/validating-admission-policy.ts';
import {
  MutatingWebhookConfigurationResource,
  ValidatingWebhookConfigurationResource,
} from './admissionregistration/webhook-configurations.ts';
import { APIServiceResource } from './apiregistration/api-service.ts';
import { CustomResourceDefinitionResource } from './apiextensions/custom-resource-definition.ts';
import { PriorityClassResource } from './scheduling/priority-class.ts';
import { LeaseResource } from './coordination/lease.ts';
import { RuntimeClassResource } from './node/runtime-class.ts';
import { EndpointSliceResource } from './discovery/endpoint-slice.ts';
import { CertificateSigningRequestResource } from './certificates/certificate-signing-request.ts';
import { ClockResource } from './kubarium/clock.ts';
import { FaultResource } from './kubarium/fault.ts';
import { ImageResource } from './kubarium/image.ts';
import { LessonProgressResource } from './kubarium/lesson-progress.ts';
import { PacketTraceResource } from './kubarium/packet-trace.ts';
import { ScenarioResource } from './kubarium/scenario.ts';
import { SchedulerPluginResource } from './kubarium/scheduler-plugin.ts';
import { SchedulingDecisionResource } from './kubarium/scheduling-decision.ts';
import { TrafficGeneratorResource } from './kubarium/traffic-generator.ts';
import { apiVersionOf } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';

/** Every kind, in the order in which discovery and `kubectl get all` list them: groups by upstream's priority, then by plural name. */
export const ALL_RESOURCES: readonly ResourceDefinition[] = [
  ConfigMapResource,
  EndpointsResource,
  EventResource,
  LimitRangeResource,
  NamespaceResource,
  NodeResource,
  PersistentVolumeClaimResource,
  PersistentVolumeResource,
  PodResource,
  PodTemplateResource,
  ReplicationControllerResource,
  ResourceQuotaResource,
  SecretResource,
  ServiceAccountResource,
  ServiceResource,
  ControllerRevisionResource,
  DaemonSetResource,
  DeploymentResource,
  ReplicaSetResource,
  StatefulSetResource,
  HorizontalPodAutoscalerResource,
  CronJobResource,
  JobResource,
  IngressClassResource,
  IngressResource,
  NetworkPolicyResource,
  PodDisruptionBudgetResource,
  ClusterRoleBindingResource,
  ClusterRoleResource,
  RoleBindingResource,
  RoleResource,
  CSINodeResource,
  StorageClassResource,
  VolumeAttachmentResource,
  MutatingWebhookConfigurationResource,
  ValidatingAdmissionPolicyResource,
  ValidatingAdmissionPolicyBindingResource,
  ValidatingWebhookConfigurationResource,
  CustomResourceDefinitionResource,
  APIServiceResource,
  PriorityClassResource,
  LeaseResource,
  RuntimeClassResource,
  CertificateSigningRequestResource,
  EndpointSliceResource,
  ClockResource,
  FaultResource,
  ImageResource,
  LessonProgressResource,
  PacketTraceResource,
  ScenarioResource,
  SchedulerPluginResource,
  SchedulingDecisionResource,
  TrafficGeneratorResource,
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
