/**
 * The roles and bindings that every cluster begins with, and that the apiserver puts right at each start
 * (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,namespace_policy}.go`). Made when asked for: a cluster reads
 * them once.
 */
import type { PolicyRule } from '../../api/generated/types.ts';
import { controllerRules } from './controller-policy.ts';
import { componentRules } from './component-policy.ts';
import {
  accountSubject,
  clusterBinding,
  clusterRole,
  eventsRule,
  groupSubject,
  localBinding,
  pathRule,
  RBAC_GROUP,
  rule,
  userSubject,
} from './policy-rules.ts';
import type { NewBinding, NewLocalBinding, NewLocalRole, NewMetadata, NewRole } from './policy-rules.ts';

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const SYSTEM = 'kube-system';

/** Everything the bootstrap hook reconciles. */
export interface BootstrapPolicy {
  clusterRoles: NewRole[];
  clusterRoleBindings: NewBinding[];
  roles: NewLocalRole[];
  roleBindings: NewLocalBinding[];
}

/** A fresh list of them. */
export function bootstrapPolicy(): BootstrapPolicy {
  const controllers = Object.entries(controllerRules());
  return {
    clusterRoles: [
      ...userRoles(),
      ...namedRoles(componentRules()),
      ...namedRoles(Object.fromEntries(controllers.map(([name, rules]) => [`system:controller:${name}`, rules]))),
    ],
    clusterRoleBindings: [
      ...standingBindings(),
      ...controllers.map(([name]) => bind(`system:controller:${name}`, [accountSubject(SYSTEM, name)])),
    ],
    ...namespacePolicy(),
  };
}

const metadata = (name: string, labels: Record<string, string> = {}): NewMetadata => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

const namedRoles = (rules: Record<string, PolicyRule[]>): NewRole[] =>
  Object.entries(rules).map(([name, list]) => clusterRole(metadata(name), list));

const bind = (name: string, subjects: NewBinding['subjects'] = []): NewBinding => clusterBinding(metadata(name), name, subjects);

const aggregateTo = (name: 'admin' | 'edit' | 'view') => ({ [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' });

/** Filled by the controller that aggregates. */
const aggregated = (name: 'admin' | 'edit' | 'view', labels: Record<string, string> = {}): NewRole => ({
  metadata: metadata(name, labels),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
  rules: [],
});

function userRoles(): NewRole[] {
  return [
    clusterRole(metadata('cluster-admin'), [rule('*', '*', '*'), pathRule('*', '*')]),
    aggregated('admin'),
    aggregated('edit', aggregateTo('admin')),
    aggregated('view', aggregateTo('edit')),
    clusterRole(metadata('system:aggregate-to-admin', aggregateTo('admin')), [
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      rule(`${READ} ${WRITE}`, RBAC_GROUP, 'rolebindings roles'),
    ]),
    clusterRole(metadata('system:aggregate-to-edit', aggregateTo('edit')), editRules()),
    clusterRole(metadata('system:aggregate-to-view', aggregateTo('view')), viewRules()),
  ];
}

function viewRules(): PolicyRule[] {
  return [
    rule(
      READ,
      'core',
      'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    ),
    rule(
      READ,
      'core',
      'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    ),
    rule(READ, 'core', 'namespaces'),
    rule(READ, 'discovery.k8s.io', 'endpointslices'),
    rule(
      READ,
      'apps',
      'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    ),
    rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
    rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
    rule(
      READ,
      'extensions',
      'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
    ),
    rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
    rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  ];
}

function editRules(): PolicyRule[] {
  return [
    rule(READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
    rule('impersonate', 'core', 'serviceaccounts'),
    rule(WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
    rule('create', 'core', 'pods/eviction'),
    rule(
      WRITE,
      'core',
      'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    ),
    rule('create', 'core', 'serviceaccounts/token'),
    rule(
      WRITE,
      'apps',
      'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
    ),
    rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
    rule(WRITE, 'batch', 'cronjobs jobs'),
    rule(
      WRITE,
      'extensions',
      'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
    ),
    rule(WRITE, 'policy', 'poddisruptionbudgets'),
    rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
    rule(`${READ} ${WRITE}`, 'coordination.k8s.io', 'leases'),
  ];
}

/** Bindings of the roles above and of the components. Nobody has system:node: nodes are left to the Node authorizer. */
function standingBindings(): NewBinding[] {
  const authenticated = groupSubject('system:authenticated');
  const scheduler = userSubject('system:kube-scheduler');
  return [
    bind('cluster-admin', [groupSubject('system:masters')]),
    bind('system:monitoring', [groupSubject('system:monitoring')]),
    bind('system:discovery', [authenticated]),
    bind('system:basic-user', [authenticated]),
    bind('system:public-info-viewer', [authenticated, groupSubject('system:unauthenticated')]),
    bind('system:node-proxier', [userSubject('system:kube-proxy')]),
    bind('system:kube-controller-manager', [userSubject('system:kube-controller-manager')]),
    bind('system:kube-dns', [accountSubject(SYSTEM, 'kube-dns')]),
    bind('system:kube-scheduler', [scheduler]),
    bind('system:volume-scheduler', [scheduler]),
    bind('system:service-account-issuer-discovery', [groupSubject('system:serviceaccounts')]),
    bind('system:node', []),
  ];
}

function namespacePolicy(): Pick<BootstrapPolicy, 'roles' | 'roleBindings'> {
  const roles: NewLocalRole[] = [];
  const roleBindings: NewLocalBinding[] = [];
  const add = (namespace: string, name: string, rules: PolicyRule[], bindingName?: string, subjects: NewBinding['subjects'] = []) => {
    roles.push({ metadata: { ...metadata(name), namespace }, rules });
    if (bindingName !== undefined) roleBindings.push(localBinding({ ...metadata(bindingName), namespace }, name, subjects));
  };
  const [manager, scheduler] = [userSubject('system:kube-controller-manager'), userSubject('system:kube-scheduler')];
  const own = (name: string) => ({ name: `system:controller:${name}`, subjects: [accountSubject(SYSTEM, name)] });
  const [cloud, signer, cleaner] = [own('cloud-provider'), own('bootstrap-signer'), own('token-cleaner')];
  add(
    SYSTEM,
    'extension-apiserver-authentication-reader',
    [rule(READ, 'core', 'configmaps', 'extension-apiserver-authentication')],
    'system::extension-apiserver-authentication-reader',
    [manager, scheduler],
  );
  add(SYSTEM, signer.name, [rule(READ, 'core', 'secrets')], signer.name, signer.subjects);
  add(SYSTEM, cloud.name, [rule(`create ${READ} update`, 'core', 'configmaps')], cloud.name, cloud.subjects);
  add(SYSTEM, cleaner.name, [rule(`${READ} delete`, 'core', 'secrets'), eventsRule()], cleaner.name, cleaner.subjects);
  for (const [name, subject] of [
    ['kube-controller-manager', manager],
    ['kube-scheduler', scheduler],
  ] as const) {
    const locking = `system::leader-locking-${name}`;
    const rules = [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', name)];
    add(SYSTEM, locking, rules, locking, [subject, accountSubject(SYSTEM, name)]);
  }
  const signing = [rule(READ, 'core', 'configmaps'), rule('update', 'core', 'configmaps', 'cluster-info'), eventsRule()];
  add('kube-public', signer.name, signing, signer.name, signer.subjects);
  return { roles, roleBindings };
}
