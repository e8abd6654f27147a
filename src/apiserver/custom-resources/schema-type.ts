/**
 * The types that CEL sees in a structural schema (`k8s.io/apiserver/pkg/cel/common/schemas.go`, `pkg/cel/escaping.go`).
 */
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, listOf, mapOf } from '../../apimachinery/cel/types.ts';
import type { Type } from '../../apimachinery/cel/types.ts';
import type { CustomSchema } from './schema.ts';

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];

/** The name of a property in expressions; undefined for one that they cannot name. */
export function escapedName(name: string): string | undefined {
  if (KEYWORDS.has(name)) return `__${name}__`;
  const escaped = name.replaceAll(/__|[.\-/]/g, (part) => ESCAPES.find(([from]) => from === part)?.[1] ?? part);
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(escaped) ? escaped : undefined;
}

const META: CustomSchema = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };
const TYPE_META: Readonly<Record<string, CustomSchema>> = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: META };

/** A schema with the fields that every resource has, which rules may read. */
export function withTypeMeta(schema: CustomSchema): CustomSchema {
  return { ...schema, properties: { ...schema.properties, ...TYPE_META } };
}

const known = new WeakMap<CustomSchema, Map<string, Type | undefined>>();

/** The type of values of a schema; undefined where expressions cannot look. `name` is how messages call it. */
export function typeOfSchema(schema: CustomSchema, name = 'selfType'): Type | undefined {
  let types = known.get(schema);
  if (types === undefined) known.set(schema, (types = new Map<string, Type | undefined>()));
  if (!types.has(name)) types.set(name, made(schema, name));
  return types.get(name);
}

function made(schema: CustomSchema, name: string): Type | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return DYN;
  switch (schema.type) {
    case 'array':
      return listType(schema, name);
    case 'object':
      return objectType(schema, name);
    case 'string':
      return textType((schema as { format?: string }).format);
    case 'boolean':
      return BOOL;
    case 'number':
      return DOUBLE;
    case 'integer':
      return INT;
    default:
      return undefined;
  }
}

function textType(format: string | undefined): Type {
  if (format === 'byte') return BYTES;
  if (format === 'duration') return DURATION;
  return format === 'date' || format === 'date-time' ? TIMESTAMP : STRING;
}

function listType({ items, ...schema }: CustomSchema, name: string): Type | undefined {
  const of = items && typeOfSchema(items, `${name}.@idx`);
  if (of === undefined) return undefined;
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': mapKeys } = schema as {
    'x-kubernetes-list-type'?: string;
    'x-kubernetes-list-map-keys'?: readonly string[];
  };
  if (listType !== 'set' && listType !== 'map') return listOf(of);
  return { k: 'list', of, listType, ...(mapKeys && { mapKeys }) };
}

function objectType(schema: CustomSchema, name: string): Type | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const value = typeOfSchema(additionalProperties, `${name}.@prop`);
    return value && mapOf(STRING, value);
  }
  const { properties = {} } = schema['x-kubernetes-embedded-resource'] ? withTypeMeta(schema) : schema;
  const byName = new Map<string, string>();
  for (const property of Object.keys(properties)) {
    const escaped = escapedName(property);
    if (escaped !== undefined) byName.set(escaped, property);
  }
  return {
    k: 'object',
    name,
    jsonName: (field) => byName.get(field) ?? field,
    field(field) {
      const property = byName.get(field);
      const child = property === undefined ? undefined : properties[property];
      return child && typeOfSchema(child, `${name}.${property ?? ''}`);
    },
  };
}
