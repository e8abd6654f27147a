/** The kind ClusterRoleBinding. */
import { bindingColumns, defaultBinding } from './binding.ts';
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { ClusterRoleBinding } from '../generated/types.ts';

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const ClusterRoleBindingResource = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  schema: 'rbac.v1.ClusterRoleBinding',
  defaults: defaultBinding,
  validate: (binding) => checks.get().validateBinding(binding, false),
  validateUpdate: (...given) => checks.get().validateBindingUpdate(...given),
  validateName: isPathSegmentName,
  columns: bindingColumns,
});
