/** Validation of metadata, the same for every kind (`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`). */
import { isDNS1123Subdomain } from '../../apimachinery/names.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { ResourceDefinition } from '../resource.ts';

/** `ValidateObjectMeta`. */
export function validateObjectMeta(object: KubernetesObject, definition: ResourceDefinition): FieldError[] {
  const { name } = object.metadata;
  if (!name) return [required('metadata.name', 'name or generateName is required')];
  const messages = definition.validateName?.(name) ?? isDNS1123Subdomain(name);
  return messages.map((message) => invalidValue('metadata.name', name, message));
}

/** `ValidateObjectMetaUpdate`. */
export function validateObjectMetaUpdate(next: KubernetesObject, old: KubernetesObject): FieldError[] {
  if (next.metadata.name !== old.metadata.name) return [invalidValue('metadata.name', next.metadata.name, 'field is immutable')];
  return [];
}
