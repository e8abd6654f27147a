/** The kind ValidatingAdmissionPolicy. What it does is in apiserver/policy. */
import { ageColumn, nameColumn } from '../columns.ts';
import { duplicate, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { expressionChecks } from '../expressions.ts';
import type { ValidatingAdmissionPolicy } from '../generated/types.ts';
import { defineResource } from '../resource.ts';
import { defaultedMatch, matchConditionErrors, matchErrors, unlessEqual } from './shared.ts';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

/** `validateValidatingAdmissionPolicySpec`, without what its expressions say. */
function formErrors({ spec }: ValidatingAdmissionPolicy): FieldError[] {
  const {
    failurePolicy,
    paramKind,
    matchConstraints,
    validations = [],
    auditAnnotations = [],
    variables = [],
    matchConditions = [],
  } = spec ?? {};
  const errors: FieldError[] = [];
  if (failurePolicy !== undefined && failurePolicy !== 'Fail' && failurePolicy !== 'Ignore')
    errors.push(notSupported('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']));
  if (paramKind !== undefined) {
    if (!paramKind.apiVersion) errors.push(required('spec.paramKind.apiVersion'));
    if (!paramKind.kind) errors.push(required('spec.paramKind.kind'));
  }
  if (matchConstraints === undefined) errors.push(required('spec.matchConstraints'));
  else errors.push(...matchErrors(matchConstraints, 'spec.matchConstraints', true));
  errors.push(...matchConditionErrors(matchConditions, 'spec.matchConditions'));
  variables.forEach(({ name, expression }, index) => {
    if (!name) errors.push(required(`spec.variables[${index}].name`, 'name is not specified'));
    else if (variables.findIndex((other) => other.name === name) < index) errors.push(duplicate(`spec.variables[${index}].name`, name));
    if (!expression?.trim()) errors.push(required(`spec.variables[${index}].expression`, 'expression is not specified'));
  });
  if (validations.length === 0 && auditAnnotations.length === 0)
    errors.push(required('spec.validations', 'validations or auditAnnotations must contain at least one item'));
  validations.forEach(({ expression, message, reason }, index) => {
    const at = `spec.validations[${index}]`;
    if (!expression?.trim()) errors.push(required(`${at}.expression`, 'expression is not specified'));
    else if (expression.trim().includes('\n') && !message?.trim())
      errors.push(required(`${at}.message`, 'message must be specified if expression contains line breaks'));
    if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
  });
  auditAnnotations.forEach(({ key, valueExpression }, index) => {
    if (!key) errors.push(required(`spec.auditAnnotations[${index}].key`));
    if (!valueExpression?.trim())
      errors.push(required(`spec.auditAnnotations[${index}].valueExpression`, 'valueExpression is not specified'));
  });
  return errors;
}

function validate(policy: ValidatingAdmissionPolicy): FieldError[] {
  const errors = formErrors(policy);
  return errors.length > 0 ? errors : expressionChecks().policy(policy);
}

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const ValidatingAdmissionPolicyResource = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
  schema: 'admissionregistration.v1.ValidatingAdmissionPolicy',
  categories: ['api-extensions'],
  subresources: { status: true },
  defaults(policy) {
    const { spec } = policy;
    if (spec === undefined) return policy;
    const { failurePolicy = 'Fail', matchConstraints } = spec;
    return unlessEqual(
      { ...policy, spec: { ...spec, failurePolicy, ...(matchConstraints && { matchConstraints: defaultedMatch(matchConstraints) }) } },
      policy,
    );
  },
  validate,
  columns: [
    nameColumn,
    { name: 'Validations', type: 'integer', value: ({ spec }) => spec?.validations?.length ?? 0 },
    { name: 'ParamKind', value: ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>') },
    ageColumn,
  ],
});
