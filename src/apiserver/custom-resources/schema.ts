/**
 * The structural schema of a custom resource at work: pruning, defaulting and validation
 * (`k8s.io/apiextensions-apiserver/pkg/apiserver/{schema,validation}`).
 * CEL rules are in rules.ts.
 */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { isBase64 } from '../../apimachinery/base64.ts';
import { isTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { StructuralSchema } from '../../apimachinery/patch/structural-schema.ts';

/** A structural schema with what validation reads. */
export interface CustomSchema extends StructuralSchema {
  readonly properties?: Readonly<Record<string, CustomSchema>>;
  readonly additionalProperties?: CustomSchema | boolean;
  readonly items?: CustomSchema;
  readonly nullable?: boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly multipleOf?: number;
  readonly format?: string;
  readonly allOf?: readonly CustomSchema[];
  readonly anyOf?: readonly CustomSchema[];
  readonly oneOf?: readonly CustomSchema[];
  readonly not?: CustomSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const EMBEDDED = new Set(['apiVersion', 'kind', 'metadata']);

/** `value` without what the schema does not know; the paths of what went are added to `unknown`. The same reference when nothing went. */
export function prune(value: unknown, schema: CustomSchema | undefined, path: string, unknown: string[], isRoot = false): unknown {
  if (schema === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => prune(item, schema.items, `${path}[${index}]`, unknown));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const entries: [string, unknown][] = [];
  let changed = false;
  for (const [name, child] of Object.entries(value)) {
    const below = path ? `${path}.${name}` : name;
    const known = properties && ownEntry(properties, name);
    if ((isRoot || schema['x-kubernetes-embedded-resource']) && EMBEDDED.has(name)) entries.push([name, child]);
    else if (known !== undefined || additionalProperties === true || isObject(additionalProperties)) {
      const next = prune(
        child,
        known ?? (additionalProperties === true ? undefined : (additionalProperties as CustomSchema)),
        below,
        unknown,
      );
      if (next !== child) changed = true;
      entries.push([name, next]);
    } else {
      unknown.push(below);
      changed = true;
    }
  }
  return changed ? Object.fromEntries(entries) : value;
}

/** `value` with the schema's defaults where fields are absent. The same reference when nothing was missing. */
export function withSchemaDefaults(value: unknown, schema: CustomSchema | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => withSchemaDefaults(item, schema.items));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isObject(value)) return value;
  const { properties = {}, additionalProperties } = schema;
  let next: Fields | undefined;
  const set = (name: string, child: unknown) => {
    next ??= { ...value };
    next[name] = child;
  };
  for (const [name, property] of Object.entries(properties)) {
    const dropsNull = value[name] === null && property.nullable !== true && property.default !== undefined;
    if ((value[name] === undefined || dropsNull) && property.default !== undefined) set(name, property.default);
    const child = (next ?? value)[name];
    const filled = withSchemaDefaults(child, property);
    if (filled !== child) set(name, filled);
  }
  if (isObject(additionalProperties)) {
    for (const [name, child] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) continue;
      const filled = withSchemaDefaults(child, additionalProperties as CustomSchema);
      if (filled !== child) set(name, filled);
    }
  }
  return next ?? value;
}

/** Findings on a value, in the order of its fields. */
export function validateValue(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const expected = typeError(value, schema, path);
  if (expected !== undefined) return [expected];
  const errors = [...enumErrors(value, schema, path), ...combinationErrors(value, schema, path)];
  if (typeof value === 'string') errors.push(...stringErrors(value, schema, path));
  if (typeof value === 'number') errors.push(...numberErrors(value, schema, path));
  if (Array.isArray(value)) {
    errors.push(...sizeErrors(value.length, schema.minItems, schema.maxItems, value, path, 'items'));
    const { items } = schema;
    if (items !== undefined) errors.push(...value.flatMap((item, index) => validateValue(item, items, `${path}[${index}]`)));
  } else if (isObject(value)) errors.push(...objectErrors(value, schema, path));
  return errors;
}

function typeError(value: unknown, schema: CustomSchema, path: string): FieldError | undefined {
  const actual = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'number' && Number.isInteger(value)
        ? 'integer'
        : typeof value;
  if (schema['x-kubernetes-int-or-string'] === true)
    return actual === 'integer' || actual === 'string' ? undefined : wrongType(path, actual, 'integer,string');
  const { type } = schema;
  if (type === undefined || type === '' || type === actual || (type === 'number' && actual === 'integer')) return undefined;
  return wrongType(path, actual, type);
}

