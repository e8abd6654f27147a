import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice, Service } from '../../api/generated/types.ts';
import { emptyReply, reverseName } from '../../linux/net/dns.ts';
import type { DnsReply, RecordType } from '../../linux/net/dns.ts';
import { Cache } from './cache.ts';
import { serverConfig } from './config.ts';
import { CorefileError, parseCorefile } from './corefile.ts';
import { answerFromHosts } from './hosts.ts';
import { answer, DEFAULT_OPTIONS } from './kubernetes-plugin.ts';
import type { KubernetesOptions } from './kubernetes-plugin.ts';
import { rewritten } from './rewrite.ts';
import type { ZoneView } from './zone-view.ts';

const services: Record<string, Partial<Service['spec']>> = {
  web: {
    clusterIP: '10.96.0.5',
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  },
  db: { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] },
  bare: { clusterIP: 'None' },
  empty: { clusterIP: '10.96.0.6', ports: [{ port: 80 }] },
  alias: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
  outside: { type: 'ExternalName', externalName: 'example.com' },
  loop: { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' },
};
const pet = (index: number, more: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [`10.244.1.${index}`],
  conditions: { ready: true },
  targetRef: { kind: 'Pod', name: `db-${index}` },
  ...more,
});
const endpoints: Record<string, Endpoint[]> = {
  db: [pet(1, { hostname: 'db-0' }), pet(2), pet(3, { conditions: { ready: false } })],
  bare: [pet(9)],
};
const serviceOf = (name: string) => ({ metadata: { namespace: 'default', name }, spec: services[name] }) as unknown as Service;
const sliceOf = (name: string) => ({ endpoints: endpoints[name], ports: services[name]?.ports ?? [] }) as unknown as EndpointSlice;

const view: ZoneView = {
  service: (namespace, name) => (namespace === 'default' && services[name] !== undefined ? serviceOf(name) : undefined),
  slices: (_namespace, name) => (endpoints[name] === undefined ? [] : [sliceOf(name)]),
  hasNamespace: (name) => name === 'default',
  hasPod: (_namespace, ip) => ip === '10.244.1.1',
  servicesByReverseName: (name) =>
    Object.keys(services)
      .filter((own) => reverseName(services[own]?.clusterIP ?? '') === name)
      .map(serviceOf),
  *endpointsByReverseName(name) {
    for (const [service, own] of Object.entries(endpoints))
      for (const endpoint of own)
        if (reverseName(endpoint.addresses[0] ?? '') === name)
          yield { namespace: 'default', service, endpoint, address: endpoint.addresses[0] ?? '' };
  },
  hasSynced: true,
  serial: 1,
};

function ask(name: string, type: RecordType = 'A', options: Partial<KubernetesOptions> = {}): string {
  const full = /(cluster\.local|arpa)\.$|^[^.]+\.com\.$/i.test(name) ? name : `${name}.cluster.local.`;
  const outside: DnsReply = { ...emptyReply('NOERROR'), answers: [{ name: 'example.com.', type: 'A', ttl: 300, data: '93.184.215.14' }] };
  const reply = answer({ name: full, type }, view, { ...DEFAULT_OPTIONS, pods: 'insecure', ...options }, () => outside);
  if (reply === undefined) return 'next plugin';
  return reply.answers.length > 0 ? reply.answers.map((record) => `${record.type} ${record.data}`).join(', ') : reply.rcode;
}

