/**
 * Label selectors: text and `metav1.LabelSelector` into something that matches
 * (`k8s.io/apimachinery/pkg/labels/selector.go`, `pkg/apis/meta/v1/helpers.go`).
 * Matching is a hot path: selectors are compiled once per frozen API object, equality is compared first.
 */
import { ownEntry } from './own-entry.ts';
import { invalidValue, badRequest, notSupported } from './status.ts';
import { isLabelValue, isQualifiedName } from './names.ts';
import type { FieldError } from './status.ts';
import type { LabelSelector } from './meta.ts';

/** `selection.Operator`. */
export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One term of a selector; terms are joined with AND. `values` is sorted when the term came from text. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Labels of an object; absent means none. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** A compiled selector. */
export interface Selector {
  /** True when all requirements hold. */
  matches(labels: Labels): boolean;
  /** Sorted by key. Empty for `everything` and for `nothing`. */
  readonly requirements: readonly Requirement[];
  /** True when nothing is restricted. */
  readonly empty: boolean;
  /** The canonical text, which `parseSelector` reads back. */
  toString(): string;
}

const BINARY_OPERATORS = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'];
const OPERATORS = [...BINARY_OPERATORS, 'exists', '!'];
const INTEGER = /^[+-]?[0-9]+$/;

/** Values of plain objects only, so that a label called "constructor" is not found on every pod. */
function lookup(labels: Labels, key: string): string | undefined {
  const value = labels?.[key];
  return typeof value === 'string' ? value : undefined;
}

function compare(value: string | undefined, operator: Operator, bound: string | undefined): boolean {
  if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false;
  const [left, right] = [BigInt(value.replace('+', '')), BigInt(bound.replace('+', ''))];
  return operator === 'gt' ? left > right : left < right;
}

/** Whether one requirement holds. A missing key satisfies "!=", "notin" and "!". */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = lookup(labels, key);
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return compare(value, operator, values[0]);
  }
}

const SIGNS: Partial<Record<Operator, string>> = { gt: '>', lt: '<', in: ' in ', notin: ' notin ' };

function requirementText({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  const list = [...values].sort().join(',');
  const sign = SIGNS[operator] ?? operator;
  return `${key}${sign}${operator === 'in' || operator === 'notin' ? `(${list})` : list}`;
}

/** A selector of AND-ed requirements. Single equalities are kept as two flat arrays and compared before the rest. */
class RequirementSelector implements Selector {
  readonly requirements: readonly Requirement[];
  readonly #keys: string[] = [];
  readonly #values: string[] = [];
  readonly #rest: Requirement[] = [];

  constructor(requirements: readonly Requirement[]) {
    this.requirements = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    for (const requirement of this.requirements) {
      const [value] = requirement.values;
      const equality = requirement.values.length === 1 && value !== undefined && ['=', '==', 'in'].includes(requirement.operator);
      if (equality) {
        this.#keys.push(requirement.key);
        this.#values.push(value);
      } else this.#rest.push(requirement);
    }
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(labels: Labels): boolean {
    for (let index = 0; index < this.#keys.length; index++) {
      if (labels?.[this.#keys[index] ?? ''] !== this.#values[index]) return false;
    }
    for (const requirement of this.#rest) if (!matchesRequirement(requirement, labels)) return false;
    return true;
  }

  toString(): string {
    return this.requirements.map(requirementText).join(',');
  }
}

/** Matches every object (`labels.Everything`). */
export const everything: Selector = new RequirementSelector([]);

/** Matches no object (`labels.Nothing`). */
export const nothing: Selector = { matches: () => false, requirements: [], empty: false, toString: () => '' };

/** A selector of the given requirements, which must be valid (`newRequirement`). */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  return requirements.length === 0 ? everything : new RequirementSelector(requirements);
}

function countError(operator: Operator, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? undefined : 'exact-match compatibility requires one single value';
    case 'exists':
    case '!':
      return values.length === 0 ? undefined : 'values set must be empty for exists and does not exist';
    case 'gt':
    case 'lt':
      return values.length === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}

/** What is wrong with a requirement, as field errors (`labels.NewRequirement`); empty when it is valid. */
export function validateRequirement(key: string, operator: string, values: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const keyMessages = isQualifiedName(key);
  if (keyMessages.length > 0) errors.push(invalidValue('key', key, keyMessages.join('; ')));
  if (OPERATORS.includes(operator)) {
    const text = countError(operator as Operator, values);
    if (text !== undefined) errors.push(invalidValue('values', values, text));
  } else errors.push(notSupported('operator', operator, OPERATORS));
  values.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !INTEGER.test(value)) {
      errors.push(invalidValue(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  });
  values.forEach((value, index) => {
    const messages = isLabelValue(value);
    if (messages.length > 0) errors.push(invalidValue(`values[${index}][${key}]`, value, messages.join('; ')));
  });
  return errors;
}

/** The text of several field errors as Go prints an aggregate: alone, or "[a, b]" without repetitions. */
export function aggregateText(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, detail }) => `${field}: ${detail}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** A checked requirement. Throws BadRequest with the text of `validateRequirement`. */
export function newRequirement(key: string, operator: string, values: readonly string[]): Requirement {
  const errors = validateRequirement(key, operator, values);
  if (errors.length > 0) throw badRequest(aggregateText(errors));
  return { key, operator: operator as Operator, values };
}

const OPERATOR_OF: Record<string, Operator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

function compile(selector: LabelSelector): Selector {
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) requirements.push(newRequirement(key, '=', [value]));
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const known = ownEntry(OPERATOR_OF, operator);
    if (known === undefined) throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push(newRequirement(key, known, values));
  }
  return selectorOf(requirements);
}

const compiled = new WeakMap<LabelSelector, Selector>();

/**
 * The compiled form of an API object's selector, made once per object (`metav1.LabelSelectorAsSelector`): absent
 * selects nothing, empty selects everything. Throws BadRequest when it is not valid; a stored selector always is.
 */
export function labelSelectorAsSelector(selector: LabelSelector | null | undefined): Selector {
  if (!selector) return nothing;
  let result = compiled.get(selector);
  if (!result) {
    result = compile(selector);
    compiled.set(selector, result);
  }
  return result;
}

const compiledSets = new WeakMap<object, Selector>();

/** The selector of a plain map such as a Service's `spec.selector`, made once per map. Absent or empty selects everything. Not validated. */
export function selectorFromSet(labels: Labels): Selector {
  if (!labels) return everything;
  let result = compiledSets.get(labels);
  if (!result) {
    result = selectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })));
    compiledSets.set(labels, result);
  }
  return result;
}
