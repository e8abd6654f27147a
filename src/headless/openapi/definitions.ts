/**
 * The definitions that OpenAPI documents are made of: upstream's schemas of the kinds served (out of generated/swagger.json, with the
 * merge keys that the published document lacks), the kinds of kubarium.dev, and custom resources.
 */
import { readFileSync } from 'node:fs';
import { TYPES } from '../../api/generated/field-facts.ts';
import type { FieldFact } from '../../api/generated/field-facts.ts';
import { editorSchemas } from '../../api/kubarium/schemas.ts';
import { apiVersionOf } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';

/** A JSON schema; `$ref`s say "#/definitions/NAME". */
export type Schema = Readonly<Record<string, unknown>>;

/** Definitions by full name: "io.k8s.api.core.v1.Pod". */
export type Definitions = ReadonlyMap<string, Schema>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** What every document has besides its kinds. */
export const SHARED = [`${META}.DeleteOptions`, `${META}.Status`, `${META}.Patch`, `${META}.WatchEvent`];

let published: Map<string, Schema> | undefined;

/** Upstream's definitions; read once. Throws an Error when `npm run gen` was not run. */
export function publishedDefinitions(): Definitions {
  published ??= readPublished();
  return published;
}

function readPublished(): Map<string, Schema> {
  const file = new URL('../../../generated/swagger.json', import.meta.url);
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, Schema> };
  const all = new Map(Object.entries(definitions));
  for (const [short, facts] of Object.entries(TYPES)) {
    const name = fullName(short, all);
    const schema = name === undefined ? undefined : all.get(name);
    const properties = schema?.['properties'] as Record<string, Schema> | undefined;
    if (name === undefined || properties === undefined) continue;
    const merged = Object.fromEntries(Object.entries(properties).map(([field, property]) => [field, withFacts(property, facts[field])]));
    all.set(name, { ...schema, properties: merged });
  }
  all.set(`${META}.Patch`, { type: 'object', description: 'Patch is the body of a PATCH request: a change instead of a whole object.' });
  if (!all.has(`${META}.WatchEvent`))
    all.set(`${META}.WatchEvent`, {
      type: 'object',
      required: ['type', 'object'],
      properties: { type: { type: 'string' }, object: { type: 'object' } },
    });
  if (!all.has(`${META}.Status`))
    all.set(`${META}.Status`, { type: 'object', description: 'Status is the answer of calls that return no other object.' });
  return all;
}

/** "core.v1.Pod" -> "io.k8s.api.core.v1.Pod" */
function fullName(short: string, all: Definitions): string | undefined {
  const candidates = [
    `io.k8s.api.${short}`,
    `io.k8s.apimachinery.pkg.apis.${short}`,
    `io.k8s.apimachinery.pkg.${short}`,
    `io.k8s.apiextensions-apiserver.pkg.apis.${short}`,
    `io.k8s.kube-aggregator.pkg.apis.${short}`,
  ];
  return candidates.find((name) => all.has(name));
}

function withFacts(property: Schema, fact: FieldFact | undefined): Schema {
  if (fact === undefined) return property;
  return {
    ...property,
    ...(fact.patchMergeKey && { 'x-kubernetes-patch-merge-key': fact.patchMergeKey }),
    ...(fact.patchStrategy && { 'x-kubernetes-patch-strategy': fact.patchStrategy }),
    ...(fact.list && { 'x-kubernetes-list-type': fact.list }),
    ...(fact.keys && { 'x-kubernetes-list-map-keys': fact.keys }),
  };
}

/** The name of a kind's definition; made up of its group for kinds that are not upstream's. */
export function definitionName({ group, version, kind, schema }: ResourceDefinition, all: Definitions): string {
  return fullName(schema, all) ?? [...group.split('.').reverse(), version, kind].join('.');
}

/** The schema of one kind with its group, version and kind on it. */
export function schemaOfKind(resource: ResourceDefinition, all: Definitions): Schema {
  const { group, version, kind } = resource;
  const identity = { 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
  const upstream = all.get(definitionName(resource, all));
  if (upstream !== undefined) return { ...upstream, ...identity };
  const described = editorSchemas.find((schema) => schema.apiVersion === apiVersionOf(resource) && schema.kind === kind);
  const base = plain(described?.schema ?? resource.openApiSchema ?? {}) as { properties?: Record<string, Schema> };
  const properties = {
    ...base.properties,
    apiVersion: { type: 'string', description: 'The group and version of this object.' },
    kind: { type: 'string', description: 'The kind of this object.' },
    metadata: { $ref: `#/definitions/${META}.ObjectMeta`, description: "Standard object's metadata." },
  };
  return { type: 'object', ...base, properties, ...identity };
}

/** A JSON schema as OpenAPI has it: one type, and no `additionalProperties: false`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, child]) => !(key === 'additionalProperties' && child === false));
  return Object.fromEntries(
    kept.map(([key, child]) => [key, key === 'type' && Array.isArray(child) ? (child[0] as unknown) : plain(child)]),
  );
}

/** The schema of a kind's list. */
export function schemaOfList({ group, version, kind }: ResourceDefinition, itemName: string): Schema {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: `#/definitions/${META}.ListMeta` },
      items: { type: 'array', items: { $ref: `#/definitions/${itemName}` } },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: `${kind}List` }],
  };
}

/** All definitions of the given kinds and whatever they refer to. */
export function definitionsFor(resources: readonly ResourceDefinition[]): Map<string, Schema> {
  const all = publishedDefinitions();
  const found = new Map<string, Schema>();
  const add = (name: string, schema: Schema | undefined): void => {
    if (schema === undefined || found.has(name)) return;
    found.set(name, schema);
    for (const reference of referencesIn(schema)) add(reference, all.get(reference));
  };
  for (const resource of resources) {
    const name = definitionName(resource, all);
    add(name, schemaOfKind(resource, all));
    add(`${name}List`, schemaOfList(resource, name));
    if (resource.subresources.scale) add('io.k8s.api.autoscaling.v1.Scale', all.get('io.k8s.api.autoscaling.v1.Scale'));
  }
  for (const name of SHARED) add(name, all.get(name));
  return found;
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child.slice('#/definitions/'.length)] : referencesIn(child),
  );
}