describe('the kubernetes plugin', () => {
  const cases: [name: string, type: RecordType, expected: string][] = [
    ['web.default.svc', 'A', 'A 10.96.0.5'],
    ['WEB.Default.SVC', 'A', 'A 10.96.0.5'],
    ['web.default.svc', 'AAAA', 'NOERROR'],
    ['web.default.svc', 'TXT', 'NOERROR'],
    ['web.other.svc', 'A', 'NXDOMAIN'],
    ['nothing.default.svc', 'AAAA', 'NXDOMAIN'],
    ['default.svc', 'A', 'NOERROR'],
    ['other.svc', 'A', 'NXDOMAIN'],
    ['svc', 'A', 'NOERROR'],
    ['cluster.local.', 'A', 'NOERROR'],
    ['cluster.local.', 'SOA', 'SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5'],
    ['default.nothing', 'A', 'NXDOMAIN'],
    ['dns-version', 'TXT', 'TXT "1.1.0"'],
    ['_http._tcp.web.default.svc', 'SRV', 'SRV 0 100 80 web.default.svc.cluster.local.'],
    ['_dns._tcp.web.default.svc', 'SRV', 'NXDOMAIN'],
    ['_dns._udp.web.default.svc', 'SRV', 'SRV 0 100 53 web.default.svc.cluster.local.'],
    ['x._dns._udp.web.default.svc', 'SRV', 'NXDOMAIN'],
    ['db.default.svc', 'A', 'A 10.244.1.1, A 10.244.1.2'],
    ['db-0.db.default.svc', 'A', 'A 10.244.1.1'],
    ['10-244-1-2.db.default.svc', 'A', 'A 10.244.1.2'],
    ['10-244-1-3.db.default.svc', 'A', 'NXDOMAIN'],
    [
      '_sql._tcp.db.default.svc',
      'SRV',
      'SRV 0 50 5432 db-0.db.default.svc.cluster.local., SRV 0 50 5432 10-244-1-2.db.default.svc.cluster.local.',
    ],
    ['bare.default.svc', 'A', 'A 10.244.1.9'],
    ['bare.default.svc', 'SRV', 'NOERROR'],
    ['alias.default.svc', 'A', 'CNAME web.default.svc.cluster.local., A 10.96.0.5'],
    ['alias.default.svc', 'CNAME', 'CNAME web.default.svc.cluster.local.'],
    ['outside.default.svc', 'A', 'CNAME example.com., A 93.184.215.14'],
    ['x.outside.default.svc', 'A', 'NXDOMAIN'],
    ['loop.default.svc', 'A', 'NOERROR'],
    ['10-1-2-3.default.pod', 'A', 'A 10.1.2.3'],
    ['10-1-2.default.pod', 'A', 'NXDOMAIN'],
    ['10-1-2-3.other.pod', 'A', 'NXDOMAIN'],
    ['5.0.96.10.in-addr.arpa.', 'PTR', 'PTR web.default.svc.cluster.local.'],
    ['1.1.244.10.in-addr.arpa.', 'PTR', 'PTR db-0.db.default.svc.cluster.local.'],
    ['2.1.244.10.in-addr.arpa.', 'PTR', 'NXDOMAIN'],
    ['example.com.', 'A', 'next plugin'],
  ];
  it.each(cases)('%s %s: %s', (name, type, expected) => {
    expect(ask(name, type)).toBe(expected);
  });

  it('does as its options say', () => {
    expect(ask('10-1-2-3.default.pod', 'A', { pods: 'disabled' })).toBe('NXDOMAIN');
    expect(ask('10-1-2-3.default.pod', 'A', { pods: 'verified' })).toBe('NXDOMAIN');
    expect(ask('10-244-1-1.default.pod', 'A', { pods: 'verified' })).toBe('A 10.244.1.1');
    expect(ask('db-2.db.default.svc', 'A', { endpointPodNames: true })).toBe('A 10.244.1.2');
    expect(ask('web.default.svc', 'A', { namespaces: ['other'] })).toBe('NXDOMAIN');
    expect(ask('empty.default.svc')).toBe('A 10.96.0.6');
    expect(ask('empty.default.svc', 'A', { ignoreEmptyService: true })).toBe('NXDOMAIN');
    expect(ask('2.1.244.10.in-addr.arpa.', 'PTR', { fallthrough: ['in-addr.arpa.'] })).toBe('next plugin');
    expect(ask('nothing.default.svc', 'A', { fallthrough: ['in-addr.arpa.'] })).toBe('NXDOMAIN');
  });
});

describe('a Corefile', () => {
  const config = (text: string) => parseCorefile(text, 'Corefile').map((block) => serverConfig(block, 'Corefile'));

  it('has blocks with zones, ports and plugins', () => {
    const [main, other] = config(`
# comment
.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa {
       pods verified
       fallthrough in-addr.arpa
       ttl 30
    }
    forward . 8.8.8.8 1.1.1.1
    cache 30 {
       disable denial cluster.local
    }
    reload 10s 1s
}
Example.org:5353 example.net { hosts { 10.0.0.1 a.example.org } }
`);
    expect(main).toMatchObject({
      zones: [{ zone: '.', port: 53 }],
      errors: true,
      loop: false,
      health: { port: 8080, lameduckMs: 5000 },
      kubernetes: { zones: ['cluster.local.', 'in-addr.arpa.'], pods: 'verified', ttl: 30, fallthrough: ['in-addr.arpa.'] },
      forwards: [{ from: '.', to: ['8.8.8.8', '1.1.1.1'] }],
      cache: { successTtl: 30, noDenial: ['cluster.local.'], noSuccess: [] },
      reload: { intervalMs: 10_000, jitterMs: 1000 },
    });
    expect(other?.zones).toEqual([
      { zone: 'example.org.', port: 5353 },
      { zone: 'example.net.', port: 53 },
    ]);
    expect(other?.hosts?.inline).toEqual([{ ip: '10.0.0.1', names: ['a.example.org.'] }]);
  });

  const wrong: [text: string, message: string][] = [
    ['. {\n nonsense\n}', "Corefile:2 - Error during parsing: Unknown directive 'nonsense'"],
    ['. {\n errors', "Corefile:2 - Error during parsing: Unexpected EOF, expecting '}'"],
    ['. {\n cache 0\n}', 'plugin/cache: Corefile:2 - Error during parsing: cache TTL can not be zero or negative: 0'],
    [
      '. {\n kubernetes {\n pods some\n}\n}',
      'plugin/kubernetes: Corefile:2 - Error during parsing: wrong value for pods: some,  must be one of: disabled, verified, insecure',
    ],
    ['. {\n reload 1s\n}', 'plugin/reload: Corefile:2 - Error during parsing: interval value must be greater or equal to 2s'],
  ];
  it.each(wrong)('%j is refused', (text, message) => {
    expect(() => config(text)).toThrow(new CorefileError(message));
  });

  it('names plugins that are not simulated', () => {
    expect(config('. {\n autopath @kubernetes\n}')[0]?.ignored).toEqual(['autopath']);
  });
});

