/**
 * Checks a decoded JSON body against the field table of its kind, as the apiserver's typed decoding does
 * (`k8s.io/apimachinery/pkg/runtime/serializer/json`, `sigs.k8s.io/json`): wrong types are refused, unknown fields dropped and
 * reported, nulls dropped, quantities brought into their canonical form.
 *
 * Differs: Go's named string types (v1.RestartPolicy) are called "string" in the texts. A field given twice is not seen, because
 * JSON was parsed before.
 */
import { ownEntry } from '../apimachinery/own-entry.ts';
import { badRequest } from '../apimachinery/status.ts';
import { canonicalQuantity } from '../apimachinery/quantity.ts';
import { isBase64 } from '../apimachinery/base64.ts';
import { parseTime } from '../apimachinery/durations.ts';
import { FIELD_TYPES } from './field-table.ts';
import { mapItems } from './defaulting.ts';
import type { FieldFact, TypeFacts } from './generated/field-facts.ts';

/** What to do about unknown fields (`metav1.FieldValidationIgnore` ...). */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** A body as far as its kind knows it. */
export interface CheckedBody {
  /** The same reference as the input where nothing had to change. */
  body: object;
  /** `unknown field "spec.replica"`, one for each. */
  warnings: readonly string[];
}

/** Where the walk is: the path for unknown fields, the path and struct for Go's texts. */
interface Place {
  /** "spec.containers[0].ports" */
  path: string;
  /** "spec.containers.ports" */
  field: string;
  /** "Container" */
  struct: string;
}

/** Frozen objects found in order before, by their type: parts of stored objects come back in updates. */
const inOrder = new WeakMap<TypeFacts, WeakSet<object>>();

/** Checks one body. `definition.schema` names its type. Throws 400 for wrong types, and in Strict mode for unknown fields. */
export function checkBody(
  definition: { kind: string; version: string; schema: string },
  body: object,
  fieldValidation: FieldValidation = 'Warn',
): CheckedBody {
  const unknown: string[] = [];
  const facts = FIELD_TYPES[definition.schema];
  if (!facts) return { body, warnings: [] };
  let checked: object;
  try {
    checked = checkObject(body, facts, { path: '', field: '', struct: definition.kind }, unknown);
  } catch (error) {
    throw error instanceof DecodeError ? refused(definition, error.message) : error;
  }
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (fieldValidation === 'Strict' && texts.length > 0) throw refused(definition, `strict decoding error: ${texts.join(', ')}`);
  return { body: checked, warnings: fieldValidation === 'Ignore' ? [] : texts };
}

class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const refused = ({ kind, version }: { kind: string; version: string }, why: string) =>
  badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);

const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

/** "core.v1.PodSpec" -> "v1.PodSpec" */
const packageName = (type: string): string => type.split('.').slice(-2).join('.');

function checkObject<T extends object>(object: T, facts: TypeFacts, place: Place, unknown: string[]): T {
  const known = inOrder.get(facts);
  if (known?.has(object)) return object;
  const found = unknown.length;
  let changed = false;
  const next: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    const fact = ownEntry(facts, name);
    const path = place.path ? `${place.path}.${name}` : name;
    if (!fact || fact.newer) {
      unknown.push(path);
      continue;
    }
    if (value === null || value === undefined) {
      changed = true;
      continue;
    }
    const field = place.field ? `${place.field}.${name}` : name;
    const checked = checkValue(value, fact, { path, field, struct: place.struct }, unknown);
    if (checked !== value) changed = true;
    next[name] = checked;
  }
  if (changed || unknown.length > found) return next as T;
  if (!Object.isFrozen(object)) return object;
  if (known) known.add(object);
  else inOrder.set(facts, new WeakSet([object]));
  return object;
}

