/** What the verbs mean for main resources and for status (`k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go`). */
import type { KubernetesObject, ObjectList } from '../apimachinery/meta.ts';
import { badRequest, invalid, notFound, required } from '../apimachinery/status.ts';
import type { StatusError } from '../apimachinery/status.ts';
import { notSimulatedWarnings } from '../api/fidelity.ts';
import type { ApiRequest, ApiResponse } from '../api/request.ts';
import { deprecationWarnings } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { listObjects } from './list.ts';
import { userRequests } from './user-requests.ts';
import { deleteObject } from './registry/deletion.ts';
import type { Registry, RequestContext } from './registry/registry.ts';
import type { VersionConversion } from './versions/conversion.ts';

/** 200. */
export function ok(object: ApiResponse['object']): ApiResponse {
  return { code: 200, object, warnings: [] };
}

/** Who writes, and with what options. */
export function contextOf({ user, options = {}, userAgent, external = false }: ApiRequest): RequestContext {
  return { user, options, external, manager: { name: options.fieldManager ?? userAgent, starts: external } };
}

/** A request for an object or a collection. */
export function mainResource(registry: Registry, conversion: VersionConversion | undefined, request: ApiRequest): ApiResponse {
  const context = contextOf(request);
  if (conversion === undefined) return main(registry, context, request);
  const { toStored, fromStored } = conversion;
  if (request.verb === 'patch') return convertedPatch(registry, conversion, context, request);
  const writes = request.verb === 'create' || request.verb === 'update';
  const response = main(registry, context, writes ? { ...request, body: toStored(request.body as KubernetesObject) } : request);
  const { object } = response;
  if (object.kind === 'Status') return response;
  if (!('items' in object)) return { ...response, object: fromStored(object as KubernetesObject) };
  const { definition } = conversion;
  const apiVersion = definition.group ? `${definition.group}/${definition.version}` : definition.version;
  return { ...response, object: { ...object, apiVersion, kind: `${definition.kind}List`, items: object.items.map(fromStored) } };
}

function main(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
  const { namespace, name = '' } = request;
  switch (request.verb) {
    case 'get':
      return ok(registry.get(namespace, name));
    case 'list':
      return ok(listObjects(registry, request));
    case 'create': {
      if ((request.body as KubernetesObject).metadata?.resourceVersion)
        throw badRequest('resourceVersion should not be set on objects to be created');
      return created(registry, context, namespace, request.body as KubernetesObject);
    }
    case 'update':
      return update(registry, context, bodyFor(request));
    case 'patch':
      return patch(registry, context, request);
    case 'delete':
      return deleted(registry, context, request);
    case 'deletecollection':
      return deleteCollection(registry, context, request);
  }
}

function created(registry: Registry, context: RequestContext, namespace: string | undefined, body: KubernetesObject): ApiResponse {
  const warnings: string[] = [];
  const object = registry.create({ ...context, warn: (text) => warnings.push(text) }, namespace, body);
  return written(201, registry.definition, object, undefined, warnings);
}

function update(registry: Registry, context: RequestContext, body: KubernetesObject): ApiResponse {
  const old = registry.find(body.metadata.namespace, body.metadata.name);
  const warnings: string[] = [];
  const object = registry.update({ ...context, warn: (text) => warnings.push(text) }, body);
  return written(200, registry.definition, object, old, warnings);
}

function patch(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
  const { definition } = registry;
  if (request.patchType === 'apply') return apply(registry, context, request);
  checkPatchOptions(request);
  const old = registry.get(request.namespace, request.name ?? '');
  const { object, warnings } = decoded(definition, request, userRequests.get().patchObject(definition, old, request));
  const response = update(registry, context, object);
  return warnings.length === 0 ? response : { ...response, warnings: [...warnings, ...response.warnings] };
}

/** Server-side apply: creates what is not there. */
function apply(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
  const { definition, deps } = registry;
  const { namespace, name = '', options = {} } = request;
  const config = applyConfigOf(request);
  const manager = { ...context.manager, name: options.fieldManager ?? '', starts: true, applied: true };
  const checked = decoded(definition, request, config);
  const old = registry.find(namespace, name);
  if (old === undefined && config.metadata.uid) throw notFound(registry.groupResource, name);
  const next = userRequests.get().applied(definition, old, checked.object, manager, deps.sim.now, options.force === true);
  const response =
    old === undefined ? created(registry, { ...context, manager }, namespace, next) : update(registry, { ...context, manager }, next);
  return { ...response, warnings: [...checked.warnings, ...response.warnings] };
}

