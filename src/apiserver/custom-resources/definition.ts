/** From a CustomResourceDefinition to a kind as all others are (`k8s.io/apiextensions-apiserver/pkg/registry/customresource`). */
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import type { KubernetesObject, LabelSelector } from '../../apimachinery/meta.ts';
import { structuralFieldSchema } from '../../apimachinery/patch/structural-schema.ts';
import { badRequest } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { ageColumn, nameColumn, since } from '../../api/columns.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../api/generated/types.ts';
import { defineResource } from '../../api/resource.ts';
import type { Column, ResourceDefinition, ScalePaths } from '../../api/resource.ts';
import { policyEngine } from '../policy/engine.ts';
import { compileJsonPath } from './json-path.ts';
import { prune, validateValue, withSchemaDefaults } from './schema.ts';
import type { CustomSchema } from './schema.ts';

type Custom = KubernetesObject & { spec?: unknown; status?: unknown };

/** One version of a custom resource. */
export function customDefinition({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): ResourceDefinition {
  const { group, names, scope } = spec;
  const schema = (version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true }) as CustomSchema;
  const { status, scale } = version.subresources ?? {};
  return defineResource<Custom>({
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    schema: '',
    openApiSchema: schema as unknown as Readonly<Record<string, unknown>>,
    applySchema: structuralFieldSchema(schema),
    subresources: { ...(status !== undefined && { status: true }), ...(scale !== undefined && { scale: scaleOf(scale) }) },
    generation: true,
    decode: (body, validation) => decode(body, schema, names.kind, version.name, validation),
    defaults: (object) => withSchemaDefaults(object, schema) as Custom,
    validateCreate: (object) => findings(object, undefined, schema),
    validateUpdate: (next, old) => findings(next, old, schema),
    validateStatusUpdate: (next, old) => findings(next, old, schema),
    ...(version.selectableFields?.length && { selectableFields: selectableFieldsOf(version.selectableFields) }),
    ...(version.deprecated && {
      // Differs: upstream warns about reads too.
      warnings: () => [version.deprecationWarning || `${group}/${version.name} ${names.kind} is deprecated`],
    }),
    columns: columnsOf(version.additionalPrinterColumns),
  }) as unknown as ResourceDefinition;
}

/** Findings after which the rules are not tried (`validation.hasBlockingErr`). */
const BLOCKING = new Set(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);
const NOT_CHECKED: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  detail:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/**
 * Findings of the schema and of its rules. What was wrong before an update and is still so is left alone (ratcheting,
 * `schemaobjectmeta` and `validation/ratcheting.go`).
 */
function findings(object: Custom, old: Custom | undefined, schema: CustomSchema): FieldError[] {
  const errors = schemaFindings(object, schema);
  const before = errors.length === 0 || old === undefined ? [] : schemaFindings(old, schema);
  const found = errors.filter(({ field, detail }) => !before.some((known) => known.field === field && known.detail === detail));
  if (!hasRules(schema)) return found;
  if (found.some(({ type }) => BLOCKING.has(type))) return [...found, NOT_CHECKED];
  return [...found, ...policyEngine().ruleErrors(schema, object, old)];
}

function schemaFindings({ apiVersion: _version, kind: _kind, metadata: _metadata, ...fields }: Custom, schema: CustomSchema): FieldError[] {
  return validateValue(fields, withoutMeta(schema), '');
}

const withRules = new WeakMap<CustomSchema, boolean>();

/** Whether there is a CEL rule anywhere in the schema. */
function hasRules(schema: CustomSchema): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const { properties = {}, additionalProperties, items } = schema;
  const below = [
    ...Object.values(properties),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    ...(items ? [items] : []),
  ];
  const found = (schema as { 'x-kubernetes-validations'?: unknown })['x-kubernetes-validations'] !== undefined || below.some(hasRules);
  withRules.set(schema, found);
  return found;
}

function selectableFieldsOf(fields: readonly { jsonPath: string }[]): (object: Custom) => Record<string, string> {
  const readers = fields.map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), compileJsonPath(jsonPath)] as const);
  return (object) => Object.fromEntries(readers.map(([name, read]) => [name, textOf(read?.(object)[0])]));
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Metadata has rules of its own. */
function withoutMeta(schema: CustomSchema): CustomSchema {
  const { metadata: _metadata, apiVersion: _version, kind: _kind, ...properties } = schema.properties ?? {};
  const required = schema.required?.filter((name) => name !== 'metadata' && name !== 'apiVersion' && name !== 'kind');
  return { ...schema, properties, ...(required && { required }) };
}

/** An object read as another version: what that version does not know is left out, and its defaults are filled in. */
export function readAs(object: KubernetesObject, version: CustomResourceDefinitionVersion): KubernetesObject {
  const schema = (version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true }) as CustomSchema;
  return withSchemaDefaults(prune(object, schema, '', [], true), schema) as KubernetesObject;
}

function decode(
  body: object,
  schema: CustomSchema,
  kind: string,
  version: string,
  validation: 'Ignore' | 'Warn' | 'Strict',
): { body: object; warnings: readonly string[] } {
  const unknown: string[] = [];
  const pruned = prune(body, schema, '', unknown, true) as object;
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (validation === 'Strict' && texts.length > 0)
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${texts.join(', ')}`);
  return { body: pruned, warnings: validation === 'Ignore' ? [] : texts };
}

function columnsOf(columns: readonly CustomResourceColumnDefinition[] | undefined): Column<Custom>[] {
  if (columns === undefined || columns.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...columns.map(columnOf)];
}

function columnOf({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): Column<Custom> {
  const read = compileJsonPath(jsonPath) ?? (() => []);
  return {
    name,
    type: type as Column<Custom>['type'],
    format,
    description,
    priority,
    value(object, now) {
      const [value] = read(object);
      if (type === 'date') return typeof value === 'string' ? since(value, now) : '<unknown>';
      if (value === undefined || value === null) return '';
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value);
    },
  };
}

function scaleOf({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}): ScalePaths<Custom> {
  const number = (path: string) => {
    const read = compileJsonPath(path) ?? (() => []);
    return (object: Custom): number => Number(read(object)[0] ?? 0);
  };
  const selector = compileJsonPath(labelSelectorPath ?? '');
  return {
    specReplicas: number(specReplicasPath),
    statusReplicas: number(statusReplicasPath),
    selector(object) {
      const [value] = labelSelectorPath === undefined ? [] : (selector?.(object) ?? []);
      return typeof value === 'string' ? value : value ? labelSelectorAsSelector(value as LabelSelector).toString() : '';
    },
    withReplicas: (object, replicas) => withValueAt(object, specReplicasPath.split('.').filter(Boolean), replicas) as Custom,
  };
}

function withValueAt(value: unknown, [name, ...rest]: readonly string[], next: unknown): unknown {
  if (name === undefined) return next;
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { ...fields, [name]: withValueAt(fields[name], rest, next) };
}
