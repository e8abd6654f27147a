/**
 * What `kubectl apply` sends: a create with the manifest kept in an annotation, or the three-way patch between what
 * was applied last, what is live, and what is wanted now (`k8s.io/kubectl/pkg/cmd/apply`). Pure, so that the tab, the
 * headless server and the simulated kubectl do the same.
 */
import { deepEqual } from '../apimachinery/freeze.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { createThreeWayMergePatch } from '../apimachinery/patch/merge-patch.ts';
import { schemaOfType } from '../apimachinery/patch/schema.ts';
import type { JsonObject } from '../apimachinery/patch/schema.ts';
import { createThreeWayPatch } from '../apimachinery/patch/strategic-diff.ts';
import { FIELD_TYPES } from '../api/field-table.ts';
import type { ApiRequest } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { LAST_APPLIED, lastApplied } from './last-applied.ts';

/** A request without its identity. */
export type UnsignedRequest = Omit<ApiRequest, 'user' | 'userAgent'>;

/** The namespace that an object without one goes to. */
export function targetNamespace(definition: ResourceDefinition, manifest: KubernetesObject, namespace: string): string | undefined {
  return definition.namespaced ? (manifest.metadata.namespace ?? namespace) : undefined;
}

/** The request that reads the live object. */
export function readRequest(definition: ResourceDefinition, manifest: KubernetesObject, namespace: string): UnsignedRequest {
  const { group, version, plural } = definition;
  return {
    verb: 'get',
    group,
    version,
    resource: plural,
    namespace: targetNamespace(definition, manifest, namespace),
    name: manifest.metadata.name,
  };
}

/**
 * The request that brings the cluster to the manifest; undefined when nothing would change. `live` is undefined when
 * the object does not exist. An object with only generateName is created anew each time.
 */
export function applyRequest(
  definition: ResourceDefinition,
  live: KubernetesObject | undefined,
  manifest: KubernetesObject,
  namespace: string,
): UnsignedRequest | undefined {
  const { group, version, plural } = definition;
  const target = { group, version, resource: plural, namespace: targetNamespace(definition, manifest, namespace) };
  const wanted = annotated(manifest, target.namespace);
  if (live === undefined) return { ...target, verb: 'create', body: wanted };
  const original = lastApplied(live);
  const schema = schemaOfType(FIELD_TYPES, definition.schema);
  const [before, after, current] = [original, wanted, live] as unknown as JsonObject[] as [JsonObject, JsonObject, JsonObject];
  const body = schema ? createThreeWayPatch(before, after, current, schema).patch : createThreeWayMergePatch(before, after, current);
  if (deepEqual(body, {})) return undefined;
  return { ...target, verb: 'patch', name: live.metadata.name, patchType: schema ? 'strategic' : 'merge', body };
}

/** The manifest with itself in the annotation. */
function annotated(manifest: KubernetesObject, namespace: string | undefined): KubernetesObject {
  const { [LAST_APPLIED]: _old, ...annotations } = manifest.metadata.annotations ?? {};
  const metadata = { ...manifest.metadata, annotations, ...(namespace !== undefined && { namespace }) };
  const text = `${JSON.stringify({ ...manifest, metadata })}\n`;
  return { ...manifest, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}
