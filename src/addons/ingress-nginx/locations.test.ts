import { describe, expect, it } from 'vitest';
import type { Ingress } from '../../api/generated/types.ts';
import { locationFor, rewrite, serverFor, serversOf } from './locations.ts';

type Rule = [host: string, path: string, pathType: string, service: string];

const ingress = (rules: Rule[], annotations: Record<string, string> = {}, more: object = {}, createdAt = '2026-01-01T00:00:00Z'): Ingress =>
  ({
    metadata: {
      namespace: 'default',
      name: `i-${createdAt}`,
      creationTimestamp: createdAt,
      annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])),
    },
    spec: {
      rules: rules.map(([host, path, pathType, name]) => ({
        ...(host && { host }),
        http: { paths: [{ path, pathType, backend: { service: { name, port: { number: 80 } } } }] },
      })),
      ...more,
    },
  }) as unknown as Ingress;

function find(ingresses: Ingress[], host: string, path: string): string {
  const server = serverFor(serversOf(ingresses), host);
  const match = server && locationFor(server, path);
  return match?.location.backend.service?.name ?? '404';
}

describe('a request', () => {
  const rules = ingress([
    ['a.com', '/', 'Prefix', 'root'],
    ['a.com', '/foo', 'Prefix', 'foo'],
    ['a.com', '/foo/bar', 'Exact', 'exact'],
    ['a.com', '/foo/bar', 'Prefix', 'bar'],
    ['a.com', '/impl', 'ImplementationSpecific', 'impl'],
    ['*.b.com', '/', 'Prefix', 'wild'],
    ['x.b.com', '/', 'Prefix', 'own'],
    ['', '/any', 'Prefix', 'any'],
  ]);
  const cases: [host: string, path: string, service: string][] = [
    ['a.com', '/', 'root'],
    ['A.com:8080', '/other', 'root'],
    ['a.com', '/foo', 'foo'],
    ['a.com', '/foo/', 'foo'],
    ['a.com', '/foobar', 'root'],
    ['a.com', '/foo/bar', 'exact'],
    ['a.com', '/foo/bar/', 'bar'],
    ['a.com', '/implementation', 'impl'],
    ['x.b.com', '/', 'own'],
    ['y.b.com', '/', 'wild'],
    ['y.z.b.com', '/', '404'],
    ['c.com', '/any/thing', 'any'],
    ['c.com', '/', '404'],
  ];
  it.each(cases)('for %s%s goes to %s', (host, path, service) => {
    expect(find([rules], host, path)).toBe(service);
  });

  it('goes by the older of two Ingresses', () => {
    const older = ingress([['a.com', '/', 'Prefix', 'old']]);
    const newer = ingress([['a.com', '/', 'Prefix', 'new']], {}, {}, '2026-02-01T00:00:00Z');
    expect(find([newer, older], 'a.com', '/')).toBe('old');
  });

  it('is matched by expressions once one location of the host has one', () => {
    const rewriting = ingress([['a.com', '/api(/|$)(.*)', 'ImplementationSpecific', 'api']], { 'rewrite-target': '/$2' });
    const plain = ingress([['a.com', '/app', 'Prefix', 'app']], {}, {}, '2026-02-01T00:00:00Z');
    expect(find([rewriting, plain], 'a.com', '/APPLE')).toBe('app');
    const server = serverFor(serversOf([rewriting, plain]), 'a.com');
    const match = server && locationFor(server, '/api/v1/x');
    expect(match?.groups).toEqual(['/', 'v1/x']);
    expect(rewrite('/$2', match?.groups ?? [], 'a=b')).toBe('/v1/x?a=b');
  });

  it('without a rule goes to the default backend, and canaries stand aside', () => {
    const withDefault = ingress([], {}, { defaultBackend: { service: { name: 'fallback', port: { number: 80 } } } });
    expect(find([withDefault], 'c.com', '/x')).toBe('fallback');
    const canary = ingress([['a.com', '/', 'Prefix', 'canary']], { canary: 'true', 'canary-weight': '10' }, {}, '2026-02-01T00:00:00Z');
    const servers = serversOf([ingress([['a.com', '/', 'Prefix', 'main']]), canary]);
    const location = servers.get('a.com')?.locations[0];
    expect(location?.backend.service?.name).toBe('main');
    expect(location?.canaries.map(({ options }) => options.canary?.weight)).toEqual([10]);
  });
});
