/** The kind ClusterRole. */
import { createdAtColumn, nameColumn } from '../columns.ts';
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { ClusterRole } from '../generated/types.ts';

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const ClusterRoleResource = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  schema: 'rbac.v1.ClusterRole',
  validate: ({ rules }) => checks.get().validateRules(rules, false),
  validateName: isPathSegmentName,
  columns: [nameColumn, createdAtColumn],
});
