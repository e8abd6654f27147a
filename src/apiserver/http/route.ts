/**
 * From a URL to a request (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`): /api/v1/namespaces/x/pods/y/log.
 * Pure text work, so that the headless server and anything else that speaks HTTP share it.
 */
import type { ApiRequest, PatchType, RequestOptions } from '../../api/request.ts';

/** What a URL asks of a resource. */
export interface ResourceRoute {
  group: string;
  version: string;
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  /** True for the old form /api/v1/watch/… */
  watchPath: boolean;
}

/** Splits a path below /api or /apis; undefined when it names no resource (discovery, health, …). */
export function resourceRoute(path: string): ResourceRoute | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : parts.shift();
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0) return undefined;
  const watchPath = parts[0] === 'watch';
  if (watchPath) parts.shift();
  let namespace: string | undefined;
  // /namespaces/x is the namespace itself; /namespaces/x/pods are pods in it; /namespaces/x/status is a subresource of it.
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize';
  if (inNamespace) {
    parts.shift();
    namespace = parts.shift();
  }
  const [resource, name, subresource] = parts;
  if (resource === undefined) return undefined;
  return { group, version, resource, namespace, name, subresource, watchPath };
}

/** The verb of an HTTP method. Undefined for methods the API does not have. */
export function verbOf(method: string, { name }: ResourceRoute): ApiRequest['verb'] | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

/** The patch type of a content type. */
export function patchTypeOf(contentType: string): PatchType | undefined {
  switch (contentType.split(';', 1)[0]?.trim()) {
    case 'application/json-patch+json':
      return 'json';
    case 'application/merge-patch+json':
      return 'merge';
    case 'application/strategic-merge-patch+json':
      return 'strategic';
    case 'application/apply-patch+yaml':
      return 'apply';
    default:
      return undefined;
  }
}

/** Query parameters as request options. `get` returns the value of a parameter, or null. */
export function optionsOf(get: (name: string) => string | null, all: Readonly<Record<string, string>>): RequestOptions {
  const text = (name: string) => get(name) ?? undefined;
  const number = (name: string) => (get(name) === null || get(name) === '' ? undefined : Number(get(name)));
  const flag = (name: string) => (get(name) === null ? undefined : get(name) !== 'false' && get(name) !== '0');
  const options: RequestOptions = {
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    limit: number('limit'),
    continue: text('continue'),
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch') as RequestOptions['resourceVersionMatch'],
    allowWatchBookmarks: flag('allowWatchBookmarks'),
    sendInitialEvents: flag('sendInitialEvents'),
    timeoutSeconds: number('timeoutSeconds'),
    dryRun: get('dryRun') === 'All' ? true : undefined,
    fieldManager: text('fieldManager'),
    fieldValidation: text('fieldValidation') as RequestOptions['fieldValidation'],
    force: flag('force'),
    gracePeriodSeconds: number('gracePeriodSeconds'),
    propagationPolicy: text('propagationPolicy') as RequestOptions['propagationPolicy'],
    query: all,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as RequestOptions;
}

/** `DeleteOptions` in a request body, merged over those of the query. */
export function withDeleteOptions(options: RequestOptions, body: unknown): RequestOptions {
  if (typeof body !== 'object' || body === null) return options;
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun, orphanDependents } = body as {
    gracePeriodSeconds?: number;
    propagationPolicy?: RequestOptions['propagationPolicy'];
    preconditions?: RequestOptions['preconditions'];
    dryRun?: string[];
    orphanDependents?: boolean;
  };
  return {
    ...options,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(orphanDependents !== undefined && { propagationPolicy: orphanDependents ? 'Orphan' : 'Background' }),
    ...(preconditions !== undefined && { preconditions }),
    ...(dryRun?.includes('All') && { dryRun: true }),
  };
}
