/** Short forms for the many rules, roles and bindings that a cluster begins with (`pkg/apis/rbac/v1/helpers.go`). */
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/generated/types.ts';

/** A cluster role before the server stamps it. */
export type NewRole = Pick<ClusterRole, 'rules' | 'aggregationRule'> & { metadata: NewMetadata };
/** A cluster role binding before the server stamps it. */
export type NewBinding = Pick<ClusterRoleBinding, 'roleRef' | 'subjects'> & { metadata: NewMetadata };
/** A role of a namespace. */
export type NewLocalRole = Pick<Role, 'rules'> & { metadata: NewMetadata };
/** A binding of a namespace. */
export type NewLocalBinding = Pick<RoleBinding, 'roleRef' | 'subjects'> & { metadata: NewMetadata };

/** What bootstrap objects have for metadata. */
export interface NewMetadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

const words = (text: string): string[] => text.split(' ').sort();
const groups = (text: string): string[] =>
  words(text)
    .map((group) => (group === 'core' ? '' : group))
    .sort();

/** A rule about resources; all parts are lists of words, "core" is the group without a name. */
export function rule(verbs: string, apiGroups: string, resources: string, resourceNames?: string): PolicyRule {
  const names = resourceNames === undefined ? {} : { resourceNames: words(resourceNames) };
  return { apiGroups: groups(apiGroups), ...names, resources: words(resources), verbs: words(verbs) };
}

/** May record events. */
export const eventsRule = (): PolicyRule => rule('create patch update', 'core events.k8s.io', 'events');

/** A rule about paths. */
export function pathRule(verbs: string, urls: string): PolicyRule {
  return { nonResourceURLs: words(urls), verbs: words(verbs) };
}

export const userSubject = (name: string): Subject => ({ apiGroup: RBAC_GROUP, kind: 'User', name });
export const groupSubject = (name: string): Subject => ({ apiGroup: RBAC_GROUP, kind: 'Group', name });
export const accountSubject = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

/** A cluster role with its rules. */
export function clusterRole(metadata: NewMetadata, rules: PolicyRule[]): NewRole {
  return { metadata, rules };
}

/** A binding of a cluster role. */
export function clusterBinding(metadata: NewMetadata, role: string, subjects: Subject[]): NewBinding {
  return { metadata, roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role }, subjects };
}

/** A binding of a role of the same namespace. */
export function localBinding(metadata: NewMetadata, role: string, subjects: Subject[]): NewLocalBinding {
  return { metadata, roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: role }, subjects };
}
