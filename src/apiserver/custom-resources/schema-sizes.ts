/**
 * How large data of a structural schema can be: by its limits, or by what fits into the largest request
 * (`k8s.io/apiserver/pkg/cel/common/schemas.go`: SchemaDeclType, `pkg/cel/{types,limits}.go`).
 */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import type { SizeNode } from '../../apimachinery/cel/cost-estimate.ts';
import type { CustomSchema } from './schema.ts';
import { escapedName, withTypeMeta } from './schema-type.ts';

/** The largest request, bytes (`celconfig.MaxRequestSizeBytes`). */
const MAX_REQUEST = 3 * 1024 * 1024;
const MAX_TEXT = MAX_REQUEST - 2;
/** Smallest and largest texts of formats, in JSON. */
const FORMATS: Readonly<Record<string, readonly [number, number]>> = { duration: [3, 32], date: [12, 12], 'date-time': [21, 37] };
const SCALARS: Readonly<Record<string, number>> = { boolean: 4, number: 1, integer: 1 };
/** Keys have no limit of their own, and count as if they had no length. */
const KEYS: SizeNode = { max: 0 };

/** A place of the data, with the fewest bytes that a value takes in JSON. */
export interface SchemaSize extends SizeNode {
  readonly minSize: number;
}

interface Limits {
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

const limitsOf = (schema: CustomSchema): Limits => schema as Limits;

/** The sizes of a schema; undefined where expressions cannot look. */
export function sizesOf(schema: CustomSchema, isRoot = schema['x-kubernetes-embedded-resource'] === true): SchemaSize | undefined {
  const { maxLength, maxItems, maxProperties } = limitsOf(schema);
  if (schema['x-kubernetes-int-or-string'] === true) return { minSize: 1, max: maxLength === undefined ? MAX_TEXT : maxLength * 4 };
  const { items, additionalProperties } = schema;
  if (schema.type === 'array') {
    const of = items && sizesOf(items);
    return of && { minSize: 2, max: maxItems ?? Math.floor(MAX_TEXT / (of.minSize + 1)), items: of };
  }
  if (schema.type === 'object' && typeof additionalProperties === 'object') {
    const of = sizesOf(additionalProperties);
    return of && { minSize: 2, max: maxProperties ?? Math.floor(MAX_TEXT / (of.minSize + 6)), items: of, keys: KEYS };
  }
  if (schema.type === 'object') return objectSizes(isRoot ? withTypeMeta(schema) : schema);
  if (schema.type === 'string') return textSizes(schema);
  const minSize = SCALARS[schema.type ?? ''];
  return minSize === undefined ? undefined : { minSize, max: 0 };
}

function objectSizes({ properties = {}, required = [] }: CustomSchema): SchemaSize {
  const fields = new Map<string, SizeNode>();
  let minSize = 2;
  for (const [name, property] of Object.entries(properties)) {
    const of = sizesOf(property);
    if (of === undefined) continue;
    const escaped = escapedName(name);
    if (escaped !== undefined) fields.set(escaped, of);
    if (required.includes(name) && limitsOf(property).default === undefined) minSize += name.length + of.minSize + 4;
  }
  return { minSize, max: 0, fields };
}

function textSizes(schema: CustomSchema): SchemaSize {
  const { maxLength, format = '', enum: values = [] } = limitsOf(schema);
  const formatted = ownEntry(FORMATS, format);
  if (formatted !== undefined) return { minSize: formatted[0], max: formatted[1] };
  if (format === 'byte') return { minSize: 2, max: maxLength ?? MAX_TEXT };
  // Limits count characters, requests bytes.
  if (maxLength !== undefined) return { minSize: 2, max: maxLength * 4 };
  const longest = Math.max(0, ...values.map((value) => (typeof value === 'string' ? value.length : 0)));
  return { minSize: 2, max: values.length > 0 ? longest : MAX_TEXT };
}

/** How many values of this smallest size fit into a request, with a comma after each (`maxCardinality`). */
export const mostIn = ({ minSize }: SchemaSize): number => Math.floor(MAX_REQUEST / (minSize + 1));
