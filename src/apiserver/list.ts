/**
 * Lists: selectors, chunks with continue tokens, reads at an exact revision
 * (`k8s.io/apiserver/pkg/endpoints/handlers/get.go`, `pkg/storage/continue.go`).
 */
import { decodeBase64Text, encodeBase64 } from '../apimachinery/base64.ts';
import { parseFieldSelector } from '../apimachinery/fields.ts';
import type { FieldSelector } from '../apimachinery/fields.ts';
import { parseSelector } from '../apimachinery/label-selector-parser.ts';
import type { KubernetesObject, ObjectList } from '../apimachinery/meta.ts';
import { badRequest, resourceExpired, StatusError } from '../apimachinery/status.ts';
import type { ApiRequest, WatchRequest } from '../api/request.ts';
import { apiVersionOf } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { Registry } from './registry/registry.ts';
import type { WatchSelection } from './watch-hub.ts';

/** The objects a request selects, as a list. */
export function listObjects<T extends KubernetesObject>(registry: Registry<T>, request: ApiRequest): ObjectList<T> {
  const { definition, storage } = registry;
  const { limit = 0, continue: token, resourceVersion = '', resourceVersionMatch } = request.options ?? {};
  const selection = selectionOf(definition as unknown as ResourceDefinition, request);
  const below = storage.prefix + (selection.namespace !== undefined ? `${selection.namespace}/` : '');
  const position = token ? decodeContinue(token, below) : undefined;
  const revision = position?.revision ?? (resourceVersionMatch === 'Exact' ? Number(resourceVersion) : 0);
  if (revision > storage.revision || Number(resourceVersion || 0) > storage.revision)
    throw tooLargeResourceVersion(resourceVersion, storage.revision);
  const accept = selection.matches as ((object: T) => boolean) | undefined;
  const page = storage.page(below, { revision, after: position?.after, limit, accept });
  return {
    apiVersion: apiVersionOf(definition),
    kind: `${definition.kind}List`,
    metadata: {
      resourceVersion: String(page.revision),
      ...(page.next !== undefined && { continue: encodeContinue(page.revision, page.next) }),
      ...(page.next !== undefined && accept === undefined && { remainingItemCount: page.remaining }),
    },
    items: page.items,
  };
}

/** The selection of a list or watch request. Throws 400 when a selector cannot be parsed, or names a field that the kind does not offer. */
export function selectionOf(definition: ResourceDefinition, request: ApiRequest | WatchRequest): WatchSelection {
  const { labelSelector = '', fieldSelector = '' } = request.options ?? {};
  const labels = labelSelector === '' ? undefined : parsed(() => parseSelector(labelSelector));
  const fields = fieldSelector === '' ? undefined : parsed(() => parseFieldSelector(fieldSelector));
  if (fields) refuseUnknownFields(definition, fields);
  const withName = 'name' in request && request.name ? request.name : undefined;
  const matches =
    labels === undefined && fields === undefined && withName === undefined
      ? undefined
      : (object: KubernetesObject) =>
          (withName === undefined || object.metadata.name === withName) &&
          (labels === undefined || labels.matches(object.metadata.labels)) &&
          (fields === undefined || fields.matches((field) => fieldsOf(definition, object)[field]));
  return {
    namespace: definition.namespaced ? request.namespace : undefined,
    matches,
    trigger: triggerOf(fields) ?? (withName === undefined ? undefined : { field: 'metadata.name', value: withName }),
  };
}

function triggerOf(fields: FieldSelector | undefined): WatchSelection['trigger'] {
  for (const { field, operator, value } of fields?.requirements ?? []) {
    if (operator !== '!=' && (field === 'spec.nodeName' || field === 'metadata.name') && value !== '') return { field, value };
  }
  return undefined;
}

function fieldsOf(definition: ResourceDefinition, object: KubernetesObject): Record<string, string> {
  const { name, namespace = '' } = object.metadata;
  return { 'metadata.name': name, 'metadata.namespace': namespace, ...definition.selectableFields?.(object) };
}

function refuseUnknownFields(definition: ResourceDefinition, fields: FieldSelector): void {
  const empty: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' } };
  const known = fieldsOf(definition, { ...empty, spec: {}, status: {}, involvedObject: {} } as KubernetesObject);
  for (const { field } of fields.requirements) {
    if (!(field in known)) throw badRequest(`field label not supported: ${field}`);
  }
}

function parsed<R>(parse: () => R): R {
  try {
    return parse();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

/** A continue token: the revision the first page was read at, and the key it ended with, in base 64. Opaque to clients. */
function encodeContinue(revision: number, after: string): string {
  return encodeBase64(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after }));
}

function decodeContinue(token: string, below: string): { revision: number; after: string } {
  try {
    const { v, rv, start } = JSON.parse(decodeBase64Text(token) ?? '') as { v?: string; rv?: number; start?: string };
    if (v === 'meta.k8s.io/v1' && Number.isSafeInteger(rv) && typeof start === 'string' && start.startsWith(below))
      return { revision: rv as number, after: start };
  } catch {
    // Falls through to the refusal: whatever the token holds, it is not one of ours.
  }
  throw badRequest('continue key is not valid: illegal base64 data at input byte 0');
}

function tooLargeResourceVersion(wanted: string, current: number): StatusError {
  if (wanted === '') return resourceExpired('The provided continue parameter is too old to display a consistent list result.');
  return new StatusError(504, 'Timeout', `Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
