/** The roles of nodes and their agents (`…/rbac/bootstrappolicy/policy.go`); the Node authorizer grants those of `system:node` itself. */
import type { PolicyRule } from '../../api/generated/types.ts';
import { eventsRule, rule } from './policy-rules.ts';

const READ = 'get list watch';
const STORAGE = 'storage.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';

/** Rules by the cluster role's name. */
export function nodeRules(): Record<string, PolicyRule[]> {
  return {
    'system:node': [
      rule('create', 'authentication.k8s.io', 'tokenreviews'),
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
      rule(READ, 'core', 'services'),
      rule(`create ${READ}`, 'core', 'nodes'),
      rule('patch update', 'core', 'nodes/status'),
      rule('patch update', 'core', 'nodes'),
      rule('create patch update', 'core', 'events'),
      rule(READ, 'core', 'pods'),
      rule('create delete', 'core', 'pods'),
      rule('patch update', 'core', 'pods/status'),
      rule('create', 'core', 'pods/eviction'),
      rule(READ, 'core', 'configmaps secrets'),
      rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
      rule('get', 'core', 'endpoints'),
      rule(`create ${READ}`, CERTIFICATES, 'certificatesigningrequests'),
      rule('create delete get patch update', 'coordination.k8s.io', 'leases'),
      rule('get', STORAGE, 'volumeattachments'),
      rule('create', 'core', 'serviceaccounts/token'),
      rule('get patch update', 'core', 'persistentvolumeclaims/status'),
      rule(READ, STORAGE, 'csidrivers'),
      rule('create delete get patch update', STORAGE, 'csinodes'),
      rule(READ, 'node.k8s.io', 'runtimeclasses'),
    ],
    'system:node-bootstrapper': [rule(`create ${READ}`, CERTIFICATES, 'certificatesigningrequests')],
    'system:node-problem-detector': [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), eventsRule()],
    'system:node-proxier': [
      rule('list watch', 'core', 'endpoints services'),
      rule(READ, 'core', 'nodes'),
      eventsRule(),
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
    ],
    'system:kubelet-api-admin': [
      rule(READ, 'core', 'nodes'),
      rule('proxy', 'core', 'nodes'),
      rule('*', 'core', 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
    ],
  };
}
