/** Server-side tables: what `kubectl get` shows (`k8s.io/apiserver/pkg/endpoints/handlers/response.go`: asTable). */
import type { KubernetesObject, ObjectList } from '../../apimachinery/meta.ts';
import { badRequest } from '../../apimachinery/status.ts';
import { apiVersionOf } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';

/** How much of each object a row carries (`includeObject`). */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The query parameter `includeObject`. Throws 400 for a value that does not exist. */
export function includeOf(value: string | null): IncludeObject {
  if (value === null || value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`invalid value for includeObject: ${JSON.stringify(value)}`);
}

/** The columns of a kind as `metav1.TableColumnDefinition`. */
export function columnDefinitions({ columns }: ResourceDefinition): object[] {
  return columns.map(({ name, type = 'string', format = '', description = '', priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** A list or a single object as a `metav1.Table`. */
export function tableOf(
  definition: ResourceDefinition,
  object: KubernetesObject | ObjectList,
  now: number,
  include: IncludeObject,
  withColumns = true,
): object {
  const isList = 'items' in object;
  const items = isList ? (object as ObjectList).items : [object as KubernetesObject];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: isList ? object.metadata : { resourceVersion: object.metadata.resourceVersion },
    columnDefinitions: withColumns ? columnDefinitions(definition) : null,
    rows: items.map((item) => ({
      cells: definition.columns.map(({ value }) => value(item, now)),
      object: included(definition, item, include),
    })),
  };
}

function included(definition: ResourceDefinition, item: KubernetesObject, include: IncludeObject): object | undefined {
  if (include === 'None') return undefined;
  if (include === 'Object') return { ...item, apiVersion: apiVersionOf(definition), kind: definition.kind };
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: item.metadata };
}

/** The same without spec and status: `PartialObjectMetadata`, or a list of them. */
export function partialOf(object: KubernetesObject | ObjectList): object {
  const one = ({ metadata }: Pick<KubernetesObject, 'metadata'>) => ({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
  });
  if (!('items' in object)) return one(object);
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata, items: object.items.map(one) };
}
