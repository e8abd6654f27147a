/** The annotations of an Ingress that ingress-nginx acts on (`kubernetes/ingress-nginx` internal/ingress/annotations). */
import type { Ingress } from '../../api/generated/types.ts';
import { type Cidr, parseCidr } from '../../linux/net/ipv4.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** What the annotations of one Ingress say. */
export interface Options {
  /** `rewrite-target`: the path for the backend; "$1" are groups of the path's expression. */
  readonly rewriteTarget: string | undefined;
  readonly useRegex: boolean;
  /** `ssl-redirect`: plain requests for hosts with TLS are sent to https. Default true. */
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly appRoot: string | undefined;
  readonly redirect: { readonly status: number; readonly to: string } | undefined;
  /** `backend-protocol` HTTPS. */
  readonly tlsBackend: boolean;
  /** `service-upstream`: the Service's address instead of its endpoints'. */
  readonly serviceUpstream: boolean;
  readonly upstreamHost: string | undefined;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  /** `whitelist-source-range`; undefined lets everybody in. */
  readonly sources: readonly Cidr[] | undefined;
  /** Takes a share of the traffic of another Ingress with the same host and path. */
  readonly canary: Canary | undefined;
}

/** `canary`, `canary-by-header`, `canary-by-header-value`, `canary-weight`, `canary-weight-total`. */
export interface Canary {
  readonly header: string | undefined;
  readonly headerValue: string | undefined;
  readonly weight: number;
  readonly total: number;
}

const KNOWN = new Set(
  (
    'rewrite-target use-regex ssl-redirect force-ssl-redirect app-root permanent-redirect permanent-redirect-code temporal-redirect backend-protocol ' +
    'service-upstream upstream-vhost proxy-connect-timeout proxy-read-timeout whitelist-source-range allowlist-source-range canary canary-by-header ' +
    'canary-by-header-value canary-weight canary-weight-total'
  ).split(' '),
);

/** The options of an Ingress. */
export function optionsOf({ metadata }: Ingress): Options {
  const text = (name: string): string | undefined => metadata.annotations?.[PREFIX + name];
  const flag = (name: string, standard: boolean): boolean => (text(name) === undefined ? standard : text(name) === 'true');
  const seconds = (name: string, standard: number): number => (Number(text(name)) || standard) * 1000;
  const permanent = text('permanent-redirect');
  const temporal = text('temporal-redirect');
  const ranges = (text('allowlist-source-range') ?? text('whitelist-source-range'))?.split(',').map((range) => range.trim());
  return {
    rewriteTarget: text('rewrite-target'),
    useRegex: flag('use-regex', false),
    sslRedirect: flag('ssl-redirect', true),
    forceSslRedirect: flag('force-ssl-redirect', false),
    appRoot: text('app-root'),
    redirect:
      permanent !== undefined
        ? { status: Number(text('permanent-redirect-code')) || 301, to: permanent }
        : temporal !== undefined
          ? { status: 302, to: temporal }
          : undefined,
    tlsBackend: text('backend-protocol') === 'HTTPS',
    serviceUpstream: flag('service-upstream', false),
    upstreamHost: text('upstream-vhost'),
    connectTimeoutMs: seconds('proxy-connect-timeout', 5),
    readTimeoutMs: seconds('proxy-read-timeout', 60),
    sources: ranges?.map((range) => parseCidr(range.includes('/') ? range : `${range}/32`)).filter((range) => range !== undefined),
    canary: !flag('canary', false)
      ? undefined
      : {
          header: text('canary-by-header'),
          headerValue: text('canary-by-header-value'),
          weight: Number(text('canary-weight')) || 0,
          total: Number(text('canary-weight-total')) || 100,
        },
  };
}

/** Names of annotations that ingress-nginx has, or might have, and that are not acted on here. */
export function ignoredAnnotations({ metadata }: Ingress): string[] {
  return Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith(PREFIX) && !KNOWN.has(name.slice(PREFIX.length)));
}
