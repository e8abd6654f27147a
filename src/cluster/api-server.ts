/** The cluster's apiserver: which kinds, admission plugins and subresources it has, in upstream's order. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { ALL_RESOURCES } from '../api/index.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { ResourceQuotaResource } from '../api/core/resource-quota.ts';
import type { ResourceQuota } from '../api/generated/types.ts';
import { defaultIngressClass } from '../apiserver/admission/default-ingress-class.ts';
import { defaultStorageClass } from '../apiserver/admission/default-storage-class.ts';
import { limitRanger } from '../apiserver/admission/limit-ranger.ts';
import { namespaceLifecycle } from '../apiserver/admission/namespace-lifecycle.ts';
import { podDefaults } from '../apiserver/admission/pod-defaults.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import { certificateRequestor } from '../apiserver/admission/certificate-requestor.ts';
import { podSecurity } from '../apiserver/admission/pod-security.ts';
import { resourceQuota } from '../apiserver/admission/resource-quota.ts';
import { storageObjectInUseProtection } from '../apiserver/admission/storage-object-in-use.ts';
import { taintNodesByCondition } from '../apiserver/admission/taint-nodes.ts';
import { ServiceAccountTokens } from '../apiserver/authentication/tokens.ts';
import { rbacEscalation } from '../apiserver/authorization/escalation.ts';
import { RbacAuthorizer } from '../apiserver/authorization/rbac.ts';
import { reconcilePolicy } from '../apiserver/authorization/reconcile-policy.ts';
import { checkImpersonation, reviewResources } from '../apiserver/authorization/reviews.ts';
import { CustomResources } from '../apiserver/custom-resources/custom-resources.ts';
import { ApiServer } from '../apiserver/server.ts';
import type { VirtualResource } from '../apiserver/server.ts';
import { finalizeSubresource } from '../apiserver/subresources/namespaces.ts';
import { approvalSubresource } from '../apiserver/subresources/approval.ts';
import { ephemeralContainersSubresource, resizeSubresource } from '../apiserver/subresources/pod-spec.ts';
import { tokenSubresource } from '../apiserver/subresources/token.ts';
import { autoscalingV1 } from '../apiserver/versions/autoscaling-v1.ts';
import { eventsV1 } from '../apiserver/versions/events-v1.ts';
import { bindingSubresource, evictionSubresource } from '../apiserver/subresources/pods.ts';
import { scaleSubresource } from '../apiserver/subresources/scale.ts';
import type { Subresource } from '../apiserver/subresources/subresource.ts';
import type { Etcd } from '../etcd/etcd.ts';
import type { Simulation } from '../sim/simulation.ts';

/** What differs between clusters. */
export interface ApiServerParts {
  sim: Simulation;
  etcd: Etcd<KubernetesObject>;
  virtualResources?: readonly VirtualResource[];
  /** Subresources that need the nodes: log, exec. */
  nodeSubresources?: readonly Subresource[];
  /** Further admission plugins, run before the quota is charged. */
  admission?: readonly AdmissionPlugin[];
  /** Issues and checks the tokens of service accounts. */
  tokens?: ServiceAccountTokens;
  /** Whether components need roles as users do; a whole cluster has the roles. Default false. */
  authorizeComponents?: boolean;
}

/** Tokens under a key that follows from the cluster's seed. */
export function newTokens(sim: Simulation): ServiceAccountTokens {
  return new ServiceAccountTokens(String(sim.seed));
}

/** Subresources that need nothing but the store. */
const SUBRESOURCES: readonly Subresource[] = [
  bindingSubresource,
  evictionSubresource,
  ephemeralContainersSubresource,
  resizeSubresource,
  approvalSubresource,
  finalizeSubresource,
  scaleSubresource,
];

/** Creates and mends the roles and bindings that the apiserver answers for. */
export function reconcileRoles(server: ApiServer): void {
  reconcilePolicy(server, new Set(server.reader.list(NamespaceResource).map(({ metadata }) => metadata.name)));
}

/** Puts an apiserver together. */
export function newApiServer({
  sim,
  etcd,
  virtualResources = [],
  nodeSubresources = [],
  admission = [],
  tokens = newTokens(sim),
  authorizeComponents = false,
}: ApiServerParts): ApiServer {
  const userOfToken = (token: string) => tokens.userOf(token, server.reader, sim.now);
  let rbac: RbacAuthorizer | undefined;
  const authorizer = () => (rbac ??= new RbacAuthorizer(server.reader));
  const reviews = reviewResources(authorizer, userOfToken);
  const further = virtualResources.map(({ definition }) => definition).filter((definition) => !ALL_RESOURCES.includes(definition));
  const conversions = [autoscalingV1, eventsV1];
  const server: ApiServer = new ApiServer({
    sim,
    etcd,
    resources: [
      ...ALL_RESOURCES,
      ...further,
      ...conversions.map(({ definition }) => definition),
      ...reviews.map(({ definition }) => definition),
    ],
    conversions,
    authenticate: userOfToken,
    authorizer: { authorize: (attributes) => authorizer().authorize(attributes) },
    authorizeComponents,
    postStart: () => {
      if (authorizeComponents) reconcileRoles(server);
    },
    authorizeImpersonation: (caller, user) => checkImpersonation(authorizer(), caller, user),
    admission: [
      namespaceLifecycle,
      limitRanger,
      taintNodesByCondition,
      podDefaults,
      certificateRequestor,
      storageObjectInUseProtection,
      defaultStorageClass,
      defaultIngressClass,
      podSecurity,
      rbacEscalation(authorizer, authorizeComponents),
      ...admission,
      resourceQuota((quota, used) => {
        const registry = server.registry(ResourceQuotaResource.group, ResourceQuotaResource.plural);
        const current = registry.get(quota.metadata.namespace, quota.metadata.name) as ResourceQuota;
        const next: ResourceQuota = { ...current, status: { ...current.status, hard: current.spec.hard, used } };
        registry.commit({ user: { name: 'system:apiserver', groups: [] }, options: {} }, next, current);
      }),
    ],
    subresources: [...SUBRESOURCES, tokenSubresource(tokens), ...nodeSubresources],
    virtualResources: [...virtualResources, ...reviews],
  });
  new CustomResources(sim, server);
  return server;
}
