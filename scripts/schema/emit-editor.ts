/**
 * Makes the JSON schema of the YAML editor: one schema that tells kinds apart by apiVersion and kind, with closed objects, so that an
 * unknown field is underlined. Kinds of kubarium.dev are merged in from `src/api/kubarium/schemas.ts`.
 */
import { DEFINITIONS, INT_OR_STRING, QUANTITY } from './definitions.ts';
import type { Definitions, Schema } from './definitions.ts';
import { enumsOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { apiVersionOf, reachableFrom } from './scope.ts';
import type { NewerFields, Root } from './scope.ts';

/** A kind whose schema is written by hand. Its schema may refer to other definitions by `#/definitions/<full name>`. */
export interface ExtraKind {
  apiVersion: string;
  kind: string;
  schema: object;
}

/** kubectl takes a list apart before it sends the items, so no server knows this kind. Its items are not looked into. */
const LIST = {
  reference: 'io.k8s.api.core.v1.List',
  schema: {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: { type: 'object', required: ['apiVersion', 'kind'] } } },
  },
};

/** The editor's schema. */
export function makeEditorSchema(
  definitions: Definitions,
  roots: readonly Root[],
  facts: Facts,
  newer: NewerFields,
  extraKinds: readonly ExtraKind[],
): object {
  const stored = roots.filter((root) => root.stored);
  const closed: Record<string, object> = {};
  for (const name of reachableFrom(
    stored.map((root) => root.name),
    definitions,
  )) {
    closed[name] = closeDefinition(name, definitions[name] ?? {}, facts, newer);
  }
  const kinds = stored.map((root) => ({ apiVersion: apiVersionOf(root), kind: root.kind, reference: root.name }));
  for (const { apiVersion, kind, schema } of extraKinds) {
    const reference = `${apiVersion.replace('/', '.')}.${kind}`;
    closed[reference] = schema;
    kinds.push({ apiVersion, kind, reference });
  }
  closed[LIST.reference] = LIST.schema;
  kinds.push({ apiVersion: 'v1', kind: 'List', reference: LIST.reference });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: { type: 'string', enum: [...new Set(kinds.map((kind) => kind.apiVersion))] },
      kind: { type: 'string', enum: [...new Set(kinds.map((kind) => kind.kind))] },
    },
    allOf: kinds.map(({ apiVersion, kind, reference }) => ({
      if: { properties: { apiVersion: { const: apiVersion }, kind: { const: kind } }, required: ['apiVersion', 'kind'] },
      then: { $ref: DEFINITIONS + reference },
    })),
    definitions: closed,
  };
}

/** The same schema without texts, a tenth of the size. A property that is called "description" stays. */
export function withoutDescriptions(schema: unknown): unknown {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === 'description' && typeof value === 'string' ? undefined : value)),
  );
}

function closeDefinition(name: string, definition: Schema, facts: Facts, newer: NewerFields): Schema {
  if (name === QUANTITY) return { ...definition, type: ['string', 'number'] };
  if (name === INT_OR_STRING)
    return { type: ['integer', 'string'], ...(definition.description ? { description: definition.description } : {}) };
  if (!definition.properties) return definition;
  const values = enumsOf(facts, name);
  const properties: Record<string, Schema> = {};
  for (const [field, schema] of Object.entries(definition.properties)) {
    if (newer[name]?.includes(field)) continue; // the release modelled would call it unknown
    properties[field] = closeField(schema, values[field]);
  }
  const empty = Object.keys(properties).length === 0;
  return {
    ...(definition.description ? { description: definition.description } : {}),
    type: 'object',
    properties,
    ...(definition.required ? { required: definition.required } : {}),
    ...(empty ? {} : { additionalProperties: false }),
  };
}

function closeField(schema: Schema, values: string[] | undefined): Schema {
  if (schema['x-kubernetes-preserve-unknown-fields']) return schema.description ? { description: schema.description } : {};
  if (!values) return schema;
  return schema.items ? { ...schema, items: { ...schema.items, enum: values } } : { ...schema, enum: values };
}
