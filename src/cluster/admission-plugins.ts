/** The steps of admission in upstream's order (`k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go`). */
import { ResourceQuotaResource } from '../api/core/resource-quota.ts';
import type { ResourceQuota } from '../api/generated/types.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import { certificateRequests } from '../apiserver/admission/certificate-requests.ts';
import { defaultIngressClass } from '../apiserver/admission/default-ingress-class.ts';
import { defaultStorageClass } from '../apiserver/admission/default-storage-class.ts';
import { limitRanger } from '../apiserver/admission/limit-ranger.ts';
import { namespaceLifecycle } from '../apiserver/admission/namespace-lifecycle.ts';
import { nodeRestriction } from '../apiserver/admission/node-restriction.ts';
import { podDefaults } from '../apiserver/admission/pod-defaults.ts';
import { podSecurity } from '../apiserver/admission/pod-security.ts';
import { resourceQuota } from '../apiserver/admission/resource-quota.ts';
import { storageObjectInUseProtection } from '../apiserver/admission/storage-object-in-use.ts';
import { taintNodesByCondition } from '../apiserver/admission/taint-nodes.ts';
import type { PolicyDependencies } from '../apiserver/policy/engine.ts';
import { policyPlugins } from '../apiserver/policy/plugins.ts';
import type { ApiServer } from '../apiserver/server.ts';

/**
 * All plugins; `first` come before the others (upstream does their checks before admission), `last` before ResourceQuota. ServiceAccount,
 * Priority and DefaultTolerationSeconds are one plugin at the place of the first. MutatingAdmissionPolicy is alpha in 1.33 and off.
 */
export function admissionPlugins(
  server: () => ApiServer,
  policies: PolicyDependencies,
  first: readonly AdmissionPlugin[],
  last: readonly AdmissionPlugin[],
  restrictNodes: boolean,
): AdmissionPlugin[] {
  return [
    ...first,
    namespaceLifecycle,
    limitRanger,
    podDefaults,
    ...(restrictNodes ? [nodeRestriction] : []),
    taintNodesByCondition,
    podSecurity,
    defaultStorageClass,
    storageObjectInUseProtection,
    certificateRequests(() => policies.authorizer),
    defaultIngressClass,
    ...policyPlugins(() => policies),
    ...last,
    resourceQuota((quota, used) => {
      const registry = server().registry(ResourceQuotaResource.group, ResourceQuotaResource.plural);
      const current = registry.get(quota.metadata.namespace, quota.metadata.name) as ResourceQuota;
      const next: ResourceQuota = { ...current, status: { ...current.status, hard: current.spec.hard, used } };
      registry.commit({ user: { name: 'system:apiserver', groups: [] }, options: {} }, next, current);
    }),
  ];
}
