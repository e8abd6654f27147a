/**
 * Writes `field-facts.ts`: for every type of the kinds served, its fields with type, reference and merge rules. The apiserver uses it
 * at run time for unknown fields, wrong types, strategic merge patch and apply. It is part of the worker's first load, so it is packed as
 * `src/api/packed-facts.ts` says.
 */
import { VALUE_CODES } from '../../src/api/packed-facts.ts';
import { DEFINITIONS, INT_OR_STRING, MICRO_TIME, QUANTITY, TIME } from './definitions.ts';
import type { Definitions, Schema } from './definitions.ts';
import { enumsOf } from './facts.ts';
import type { Facts, MergeFact } from './facts.ts';
import { apiVersionOf, reachableFrom } from './scope.ts';
import type { NewerFields, Root } from './scope.ts';

const DECLARATIONS = `
import { unpackTypes } from '../packed-facts.ts';

/** How a value is written in JSON. 'object' has a \`ref\`; 'map' has string keys and \`items\`; 'any' is not looked into. */
export type FieldType =
  | 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'map' | 'any'
  | 'quantity' | 'intOrString' | 'time' | 'microTime' | 'bytes';

/** What is known about one field (or about the items of a list or map). */
export interface FieldFact {
  readonly type: FieldType;
  /** For 'object': a key of TYPES. */
  readonly ref?: string;
  /** For 'array' and 'map': what the values are. */
  readonly items?: FieldFact;
  /** For numbers: their size. */
  readonly format?: 'int32' | 'int64' | 'double';
  /** Upstream's OpenAPI calls the field required. */
  readonly required?: true;
  /** For strings (and lists of strings): all values that upstream's OpenAPI allows. */
  readonly enum?: readonly string[];
  /** \`x-kubernetes-list-type\` and \`x-kubernetes-list-map-keys\`; absent is atomic. */
  readonly list?: 'map' | 'set' | 'atomic';
  readonly keys?: readonly string[];
  /** Of a map or object: replaced as a whole by apply. */
  readonly atomic?: true;
  /** \`x-kubernetes-patch-merge-key\` and \`x-kubernetes-patch-strategy\` ("merge", "replace", "retainKeys", "merge,retainKeys"). */
  readonly patchMergeKey?: string;
  readonly patchStrategy?: string;
  /** The schema's default, where apply needs it to tell list entries apart. */
  readonly default?: string | number | boolean;
  /** Newer than the release modelled. */
  readonly newer?: true;
}

/** Fields by name. */
export type TypeFacts = Readonly<Record<string, FieldFact>>;
`;

const SCALARS: Record<string, string> = {
  [QUANTITY]: 'quantity',
  [INT_OR_STRING]: 'intOrString',
  [TIME]: 'time',
  [MICRO_TIME]: 'microTime',
};

/** What is written for one field: `FieldFact` of the emitted file. */
interface Fact {
  type: string;
  [property: string]: unknown;
}

/** The text of `field-facts.ts`. */
export function emitFieldFacts(definitions: Definitions, roots: readonly Root[], facts: Facts, newer: NewerFields, head: string): string {
  const start = [...roots.map((root) => root.name), 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
  const types: string[] = [];
  for (const name of [...reachableFrom(start, definitions)].sort()) {
    const definition = definitions[name];
    if (!definition?.properties || name in SCALARS) continue;
    const fields = Object.entries(definition.properties).map(
      ([field, schema]) => `${field}=${pack(fieldFact(name, field, schema, definition, facts, newer))}`,
    );
    if (fields.some((field) => /[';\\]/.test(field))) throw new Error(`${name} cannot be packed`);
    types.push(`'${shortName(name)}':'${fields.join(';')}',`);
  }
  const kinds = roots.map((root) => `'${apiVersionOf(root)}/${root.kind}':'${shortName(root.name)}',`);
  const doc = (text: string): string => `\n/** ${text} */\n`;
  return [
    head,
    DECLARATIONS,
    doc('All types, by short name: "core.v1.PodSpec", "meta.v1.ObjectMeta".'),
    `export const TYPES: Readonly<Record<string, TypeFacts>> = unpackTypes({\n${types.join('\n')}\n});\n`,
    doc('The type of each kind, by "apps/v1/Deployment" or "v1/Pod".'),
    `export const KINDS: Readonly<Record<string, string>> = {\n${kinds.join('\n')}\n};\n`,
  ].join('');
}

/** "io.k8s.api.core.v1.PodSpec" is "core.v1.PodSpec". */
export function shortName(name: string): string {
  return name.split('.').slice(-3).join('.');
}

function fieldFact(type: string, field: string, schema: Schema, definition: Schema, facts: Facts, newer: NewerFields): Fact {
  const merge = facts.merge[type]?.[field];
  const values = enumsOf(facts, type)[field];
  const isNewer = newer[type]?.some((name) => name === '*' || name === field);
  return {
    ...valueFact(schema, facts),
    ...(definition.required?.includes(field) ? { required: true } : {}),
    ...(values ? { enum: values } : {}),
    ...(merge ? mergeFact(merge) : {}),
    ...(isNewer ? { newer: true } : {}),
  };
}

function valueFact(schema: Schema, facts: Facts): Fact {
  if (schema.$ref) {
    const name = schema.$ref.slice(DEFINITIONS.length);
    const scalar = SCALARS[name];
    if (scalar) return { type: scalar };
    const atomic = facts.merge[name]?.['']?.map === 'atomic';
    return { type: 'object', ref: shortName(name), ...(atomic ? { atomic: true } : {}) };
  }
  if (schema.items) return { type: 'array', items: valueFact(schema.items, facts) };
  if (typeof schema.additionalProperties === 'object') return { type: 'map', items: valueFact(schema.additionalProperties, facts) };
  if (schema.type === 'object') return { type: 'any' };
  if (schema.format === 'byte') return { type: 'bytes' };
  return { type: String(schema.type), ...(schema.format ? { format: schema.format } : {}) };
}

function mergeFact(merge: MergeFact): Partial<Fact> {
  return {
    ...(merge.list ? { list: merge.list } : {}),
    ...(merge.keys ? { keys: merge.keys } : {}),
    ...(merge.map === 'atomic' ? { atomic: true } : {}),
    ...(merge.smpKey ? { patchMergeKey: merge.smpKey } : {}),
    ...(merge.smp ? { patchStrategy: merge.smp } : {}),
    ...(merge.default === undefined || typeof merge.default === 'object' ? {} : { default: merge.default }),
  };
}

/** A fact in the notation of `packed-facts.ts`. */
function pack({ required, ...fact }: Fact): string {
  const { value, rest } = packValue(fact);
  return `${value}${required ? '!' : ''}${Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''}`;
}

function packValue({ type, items, ref, format, atomic, ...rest }: Fact): { value: string; rest: object } {
  if (type === 'array' || type === 'map') {
    const inner = packValue(items as Fact);
    if (Object.keys(inner.rest).length > 0) throw new Error(`items with ${Object.keys(inner.rest).join()} cannot be packed`);
    return { value: `${type === 'array' ? '[' : '<'}${inner.value}`, rest: { ...rest, ...(atomic ? { atomic } : {}) } };
  }
  const code = Object.entries(VALUE_CODES).find(([, known]) => known.type === type && known.format === format)?.[0];
  if (type !== 'object' && code === undefined) throw new Error(`no code for ${type} ${String(format)} in packed-facts.ts`);
  return { value: `${type === 'object' ? `>${String(ref)}` : code}${atomic ? '~' : ''}`, rest };
}
