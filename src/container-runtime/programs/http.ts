/** HTTP servers of simulated images: static files, fixed routes, and a line in the access log. */
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { HttpReply, HttpRequest, Message, Peer, Reply, Service } from '../../linux/net/socket.ts';
import type { Process } from '../../linux/process.ts';
import { normalisePath } from '../../linux/fs/file-system.ts';
import type { HttpSpec, Image, ListenSpec, RouteSpec, ServerBehaviour } from '../images/image.ts';
import { countRequest } from './load.ts';
import { fill, formatLogTime } from './text.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  xml: 'text/xml',
  svg: 'image/svg+xml',
};
const UNANSWERED: Reply = { kind: 'text', text: '' };

/** The code behind one port of a server image; shared by all its containers. */
export class ServerService implements Service {
  readonly tls: boolean;
  readonly #spec: ListenSpec;
  readonly #image: Image;
  readonly #accessLog: boolean;
  readonly #cpuMs: number;

  constructor(spec: ListenSpec, image: Image, behaviour: Pick<ServerBehaviour, 'accessLog' | 'cpuMsPerRequest'>) {
    this.#spec = spec;
    this.#image = image;
    this.#accessLog = behaviour.accessLog ?? false;
    this.#cpuMs = behaviour.cpuMsPerRequest ?? 0;
    this.tls = spec.tls ?? false;
  }

  serve(process: Process, message: Message, peer: Peer): Reply | undefined {
    const { http, text, grpcHealth } = this.#spec;
    if (this.#cpuMs > 0) countRequest(process, this.#cpuMs);
    if (message.kind === 'http') {
      if (http === undefined) return undefined;
      const reply = answer(http, process, this.#image, message, peer);
      if (this.#accessLog) logAccess(process, message, peer, reply);
      return reply;
    }
    if (message.kind === 'grpc-health') return grpcHealth ? { kind: 'grpc-health', status: 'SERVING' } : UNANSWERED;
    if (message.kind === 'dns') return undefined;
    const reply = text?.[message.text.trim()] ?? text?.['*'];
    return reply === undefined ? undefined : { kind: 'text', text: fill(reply, process, this.#image) };
  }
}

function answer(spec: HttpSpec, process: Process, image: Image, request: HttpRequest, peer: Peer): HttpReply {
  const mark = request.path.indexOf('?');
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  const contentType = spec.contentType ?? 'text/html';
  const file = spec.root === undefined ? undefined : staticFile(process, spec.root, path);
  if (file !== undefined) return file;
  const route: RouteSpec | undefined = spec.routes?.[path] ?? spec.routes?.['*'];
  if (route === undefined) return { kind: 'http', status: 404, contentType, body: spec.notFound ?? '404 page not found\n' };
  const body = fill(route.body, process, image, (name) => requestField(name, request, peer));
  const isLater = route.later !== undefined && process.now - process.startedAt > route.later.afterMs;
  if (isLater) return { kind: 'http', status: route.later.status, contentType, body: '' };
  const status = Number(queryOf(request, 'code') ?? 0) || (route.status ?? 200);
  if (route.exits) process.machine.exit(process, Number(queryOf(request, 'code') ?? 0));
  const reply = {
    kind: 'http',
    status: route.exits ? 200 : route.status === undefined ? 200 : status,
    contentType: route.contentType ?? contentType,
    body,
  } as const;
  return route.delayMs === undefined ? reply : { ...reply, delayMs: route.delayMs };
}

/** A file below the root; a directory gives its index.html. */
function staticFile(process: Process, root: string, path: string): HttpReply | undefined {
  const { fs } = process.context;
  const wanted = normalisePath(`${root}/${path}`);
  const file = fs.isDirectory(wanted) ? `${wanted}/index.html` : wanted;
  const body = fs.read(file);
  if (body === undefined) return undefined;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return { kind: 'http', status: 200, contentType: TYPES[extension] ?? 'application/octet-stream', body };
}

function requestField(name: string, request: HttpRequest, peer: Peer): string | undefined {
  if (name === 'method') return request.method;
  if (name === 'path') return request.path;
  if (name === 'host') return request.host;
  if (name === 'body') return request.body;
  if (name === 'clientIp') return formatIpv4(peer.ip);
  if (name === 'clientPort') return String(peer.port);
  return name.startsWith('query:') ? (queryOf(request, name.slice('query:'.length)) ?? '') : undefined;
}

function queryOf(request: HttpRequest, name: string): string | undefined {
  if (!request.path.includes('?')) return undefined;
  const query = request.path.split('?')[1] ?? '';
  for (const pair of query.split('&')) {
    const [key = '', value = ''] = pair.split('=');
    if (key === name) return decode(value);
  }
  return undefined;
}

function decode(text: string): string {
  return text.replaceAll('+', ' ').replace(/%([0-7][0-9a-fA-F])/g, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Differs: requests of probes are not logged; in a large cluster they would fill the memory with lines that nobody reads. */
function logAccess(process: Process, request: HttpRequest, peer: Peer, reply: HttpReply): void {
  const agent = request.headers.find(({ name }) => name.toLowerCase() === 'user-agent')?.value ?? '-';
  if (agent.startsWith('kube-probe/')) return;
  const time = formatLogTime('clf', process.now);
  process.print(
    `${formatIpv4(peer.ip)} - - [${time}] "${request.method} ${request.path} HTTP/1.1" ${reply.status} ${reply.body.length} "-" "${agent}" "-"\n`,
  );
}
