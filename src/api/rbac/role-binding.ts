/** The kind RoleBinding. */
import { bindingColumns, defaultBinding } from './binding.ts';
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { RoleBinding } from '../generated/types.ts';

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const RoleBindingResource = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  schema: 'rbac.v1.RoleBinding',
  defaults: defaultBinding,
  validate: (binding) => checks.get().validateBinding(binding, true),
  validateUpdate: (...given) => checks.get().validateBindingUpdate(...given),
  validateName: isPathSegmentName,
  columns: bindingColumns,
});
