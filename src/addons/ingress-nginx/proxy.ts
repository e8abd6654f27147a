/**
 * nginx itself: a request comes in, its host and path choose a location, and the location's endpoints are asked one
 * after the other (`rootfs/etc/nginx/template/nginx.tmpl`, `lua/balancer.lua`). The way on is a connection of its own,
 * from the controller's pod to the endpoint: the layer 7 hop.
 */
import { contains, formatIpv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { HttpReply, HttpRequest, Message, Peer, Service } from '../../linux/net/socket.ts';
import type { Process } from '../../linux/process.ts';
import { exchangeNow } from '../../linux/runner.ts';
import type { Random } from '../../sim/random.ts';
import type { Caches, Selection, Upstream } from './caches.ts';
import { locationFor, rewrite, serverFor } from './locations.ts';
import type { Location, Server } from './locations.ts';

/** `proxy_next_upstream_tries` */
const MAX_TRIES = 3;
const TITLES: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  302: '302 Found',
  308: '308 Permanent Redirect',
  403: '403 Forbidden',
  404: '404 Not Found',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};
const FAKE_CERTIFICATE = 'Kubernetes Ingress Controller Fake Certificate';

/** nginx's own pages. */
function page(status: number, location?: string): HttpReply {
  const title = TITLES[status] ?? String(status);
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return {
    kind: 'http',
    status,
    contentType: 'text/html',
    body,
    ...(location !== undefined && { headers: [{ name: 'Location', value: location }] }),
  };
}

/** What became of a proxied request, for the log. */
interface Proxied {
  readonly reply: HttpReply;
  /** "default-web-80" */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly statuses: readonly number[];
  readonly afterMs: number;
}

/** One of nginx's two ports. */
export class Proxy implements Service {
  readonly tls: boolean;
  readonly #caches: Caches;
  readonly #selection: Selection;
  readonly #random: Random;
  /** Round robin: where each upstream's turn is. */
  readonly #turns = new Map<string, number>();

  constructor(caches: Caches, selection: Selection, random: Random, tls: boolean) {
    this.#caches = caches;
    this.#selection = selection;
    this.#random = random;
    this.tls = tls;
  }

