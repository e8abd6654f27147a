/**
 * The CEL rules of structural schemas (`x-kubernetes-validations`) at work
 * (`k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/{compilation,validation}.go`).
 */
import { BOOL, STRING, optionalOf, typeText } from '../../apimachinery/cel/types.ts';
import { Environment, RUNTIME_BUDGET, usesVariable } from '../../apimachinery/cel/environment.ts';
import type { Program } from '../../apimachinery/cel/environment.ts';
import { CelError, Optional, adapt } from '../../apimachinery/cel/values.ts';
import type { Value } from '../../apimachinery/cel/values.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { FieldError, FieldErrorType } from '../../apimachinery/status.ts';
import type { ValidationRule } from '../../api/generated/types.ts';
import type { CustomSchema } from './schema.ts';
import { typeOfSchema, withTypeMeta } from './schema-type.ts';

/** Messages made by expressions may be so long (`MaxEvaluatedMessageExpressionSizeBytes`). */
const MAX_MESSAGE = 5 * 1024;

/** A rule ready to run, or what is wrong with it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: Program;
  readonly error?: string;
  readonly message?: Program;
  readonly messageError?: string;
  readonly usesOldSelf: boolean;
}

/** A schema with rules. */
export type SchemaWithRules = CustomSchema & { readonly 'x-kubernetes-validations'?: readonly ValidationRule[] };

const compiled = new WeakMap<CustomSchema, CompiledRule[]>();

/** The rules of one node of a schema; `isRoot` gives them the object's metadata. */
export function compiledRules(schema: SchemaWithRules, isRoot: boolean): readonly CompiledRule[] {
  const rules = schema['x-kubernetes-validations'];
  if (rules === undefined || rules.length === 0) return [];
  let known = compiled.get(schema);
  if (known === undefined) {
    known = rules.map((rule) => compileRule(rule, ruleEnvironment(rule, schema, isRoot)));
    compiled.set(schema, known);
  }
  return known;
}

/** What a rule may name; undefined where expressions cannot look. */
export function ruleEnvironment(rule: ValidationRule, schema: CustomSchema, isRoot: boolean): Environment | undefined {
  const type = typeOfSchema(isRoot ? withTypeMeta(schema) : schema);
  if (type === undefined) return undefined;
  const old = rule.optionalOldSelf ? optionalOf(type) : type;
  return new Environment(
    new Map([
      ['self', type],
      ['oldSelf', old],
    ]),
  );
}

function compileRule(rule: ValidationRule, environment: Environment | undefined): CompiledRule {
  if (rule.rule.trim() === '') return { rule, usesOldSelf: false };
  if (environment === undefined) return { rule, error: 'rule compiler initialization error: self has no type', usesOldSelf: false };
  const { program, error } = environment.compile(rule.rule);
  if (program === undefined) return { rule, error, usesOldSelf: false };
  if (typeText(program.type) !== typeText(BOOL)) return { rule, error: 'cel expression must evaluate to a bool', usesOldSelf: false };
  const usesOldSelf = usesVariable(program.expr, 'oldSelf');
  if (!rule.messageExpression) return { rule, program, usesOldSelf };
  const message = environment.compile(rule.messageExpression);
  if (message.program === undefined) return { rule, program, usesOldSelf, messageError: `messageExpression ${message.error}` };
  if (typeText(message.program.type) !== typeText(STRING))
    return { rule, program, usesOldSelf, messageError: 'messageExpression must evaluate to a string' };
  return { rule, program, usesOldSelf, message: message.program };
}

/** One walk through an object: what is left to spend, and what was found. */
interface Walk {
  budget: number;
  readonly errors: FieldError[];
  /** Rules broken by what was not changed: they only warn. */
  readonly warn: ((text: string) => void) | undefined;
}

