/**
 * HTTP in front of the apiserver, on 127.0.0.1 only: JSON in and out, tables, streaming watches, discovery, health.
 * Enough for kubectl's plain verbs; the API issue completes it (protobuf, OpenAPI, exec).
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALL_RESOURCES, resourceByPlural } from '../api/index.ts';
import { decodeBody } from '../api/decode.ts';
import type { ApiRequest } from '../api/request.ts';
import { badRequest, StatusError } from '../apimachinery/status.ts';
import { aggregated, CORE_VERSIONS, groupList, oneGroup, resourceList } from '../apiserver/http/discovery.ts';
import { optionsOf, patchTypeOf, resourceRoute, verbOf, withDeleteOptions } from '../apiserver/http/route.ts';
import { tableOf } from '../apiserver/http/table.ts';
import type { IncludeObject } from '../apiserver/http/table.ts';
import { CLUSTER_ADMIN } from '../cluster/admin.ts';
import { RELEASE } from '../cluster/bootstrap/system-objects.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { streamWatch } from './watch-stream.ts';

const MAX_BODY = 3 * 1024 * 1024;
const VERSION = { major: '1', minor: '33', gitVersion: `${RELEASE}+kubarium`, gitCommit: '', gitTreeState: 'clean', buildDate: '2026-01-01T00:00:00Z', goVersion: '', compiler: '', platform: 'linux/amd64' };

/** One request on its way through. */
interface Exchange {
  cluster: Cluster;
  wake: () => void;
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
}

/** Starts listening; resolves with the port. `wake` is called after each write. */
export function serve(cluster: Cluster, port: number, wake: () => void): Promise<number> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    handle({ cluster, wake, request, response, url }).catch((error: unknown) => sendError(response, error));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function handle(exchange: Exchange): Promise<void> {
  const { url, response, request } = exchange;
  const route = resourceRoute(url.pathname);
  if (route === undefined) return sendMeta(exchange);
  const verb = verbOf(request.method ?? '', route);
  if (verb === undefined) throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  const options = optionsOf((name) => url.searchParams.get(name), Object.fromEntries(url.searchParams));
  const { watchPath, ...target } = route;
  const asked = { ...target, options, user: CLUSTER_ADMIN, userAgent: userAgentOf(request) };
  const watch = url.searchParams.get('watch');
  if (verb === 'list' && (watchPath || watch === '1' || watch === 'true')) return streamWatch(exchange.cluster, asked, response, accepts(request));
  const sent = await bodyOf(request);
  const patchType = verb === 'patch' ? patchTypeOf(request.headers['content-type'] ?? '') : undefined;
  const base: ApiRequest = { ...asked, verb, body: sent, patchType };
  if (verb === 'delete' || verb === 'deletecollection') base.options = withDeleteOptions(options, sent);
  const { body, warnings } = decodeBody(base);
  const { sim, apiServer } = exchange.cluster;
  const run = () => apiServer.request({ ...base, body });
  const answer = verb === 'get' || verb === 'list' ? run() : sim.perform(asked.userAgent, verb, url.pathname, run);
  exchange.wake();
  for (const warning of [...warnings, ...answer.warnings]) response.appendHeader('Warning', `299 - "${warning.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  if (target.subresource === 'log') {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end((answer.object as unknown as { text: string }).text);
    return;
  }
  sendJson(response, answer.code, asTableIfAsked(exchange, target, answer.object));
}

function asTableIfAsked({ cluster, request, url }: Exchange, target: { group: string; version: string; resource: string; subresource?: string }, object: object): object {
  const definition = resourceByPlural(target.group, target.version, target.resource);
  const isStatus = (object as { kind?: string }).kind === 'Status';
  if (!accepts(request).table || definition === undefined || target.subresource !== undefined || isStatus) return object;
  const include = (url.searchParams.get('includeObject') ?? 'Metadata') as IncludeObject;
  return tableOf(definition, object as never, cluster.sim.now, include);
}

/** Discovery, version and health. */
function sendMeta({ url, request, response }: Exchange): void {
  const path = url.pathname.replace(/\/$/, '');
  const { v2 } = accepts(request);
  const aggregate = (core: boolean) => {
    response.setHeader('Content-Type', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    return aggregated(ALL_RESOURCES, core);
  };
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
  const version = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path);
  let found: object | undefined;
  if (path === '/version') found = VERSION;
  else if (path === '/healthz' || path === '/livez' || path === '/readyz') {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok');
    return;
  } else if (path === '/api') found = v2 ? aggregate(true) : CORE_VERSIONS;
  else if (path === '/apis') found = v2 ? aggregate(false) : groupList(ALL_RESOURCES);
  else if (group !== undefined) found = oneGroup(ALL_RESOURCES, group);
  else if (version !== null) found = resourceList(ALL_RESOURCES, version[1] ?? '', version[2] ?? '');
  if (found === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  sendJson(response, 200, found);
}

/** What a client takes. */
export interface Accepts {
  table: boolean;
  v2: boolean;
}

function accepts({ headers }: IncomingMessage): Accepts {
  const accept = headers.accept ?? '';
  return { table: accept.includes('as=Table'), v2: accept.includes('as=APIGroupDiscoveryList') && accept.includes('v=v2') };
}

function userAgentOf({ headers }: IncomingMessage): string {
  return (headers['user-agent'] ?? 'http').split(/[/ ]/, 1)[0] ?? 'http';
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY}`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = (request.headers['content-type'] ?? 'application/json').split(';', 1)[0];
  if (type === 'application/vnd.kubernetes.protobuf') throw new StatusError(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: application/json');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw badRequest(`couldn't decode the body: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sendJson(response: ServerResponse, code: number, object: object): void {
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json');
  response.writeHead(code).end(`${JSON.stringify(object)}\n`);
}

function sendError(response: ServerResponse, error: unknown): void {
  const failure = error instanceof StatusError ? error : new StatusError(500, 'InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`);
  if (!response.headersSent) sendJson(response, failure.code, failure.status);
  else response.end();
}
