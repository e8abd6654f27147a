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
import type { RbacAuthorizer } from './rbac.ts';
import { compactRights, ruleText, uncoveredRights } from './rules.ts';

const RBAC = 'rbac.authorization.k8s.io';
type WithRules = KubernetesObject & { rules?: PolicyRule[] };

/** The check as a step of admission. `components`: also for requests from inside the cluster. */
export function rbacEscalation(authorizer: () => RbacAuthorizer, components: boolean): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      const { operation, resource, object, old, external } = request;
      if (!(external || components) || operation === 'DELETE' || resource.group !== RBAC || object === undefined) return;
      if (resource.kind.endsWith('Binding')) checkBinding(authorizer(), request, object as RoleBinding);
      else if ((object as WithRules).rules !== (old as WithRules | undefined)?.rules) checkRole(authorizer(), request, object as WithRules);
    },
  };
}

function checkRole(authorizer: RbacAuthorizer, request: AdmissionRequest, { rules = [] }: WithRules): void {
  const { user, resource, namespace = '', name } = request;
  if (authorizer.authorize({ user, verb: 'escalate', group: RBAC, resource: resource.plural, namespace, name }).allowed) return;
  refuseUnlessHeld(authorizer, request, rules);
}

function checkBinding(authorizer: RbacAuthorizer, request: AdmissionRequest, { roleRef }: RoleBinding): void {
  const { user, namespace = '', reader } = request;
  const isCluster = roleRef.kind === 'ClusterRole';
  const resource = isCluster ? 'clusterroles' : 'roles';
  if (authorizer.authorize({ user, verb: 'bind', group: RBAC, resource, namespace, name: roleRef.name }).allowed) return;
  const role = isCluster ? reader.get(ClusterRoleResource, undefined, roleRef.name) : reader.get(RoleResource, namespace, roleRef.name);
  refuseUnlessHeld(authorizer, request, role?.rules ?? []);
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
