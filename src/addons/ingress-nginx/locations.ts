/**
 * From Ingresses to nginx's servers and locations, and which location a request gets (`internal/ingress/controller/
 * controller.go` getBackendServers, `template/template.go` buildLocation). Pure.
 */
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { optionsOf } from './annotations.ts';
import type { Options } from './annotations.ts';

/** The catch-all server: rules without a host. */
export const CATCH_ALL = '_';

/** One location of a server. */
export interface Location {
  readonly path: string;
  readonly pathType: string;
  readonly backend: IngressBackend;
  readonly ingress: Ingress;
  readonly options: Options;
  /** Ingresses that take a part of its traffic. */
  readonly canaries: readonly Location[];
}

/** One server. */
export interface Server {
  /** "shop.example.com", "*.example.com" or "_". */
  readonly host: string;
  /** Longest path first, and of equal ones Exact first. */
  readonly locations: readonly Location[];
  /** The Secret of the first Ingress that has TLS for the host: "namespace/name". */
  readonly secret: string | undefined;
  readonly tls: boolean;
  /** All locations are regular expressions, as soon as one of them is. */
  readonly regex: boolean;
}

/** The oldest Ingress wins where two have the same host and path. */
function byAge(a: Ingress, b: Ingress): number {
  const order = Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp);
  return order !== 0 ? order : keyOf(a) < keyOf(b) ? -1 : 1;
}

interface Draft {
  readonly locations: Location[];
  readonly canaries: Location[];
  secret: string | undefined;
  tls: boolean;
}

/** All servers by host. */
export function serversOf(ingresses: readonly Ingress[]): ReadonlyMap<string, Server> {
  const drafts = new Map<string, Draft>();
  const draft = (host: string): Draft => {
    let found = drafts.get(host);
    if (found === undefined) drafts.set(host, (found = { locations: [], canaries: [], secret: undefined, tls: false }));
    return found;
  };
  for (const ingress of [...ingresses].sort(byAge)) addIngress(ingress, draft);
  const servers = new Map<string, Server>();
  for (const [host, { locations, canaries, secret, tls }] of drafts) {
    const sorted = [...locations].sort(
      (a, b) => b.path.length - a.path.length || Number(b.pathType === 'Exact') - Number(a.pathType === 'Exact'),
    );
    const own = sorted.map((location) => ({ ...location, canaries: canaries.filter((other) => isSame(location, other)) }));
    servers.set(host, { host, locations: own, secret, tls, regex: locations.some(({ options }) => isRegex(options)) });
  }
  return servers;
}

const isRegex = ({ useRegex, rewriteTarget }: Options): boolean => useRegex || rewriteTarget !== undefined;
const isSame = (a: Location, b: Location): boolean => a.path === b.path && a.pathType === b.pathType;

function addIngress(ingress: Ingress, draft: (host: string) => Draft): void {
  const options = optionsOf(ingress);
  const { spec, metadata } = ingress;
  const locationOf = ({ path = '/', pathType, backend }: HTTPIngressPath): Location => ({
    path,
    pathType,
    backend,
    ingress,
    options,
    canaries: [],
  });
  for (const { host, http } of spec?.rules ?? []) {
    const server = draft(host || CATCH_ALL);
    const paths = http?.paths ?? (spec?.defaultBackend ? [{ path: '/', pathType: 'Prefix', backend: spec.defaultBackend }] : []);
    for (const path of paths) {
      const location = locationOf(path);
      if (options.canary !== undefined) server.canaries.push(location);
      else if (!server.locations.some((other) => isSame(other, location))) server.locations.push(location);
    }
  }
  if (spec?.defaultBackend !== undefined && options.canary === undefined) {
    const server = draft(CATCH_ALL);
    const location = locationOf({ path: '/', pathType: 'Prefix', backend: spec.defaultBackend });
    if (!server.locations.some((other) => isSame(other, location))) server.locations.push(location);
  }
  for (const { hosts, secretName } of spec?.tls ?? []) {
    const named = hosts && hosts.length > 0 ? hosts : (spec?.rules ?? []).map(({ host }) => host || CATCH_ALL);
    for (const host of named) {
      const server = draft(host);
      server.tls = true;
      server.secret ??= secretName && `${metadata.namespace ?? ''}/${secretName}`;
    }
  }
}

/** The server for a Host header: its own, the one for all hosts of the domain, or the catch-all. */
export function serverFor(servers: ReadonlyMap<string, Server>, hostHeader: string): Server | undefined {
  const host = hostHeader.replace(/:\d+$/, '').toLowerCase();
  return servers.get(host) ?? servers.get(`*${host.slice(host.indexOf('.'))}`) ?? servers.get(CATCH_ALL);
}

/** A location, and what the groups of its expression matched. */
export interface Match {
  readonly location: Location;
  readonly groups: readonly string[];
}

/** The location for a path without its query: Exact, then the longest that fits. */
export function locationFor({ locations, regex }: Server, path: string): Match | undefined {
  if (regex) {
    for (const location of locations) {
      const match = expression(location.path)?.exec(path);
      if (match) return { location, groups: match.slice(1).map((group) => group ?? '') };
    }
    return undefined;
  }
  const exact = locations.find((location) => location.pathType === 'Exact' && location.path === path);
  const location = exact ?? locations.find((other) => other.pathType !== 'Exact' && fits(other, path));
  return location && { location, groups: [] };
}

/** Prefix goes by whole elements: /foo fits /foo and /foo/bar, not /foobar. ImplementationSpecific is nginx's plain prefix. */
function fits({ path, pathType }: Location, asked: string): boolean {
  if (pathType !== 'Prefix') return asked.startsWith(path);
  const base = path.replace(/\/+$/, '');
  return asked === base || asked.startsWith(`${base}/`);
}

/** `location ~* "^/path"`. */
function expression(path: string): RegExp | undefined {
  try {
    return new RegExp(`^${path}`, 'i');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The path that the backend gets: "/$2" with the groups put in, and the query of before. */
export function rewrite(target: string, groups: readonly string[], query: string): string {
  const path = target.replace(/\$(\d)/g, (_whole, group: string) => groups[Number(group) - 1] ?? '');
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
