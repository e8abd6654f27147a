/** The roles of components that are no controllers, of nodes, and of whoever only looks (`…/rbac/bootstrappolicy/policy.go`). */
import type { PolicyRule } from '../../api/generated/types.ts';
import { nodeRules } from './node-policy.ts';
import { eventsRule, pathRule, rule } from './policy-rules.ts';

const READ = 'get list watch';
const STORAGE = 'storage.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';
const HEALTH = '/healthz /livez /readyz /version /version/';

const reviews = (): PolicyRule[] => [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
];

const leaderLease = (name: string): PolicyRule[] => [
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', name),
];

/** Rules by the cluster role's name. */
export function componentRules(): Record<string, PolicyRule[]> {
  return { ...visitorRules(), ...certificateRules(), ...controlPlaneRules(), ...nodeRules() };
}

function visitorRules(): Record<string, PolicyRule[]> {
  return {
    'system:discovery': [pathRule('get', `/api /api/* /apis /apis/* /openapi /openapi/* ${HEALTH}`)],
    'system:public-info-viewer': [pathRule('get', HEALTH)],
    'system:basic-user': [
      rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
    'system:monitoring': [pathRule('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
    'system:heapster': [rule(READ, 'core', 'events namespaces nodes pods'), rule(READ, 'extensions', 'deployments')],
    'system:auth-delegator': reviews(),
    'system:kube-aggregator': [rule(READ, 'core', 'endpoints services')],
    'system:service-account-issuer-discovery': [pathRule('get', '/.well-known/openid-configuration /openid/v1/jwks')],
  };
}

function certificateRules(): Record<string, PolicyRule[]> {
  const requests = (part: string) => rule('create', CERTIFICATES, `certificatesigningrequests/${part}`);
  const approver = (signer: string) => [rule('approve', CERTIFICATES, 'signers', `kubernetes.io/${signer}`)];
  return {
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [requests('nodeclient')],
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [requests('selfnodeclient')],
    'system:certificates.k8s.io:legacy-unknown-approver': approver('legacy-unknown'),
    'system:certificates.k8s.io:kubelet-serving-approver': approver('kubelet-serving'),
    'system:certificates.k8s.io:kube-apiserver-client-approver': approver('kube-apiserver-client'),
    'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': approver('kube-apiserver-client-kubelet'),
  };
}

function controlPlaneRules(): Record<string, PolicyRule[]> {
  const volumes = (verbs: string) => rule(verbs, 'core', 'persistentvolumes');
  const claims = (verbs: string) => rule(verbs, 'core', 'persistentvolumeclaims');
  const classes = rule(READ, STORAGE, 'storageclasses');
  return {
    'system:kube-controller-manager': [
      eventsRule(),
      ...leaderLease('kube-controller-manager'),
      rule('create', 'core', 'secrets serviceaccounts'),
      rule('delete', 'core', 'secrets'),
      rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
      rule('update', 'core', 'secrets serviceaccounts'),
      ...reviews(),
      rule('list watch', '*', '*'),
      rule('create', 'core', 'serviceaccounts/token'),
    ],
    'system:kube-scheduler': [
      eventsRule(),
      ...leaderLease('kube-scheduler'),
      rule(READ, 'core', 'nodes'),
      rule(`${READ} delete`, 'core', 'pods'),
      rule('create', 'core', 'bindings pods/binding'),
      rule('patch update', 'core', 'pods/status'),
      rule(READ, 'core', 'replicationcontrollers services'),
      rule(READ, 'apps extensions', 'replicasets'),
      rule(READ, 'apps', 'statefulsets'),
      rule(READ, 'policy', 'poddisruptionbudgets'),
      rule(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
      ...reviews(),
      rule(READ, STORAGE, 'csinodes'),
      rule(READ, 'core', 'namespaces'),
      rule(READ, STORAGE, 'csidrivers'),
      rule(READ, STORAGE, 'csistoragecapacities'),
    ],
    'system:volume-scheduler': [volumes(`${READ} patch update`), classes, claims(`${READ} patch update`)],
    'system:persistent-volume-provisioner': [
      volumes(`${READ} create delete`),
      claims(`${READ} update`),
      classes,
      rule('watch', 'core', 'events'),
      eventsRule(),
    ],
    'system:kube-dns': [rule('list watch', 'core', 'endpoints services')],
  };
}