/** Findings of all rules on an object, with the stored one on updates. */
export function ruleErrors(schema: CustomSchema, object: unknown, old: unknown, warn?: (text: string) => void): FieldError[] {
  const walk: Walk = { budget: RUNTIME_BUDGET, errors: [], warn };
  visit(walk, schema, object, old, '', true, old !== undefined);
  return walk.errors;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `correlated`: the old value is known to be this one's, or there was none in a place where there could have been. */
function visit(
  walk: Walk,
  schema: SchemaWithRules,
  value: unknown,
  old: unknown,
  path: string,
  isRoot: boolean,
  correlated: boolean,
): void {
  if (walk.budget < 0 || value === undefined || value === null) return;
  for (const rule of compiledRules(schema, isRoot)) {
    runRule(walk, rule, schema, value, old, path, isRoot, correlated);
    if (walk.budget < 0) return;
  }
  if (Array.isArray(value)) visitItems(walk, schema, value, old, path);
  else if (isObject(value)) {
    const { properties = {}, additionalProperties } = schema;
    const before = isObject(old) ? old : undefined;
    for (const [name, child] of Object.entries(value)) {
      const below = Object.hasOwn(properties, name)
        ? properties[name]
        : typeof additionalProperties === 'object'
          ? additionalProperties
          : undefined;
      if (below === undefined || (isRoot && name === 'metadata')) continue;
      const inMap = !Object.hasOwn(properties, name);
      visit(
        walk,
        below,
        child,
        before?.[name],
        inMap && path ? `${path}[${name}]` : path ? `${path}.${name}` : name,
        false,
        before !== undefined,
      );
    }
  }
}

/** Only items of lists that are maps can be found again in the old list. */
function visitItems(walk: Walk, schema: SchemaWithRules, value: readonly unknown[], old: unknown, path: string): void {
  const { items } = schema;
  if (items === undefined) return;
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema as {
    'x-kubernetes-list-type'?: string;
    'x-kubernetes-list-map-keys'?: readonly string[];
  };
  const keyOf = (item: unknown) => (isObject(item) ? JSON.stringify(keys.map((key) => item[key])) : '');
  const before = listType === 'map' && Array.isArray(old) ? new Map(old.map((item: unknown) => [keyOf(item), item])) : undefined;
  value.forEach((item, index) => visit(walk, items, item, before?.get(keyOf(item)), `${path}[${index}]`, false, before !== undefined));
}

function runRule(
  walk: Walk,
  compiledRule: CompiledRule,
  schema: CustomSchema,
  value: unknown,
  old: unknown,
  path: string,
  isRoot: boolean,
  correlated: boolean,
): void {
  const { rule, program, error, usesOldSelf } = compiledRule;
  const text = rule.rule.trim();
  const type = schema.type ?? '';
  const at = path || '<nil>';
  const found = (detail: string, where = at, reason?: string) => walk.errors.push(findingOf(where, type, detail, reason));
  if (error !== undefined) return void found(`rule compile error: ${error}`);
  const hasOld = old !== undefined && old !== null;
  // A transition rule needs something to come from.
  if (program === undefined || (usesOldSelf && !hasOld && !rule.optionalOldSelf)) return;
  const celType = typeOfSchema(isRoot ? withTypeMeta(schema) : schema);
  const self = adapt(value, celType);
  const oldSelf = hasOld ? adapt(old, celType) : undefined;
  const variables = (name: string): Value | undefined =>
    name === 'self' ? self : name === 'oldSelf' ? (rule.optionalOldSelf ? new Optional(oldSelf) : oldSelf) : undefined;
  let outcome: Value;
  try {
    outcome = program.run(variables, (cost) => (walk.budget -= cost));
  } catch (failure) {
    if (!(failure instanceof CelError)) throw failure;
    return void found(failureText(walk, failure.message, text));
  }
  if (walk.budget < 0) return void found('validation failed due to running out of cost budget, no further validation rules will be run');
  if (outcome === true) return;
  const detail = messageOf(walk, compiledRule, variables) ?? (rule.message?.trim() || `failed rule: ${text}`);
  const where = rule.fieldPath ? `${path}${rule.fieldPath.startsWith('.') && path === '' ? rule.fieldPath.slice(1) : rule.fieldPath}` : at;
  const finding = findingOf(where, type, detail, rule.reason);
  if (!usesOldSelf && correlated && deepEqual(value, old)) walk.warn?.(`${finding.field}: ${finding.detail}`);
  else walk.errors.push(finding);
}

function failureText(walk: Walk, message: string, rule: string): string {
  if (message.startsWith('no such overload'))
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`;
  if (!message.startsWith('operation cancelled')) return `${message} evaluating rule: ${rule}`;
  walk.budget = -1;
  return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`;
}

/** What the message expression says; undefined when it fails or says nothing that can be shown. */
function messageOf(walk: Walk, { message }: CompiledRule, variables: (name: string) => Value | undefined): string | undefined {
  if (message === undefined) return undefined;
  try {
    const text = message.run(variables, (cost) => (walk.budget -= cost));
    if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_MESSAGE || text.trim().includes('\n')) return undefined;
    return text.trim();
  } catch (failure) {
    if (failure instanceof CelError) return undefined;
    throw failure;
  }
}

const DETAILS: Readonly<Record<string, (type: string, detail: string) => string>> = {
  FieldValueForbidden: (_type, detail) => `Forbidden: ${detail}`,
  FieldValueRequired: (_type, detail) => `Required value: ${detail}`,
  FieldValueDuplicate: (type, detail) => `Duplicate value: ${JSON.stringify(type)}: ${detail}`,
};

function findingOf(field: string, type: string, detail: string, reason = 'FieldValueInvalid'): FieldError {
  const text = DETAILS[reason]?.(type, detail) ?? `Invalid value: ${JSON.stringify(type)}: ${detail}`;
  return { type: reason as FieldErrorType, field, detail: text };
}
