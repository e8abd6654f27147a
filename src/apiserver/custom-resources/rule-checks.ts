/**
 * The rules of a CustomResourceDefinition when it is written (`k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`).
 * Differs: upstream also refuses rules whose estimated cost is above its budget; here only what rules really cost is limited.
 */
import { forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { CustomResourceDefinition, ValidationRule } from '../../api/generated/types.ts';
import { compiledRules } from './rules.ts';
import type { SchemaWithRules } from './rules.ts';

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'];

/** Findings on all rules of all versions. */
export function definitionRuleErrors({ spec }: CustomResourceDefinition): FieldError[] {
  return (spec.versions ?? []).flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema === undefined
      ? []
      : visit(schema.openAPIV3Schema as SchemaWithRules, `spec.versions[${index}].schema.openAPIV3Schema`, true, undefined),
  );
}

/** `uncorrelatable`: the list or place above whose items have no old selves. */
function visit(schema: SchemaWithRules, path: string, isRoot: boolean, uncorrelatable: string | undefined): FieldError[] {
  const errors = nodeErrors(schema, path, isRoot, uncorrelatable);
  const { properties = {}, additionalProperties, items } = schema;
  for (const [name, child] of Object.entries(properties))
    errors.push(...visit(child, `${path}.properties[${name}]`, false, uncorrelatable));
  if (typeof additionalProperties === 'object')
    errors.push(...visit(additionalProperties, `${path}.additionalProperties`, false, uncorrelatable));
  if (items !== undefined) {
    const isMap = (schema as { 'x-kubernetes-list-type'?: string })['x-kubernetes-list-type'] === 'map';
    errors.push(...visit(items, `${path}.items`, false, uncorrelatable ?? (isMap ? undefined : path)));
  }
  return errors;
}

function nodeErrors(schema: SchemaWithRules, path: string, isRoot: boolean, uncorrelatable: string | undefined): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const below = `${path}.x-kubernetes-validations`;
  if (!schema.type && !schema['x-kubernetes-int-or-string'])
    return [required(`${path}.type`, 'must not be empty if x-kubernetes-validations is specified at the same place')];
  const errors = rules.flatMap((rule, index) => formErrors(rule, `${below}[${index}]`, schema));
  compiledRules(schema, isRoot).forEach(({ rule, error, messageError, usesOldSelf }, index) => {
    const at = `${below}[${index}]`;
    if (error !== undefined) errors.push(ruleFinding(`${at}.rule`, rule, error));
    if (messageError !== undefined) errors.push(ruleFinding(`${at}.messageExpression`, rule, messageError));
    if (usesOldSelf && uncorrelatable !== undefined)
      errors.push(
        invalidValue(
          `${at}.rule`,
          rule.rule,
          `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`,
        ),
      );
    if (!usesOldSelf && rule.optionalOldSelf !== undefined)
      errors.push(invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  });
  return errors;
}

function formErrors(
  { rule, message, messageExpression, reason, fieldPath }: ValidationRule,
  at: string,
  schema: SchemaWithRules,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule?.trim()) errors.push(required(`${at}.rule`, 'rule is not specified'));
  if (message !== undefined && message !== '' && message.trim() === '')
    errors.push(invalidValue(`${at}.message`, message, 'message must be non-empty if specified'));
  else if (message?.trim().includes('\n')) errors.push(invalidValue(`${at}.message`, message, 'message must not contain line breaks'));
  else if (rule?.trim().includes('\n') && !message?.trim())
    errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '')
    errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
  if (fieldPath !== undefined && fieldPath !== '') {
    const problem = fieldPathProblem(fieldPath, schema);
    if (problem !== undefined) errors.push(invalidValue(`${at}.fieldPath`, fieldPath, problem));
  }
  if (schema.type === 'object' && fieldPath?.includes('\n')) errors.push(forbiddenField(`${at}.fieldPath`, 'must not contain line breaks'));
  return errors;
}

/** `ValidFieldPath`: ".spec.foo", "['a.b']"; every step must be in the schema. */
function fieldPathProblem(fieldPath: string, schema: SchemaWithRules): string | undefined {
  const steps = fieldPath.match(/\.[^.[\]]+|\['(?:[^'\\]|\\.)*'\]/g) ?? [];
  if (steps.join('') !== fieldPath) return 'fieldPath must be a valid path: expected [ or . but got: ' + fieldPath.slice(0, 1);
  let at: SchemaWithRules | undefined = schema;
  for (const step of steps) {
    const name = step.startsWith('.') ? step.slice(1) : step.slice(2, -2);
    const { properties = {}, additionalProperties }: SchemaWithRules = at ?? {};
    at = Object.hasOwn(properties, name) ? properties[name] : typeof additionalProperties === 'object' ? additionalProperties : undefined;
    if (at === undefined) return 'fieldPath must be a valid path: does not refer to a valid field';
  }
  return undefined;
}

/** Go prints the whole struct (`%#v`). */
function ruleFinding(field: string, rule: ValidationRule, detail: string): FieldError {
  const pointer = (name: string, value: unknown) => `(*${name})(${value === undefined ? 'nil' : '0xc000000000'})`;
  const parts = [
    `Rule:${JSON.stringify(rule.rule)}`,
    `Message:${JSON.stringify(rule.message ?? '')}`,
    `MessageExpression:${JSON.stringify(rule.messageExpression ?? '')}`,
    `Reason:${pointer('apiextensions.FieldValueErrorReason', rule.reason)}`,
    `FieldPath:${JSON.stringify(rule.fieldPath ?? '')}`,
    `OptionalOldSelf:${pointer('bool', rule.optionalOldSelf)}`,
  ];
  return { type: 'FieldValueInvalid', field, detail: `Invalid value: apiextensions.ValidationRule{${parts.join(', ')}}: ${detail}` };
}
