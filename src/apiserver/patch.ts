/**
 * Patches: the stored object with a change applied, which then goes through the same update as any other
 * (`k8s.io/apiserver/pkg/endpoints/handlers/patch.go`).
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { applyJsonPatch } from '../apimachinery/patch/json-patch.ts';
import { applyMergePatch } from '../apimachinery/patch/merge-patch.ts';
import { isObject, schemaOfType } from '../apimachinery/patch/schema.ts';
import type { Json, JsonObject } from '../apimachinery/patch/schema.ts';
import { applyStrategicMergePatch } from '../apimachinery/patch/strategic-merge-patch.ts';
import { badRequest, StatusError } from '../apimachinery/status.ts';
import { FIELD_TYPES } from '../api/field-table.ts';
import type { ApiRequest } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';

/** `old` with the request's patch applied. The resourceVersion is the stored one unless the patch names its own. */
export function patchObject(
  definition: ResourceDefinition,
  old: KubernetesObject,
  { patchType, body, name, namespace }: ApiRequest,
): KubernetesObject {
  const next = apply(definition, old as unknown as JsonObject, patchType, body as Json) as unknown as KubernetesObject;
  if (!isObject(next) || !isObject(next.metadata)) throw badRequest('the patched object has no metadata');
  if (next.metadata.name !== name)
    throw badRequest(`the name of the object (${next.metadata.name}) does not match the name on the URL (${name})`);
  if (definition.namespaced && next.metadata.namespace !== namespace)
    throw badRequest(`the namespace of the object (${next.metadata.namespace}) does not match the namespace on the request (${namespace})`);
  return next;
}

function apply(definition: ResourceDefinition, old: JsonObject, patchType: ApiRequest['patchType'], body: Json): Json {
  switch (patchType) {
    case 'json':
      return applyJsonPatch(old, body);
    case 'merge':
      return applyMergePatch(old, mustBeObject(body));
    case 'strategic': {
      const schema = schemaOfType(FIELD_TYPES, definition.schema);
      if (schema === undefined)
        throw unsupported(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']);
      return applyStrategicMergePatch(old, mustBeObject(body), schema);
    }
    default:
      throw unsupported(['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json']);
  }
}

function mustBeObject(body: Json): JsonObject {
  if (!isObject(body)) throw badRequest('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}');
  return body;
}

function unsupported(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}
