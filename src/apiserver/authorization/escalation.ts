/**
 * Nobody gives away rights that they do not have (`k8s.io/kubernetes/pkg/registry/rbac/{role,rolebinding,…}/policybased`,
 * `pkg/registry/rbac/validation/policy_comparator.go`). Only asked about requests from outside: components are trusted.
 */
import { forbidden } from '../../apimachinery/status.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { PolicyRule, RoleBinding } from '../../api/generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { RbacAuthorizer } from './rbac.ts';

const RBAC = 'rbac.authorization.k8s.io';
type WithRules = KubernetesObject & { rules?: PolicyRule[] };

/** The check as a step of admission. */
export function rbacEscalation(authorizer: () => RbacAuthorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      const { operation, resource, object, old, external } = request;
      if (!external || operation === 'DELETE' || resource.group !== RBAC || object === undefined) return;
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
  const held = authorizer.rulesFor(user, namespace);
  const missing = rules.filter((rule) => !isHeld(rule, held));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const texts = missing.map(ruleText).join('\n');
  throw forbidden(
    { group: RBAC, resource: resource.plural },
    name,
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${texts}`,
  );
}

/** Whether each single right of `rule` is in one of the `held` rules. */
export function isHeld(rule: PolicyRule, held: readonly PolicyRule[]): boolean {
  const names = rule.resourceNames?.length ? rule.resourceNames : [''];
  return rule.verbs.every((verb) => {
    const withVerb = held.filter(({ verbs }) => includes(verbs, verb));
    const paths = (rule.nonResourceURLs ?? []).every((url) =>
      withVerb.some(({ nonResourceURLs = [] }) => nonResourceURLs.some((own) => coversPath(own, url))),
    );
    return (
      paths &&
      (rule.apiGroups ?? []).every((group) =>
        (rule.resources ?? []).every((resource) =>
          names.every((name) => withVerb.some((own) => coversResource(own, group, resource, name))),
        ),
      )
    );
  });
}

function coversResource(
  { apiGroups = [], resources = [], resourceNames = [] }: PolicyRule,
  group: string,
  resource: string,
  name: string,
): boolean {
  const slash = resource.indexOf('/');
  const named = includes(resources, resource) || (slash > 0 && resources.includes(`*${resource.slice(slash)}`));
  return named && includes(apiGroups, group) && (resourceNames.length === 0 || resourceNames.includes(name));
}

const coversPath = (own: string, url: string): boolean =>
  own === '*' || own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1)));
const includes = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted);

/** A rule as upstream prints it: {APIGroups:[""], Resources:["pods"], Verbs:["get"]} */
function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const part = (name: string, list: readonly string[] | undefined) =>
    list?.length ? [`${name}:[${list.map((item) => JSON.stringify(item)).join(' ')}]`] : [];
  const parts = [
    ...part('NonResourceURLs', nonResourceURLs),
    ...part('APIGroups', apiGroups),
    ...part('Resources', resources),
    ...part('ResourceNames', resourceNames),
    ...part('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}