describe('other plugins', () => {
  it('cache keeps answers while their records live', () => {
    const cache = new Cache({ zones: ['.'], successTtl: 30, denialTtl: 10, noSuccess: ['cluster.local.'], noDenial: [] });
    const question = { name: 'example.com.', type: 'A' } as const;
    cache.put(question, { ...emptyReply('NOERROR'), answers: [{ ...question, ttl: 300, data: '1.2.3.4' }] }, 0);
    expect(cache.get({ ...question, name: 'EXAMPLE.com.' }, 10_000)?.answers).toEqual([
      { name: 'EXAMPLE.com.', type: 'A', ttl: 20, data: '1.2.3.4' },
    ]);
    expect(cache.get(question, 30_000)).toBeUndefined();
    const inside = { name: 'web.cluster.local.', type: 'A' } as const;
    cache.put(inside, { ...emptyReply('NOERROR'), answers: [{ ...inside, ttl: 30, data: '10.0.0.1' }] }, 0);
    expect(cache.get(inside, 1)).toBeUndefined();
    cache.put(inside, emptyReply('NXDOMAIN'), 0);
    expect(cache.get(inside, 1)?.rcode).toBe('NXDOMAIN');
    expect(cache.get(inside, 6000)).toBeUndefined();
  });

  it('rewrite changes the question, and the names of answers back', () => {
    const rule = { how: 'exact', from: 'old.com.', to: 'new.com.', continues: false, answers: true } as const;
    const { question, back } = rewritten([rule], { name: 'old.com.', type: 'A' });
    expect(question.name).toBe('new.com.');
    const reply: DnsReply = { ...emptyReply('NOERROR'), answers: [{ name: 'new.com.', type: 'A', ttl: 1, data: '1.1.1.1' }] };
    expect(back(reply).answers[0]?.name).toBe('old.com.');
    const how = (kind: 'prefix' | 'suffix' | 'substring' | 'regex', from: string, to: string) =>
      rewritten([{ how: kind, from, to, continues: false, answers: false }], { name: 'a.b.com.', type: 'A' }).question.name;
    expect([
      how('prefix', 'a.', 'x.'),
      how('suffix', '.com.', '.org.'),
      how('substring', 'b', 'y'),
      how('regex', '^(.)\\.b\\.', '{1}.z.com.'),
    ]).toEqual(['x.b.com.', 'a.b.org.', 'a.y.com.', 'a.z.com.']);
  });

  it('hosts answers from its file and its lines, and by address', () => {
    const config = {
      file: '/etc/hosts',
      zones: ['.'],
      inline: [{ ip: '10.0.0.1', names: ['a.test.'] }],
      ttl: 60,
      reverse: true,
      fallthrough: undefined,
    };
    const hosts = (name: string, type: RecordType = 'A') => answerFromHosts({ name, type }, config, '10.0.0.2 b.test\n# x\n::1 b.test');
    expect(hosts('A.test.')?.answers[0]?.data).toBe('10.0.0.1');
    expect(hosts('b.test.', 'AAAA')?.answers[0]?.data).toBe('::1');
    expect(hosts('a.test.', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(hosts('c.test.')?.rcode).toBe('SERVFAIL');
    expect(hosts('2.0.0.10.in-addr.arpa.', 'PTR')?.answers[0]?.data).toBe('b.test.');
  });
});
