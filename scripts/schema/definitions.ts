/**
 * Turns models into the definitions of an OpenAPI v2 document: full names, references, formats, texts.
 * client-node writes Quantity as a plain string and drops the text of fields that refer to another type; both are taken from
 * kubernetes-types (Apache-2.0), which is a little older, so fields that are newer than it have no text.
 */
import fs from 'node:fs';
import type { Model } from './models.ts';
import type { Names } from './names.ts';

/** The part of JSON Schema that Kubernetes' OpenAPI uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  enum?: string[];
  [extension: `x-kubernetes-${string}`]: unknown;
}

/** Definitions by full name. */
export type Definitions = Record<string, Schema>;

export const DEFINITIONS = '#/definitions/';
export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
export const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
export const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';

/** Types that are written as one JSON value. */
const SCALARS: Definitions = {
  [QUANTITY]: { type: 'string', description: 'A decimal number with an optional suffix: 100m, 1.5, 128Mi, 1e3.' },
  [INT_OR_STRING]: { type: 'string', format: 'int-or-string', description: 'An int32 or a string.' },
  [TIME]: { type: 'string', format: 'date-time', description: 'A time as RFC 3339 writes it.' },
  [MICRO_TIME]: { type: 'string', format: 'date-time', description: 'A time as RFC 3339 writes it, with microseconds.' },
};

/** Quantities that are newer than kubernetes-types 1.30. */
const NEWER_QUANTITIES = ['autoscaling.v2.HPAScalingRules.tolerance', 'core.v1.PodStatus.allocatedResources'];

/** What kubernetes-types knows, by "core.v1.Container.image". */
interface Older {
  texts: Map<string, string>;
  quantities: Set<string>;
}

/** Definitions of all models. */
export function makeDefinitions(models: ReadonlyMap<string, Model>, names: Names, kubernetesTypes: string): Definitions {
  const older = readKubernetesTypes(kubernetesTypes);
  const definitions: Definitions = { ...SCALARS };
  for (const model of models.values()) {
    const name = names.full.get(model.name);
    if (!name) continue; // a stale model of a removed version
    const definition = makeDefinition(model, name, names, older);
    const gvk = names.gvk.get(model.name);
    if (gvk) definition['x-kubernetes-group-version-kind'] = [gvk];
    definitions[name] = definition;
  }
  return definitions;
}

function makeDefinition(model: Model, name: string, names: Names, older: Older): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  const shortName = name.split('.').slice(-3).join('.');
  for (const attribute of model.attributes) {
    const key = `${shortName}.${attribute.baseName}`;
    const description = model.texts.get(attribute.name) ?? model.texts.get(attribute.baseName) ?? older.texts.get(key);
    const schema = toSchema(attribute.type, attribute.format, names, older.quantities.has(key));
    properties[attribute.baseName] = description ? { description, ...schema } : schema;
    if (model.required.has(attribute.name)) required.push(attribute.baseName);
  }
  return {
    ...(model.description ? { description: model.description } : {}),
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
  };
}

function toSchema(type: string, format: string, names: Names, quantity: boolean): Schema {
  const array = /^Array<(.+)>$/.exec(type)?.[1];
  if (array) return { type: 'array', items: toSchema(array, '', names, quantity) };
  const values = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (values) return { type: 'object', additionalProperties: toSchema(values, '', names, quantity) };
  if (quantity) return { $ref: DEFINITIONS + QUANTITY };
  switch (type) {
    case 'IntOrString':
      return { $ref: DEFINITIONS + INT_OR_STRING };
    case 'Date':
    case 'V1MicroTime':
      return { $ref: DEFINITIONS + (format === 'date-time-micro' || type === 'V1MicroTime' ? MICRO_TIME : TIME) };
    case 'number':
      return { type: format === 'double' ? 'number' : 'integer', ...(format ? { format } : {}) };
    case 'any':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    case 'boolean':
      return { type: 'boolean' };
    default: {
      const reference = names.full.get(type);
      return reference ? { $ref: DEFINITIONS + reference } : { type: 'string', ...(format ? { format } : {}) };
    }
  }
}

function readKubernetesTypes(folder: string): Older {
  const older: Older = { texts: new Map(), quantities: new Set(NEWER_QUANTITIES) };
  for (const group of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!group.isDirectory()) continue;
    for (const file of fs.readdirSync(`${folder}/${group.name}`)) {
      if (!/^v\d+\.d\.ts$/.test(file)) continue;
      const source = fs.readFileSync(`${folder}/${group.name}/${file}`, 'utf8');
      readInterfaces(source, `${group.name}.${file.slice(0, -'.d.ts'.length)}`, older);
    }
  }
  return older;
}

function readInterfaces(source: string, groupVersion: string, older: Older): void {
  for (const [, type = '', body = ''] of source.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)) {
    for (const [, text = '', field = '', fieldType = ''] of body.matchAll(
      /\/\*\*([\s\S]*?)\*\/\n\s+"?([\w$-]+)"?\??: ([\s\S]*?);(?=\n {4}\/\*\*|$)/g,
    )) {
      const key = `${groupVersion}.${type}.${field}`;
      older.texts.set(key, text.replace(/^\s*\* ?/gm, '').trim());
      if (/\bQuantity\b/.test(fieldType)) older.quantities.add(key);
    }
  }
}