function checkValue(value: unknown, fact: FieldFact, place: Place, unknown: string[]): unknown {
  switch (fact.type) {
    case 'any':
      return value;
    case 'object': {
      if (!isPlainObject(value)) throw wrongType(value, fact, place);
      const facts = FIELD_TYPES[fact.ref ?? ''];
      return facts ? checkObject(value, facts, { ...place, struct: shortName(fact.ref ?? '') }, unknown) : value;
    }
    case 'array': {
      if (!Array.isArray(value)) throw wrongType(value, fact, place);
      const { items } = fact;
      if (!items) return value;
      let index = 0;
      return mapItems<unknown>(value, (item) => {
        const path = `${place.path}[${index++}]`;
        return item === null ? emptyOf(items) : checkValue(item, items, { ...place, path }, unknown);
      });
    }
    case 'map':
      if (!isPlainObject(value)) throw wrongType(value, fact, place);
      return fact.items ? checkMap(value, fact.items, place, unknown) : value;
    default:
      return checkScalar(value, fact, place);
  }
}

/** What Go makes of a null in a list: the empty value. */
const emptyOf = ({ type }: FieldFact): unknown =>
  type === 'object' || type === 'map' ? {} : type === 'array' ? [] : type === 'boolean' ? false : '';

function checkMap(value: Record<string, unknown>, items: FieldFact, place: Place, unknown: string[]): Record<string, unknown> {
  let changed = false;
  const next: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    next[key] = item === null ? emptyOf(items) : checkValue(item, items, { ...place, path: `${place.path}.${key}` }, unknown);
    if (next[key] !== item) changed = true;
  }
  return changed ? next : value;
}

function checkScalar(value: unknown, fact: FieldFact, place: Place): unknown {
  switch (fact.type) {
    case 'string':
    case 'boolean':
      if (typeof value !== fact.type) throw wrongType(value, fact, place);
      return value;
    case 'integer':
      if (typeof value !== 'number' || !fits(value, fact)) throw wrongType(value, fact, place);
      return value;
    case 'number':
      if (typeof value !== 'number') throw wrongType(value, fact, place);
      return value;
    case 'intOrString':
      if (typeof value !== 'string' && (typeof value !== 'number' || !Number.isFinite(value))) throw wrongType(value, fact, place);
      return value;
    case 'quantity':
      return checkQuantity(value, fact, place);
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') throw wrongType(value, fact, place);
      worded(() => parseTime(value));
      return value;
    default:
      if (typeof value !== 'string') throw wrongType(value, fact, place);
      if (!isBase64(value)) throw new DecodeError(`illegal base64 data at input byte ${Math.max(0, value.search(/[^A-Za-z0-9+/\r\n]/))}`);
      return value;
  }
}

function checkQuantity(value: unknown, fact: FieldFact, place: Place): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw wrongType(value, fact, place);
  return worded(() => canonicalQuantity(String(value).trim()));
}

/** Runs `parse`; its error text is the whole text of the refusal. */
function worded<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LIMITS = { int32: [-2147483648, 2147483647], int64: [-(2 ** 63), 2 ** 63] } as const;

function fits(value: number, { format }: FieldFact): boolean {
  const [low, high] = LIMITS[format === 'int32' ? 'int32' : 'int64'];
  return Number.isInteger(value) && value >= low && value <= high;
}

/** The type as Go prints it: "int32", "[]v1.Container", "map[string]string". */
function goType(fact: FieldFact): string {
  switch (fact.type) {
    case 'integer':
      return fact.format === 'int32' ? 'int32' : 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'object':
      return packageName(fact.ref ?? 'object');
    case 'array':
      return `[]${fact.items ? goType(fact.items) : 'interface {}'}`;
    case 'map':
      return fact.items?.type === 'quantity' ? 'v1.ResourceList' : `map[string]${fact.items ? goType(fact.items) : 'interface {}'}`;
    case 'quantity':
      return 'resource.Quantity';
    case 'intOrString':
      return 'intstr.IntOrString';
    case 'bytes':
      return '[]uint8';
    default:
      return 'string';
  }
}

/** What JSON value this is, in Go's words; a number that only does not fit is shown. */
function jsonKind(value: unknown, fact: FieldFact): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' && fact.type === 'integer') return `number ${value}`;
  return typeof value;
}

const wrongType = (value: unknown, fact: FieldFact, { struct, field }: Place): DecodeError =>
  new DecodeError(`json: cannot unmarshal ${jsonKind(value, fact)} into Go struct field ${struct}.${field} of type ${goType(fact)}`);
