/**
 * The roles of kube-controller-manager's controllers: each acts as a service account of its own in kube-system
 * (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go`). Those of controllers that are not simulated
 * are there too, as in any cluster; those behind feature gates that are off in 1.33 are not.
 */
import type { PolicyRule } from '../../api/generated/types.ts';
import { eventsRule, rule } from './policy-rules.ts';

const READ = 'get list watch';
const WATCH = 'list watch';
const WORKLOADS = 'apps extensions';
const STORAGE = 'storage.k8s.io';
const DISCOVERY = 'discovery.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';
const SIGNERS = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'];

const scaled = (plural: string, group: string, childVerbs: PolicyRule[]): PolicyRule[] => [
  rule(`${READ} update`, group, plural),
  rule('update', group, `${plural}/status`),
  rule('update', group, `${plural}/finalizers`),
  ...childVerbs,
  eventsRule(),
];

const pods = (verbs: string) => rule(verbs, 'core', 'pods');
const nodes = (verbs: string) => rule(verbs, 'core', 'nodes');

/** Rules by the account's name; the role is called "system:controller:" + that. */
export function controllerRules(): Record<string, PolicyRule[]> {
  return { ...workloadRules(), ...upkeepRules(), ...serviceRules(), ...storageRules(), ...nodeRules(), ...generalRules() };
}

function workloadRules(): Record<string, PolicyRule[]> {
  const revisions = rule(`${READ} create delete patch update`, 'apps', 'controllerrevisions');
  return {
    'cronjob-controller': scaled('cronjobs', 'batch', [
      rule(`${READ} create update delete patch`, 'batch', 'jobs'),
      pods(`${WATCH} delete`),
    ]),
    'daemon-set-controller': [
      rule(READ, WORKLOADS, 'daemonsets'),
      rule('update', WORKLOADS, 'daemonsets/status'),
      rule('update', WORKLOADS, 'daemonsets/finalizers'),
      nodes(WATCH),
      pods(`${WATCH} create delete patch`),
      rule('create', 'core', 'pods/binding'),
      revisions,
      eventsRule(),
    ],
    'deployment-controller': scaled('deployments', WORKLOADS, [
      rule(`${READ} create update patch delete`, WORKLOADS, 'replicasets'),
      pods(`${READ} update`),
    ]),
    'job-controller': [
      rule(`${READ} update patch`, 'batch', 'jobs'),
      rule('update', 'batch', 'jobs/status'),
      rule('update', 'batch', 'jobs/finalizers'),
      pods(`${WATCH} create delete patch`),
      eventsRule(),
    ],
    'replicaset-controller': scaled('replicasets', WORKLOADS, [pods(`${WATCH} patch create delete`)]),
    'replication-controller': scaled('replicationcontrollers', 'core', [pods(`${WATCH} patch create delete`)]),
    'statefulset-controller': [
      pods(WATCH),
      rule(READ, 'apps', 'statefulsets'),
      rule('update', 'apps', 'statefulsets/status'),
      rule('update', 'apps', 'statefulsets/finalizers'),
      pods('get create delete update patch'),
      revisions,
      rule(`${READ} create`, 'core', 'persistentvolumeclaims'),
      rule('update delete', 'core', 'persistentvolumeclaims'),
      rule('update', 'core', 'pods/finalizers'),
      eventsRule(),
    ],
  };
}

function upkeepRules(): Record<string, PolicyRule[]> {
  return {
    'disruption-controller': [
      rule(READ, WORKLOADS, 'deployments'),
      rule(READ, WORKLOADS, 'replicasets'),
      rule(READ, 'core', 'replicationcontrollers'),
      rule(READ, 'policy', 'poddisruptionbudgets'),
      rule(READ, 'apps', 'statefulsets'),
      rule('update', 'policy', 'poddisruptionbudgets/status'),
      rule('patch update', 'core', 'pods/status'),
      rule('get', '*', '*/scale'),
      eventsRule(),
    ],
    'horizontal-pod-autoscaler': [
      rule(READ, 'autoscaling', 'horizontalpodautoscalers'),
      rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
      rule('get update', '*', '*/scale'),
      pods(WATCH),
      rule(WATCH, 'metrics.k8s.io', 'pods'),
      rule(READ, 'custom.metrics.k8s.io', '*'),
      rule(READ, 'external.metrics.k8s.io', '*'),
      eventsRule(),
    ],
    'ttl-after-finished-controller': [rule(`${READ} delete`, 'batch', 'jobs'), eventsRule()],
    'pod-garbage-collector': [pods(`${WATCH} delete`), nodes(READ), rule('patch', 'core', 'pods/status')],
  };
}

