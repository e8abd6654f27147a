/** Rules of roles and bindings (`pkg/apis/rbac/validation/validation.go`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { invalidGo, oneOf } from '../validation/common.ts';
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import { RBAC_GROUP } from './binding.ts';
import type { Binding } from './binding.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { PolicyRule, RoleRef, Subject } from '../generated/types.ts';

/** `ValidatePolicyRule`. */
export function validateRules(rules: readonly PolicyRule[] | undefined, namespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap(({ verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] }, index) => {
    const path = `rules[${index}]`;
    const errors = verbs.length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : [];
    if (nonResourceURLs.length > 0) {
      if (namespaced)
        errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
      if (apiGroups.length + resources.length > 0) {
        errors.push(
          invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
        );
      }
      return errors;
    }
    if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (resources.length === 0) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    return errors;
  });
}

function validateSubject({ kind, name, namespace, apiGroup = '' }: Subject, namespaced: boolean, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`)];
  switch (kind) {
    case 'ServiceAccount':
      if (apiGroup !== '') errors.push(...oneOf(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !namespace) errors.push(required(`${path}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      return apiGroup === RBAC_GROUP ? errors : [...errors, ...oneOf(`${path}.apiGroup`, apiGroup || '<none>', [RBAC_GROUP])];
    default:
      return [...errors, ...oneOf(`${path}.kind`, kind || '<none>', ['ServiceAccount', 'User', 'Group'])];
  }
}

/** `ValidateRoleBinding`, `ValidateClusterRoleBinding`. */
export function validateBinding({ roleRef, subjects }: Binding, namespaced: boolean): FieldError[] {
  const ref: Partial<RoleRef> = roleRef ?? {};
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors = [...oneOf('roleRef.apiGroup', ref.apiGroup, [RBAC_GROUP]), ...oneOf('roleRef.kind', ref.kind || '<none>', kinds)];
  if (!ref.name) errors.push(required('roleRef.name'));
  else errors.push(...isPathSegmentName(ref.name).map((message) => invalidValue('roleRef.name', ref.name, message)));
  return [...errors, ...(subjects ?? []).flatMap((subject, index) => validateSubject(subject, namespaced, `subjects[${index}]`))];
}

/** A binding's role stays for good: whoever trusts the binding trusts that. */
export function validateBindingUpdate({ roleRef: next = { kind: '', name: '' } }: Binding, { roleRef: old }: Binding): FieldError[] {
  if (deepEqual(next, old)) return [];
  const shown = `rbac.RoleRef{APIGroup:"${next.apiGroup}", Kind:"${next.kind}", Name:"${next.name}"}`;
  return [invalidGo('roleRef', shown, 'cannot change roleRef')];
}