/** The body of an apply, which must speak of the object in the URL. Throws 422 without a manager, 400 for another object. */
function applyConfigOf({ body, name, namespace, options = {} }: ApiRequest): KubernetesObject {
  if (!options.fieldManager) throw invalidPatchOptions('fieldManager', 'is required for apply patch');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('the body of the request must be an object');
  const config = body as KubernetesObject;
  if (typeof config.metadata !== 'object' || config.metadata === null) throw badRequest('metadata.name is required');
  if (config.metadata.name !== name)
    throw badRequest(
      `metadata.name ${config.metadata.name ? `(${config.metadata.name}) ` : ''}does not match the name on the URL (${name ?? ''})`,
    );
  if (config.metadata.namespace && namespace && config.metadata.namespace !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  return namespace === undefined ? config : { ...config, metadata: { ...config.metadata, namespace } };
}

function checkPatchOptions({ options = {} }: ApiRequest): void {
  if (options.force !== undefined)
    throw invalid('meta.k8s.io', 'PatchOptions', '', [
      { type: 'FieldValueForbidden', field: 'force', detail: 'Forbidden: may not be specified for non-apply patch' },
    ]);
}

function invalidPatchOptions(field: string, detail: string): StatusError {
  return invalid('meta.k8s.io', 'PatchOptions', '', [required(field, detail)]);
}

/** The result of a patch as far as the kind knows it; components' patches are believed. */
function decoded(
  definition: ResourceDefinition,
  { external, options }: ApiRequest,
  object: KubernetesObject,
): { object: KubernetesObject; warnings: readonly string[] } {
  if (!external) return { object, warnings: [] };
  const validation = options?.fieldValidation ?? 'Warn';
  const { body, warnings } = definition.decode?.(object, validation) ?? userRequests.get().checkBody(definition, object, validation);
  return { object: body as KubernetesObject, warnings };
}

function convertedPatch(
  registry: Registry,
  { definition, toStored, fromStored }: VersionConversion,
  context: RequestContext,
  request: ApiRequest,
): ApiResponse {
  const old = registry.get(request.namespace, request.name ?? '');
  let next: KubernetesObject;
  if (request.patchType === 'apply') {
    const manager = { ...context.manager, name: request.options?.fieldManager ?? '', starts: true, applied: true };
    next = userRequests
      .get()
      .applied(definition, fromStored(old), applyConfigOf(request), manager, registry.deps.sim.now, request.options?.force === true);
    const response = update(registry, { ...context, manager }, toStored(next));
    return { ...response, object: fromStored(response.object as KubernetesObject) };
  }
  next = decoded(definition, request, userRequests.get().patchObject(definition, fromStored(old), request)).object;
  const response = update(registry, context, toStored(next));
  return { ...response, object: fromStored(response.object as KubernetesObject) };
}

/** PUT and PATCH of …/status. */
export function statusResource(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
  const { definition } = registry;
  const { namespace, name = '', options = {} } = request;
  if (request.verb === 'update') return ok(registry.updateStatus(context, bodyFor(request)));
  const old = registry.get(namespace, name);
  if (request.patchType !== 'apply')
    return ok(
      registry.updateStatus(context, decoded(definition, request, userRequests.get().patchObject(definition, old, request)).object),
    );
  const manager = { ...context.manager, name: options.fieldManager ?? '', starts: true, applied: true, subresource: 'status' };
  const next = userRequests.get().applied(definition, old, applyConfigOf(request), manager, registry.deps.sim.now, options.force === true);
  return ok(registry.updateStatus({ ...context, manager }, next));
}

/** A finished deletion is answered with a Status, one that has only begun with the object (`rest.GracefulDeleter`). */
function deleted(registry: Registry, context: RequestContext, { namespace, name = '', external }: ApiRequest): ApiResponse {
  const { object, gone } = deleteObject(registry, context, namespace, name);
  if (!external || !gone || registry.definition.gracePeriodSeconds !== undefined) return ok(object);
  const { group, plural } = registry.definition;
  const details = { name, ...(group && { group }), kind: plural, uid: object.metadata.uid };
  return ok({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', details, code: 200 });
}

function deleteCollection(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
  const list: ObjectList = listObjects(registry, { ...request, verb: 'list' });
  for (const { metadata } of list.items) deleteObject(registry, context, metadata.namespace, metadata.name);
  return ok(list);
}

/** The body of an update, which must speak of the object in the URL. */
function bodyFor({ body, namespace, name }: ApiRequest): KubernetesObject {
  const object = body as KubernetesObject;
  if (typeof object !== 'object' || object === null || typeof object.metadata !== 'object' || object.metadata === null)
    throw badRequest('name must be provided');
  const { metadata } = object;
  if (!metadata.name) throw badRequest('name must be provided');
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (metadata.namespace !== undefined && namespace !== undefined && metadata.namespace !== namespace)
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`);
  return metadata.namespace === namespace ? object : { ...object, metadata: { ...metadata, namespace } };
}

/** The answer to a write. Its warnings are put together when somebody reads them: components never do. */
function written(
  code: number,
  definition: ResourceDefinition,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  fromAdmission: readonly string[],
): ApiResponse {
  return {
    code,
    object,
    get warnings() {
      return [...fromAdmission, ...warningsFor(definition, object, old)];
    },
  };
}

function warningsFor(definition: ResourceDefinition, object: KubernetesObject, old: KubernetesObject | undefined): string[] {
  return [...deprecationWarnings(definition), ...(definition.warnings?.(object, old) ?? []), ...notSimulatedWarnings(definition, object)];
}
