/** The kind Role. */
import { createdAtColumn, nameColumn } from '../columns.ts';
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Role } from '../generated/types.ts';

/** rbac.authorization.k8s.io/v1 Role. */
export const RoleResource = defineResource<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  schema: 'rbac.v1.Role',
  validate: ({ rules }) => checks.get().validateRules(rules, true),
  validateName: isPathSegmentName,
  columns: [nameColumn, createdAtColumn],
});
