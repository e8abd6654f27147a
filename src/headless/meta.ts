/** Everything besides resources: discovery, OpenAPI, version and health. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '../apimachinery/status.ts';
import { aggregated, CORE_VERSIONS, groupList, oneGroup, resourceList } from '../apiserver/http/discovery.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { RELEASE } from '../cluster/bootstrap/release.ts';
import { sendObject, sendText } from './http/answer.ts';
import { negotiate } from './http/negotiate.ts';
import { openApiV2, openApiV2Protobuf } from './openapi/v2.ts';
import { OpenApiV3 } from './openapi/v3.ts';

const VERSION = {
  major: '1',
  minor: '33',
  gitVersion: `${RELEASE}+kubarium`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};
const HEALTH = new Set(['/healthz', '/livez', '/readyz', '/healthz/ping', '/livez/ping', '/readyz/ping']);
const ROOT_PATHS = ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];

/** Not `@v1.0` in the end: mime parsers stumble over it. */
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** What is there to be checked, by its upstream name. All of it runs whenever anything can be asked. */
const CHECKS = ['ping', 'etcd', 'poststarthook/rbac/bootstrap-roles', 'poststarthook/scheduling/bootstrap-system-priority-classes'];

/** "ok", or with `?verbose` every check (`k8s.io/apiserver/pkg/server/healthz`). */
function healthOf(path: string, verbose: boolean): string {
  if (!verbose || path.endsWith('/ping')) return 'ok';
  return `${CHECKS.map((check) => `[+]${check} ok\n`).join('')}${path.slice(1)} check passed\n`;
}

/** Answers what is not a resource. The served resources may change while it lives: custom ones come and go. */
export class MetaApi {
  readonly #resources: () => readonly ResourceDefinition[];
  #seen: readonly ResourceDefinition[] = [];
  #v3 = new OpenApiV3([]);
  #v2: Uint8Array | undefined;

  constructor(resources: () => readonly ResourceDefinition[]) {
    this.#resources = resources;
  }

  /** Throws 404 for a path that does not exist, 406 for a form that it has not. */
  answer(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const path = url.pathname.replace(/(.)\/$/, '$1');
    if (HEALTH.has(path))
      return sendText(request, response, 200, healthOf(path, url.searchParams.has('verbose')), 'text/plain; charset=utf-8');
    this.#refresh();
    if (path === '/openapi/v2' || path.startsWith('/openapi/v3')) return this.#openApi(request, response, path);
    if (path === '/api' || path === '/apis') return this.#groups(request, response, path === '/api');
    const found = this.#plain(path);
    if (found === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    sendObject(request, response, 200, found, negotiate(request.headers.accept, []));
  }

  #refresh(): void {
    const resources = this.#resources();
    if (resources === this.#seen) return;
    this.#seen = resources;
    this.#v3 = new OpenApiV3(resources);
    this.#v2 = undefined;
  }

  #plain(path: string): object | undefined {
    if (path === '/version') return VERSION;
    if (path === '/') return { paths: ROOT_PATHS };
    const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
    if (group !== undefined) return oneGroup(this.#seen, group);
    const version = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path);
    return version === null ? undefined : resourceList(this.#seen, version[1] ?? '', version[2] ?? '');
  }

  #groups(request: IncomingMessage, response: ServerResponse, core: boolean): void {
    const type = negotiate(request.headers.accept, ['APIGroupDiscoveryList']);
    if (type.as === undefined) return this.#tagged(request, response, core ? CORE_VERSIONS : groupList(this.#seen));
    const version = type.version ?? 'v2';
    response.setHeader('Content-Type', `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
    this.#tagged(request, response, { ...aggregated(this.#seen, core), apiVersion: `apidiscovery.k8s.io/${version}` });
  }

  /** With an ETag: kubectl asks again and again, and a 304 is enough for it. */
  #tagged(request: IncomingMessage, response: ServerResponse, object: object): void {
    const text = `${JSON.stringify(object)}\n`;
    const tag = `"${createHash('sha256').update(text).digest('hex').toUpperCase()}"`;
    response.setHeader('ETag', tag);
    response.setHeader('Vary', 'Accept');
    if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
    else sendText(request, response, 200, text, 'application/json');
  }

  #openApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (path === '/openapi/v3') return sendObject(request, response, 200, this.#v3.index(), { encoding: 'json' });
    if (path === '/openapi/v2') return this.#openApiV2(request, response);
    const text = this.#v3.document(path.slice('/openapi/v3/'.length));
    if (text === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    sendText(request, response, 200, text, 'application/json');
  }

  #openApiV2(request: IncomingMessage, response: ServerResponse): void {
    if (!(request.headers.accept ?? '').includes('com.github.proto-openapi.spec.v2')) {
      sendObject(request, response, 200, openApiV2(this.#seen), { encoding: 'json' });
      return;
    }
    this.#v2 ??= openApiV2Protobuf(this.#seen);
    sendText(request, response, 200, this.#v2, OPENAPI_V2_PROTOBUF);
  }
}
