/**
 * Nobody gives away rights that they do not have (`k8s.io/kubernetes/pkg/registry/rbac/{role,rolebinding,…}/policybased`,
 * `pkg/registry/rbac/validation/policy_comparator.go`). Asked about whomever the authorizer is asked about.
 */
import { forbidden } from '../../apimachinery/status.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { PolicyRule, RoleBinding } from '../../api/generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from './attributes.ts';
import type { RbacAuthorizer } from './rbac.ts';
import { compactRights, ruleText, uncoveredRights } from './rules.ts';

const RBAC = 'rbac.authorization.k8s.io';
type WithRules = KubernetesObject & { rules?: PolicyRule[]; aggregationRule?: unknown };

/** To let a role gather others, one must hold everything. */
const FULL_AUTHORITY: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Who is asked for the verbs "escalate" and "bind", and who knows what a user holds. */
interface Judges {
  readonly chain: Authorizer;
  readonly rbac: RbacAuthorizer;
}

/** The check as a step of admission. `components`: also for requests from inside the cluster. */
export function rbacEscalation(chain: Authorizer, rbac: () => RbacAuthorizer, components: boolean): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      const { operation, resource, object, old, external } = request;
      if (!(external || components) || operation === 'DELETE' || resource.group !== RBAC || object === undefined) return;
      if (resource.kind.endsWith('Binding')) checkBinding({ chain, rbac: rbac() }, request, object as RoleBinding);
      else if (rightsChanged(object as WithRules, old as WithRules | undefined))
        checkRole({ chain, rbac: rbac() }, request, object as WithRules);
    },
  };
}

const rightsChanged = (object: WithRules, old: WithRules | undefined): boolean =>
  object.rules !== old?.rules || object.aggregationRule !== old?.aggregationRule;

function checkRole({ chain, rbac }: Judges, request: AdmissionRequest, { rules = [], aggregationRule }: WithRules): void {
  const { user, resource, namespace = '', name } = request;
  if (chain.authorize({ user, verb: 'escalate', group: RBAC, resource: resource.plural, namespace, name }).allowed) return;
  refuseUnlessHeld(rbac, request, rules);
  if (aggregationRule === undefined || uncoveredRights(rbac.rulesFor(user, ''), FULL_AUTHORITY).length === 0) return;
  throw forbidden({ group: RBAC, resource: resource.plural }, name, 'must have cluster-admin privileges to use the aggregationRule');
}

function checkBinding({ chain, rbac }: Judges, request: AdmissionRequest, { roleRef }: RoleBinding): void {
  const { user, namespace = '', reader } = request;
  const isCluster = roleRef.kind === 'ClusterRole';
  const resource = isCluster ? 'clusterroles' : 'roles';
  if (chain.authorize({ user, verb: 'bind', group: RBAC, resource, namespace, name: roleRef.name }).allowed) return;
  const role = isCluster ? reader.get(ClusterRoleResource, undefined, roleRef.name) : reader.get(RoleResource, namespace, roleRef.name);
  refuseUnlessHeld(rbac, request, role?.rules ?? []);
}

function refuseUnlessHeld(
  authorizer: RbacAuthorizer,
  { user, resource, namespace = '', name }: AdmissionRequest,
  rules: readonly PolicyRule[],
): void {
  const missing = uncoveredRights(authorizer.rulesFor(user, namespace), rules);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const texts = [...new Set(compactRights(missing).map(ruleText))].sort().join('\n');
  throw forbidden(
    { group: RBAC, resource: resource.plural },
    name,
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${texts}`,
  );
}
