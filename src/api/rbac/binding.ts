/** What RoleBinding and ClusterRoleBinding share (`pkg/apis/rbac/v1/defaults.go`). */
import { ageColumn, nameColumn } from '../columns.ts';
import { mapField, mapItems, withDefaults } from '../defaulting.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Column } from '../resource.ts';
import type { Subject, RoleRef } from '../generated/types.ts';

/** The API group of roles, users and groups. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** A RoleBinding or a ClusterRoleBinding. */
export interface Binding {
  roleRef: RoleRef;
  subjects?: Subject[];
}

const defaultSubject = (subject: Subject): Subject =>
  subject.kind === 'User' || subject.kind === 'Group' ? withDefaults(subject, { apiGroup: RBAC_GROUP }) : subject;

/** `SetDefaults_RoleBinding`, `SetDefaults_Subject`. */
export function defaultBinding<T extends Binding>(binding: T): T {
  const next = mapField<Binding, 'roleRef'>(binding, 'roleRef', (ref) => withDefaults(ref, { apiGroup: RBAC_GROUP }));
  return mapField(next, 'subjects', (subjects) => mapItems(subjects, defaultSubject)) as T;
}

/** Names of the subjects of one kind, for tables: "jane, joe", "namespace/name" (`SubjectsStrings`). */
function subjectNames(subjects: readonly Subject[] | undefined, kind: string): string {
  const named = (subjects ?? []).filter((subject) => subject.kind === kind);
  return named.map(({ name, namespace }) => (kind === 'ServiceAccount' && namespace ? `${namespace}/${name}` : name)).join(', ');
}

/** Columns of both kinds. */
export const bindingColumns: readonly Column<Binding & KubernetesObject>[] = [
  nameColumn,
  { name: 'Role', value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  ageColumn,
  { name: 'Users', priority: 1, value: ({ subjects }) => subjectNames(subjects, 'User') },
  { name: 'Groups', priority: 1, value: ({ subjects }) => subjectNames(subjects, 'Group') },
  { name: 'ServiceAccounts', priority: 1, value: ({ subjects }) => subjectNames(subjects, 'ServiceAccount') },
];
