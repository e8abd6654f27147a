/** The rules of a CustomResourceDefinition when it is written (`k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { CustomResourceDefinition, ValidationRule } from '../../api/generated/types.ts';
import { RuleCosts } from './rule-costs.ts';
import { compiledRules } from './rules.ts';
import type { SchemaWithRules } from './rules.ts';

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'];

/** Findings on all rules of all versions. A schema that all versions share is that of the whole definition. */
export function definitionRuleErrors({ spec }: CustomResourceDefinition): FieldError[] {
  const schemas = (spec.versions ?? []).map(({ schema }) => schema?.openAPIV3Schema as SchemaWithRules | undefined);
  const [first] = schemas;
  const isShared = schemas.every((schema) => deepEqual(schema, first));
  return (isShared ? [first] : schemas).flatMap((schema, index) => {
    if (schema === undefined) return [];
    const path = isShared ? 'spec.validation.openAPIV3Schema' : `spec.versions[${index}].schema.openAPIV3Schema`;
    const costs = new RuleCosts();
    const errors = visit(schema, { path, isRoot: true, uncorrelatable: undefined, cardinality: 1, costs });
    return [...errors, ...costs.totalErrors(path)];
  });
}

/** Where a check is in a schema. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** The list or place above whose items have no old selves. */
  readonly uncorrelatable: string | undefined;
  /** How often an object can have values here; undefined below lists and maps without a limit. */
  readonly cardinality: number | undefined;
  readonly costs: RuleCosts;
}

function visit(schema: SchemaWithRules, place: Place): FieldError[] {
  const { path, uncorrelatable, cardinality } = place;
  const errors = nodeErrors(schema, place);
  const { properties = {}, additionalProperties, items } = schema;
  const { maxItems, maxProperties } = schema as { maxItems?: number; maxProperties?: number };
  const times = (limit: number | undefined) => (cardinality === undefined || limit === undefined ? undefined : cardinality * limit);
  for (const [name, child] of Object.entries(properties))
    errors.push(...visit(child, { ...place, path: `${path}.properties[${name}]`, isRoot: false }));
  if (typeof additionalProperties === 'object')
    errors.push(
      ...visit(additionalProperties, { ...place, path: `${path}.additionalProperties`, isRoot: false, cardinality: times(maxProperties) }),
    );
  if (items !== undefined) {
    const isMap = (schema as { 'x-kubernetes-list-type'?: string })['x-kubernetes-list-type'] === 'map';
    const uncorrelatableItems = uncorrelatable ?? (isMap ? undefined : path);
    errors.push(
      ...visit(items, {
        ...place,
        path: `${path}.items`,
        isRoot: false,
        uncorrelatable: uncorrelatableItems,
        cardinality: times(maxItems),
      }),
    );
  }
  return errors;
}

function nodeErrors(schema: SchemaWithRules, { path, isRoot, uncorrelatable, cardinality, costs }: Place): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const below = `${path}.x-kubernetes-validations`;
  if (!schema.type && !schema['x-kubernetes-int-or-string'])
    return [required(`${path}.type`, 'must not be empty if x-kubernetes-validations is specified at the same place')];
  const errors = rules.flatMap((rule, index) => formErrors(rule, `${below}[${index}]`, schema));
  const compiled = compiledRules(schema, isRoot);
  errors.push(...costs.errorsAt(schema, compiled, below, isRoot, cardinality));
  compiled.forEach(({ rule, error, messageError, usesOldSelf }, index) => {
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