  serve(process: Process, message: Message, peer: Peer): HttpReply | undefined {
    if (message.kind !== 'http') return undefined;
    const server = serverFor(this.#caches.servers(this.#selection), message.host);
    const proxied = this.#answer(process, message, peer, server);
    const { reply, afterMs } = proxied;
    log(process, message, peer, proxied, this.#random);
    const own = server?.secret !== undefined && this.#caches.hasCertificate(server.secret);
    const certificate = own ? message.host.replace(/:\d+$/, '') : FAKE_CERTIFICATE;
    return { ...reply, ...(this.tls && { certificate }), delayMs: afterMs };
  }

  #answer(process: Process, request: HttpRequest, peer: Peer, server: Server | undefined): Proxied {
    const own = (status: number, to?: string): Proxied => ({ reply: page(status, to), name: '', addresses: [], statuses: [], afterMs: 0 });
    const [path = '/', ...rest] = request.path.split('?');
    const query = rest.join('?');
    const match = server && locationFor(server, path);
    if (server === undefined || match === undefined) return { ...own(404), name: 'upstream-default-backend' };
    const { options } = match.location;
    const redirects = options.forceSslRedirect || (options.sslRedirect && server.tls);
    if (redirects && !this.tls) return own(308, `https://${request.host.replace(/:\d+$/, '')}${request.path}`);
    if (options.sources !== undefined && !options.sources.some((range) => contains(range, peer.ip))) return own(403);
    if (options.redirect !== undefined) return own(options.redirect.status, options.redirect.to);
    if (options.appRoot !== undefined && path === '/')
      return own(302, `${this.tls ? 'https' : 'http'}://${request.host}${options.appRoot}`);
    const location = this.#canary(match.location, request);
    const target = location.options.rewriteTarget;
    const next = target === undefined ? request.path : rewrite(target, match.groups, query);
    return this.#pass(process, { ...request, path: next }, peer, location);
  }

  /** The canary that takes this request, or the location itself. */
  #canary(location: Location, { headers }: HttpRequest): Location {
    for (const other of location.canaries) {
      const { header, headerValue, weight = 0, total = 100 } = other.options.canary ?? {};
      const value = header && headers.find(({ name }) => name.toLowerCase() === header.toLowerCase())?.value;
      if (value !== undefined && value !== '') {
        if (headerValue !== undefined ? value === headerValue : value === 'always') return other;
        if (headerValue === undefined && value === 'never') continue;
      }
      if (weight > 0 && this.#random.int(total) < weight) return other;
    }
    return location;
  }

  #pass(process: Process, request: HttpRequest, peer: Peer, location: Location): Proxied {
    const { backend, ingress, options } = location;
    const namespace = ingress.metadata.namespace ?? '';
    const { name = '', port } = backend.service ?? {};
    const upstream = `${namespace}-${name}-${port?.name ?? port?.number ?? ''}`;
    const servicePort = this.#caches.port(namespace, name, port);
    const all = servicePort === undefined ? [] : this.#upstreams(namespace, name, servicePort, location);
    const message = forwarded(request, peer, this.tls, location, this.#random);
    const addresses: string[] = [];
    const statuses: number[] = [];
    let reply = page(503);
    let afterMs = 0;
    const first = this.#turn(upstream, all.length);
    for (let attempt = 0; attempt < Math.min(MAX_TRIES, all.length); attempt++) {
      const { ip, port: number } = all[(first + attempt) % all.length] as Upstream;
      addresses.push(`${ip}:${number}`);
      const to = { ip: parseIpv4(ip) ?? 0, port: number, protocol: 'TCP' } as const;
      const { outcome, afterMs: took } = exchangeNow(process.context.netns, { ...to, timeoutMs: options.readTimeoutMs }, message);
      const connecting = outcome.state === 'timeout' || outcome.state === 'host unreachable';
      afterMs += connecting ? Math.min(took, options.connectTimeoutMs) : took;
      const answered = outcome.state === 'answered' && outcome.reply.kind === 'http' ? outcome.reply : undefined;
      reply = answered ?? page(outcome.state === 'timeout' || outcome.state === 'no answer' ? 504 : 502);
      statuses.push(reply.status);
      if (answered !== undefined) break;
    }
    return { reply, name: upstream, addresses, statuses, afterMs };
  }

  #upstreams(namespace: string, name: string, port: Parameters<Caches['endpoints']>[2], { options }: Location): readonly Upstream[] {
    if (!options.serviceUpstream) return this.#caches.endpoints(namespace, name, port);
    const ip = this.#caches.services.get(`${namespace}/${name}`)?.spec.clusterIP;
    return ip === undefined || ip === 'None' ? [] : [{ ip, port: port.port }];
  }

  #turn(upstream: string, count: number): number {
    if (count === 0) return 0;
    const turn = this.#turns.get(upstream) ?? this.#random.int(count);
    this.#turns.set(upstream, turn + 1);
    return turn % count;
  }
}

/** The request as the endpoint gets it: with who really asked. */
function forwarded(request: HttpRequest, peer: Peer, tls: boolean, { options }: Location, random: Random): HttpRequest {
  const scheme = tls ? 'https' : 'http';
  const added = {
    'X-Request-ID': random.hex(32),
    'X-Real-IP': formatIpv4(peer.ip),
    'X-Forwarded-For': formatIpv4(peer.ip),
    'X-Forwarded-Host': request.host,
    'X-Forwarded-Port': tls ? '443' : '80',
    'X-Forwarded-Proto': scheme,
    'X-Forwarded-Scheme': scheme,
    'X-Scheme': scheme,
  };
  const headers = [...request.headers, ...Object.entries(added).map(([name, value]) => ({ name, value }))];
  return { ...request, headers, host: options.upstreamHost ?? request.host, tls: options.tlsBackend };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** A line of the log format "upstreaminfo". */
function log(
  process: Process,
  request: HttpRequest,
  peer: Peer,
  { reply, name, addresses, statuses, afterMs }: Proxied,
  random: Random,
): void {
  const iso = new Date(process.now).toISOString();
  const time = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  const agent = request.headers.find((header) => header.name.toLowerCase() === 'user-agent')?.value ?? '-';
  const seconds = (afterMs / 1000).toFixed(3);
  const or = (values: readonly (string | number)[]) => (values.length > 0 ? values.join(', ') : '-');
  const length = reply.body.length;
  process.print(
    `${formatIpv4(peer.ip)} - - [${time}] "${request.method} ${request.path} HTTP/1.1" ${reply.status} ${length} "-" "${agent}" ` +
      `${request.path.length + request.host.length + 64} ${seconds} [${name}] [] ${or(addresses)} ${addresses.length > 0 ? length : '-'} ` +
      `${addresses.length > 0 ? seconds : '-'} ${or(statuses)} ${random.hex(32)}\n`,
  );
}