function serviceRules(): Record<string, PolicyRule[]> {
  const slices = rule(`${READ} create update delete`, DISCOVERY, 'endpointslices');
  return {
    'endpoint-controller': [
      rule(READ, 'core', 'pods services'),
      rule(`${READ} create update delete`, 'core', 'endpoints'),
      rule('create', 'core', 'endpoints/restricted'),
      eventsRule(),
    ],
    'endpointslice-controller': [
      rule(READ, 'core', 'nodes pods services'),
      rule('update', 'core', 'services/finalizers'),
      slices,
      eventsRule(),
    ],
    'endpointslicemirroring-controller': [
      rule(READ, 'core', 'endpoints services'),
      rule('update', 'core', 'services/finalizers'),
      rule('update', 'core', 'endpoints/finalizers'),
      slices,
      eventsRule(),
    ],
    'service-controller': [rule(READ, 'core', 'services'), rule('patch update', 'core', 'services/status'), nodes(WATCH), eventsRule()],
    'service-cidrs-controller': [
      rule(`${READ} patch update`, 'networking.k8s.io', 'servicecidrs'),
      rule('patch update', 'networking.k8s.io', 'servicecidrs/finalizers'),
      rule('patch update', 'networking.k8s.io', 'servicecidrs/status'),
      rule(READ, 'networking.k8s.io', 'ipaddresses'),
      eventsRule(),
    ],
  };
}

function storageRules(): Record<string, PolicyRule[]> {
  const claims = (verbs: string) => rule(verbs, 'core', 'persistentvolumeclaims');
  const volumes = (verbs: string) => rule(verbs, 'core', 'persistentvolumes');
  return {
    'attachdetach-controller': [
      rule(WATCH, 'core', 'persistentvolumeclaims persistentvolumes'),
      nodes(READ),
      rule('patch update', 'core', 'nodes/status'),
      pods(WATCH),
      eventsRule(),
      rule(`${READ} create delete`, STORAGE, 'volumeattachments'),
      rule(READ, STORAGE, 'csidrivers'),
      rule(READ, STORAGE, 'csinodes'),
    ],
    'ephemeral-volume-controller': [pods(READ), rule('update', 'core', 'pods/finalizers'), claims(`${READ} create`), eventsRule()],
    'expand-controller': [
      volumes(`${READ} update patch`),
      rule('update patch', 'core', 'persistentvolumeclaims/status'),
      claims(READ),
      eventsRule(),
      rule('get', 'core', 'services'),
    ],
    'persistent-volume-binder': [
      volumes(`${READ} update create delete`),
      rule('update', 'core', 'persistentvolumes/status'),
      claims(`${READ} update`),
      rule('update', 'core', 'persistentvolumeclaims/status'),
      pods(`${READ} create delete`),
      rule(READ, STORAGE, 'storageclasses'),
      nodes(WATCH),
      eventsRule(),
      rule('watch', 'core', 'events'),
      rule('get', 'core', 'services'),
    ],
    'pvc-protection-controller': [claims(`${READ} update`), pods(READ), eventsRule()],
    'pv-protection-controller': [volumes(`${READ} update`), eventsRule()],
    'selinux-warning-controller': [eventsRule(), volumes(READ), claims(READ), pods(READ), rule(READ, STORAGE, 'csidrivers')],
  };
}

function nodeRules(): Record<string, PolicyRule[]> {
  return {
    'node-controller': [
      nodes(`${READ} update delete patch`),
      rule('patch update', 'core', 'nodes/status'),
      rule('patch update', 'core', 'pods/status'),
      pods(`${READ} delete`),
      eventsRule(),
    ],
    'route-controller': [nodes(WATCH), rule('patch', 'core', 'nodes/status'), eventsRule()],
    'ttl-controller': [nodes(`${WATCH} update patch`), eventsRule()],
  };
}

function generalRules(): Record<string, PolicyRule[]> {
  return {
    'clusterrole-aggregation-controller': [rule(`escalate ${READ} update patch`, 'rbac.authorization.k8s.io', 'clusterroles')],
    'generic-garbage-collector': [rule(`${READ} patch update delete`, '*', '*'), eventsRule()],
    'namespace-controller': [
      rule(`${READ} delete`, 'core', 'namespaces'),
      rule('update', 'core', 'namespaces/finalize namespaces/status'),
      rule(`${READ} delete deletecollection`, '*', '*'),
    ],
    'resourcequota-controller': [rule(WATCH, '*', '*'), rule('update', 'core', 'resourcequotas/status'), eventsRule()],
    'service-account-controller': [rule('create', 'core', 'serviceaccounts'), eventsRule()],
    'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps'), eventsRule()],
    'certificate-controller': [
      rule(`${READ} delete`, CERTIFICATES, 'certificatesigningrequests'),
      rule('update', CERTIFICATES, 'certificatesigningrequests/approval certificatesigningrequests/status'),
      rule('approve', CERTIFICATES, 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
      rule('sign', CERTIFICATES, 'signers', SIGNERS.map((name) => `kubernetes.io/${name}`).join(' ')),
      rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      eventsRule(),
    ],
    'validatingadmissionpolicy-status-controller': [
      rule(READ, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
      rule('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
      eventsRule(),
    ],
    'legacy-service-account-token-cleaner': [
      rule('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
      rule('patch delete', 'core', 'secrets'),
    ],
  };
}
