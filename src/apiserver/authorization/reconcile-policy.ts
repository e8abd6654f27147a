/**
 * Puts the bootstrap roles and bindings right, as the apiserver does after each start: creates what is missing, gives back rights and
 * subjects that were taken away, and leaves what was added (`pkg/registry/rbac/rest/storage_rbac.go`: PolicyData.EnsureRBACPolicy,
 * `k8s.io/component-helpers/auth/rbac/reconciliation`). Whoever wants to keep a change sets the annotation autoupdate to "false".
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { ClusterRoleBindingResource } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleBindingResource } from '../../api/rbac/role-binding.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { Registry } from '../registry/registry.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import type { NewLocalBinding, NewLocalRole, NewMetadata, NewRole } from './policy-rules.ts';
import { uncoveredRights, compactRights } from './rules.ts';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const CONTEXT = { user: { name: 'system:apiserver', groups: ['system:masters'] }, options: {} };

/** Where the registries are. */
export interface PolicyServer {
  registry(group: string, plural: string): Registry;
}

/** Reconciles the whole policy. Namespaces of local roles must exist; those that do not are passed over. */
export function reconcilePolicy(server: PolicyServer, namespaces: ReadonlySet<string>): void {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy();
  const local = <T extends { metadata: NewMetadata }>(objects: readonly T[]) =>
    objects.filter(({ metadata }) => namespaces.has(metadata.namespace ?? ''));
  each(server, ClusterRoleResource, clusterRoles, roleWith);
  each(server, ClusterRoleBindingResource, clusterRoleBindings, bindingWith);
  each(server, RoleResource, local(roles), roleWith);
  each(server, RoleBindingResource, local(roleBindings), bindingWith);
}

/** Creates what is not there, and changes what `merge` says; `merge` answers undefined when the object must be made anew. */
function each<New extends { metadata: NewMetadata }, T extends KubernetesObject>(
  server: PolicyServer,
  { group, plural }: ResourceDefinition<T>,
  wanted: readonly New[],
  merge: (old: T, wanted: New) => T | undefined,
): void {
  const registry = server.registry(group, plural) as unknown as Registry<T>;
  for (const object of wanted) {
    const { namespace, name } = object.metadata;
    const old = registry.find(namespace, name);
    if (old === undefined) {
      registry.seed(object);
      continue;
    }
    if (old.metadata.annotations?.[AUTO_UPDATE] === 'false') continue;
    const next = merge(old, object);
    if (next === undefined) {
      registry.remove(old);
      registry.seed(object);
    } else if (!deepEqual(next, old)) registry.commit(CONTEXT, next, old);
  }
}

function withMetadata<T extends KubernetesObject>(old: T, { labels, annotations }: NewMetadata): T {
  const metadata = {
    ...old.metadata,
    labels: { ...old.metadata.labels, ...labels },
    annotations: { ...annotations, ...old.metadata.annotations },
  };
  return { ...old, metadata };
}

/** `computeReconciledRole`, without removing rights: what the role lacks is appended. */
function roleWith<T extends ClusterRole | Role>(old: T, wanted: NewRole | NewLocalRole): T {
  const next = withMetadata(old, wanted.metadata);
  const rule = 'aggregationRule' in wanted ? wanted.aggregationRule : undefined;
  if (rule !== undefined) {
    const selectors = (old as ClusterRole).aggregationRule?.clusterRoleSelectors ?? [];
    const missing = (rule.clusterRoleSelectors ?? []).filter((selector) => !selectors.some((known) => deepEqual(known, selector)));
    return missing.length === 0 ? next : { ...next, aggregationRule: { clusterRoleSelectors: [...selectors, ...missing] } };
  }
  const rules: PolicyRule[] = old.rules ?? [];
  const missing = compactRights(uncoveredRights(rules, wanted.rules ?? []));
  return missing.length === 0 ? next : { ...next, rules: [...rules, ...missing] };
}

/** `computeReconciledRoleBinding`; another role cannot be put in place, so such a binding is made anew. */
function bindingWith<T extends ClusterRoleBinding | RoleBinding>(old: T, wanted: NewLocalBinding): T | undefined {
  if (!deepEqual(old.roleRef, wanted.roleRef)) return undefined;
  const subjects: Subject[] = old.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !subjects.some((known) => deepEqual(known, subject)));
  const next = withMetadata(old, wanted.metadata);
  return missing.length === 0 ? next : { ...next, subjects: [...subjects, ...missing] };
}
