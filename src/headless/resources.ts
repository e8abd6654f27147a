/** Requests for resources: from HTTP to an `ApiRequest`, and the answer back in the form that the client takes. */
import type { IncomingMessage } from 'node:http';
import type { KubernetesObject, ObjectList } from '../apimachinery/meta.ts';
import { badRequest, StatusError } from '../apimachinery/status.ts';
import { decodeBody } from '../api/decode.ts';
import type { ApiRequest, ApiResponse, RequestOptions } from '../api/request.ts';
import { deprecationWarnings } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { optionsOf, patchTypeOf, resourceRoute, verbOf, withDeleteOptions } from '../apiserver/http/route.ts';
import type { ResourceRoute } from '../apiserver/http/route.ts';
import { includeOf, partialOf, tableOf } from '../apiserver/http/table.ts';
import type { IncludeObject } from '../apiserver/http/table.ts';
import { addWarning, sendObject } from './http/answer.ts';
import { decodeBodyBytes, readBody } from './http/body.ts';
import { negotiate } from './http/negotiate.ts';
import type { MediaType } from './http/negotiate.ts';
import { identityOf } from './identity.ts';
import { streamLog } from './log-stream.ts';
import type { Exchange } from './server.ts';
import { connectionIdentity } from './tls.ts';
import { streamWatch } from './watch-stream.ts';

const NOT_ALLOWED = 'the server does not allow this method on the requested resource';

/** The resource of a path; undefined when it names none. Throws 400 for a path that cannot be decoded. */
export function targetOf(url: URL): ResourceRoute | undefined {
  try {
    return resourceRoute(url.pathname);
  } catch {
    throw badRequest('the path of the request is not valid');
  }
}

/** Answers one request. Throws `StatusError`s. */
export async function handleResource(exchange: Exchange, route: ResourceRoute): Promise<void> {
  const { cluster, request, response, url, wake } = exchange;
  const definition = cluster.apiServer.definition(route.group, route.version, route.resource);
  if (definition === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  const verb = verbOf(request.method ?? '', route);
  if (verb === undefined) throw new StatusError(405, 'MethodNotAllowed', NOT_ALLOWED, {});
  const type = negotiate(request.headers.accept, ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);
  const { watchPath, ...target } = route;
  const include = includeOf(url.searchParams.get('includeObject'));
  const options = optionsOf((name) => url.searchParams.get(name), Object.fromEntries(url.searchParams));
  const asked = { ...target, options, ...callerOf(exchange), external: true };
  if (verb === 'list' && (watchPath || isTrue(url.searchParams.get('watch')))) {
    streamWatch(exchange, asked, { type, definition });
    return;
  }
  const sent = await sentBy(request, verb);
  const patchType = verb === 'patch' ? patchTypeOf(request.headers['content-type'] ?? '') : undefined;
  const base: ApiRequest = { ...asked, verb, body: sent, patchType };
  base.options = writeOptions(base, options, sent);
  const decoded = decodeBody(base, definition);
  const run = () => cluster.apiServer.request({ ...base, body: decoded.body });
  if (target.subresource === 'log') return streamLog(exchange, target, run);
  const reads = verb === 'get' || verb === 'list';
  const answer = reads ? run() : cluster.sim.perform(base.userAgent, verb, url.pathname, run);
  if (!reads) wake();
  const deprecated = reads || verb.startsWith('delete') ? deprecationWarnings(definition) : [];
  for (const warning of [...deprecated, ...decoded.warnings, ...answer.warnings]) addWarning(response, warning);
  send(exchange, answer, definition, { ...type, include }, target.subresource);
}

/** Who asks, for the authorizer and for managedFields. */
export function callerOf({ cluster, request }: Pick<Exchange, 'cluster' | 'request'>): Pick<ApiRequest, 'user' | 'userAgent'> {
  const { apiServer } = cluster;
  const credentials = {
    userOfToken: (token: string) => apiServer.authenticate(token),
    userOfPassword: (name: string, password: string) => apiServer.authenticatePassword(name, password),
  };
  const { user, impersonator } = identityOf(request, credentials, connectionIdentity(cluster, request));
  if (impersonator !== undefined) apiServer.authorizeImpersonation(impersonator, user);
  return { user, userAgent: (request.headers['user-agent'] ?? 'unknown').split('/', 1)[0] ?? 'unknown' };
}

const isTrue = (value: string | null): boolean => value === 'true' || value === '1' || value === '';

async function sentBy(request: IncomingMessage, verb: ApiRequest['verb']): Promise<unknown> {
  const bytes = await readBody(request);
  return verb === 'get' || verb === 'list' ? undefined : decodeBodyBytes(bytes, request.headers['content-type'], verb === 'patch');
}

/** The options of a write: a body of DeleteOptions counts, and raw clients write under the name of their program. */
function writeOptions({ verb, patchType, userAgent }: ApiRequest, options: RequestOptions, body: unknown): RequestOptions {
  if (verb === 'delete' || verb === 'deletecollection') return withDeleteOptions(options, body);
  if (verb === 'get' || verb === 'list' || patchType === 'apply' || options.fieldManager) return options;
  return { ...options, fieldManager: userAgent };
}

function send(
  exchange: Exchange,
  { code, object }: ApiResponse,
  definition: ResourceDefinition,
  type: MediaType & { include: IncludeObject },
  subresource: string | undefined,
): void {
  const { cluster, request, response } = exchange;
  const isObject = 'items' in object || (object as KubernetesObject).kind === definition.kind;
  let sent: object = object;
  if (type.as !== undefined && isObject && (subresource === undefined || subresource === 'status')) {
    if (type.as === 'Table') {
      sent = tableOf(definition, object as KubernetesObject, cluster.sim.now, type.include);
    } else sent = partialOf(object as KubernetesObject | ObjectList);
  }
  sendObject(request, response, code, sent, type);
}
