/** OpenAPI v3, one document a group and version (`k8s.io/kube-openapi/pkg/handler3`): what kubectl explain, create and apply read. */
import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../../api/resource.ts';
import { definitionName, definitionsFor, publishedDefinitions } from './definitions.ts';
import type { Schema } from './definitions.ts';

const RELEASE = 'v1.33.0';

/** "api/v1", "apis/apps/v1" */
export function documentPath({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The documents of one state of the served resources; each is made when first asked for. */
export class OpenApiV3 {
  readonly #resources: readonly ResourceDefinition[];
  readonly #texts = new Map<string, string>();

  constructor(resources: readonly ResourceDefinition[]) {
    this.#resources = resources;
  }

  /** GET /openapi/v3. The hash is of the kinds a document covers: schemas of built-in kinds do not change while a server runs. */
  index(): object {
    const byPath = new Map<string, ResourceDefinition[]>();
    for (const resource of this.#resources) byPath.set(documentPath(resource), [...(byPath.get(documentPath(resource)) ?? []), resource]);
    const paths = [...byPath].map(([path, resources]) => {
      const hash = createHash('sha256')
        .update(JSON.stringify([RELEASE, resources.map(({ kind, openApiSchema }) => [kind, openApiSchema])]))
        .digest('hex')
        .toUpperCase();
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
    });
    return { paths: Object.fromEntries(paths) as object };
  }

  /** The document below "api/v1" …, as text; undefined when nothing is served there. */
  document(path: string): string | undefined {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const resources = this.#resources.filter((resource) => documentPath(resource) === path);
    if (resources.length === 0) return undefined;
    const text = JSON.stringify(documentOf(resources));
    this.#texts.set(path, text);
    return text;
  }
}

function documentOf(resources: readonly ResourceDefinition[]): object {
  const schemas = Object.fromEntries([...definitionsFor(resources)].map(([name, schema]) => [name, asV3(schema)]));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: RELEASE },
    paths: Object.fromEntries(resources.flatMap(pathsOf)) as object,
    components: { schemas },
  };
}

/** References point to components; one with neighbours stands in an `allOf`, as upstream writes it. */
function asV3(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asV3);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...rest } = value as { $ref?: unknown };
  const others = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, asV3(child)]));
  if (typeof $ref !== 'string') return $ref === undefined ? others : { ...others, $ref: asV3($ref) };
  const reference = { $ref: $ref.replace('#/definitions/', '#/components/schemas/') };
  return Object.keys(others).length === 0 ? reference : { ...others, allOf: [reference] };
}

const query = (name: string, type: string, description: string): Schema => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});
const pathParameter = (name: string): Schema => ({
  name,
  in: 'path',
  required: true,
  description: `${name} of the object`,
  schema: { type: 'string', uniqueItems: true },
});

const LIST_PARAMETERS = [
  query('labelSelector', 'string', 'restricts the answer by labels'),
  query('fieldSelector', 'string', 'restricts the answer by fields'),
  query('limit', 'integer', 'at most this many objects'),
  query('continue', 'string', 'where the last page ended'),
  query('resourceVersion', 'string', 'how recent the answer must be'),
  query('resourceVersionMatch', 'string', 'how resourceVersion is applied'),
  query('allowWatchBookmarks', 'boolean', 'asks for BOOKMARK events'),
  query('sendInitialEvents', 'boolean', 'begins a watch with the present state'),
  query('timeoutSeconds', 'integer', 'ends the call after this time'),
  query('watch', 'boolean', 'a stream of changes instead of a list'),
];
const WRITE_PARAMETERS = [
  query('dryRun', 'string', 'All: nothing is stored'),
  query('fieldManager', 'string', 'who writes, for managedFields'),
  query('fieldValidation', 'string', 'Ignore, Warn or Strict: what to do about unknown fields'),
];
const FORCE = query('force', 'boolean', 'takes fields over from other appliers');
const DELETE_PARAMETERS = [
  query('dryRun', 'string', 'All: nothing is deleted'),
  query('gracePeriodSeconds', 'integer', 'time to end gracefully'),
  query('propagationPolicy', 'string', 'Orphan, Background or Foreground'),
];

type Entry = [path: string, item: Schema];

function pathsOf(resource: ResourceDefinition): Entry[] {
  const { group, version, kind, plural, namespaced, subresources, verbs } = resource;
  const all = publishedDefinitions();
  const name = definitionName(resource, all);
  const base = `/${documentPath(resource)}`;
  const collection = `${base}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
  const operation = (action: string, parameters: readonly Schema[], answer: string, body?: Schema): Schema => ({
    tags: [`${group || 'core'}_${version}`],
    operationId: `${action}${namespaced ? 'Namespaced' : ''}${kind}`,
    parameters,
    ...(body && { requestBody: body }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: { $ref: `#/components/schemas/${answer}` } } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  });
  const body = { required: true, content: { '*/*': { schema: { $ref: `#/components/schemas/${name}` } } } };
  const patchBody = patchBodyOf(resource.openApiSchema === undefined && all.has(name));
  const may = (verb: string) => verbs === undefined || verbs.includes(verb);
  const shared = namespaced ? [pathParameter('namespace')] : [];
  const list = may('list') && { get: operation('list', LIST_PARAMETERS, `${name}List`) };
  const create = may('create') && { post: operation('post', WRITE_PARAMETERS, name, body) };
  const deleteMany = may('deletecollection') && {
    delete: operation('deletecollection', [...LIST_PARAMETERS, ...DELETE_PARAMETERS], 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'),
  };
  const change = {
    put: operation('put', WRITE_PARAMETERS, name, body),
    patch: operation('patch', [...WRITE_PARAMETERS, FORCE], name, patchBody),
  };
  const one = {
    ...(may('get') && { get: operation('get', [], name) }),
    ...(may('update') && { put: change.put }),
    ...(may('patch') && { patch: change.patch }),
    ...(may('delete') && { delete: operation('delete', DELETE_PARAMETERS, 'io.k8s.apimachinery.pkg.apis.meta.v1.Status') }),
  };
  const named = [...shared, pathParameter('name')];
  const entries: Entry[] = [[collection, { ...list, ...create, ...deleteMany, parameters: shared }]];
  if (namespaced && list) entries.push([`${base}/${plural}`, { ...list }]);
  if (Object.keys(one).length > 0) entries.push([`${collection}/{name}`, { ...one, parameters: named }]);
  if (subresources.status) entries.push([`${collection}/{name}/status`, { get: operation('get', [], name), ...change, parameters: named }]);
  if (subresources.scale) entries.push([`${collection}/{name}/scale`, scalePath(patchBody, named)]);
  return entries;
}

function scalePath(patchBody: Schema, parameters: readonly Schema[]): Schema {
  const scale = { $ref: '#/components/schemas/io.k8s.api.autoscaling.v1.Scale' };
  const operation = (action: string, body?: Schema): Schema => ({
    parameters: action === 'get' ? [] : WRITE_PARAMETERS,
    ...(body && { requestBody: body }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: scale } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  });
  return {
    get: operation('get'),
    put: operation('put', { content: { '*/*': { schema: scale } } }),
    patch: operation('patch', patchBody),
    parameters,
  };
}

/** Only kinds with upstream's schemas know the strategic merge; kubectl decides by this table how it patches. */
function patchBodyOf(strategic: boolean): Schema {
  const types = [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(strategic ? ['application/strategic-merge-patch+json'] : []),
  ];
  const schema = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' };
  return { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) as object };
}
