/** Rules of LimitRanges and ResourceQuotas (`ValidateLimitRange`, `ValidateResourceQuotaSpec`). */
import { broken, oneOf } from '../validation/common.ts';
import { compareQuantities, formatQuantity, tryParseQuantity } from '../../apimachinery/quantity.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { duplicate, forbiddenField, invalidValue } from '../../apimachinery/status.ts';
import { isQualifiedName } from '../../apimachinery/names.ts';
import { validateAmount } from '../validation/resources.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { LimitRange, LimitRangeItem, ResourceQuota } from '../generated/types.ts';

type Amounts = Readonly<Record<string, string>>;

/** Pairs that have an order: the first may not be more than the second. */
const ORDER: readonly (readonly [keyof LimitRangeItem, keyof LimitRangeItem, string])[] = [
  ['min', 'max', 'min value %a is greater than max value %b'],
  ['min', 'defaultRequest', 'min value %a is greater than default request value %b'],
  ['defaultRequest', 'max', 'default request value %a is greater than max value %b'],
  ['defaultRequest', 'default', 'default request value %a is greater than default limit value %b'],
  ['min', 'default', 'min value %a is greater than default value %b'],
  ['default', 'max', 'default value %a is greater than max value %b'],
];

function validateOrder(item: LimitRangeItem, path: string): FieldError[] {
  return ORDER.flatMap(([low, high, text]) =>
    Object.entries((item[low] ?? {}) as Amounts).flatMap(([name, amount]) => {
      const [a, b] = [tryParseQuantity(amount), tryParseQuantity(((item[high] ?? {}) as Amounts)[name] ?? '')];
      if (!a || !b || compareQuantities(a, b) <= 0) return [];
      const named = low === 'default' ? 'default' : low;
      return [invalidValue(`${path}.${named}[${name}]`, amount, text.replace('%a', formatQuantity(a)).replace('%b', formatQuantity(b)))];
    }),
  );
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
    for (const name of Object.keys(item[list] ?? {})) errors.push(...broken(`${path}.${list}[${name}]`, name, isQualifiedName(name)));
  }
  if (item.type === 'Pod') {
    for (const list of ['default', 'defaultRequest'] as const) {
      if (Object.keys(item[list] ?? {}).length > 0)
        errors.push(forbiddenField(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.max?.['storage'] === undefined && item.min?.['storage'] === undefined) {
    errors.push({
      type: 'FieldValueRequired',
      field: path,
      detail: 'Required value: either minimum or maximum storage value is required, but neither was provided',
    });
  }
  return [...errors, ...validateOrder(item, path)];
}

/** `ValidateLimitRange`. */
export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>();
  return (spec.limits ?? []).flatMap((item, index) => {
    const path = `spec.limits[${index}]`;
    const errors = oneOf(`${path}.type`, item.type, ['Container', 'PersistentVolumeClaim', 'Pod'], true);
    if (types.has(item.type)) errors.push(duplicate(`${path}.type`, item.type));
    types.add(item.type);
    return [...errors, ...validateItem(item, path)];
  });
}

const SCOPES = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating'];

/** `ValidateResourceQuotaSpec`. */
export function validateResourceQuota({ spec = {} }: ResourceQuota): FieldError[] {
  const errors = Object.entries(spec.hard ?? {}).flatMap(([name, amount]) => [
    ...broken(`spec.hard[${name}]`, name, isQualifiedName(name)),
    ...validateAmount(`spec.hard[${name}]`, name, amount),
  ]);
  spec.scopes?.forEach((scope) => {
    if (!SCOPES.includes(scope)) errors.push(invalidValue('spec.scopes', spec.scopes, 'unsupported scope'));
  });
  const both = (a: string, b: string) => spec.scopes?.includes(a) && spec.scopes.includes(b);
  if (both('BestEffort', 'NotBestEffort') || both('Terminating', 'NotTerminating')) {
    errors.push(invalidValue('spec.scopes', spec.scopes, 'conflicting scopes'));
  }
  spec.scopeSelector?.matchExpressions?.forEach(({ scopeName, operator }, index) => {
    const path = `spec.scopeSelector.matchExpressions[${index}]`;
    errors.push(
      ...oneOf(`${path}.scopeName`, scopeName, SCOPES, true),
      ...oneOf(`${path}.operator`, operator, ['DoesNotExist', 'Exists', 'In', 'NotIn'], true),
    );
  });
  return errors;
}

/** `ValidateResourceQuotaUpdate`: the scopes stay. */
export function validateResourceQuotaUpdate({ spec: next = {} }: ResourceQuota, { spec: old = {} }: ResourceQuota): FieldError[] {
  return deepEqual([...(next.scopes ?? [])].sort(), [...(old.scopes ?? [])].sort())
    ? []
    : [invalidValue('spec.scopes', next.scopes ?? null, 'field is immutable')];
}
