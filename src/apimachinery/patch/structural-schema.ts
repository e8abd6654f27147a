/**
 * The `openAPIV3Schema` of a CustomResourceDefinition as a `FieldSchema`
 * (`k8s.io/apiextensions-apiserver/pkg/apiserver/schema`). Custom resources know no strategic merge, only apply.
 */
import type { FieldSchema, Json } from './schema.ts';

/** The parts of a structural schema that decide about ownership. */
export interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly default?: Json;
  readonly 'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
}

const known = new WeakMap<StructuralSchema, FieldSchema>();

/** The field schema of a structural schema; made once per object. */
export function structuralFieldSchema(schema: StructuralSchema): FieldSchema {
  let result = known.get(schema);
  if (!result) known.set(schema, (result = build(schema)));
  return result;
}

function build(schema: StructuralSchema): FieldSchema {
  const { properties = {}, additionalProperties, items } = schema;
  const names = (field: string): boolean => (items ? structuralFieldSchema(items).names(field) : Object.hasOwn(properties, field));
  const lookup = (field: string): FieldSchema | undefined => {
    if (items) return structuralFieldSchema(items).lookup(field);
    const property = names(field) ? properties[field] : additionalProperties;
    return typeof property === 'object' ? structuralFieldSchema(property) : undefined;
  };
  return {
    strategy: '',
    mergeKey: '',
    retainKeys: false,
    listType: schema['x-kubernetes-list-type'] ?? 'atomic',
    listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    default: schema.default,
    names,
    lookup,
    items: () => (items ? structuralFieldSchema(items) : undefined),
  };
}
