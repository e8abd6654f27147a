/** What policies and webhooks have in common (`k8s.io/kubernetes/pkg/apis/admissionregistration/{v1/defaults.go,validation}`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { duplicate, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { isQualifiedName } from '../../apimachinery/names.ts';
import type { MatchCondition, MatchResources, RuleWithOperations } from '../generated/types.ts';
import { validateLabelSelector } from '../validation/common.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const MAX_MATCH_CONDITIONS = 64;

/** The old object where defaults changed nothing. */
export const unlessEqual = <T>(made: T, old: T): T => (deepEqual(made, old) ? old : made);

/** Rules hold for all scopes unless they say otherwise. */
export function defaultedRules<R extends RuleWithOperations>(rules: readonly R[]): R[] {
  return rules.map((rule) => (rule.scope === undefined ? { ...rule, scope: '*' } : rule));
}

/** `SetDefaults_MatchResources`. */
export function defaultedMatch(match: MatchResources): MatchResources {
  return {
    ...match,
    matchPolicy: match.matchPolicy ?? 'Equivalent',
    namespaceSelector: match.namespaceSelector ?? {},
    objectSelector: match.objectSelector ?? {},
    ...(match.resourceRules && { resourceRules: defaultedRules(match.resourceRules) }),
    ...(match.excludeResourceRules && { excludeResourceRules: defaultedRules(match.excludeResourceRules) }),
  };
}

/** `validateRuleWithOperations`. */
export function ruleErrors(
  { operations = [], apiGroups = [], apiVersions = [], resources = [], scope }: RuleWithOperations,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const starAlone = (list: readonly string[], field: string, what: string) => {
    if (list.length === 0) errors.push(required(`${path}.${field}`));
    else if (list.length > 1 && list.includes('*'))
      errors.push(invalidValue(`${path}.${field}`, list, `if '*' is present, must not specify other ${what}`));
  };
  starAlone(operations, 'operations', 'operations');
  operations.forEach((operation, index) => {
    if (!OPERATIONS.includes(operation)) errors.push(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS));
  });
  starAlone(apiGroups, 'apiGroups', 'API groups');
  starAlone(apiVersions, 'apiVersions', 'API versions');
  apiVersions.forEach((version, index) => {
    if (version === '') errors.push(required(`${path}.apiVersions[${index}]`));
  });
  if (resources.length === 0) errors.push(required(`${path}.resources`));
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalidValue(`${path}.resources`, resources, "if '*/*' is present, must not specify other resources"));
  resources.forEach((resource, index) => {
    if (resource === '') errors.push(required(`${path}.resources[${index}]`));
  });
  if (scope !== undefined && !SCOPES.includes(scope)) errors.push(notSupported(`${path}.scope`, scope, SCOPES));
  return errors;
}

/** `validateMatchResources`, with at least one rule where `must`. */
export function matchErrors(match: MatchResources, path: string, must: boolean): FieldError[] {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy, namespaceSelector, objectSelector } = match;
  const errors: FieldError[] = [];
  if (matchPolicy !== undefined && matchPolicy !== 'Exact' && matchPolicy !== 'Equivalent')
    errors.push(notSupported(`${path}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact']));
  if (must && resourceRules.length === 0) errors.push(required(`${path}.resourceRules`));
  errors.push(...resourceRules.flatMap((rule, index) => ruleErrors(rule, `${path}.resourceRules[${index}]`)));
  errors.push(...excludeResourceRules.flatMap((rule, index) => ruleErrors(rule, `${path}.excludeResourceRules[${index}]`)));
  errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  return [...errors, ...validateLabelSelector(objectSelector, `${path}.objectSelector`)];
}

/** `validateMatchConditions`, without their expressions. */
export function matchConditionErrors(conditions: readonly MatchCondition[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > MAX_MATCH_CONDITIONS)
    errors.push({
      type: 'FieldValueTooMany',
      field: path,
      detail: `Too many: ${conditions.length}: must have at most ${MAX_MATCH_CONDITIONS} items`,
    });
  const names = new Set<string>();
  conditions.forEach(({ name, expression }, index) => {
    const at = `${path}[${index}]`;
    if (!expression?.trim()) errors.push(required(`${at}.expression`));
    if (!name) errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else errors.push(...isQualifiedName(name).map((message) => invalidValue(`${at}.name`, name, message)));
    names.add(name);
  });
  return errors;
}