/** What kube-openapi says of `allOf`, `anyOf`, `oneOf` and `not`; it names the place in quotes. */
function combinationErrors(value: unknown, { allOf, anyOf, oneOf, not }: CustomSchema, path: string): FieldError[] {
  if (allOf === undefined && anyOf === undefined && oneOf === undefined && not === undefined) return [];
  const fits = (schema: CustomSchema): boolean => validateValue(value, schema, path).length === 0;
  const shown = Array.isArray(value) ? 'array' : isObject(value) ? 'object' : value;
  const broken = (text: string): FieldError => invalidValue(path || '<nil>', shown, `${JSON.stringify(path)} ${text}`);
  const errors: FieldError[] = [];
  if (anyOf !== undefined && anyOf.length > 0 && !anyOf.some(fits)) errors.push(broken('must validate at least one schema (anyOf)'));
  if (oneOf !== undefined && oneOf.length > 0) {
    const count = oneOf.filter(fits).length;
    if (count !== 1)
      errors.push(
        broken(`must validate one and only one schema (oneOf). ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`),
      );
  }
  const findings = (allOf ?? []).flatMap((schema) => validateValue(value, schema, path));
  if (findings.length > 0) errors.push(...findings, broken('must validate all the schemas (allOf)'));
  if (not !== undefined && fits(not)) errors.push(broken('must not validate the schema (not)'));
  return errors;
}

const wrongType = (path: string, actual: string, wanted: string): FieldError => ({
  ...invalidValue(path, actual, `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`),
  type: 'FieldValueTypeInvalid',
});

function enumErrors(value: unknown, { enum: allowed }: CustomSchema, path: string): FieldError[] {
  if (allowed === undefined || allowed.some((candidate) => deepEqual(candidate, value))) return [];
  return [notSupported(path, value, allowed.map(String))];
}

/** Formats that are checked; upstream knows some more, all others pass. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': isTime,
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  byte: isBase64,
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  ipv4: isIPv4,
  email: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
  hostname: (text) => /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/.test(text),
  uri: (text) => /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)\S*$/.test(text),
  duration: (text) => /^[+-]?(?:\d+(?:\.\d*)?\s*(?:ns|us|µs|ms|s|m|h|d|w)\s*)+$/.test(text),
};

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function stringErrors(value: string, { pattern, minLength, maxLength, format }: CustomSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const fits = format === undefined ? undefined : ownEntry(FORMATS, format)?.(value);
  if (fits === false) errors.push(invalidValue(path, value, `${path} in body must be of type ${format ?? ''}: ${JSON.stringify(value)}`));
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength)
    errors.push({ type: 'FieldValueTooLong', field: path, detail: `Too long: may not be more than ${maxLength} bytes` });
  if (minLength !== undefined && length < minLength)
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matches(pattern, value))
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  return errors;
}

/** A pattern that JavaScript cannot read lets everything pass. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function numberErrors(value: number, schema: CustomSchema, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    errors.push(invalidValue(path, value, `${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    errors.push(invalidValue(path, value, `${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  if (multipleOf !== undefined && value % multipleOf !== 0)
    errors.push(invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  return errors;
}

function sizeErrors(
  size: number,
  least: number | undefined,
  most: number | undefined,
  value: unknown,
  path: string,
  what: string,
): FieldError[] {
  if (most !== undefined && size > most)
    return [{ type: 'FieldValueTooMany', field: path, detail: `Too many: ${size}: must have at most ${most} items` }];
  if (least !== undefined && size < least) return [invalidValue(path, value, `${path} in body should have at least ${least} ${what}`)];
  return [];
}

function objectErrors(value: Fields, schema: CustomSchema, path: string): FieldError[] {
  const { properties = {}, additionalProperties, required: must = [] } = schema;
  const errors: FieldError[] = [];
  const below = (name: string) => (path ? `${path}.${name}` : name);
  for (const name of must) if (value[name] === undefined) errors.push(required(below(name)));
  errors.push(...sizeErrors(Object.keys(value).length, schema.minProperties, schema.maxProperties, value, path, 'properties'));
  for (const [name, child] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name)
      ? properties[name]
      : isObject(additionalProperties)
        ? (additionalProperties as CustomSchema)
        : undefined;
    if (property !== undefined && child !== undefined) errors.push(...validateValue(child, property, below(name)));
  }
  return errors;
}
