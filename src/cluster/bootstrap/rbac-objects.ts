/**
 * What kubeadm and the manifests of add-ons grant beyond the apiserver's own policy: joining nodes, kube-proxy, coredns, flannel, the
 * provisioner (`cmd/kubeadm/app/phases/{bootstraptoken,addons,kubelet,uploadconfig}`, the projects' manifests).
 */
import { ClusterRoleBindingResource } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleBindingResource } from '../../api/rbac/role-binding.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { PolicyRule, Subject } from '../../api/generated/types.ts';
import {
  accountSubject,
  clusterBinding,
  clusterRole,
  groupSubject,
  localBinding,
  rule,
  userSubject,
} from '../../apiserver/authorization/policy-rules.ts';
import type { PolicyServer } from '../../apiserver/authorization/reconcile-policy.ts';
import { USER_SCHEDULERS_GROUP } from '../../scheduler/user-schedulers.ts';
import type { NetworkPlan } from '../network-plan.ts';

const SYSTEM = 'kube-system';
const READ = 'get list watch';
const SIGNING = 'system:certificates.k8s.io:certificatesigningrequests';

interface Grant {
  role: string;
  /** Absent for a role that somebody else makes. */
  rules?: PolicyRule[];
  binding: string;
  subjects: Subject[];
  /** Absent for cluster roles. */
  namespace?: string;
}

const joining = () => groupSubject('system:bootstrappers:kubeadm:default-node-token');

function kubeadmGrants(): Grant[] {
  const nodes = groupSubject('system:nodes');
  const config = (name: string, role: string, subjects: Subject[]): Grant => ({
    namespace: SYSTEM,
    role,
    rules: [rule('get', 'core', 'configmaps', name)],
    binding: role,
    subjects,
  });
  return [
    { role: 'cluster-admin', binding: 'kubeadm:cluster-admins', subjects: [groupSubject('kubeadm:cluster-admins')] },
    { role: 'kubeadm:get-nodes', rules: [rule('get', 'core', 'nodes')], binding: 'kubeadm:get-nodes', subjects: [joining()] },
    { role: 'system:node-bootstrapper', binding: 'kubeadm:kubelet-bootstrap', subjects: [joining()] },
    { role: `${SIGNING}:nodeclient`, binding: 'kubeadm:node-autoapprove-bootstrap', subjects: [joining()] },
    { role: `${SIGNING}:selfnodeclient`, binding: 'kubeadm:node-autoapprove-certificate-rotation', subjects: [nodes] },
    { role: 'system:node-proxier', binding: 'kubeadm:node-proxier', subjects: [accountSubject(SYSTEM, 'kube-proxy')] },
    {
      role: 'system:coredns',
      rules: [rule('list watch', 'core', 'endpoints namespaces pods services'), rule('list watch', 'discovery.k8s.io', 'endpointslices')],
      binding: 'system:coredns',
      subjects: [accountSubject(SYSTEM, 'coredns')],
    },
    config('kube-proxy', 'kube-proxy', [joining()]),
    config('kubelet-config', 'kubeadm:kubelet-config', [nodes, joining()]),
    config('kubeadm-config', 'kubeadm:nodes-kubeadm-config', [joining(), nodes]),
    {
      ...config('cluster-info', 'kubeadm:bootstrap-signer-clusterinfo', [userSubject('system:anonymous')]),
      namespace: 'kube-public',
    },
  ];
}

function flannelGrant(): Grant {
  return {
    role: 'flannel',
    rules: [rule('get', 'core', 'pods'), rule(READ, 'core', 'nodes'), rule('patch', 'core', 'nodes/status')],
    binding: 'flannel',
    subjects: [accountSubject('kube-flannel', 'flannel')],
  };
}

/** calico.yaml and canal.yaml, as far as felix reads: pods, namespaces, nodes and policies. */
function calicoGrants(account: string): Grant[] {
  const subjects = [accountSubject(SYSTEM, account)];
  return [
    {
      role: account,
      rules: [
        rule(READ, 'core', 'pods namespaces serviceaccounts nodes services endpoints configmaps'),
        rule('patch', 'core', 'pods/status nodes/status'),
        rule(READ, 'discovery.k8s.io', 'endpointslices'),
        rule(READ, 'networking.k8s.io', 'networkpolicies'),
      ],
      binding: account,
      subjects,
    },
  ];
}

function networkGrants({ addon }: NetworkPlan): Grant[] {
  if (addon === 'flannel') return [flannelGrant()];
  if (addon === 'canal') return calicoGrants('canal');
  return addon === 'calico' ? calicoGrants('calico-node') : [];
}

/** What those who write schedulers of their own are let do: as kubernetes.io tells of a second scheduler, all that kube-scheduler may. */
function userSchedulerGrants(): Grant[] {
  const subjects = [groupSubject(USER_SCHEDULERS_GROUP)];
  return [
    { role: 'system:kube-scheduler', binding: 'kubarium:schedulers-as-kube-scheduler', subjects },
    { role: 'system:volume-scheduler', binding: 'kubarium:schedulers-as-volume-scheduler', subjects },
    {
      role: 'kubarium:schedulers',
      rules: [rule(`${READ} create delete`, 'kubarium.dev', 'schedulingdecisions')],
      binding: 'kubarium:schedulers',
      subjects,
    },
  ];
}

/** The playground's own kinds that components write. */
function playgroundGrant(): Grant {
  return {
    role: 'kubarium:kube-scheduler',
    rules: [
      rule('*', 'kubarium.dev', 'schedulerplugins schedulerplugins/status schedulingdecisions'),
      // For kube-scheduler-simulator's annotations.
      rule('patch', 'core', 'pods'),
    ],
    binding: 'kubarium:kube-scheduler',
    subjects: [userSubject('system:kube-scheduler')],
  };
}

function provisionerGrants(): Grant[] {
  const namespace = 'local-path-storage';
  const subjects = [accountSubject(namespace, 'local-path-provisioner-service-account')];
  const [role, binding] = ['local-path-provisioner-role', 'local-path-provisioner-bind'];
  return [
    {
      role,
      rules: [
        rule(READ, 'core', 'configmaps nodes persistentvolumeclaims pods pods/log'),
        rule(`${READ} create patch update delete`, 'core', 'persistentvolumes'),
        rule('create patch', 'core', 'events'),
        rule(READ, 'storage.k8s.io', 'storageclasses'),
      ],
      binding,
      subjects,
    },
    { namespace, role, rules: [rule(`${READ} create patch update delete`, 'core', 'pods')], binding, subjects },
  ];
}

/** Puts the grants into a fresh store. */
export function createGrants(server: PolicyServer, options: { network: NetworkPlan; storageProvisioner: boolean }): void {
  const registry = ({ group, plural }: { group: string; plural: string }) => server.registry(group, plural);
  const grants = [
    ...kubeadmGrants(),
    playgroundGrant(),
    ...userSchedulerGrants(),
    ...networkGrants(options.network),
    ...(options.storageProvisioner ? provisionerGrants() : []),
  ];
  for (const { role, rules, binding, subjects, namespace } of grants) {
    if (namespace === undefined) {
      if (rules !== undefined) registry(ClusterRoleResource).seed(clusterRole({ name: role }, rules));
      registry(ClusterRoleBindingResource).seed(clusterBinding({ name: binding }, role, subjects));
    } else {
      registry(RoleResource).seed({ metadata: { name: role, namespace }, rules: rules ?? [] });
      registry(RoleBindingResource).seed(localBinding({ name: binding, namespace }, role, subjects));
    }
  }
}
