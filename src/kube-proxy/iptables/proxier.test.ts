import { describe, expect, it } from 'vitest';
import { DEFAULT_PROXY_CONFIG } from '../config.ts';
import { ServiceModel } from '../service-model.ts';
import { SharedViews } from '../shared-views.ts';
import { service, slice } from '../testing/objects.ts';
import { RecordedIptables } from '../testing/recorded-iptables.ts';
import { cleanUpIptables } from './cleanup.ts';
import { IptablesProxier } from './proxier.ts';
import { serviceRules } from './service-rules.ts';

const CONFIG = { ...DEFAULT_PROXY_CONFIG, clusterCIDR: '10.244.0.0/16' };

function setUp(config = CONFIG) {
  const model = new ServiceModel();
  const shared = new SharedViews(serviceRules);
  const sysctls = new Map<string, string>();
  const proxierOf = (name: string, ip = '192.168.0.11') => {
    const iptables = new RecordedIptables();
    const node = { name, ip, addresses: () => [ip], setSysctl: (key: string, value: string) => void sysctls.set(key, value) };
    return { iptables, proxier: new IptablesProxier({ node, model, config }, iptables, shared) };
  };
  model.putService(service('web', '10.96.0.1'));
  model.putSlice(
    slice('web', [
      { ip: '10.244.1.3', node: 'a' },
      { ip: '10.244.2.3', node: 'b' },
    ]),
  );
  return { model, proxierOf, sysctls, ...proxierOf('a') };
}

const svcOf = (iptables: RecordedIptables) => [...iptables.chains('nat')].filter((chain) => /^KUBE-(SVC|SEP)/.test(chain)).sort();

describe('mode iptables', () => {
  it('writes the same text by changes as from the beginning, but for the order of writing', () => {
    const { model, proxier, iptables, proxierOf } = setUp();
    proxier.write(undefined);
    model.putService(
      service('api', '10.96.0.2', { type: 'NodePort', ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 }] }),
    );
    proxier.write(new Set(['default/api:http']));
    model.putSlice(slice('api', [{ ip: '10.244.1.9', node: 'a' }]));
    model.putSlice(
      slice('web', [
        { ip: '10.244.2.3', node: 'b' },
        { ip: '10.244.2.4', node: 'b' },
      ]),
    );
    proxier.write(new Set(['default/api:http', 'default/web:http']));
    model.removeService('default/web');
    proxier.write(new Set(['default/web:http']));
    const fresh = proxierOf('a');
    fresh.proxier.write(undefined);
    const sorted = (text: string) => text.split('\n').sort();
    expect(sorted(iptables.text())).toEqual(sorted(fresh.iptables.text()));
  });

  it('writes one Service alone when its endpoints change', () => {
    const { model, proxier, iptables } = setUp();
    model.putService(service('other', '10.96.0.2'));
    model.putSlice(slice('other', [{ ip: '10.244.1.4' }]));
    proxier.write(undefined);
    model.putSlice(slice('web', [{ ip: '10.244.1.3', node: 'a' }]));
    proxier.write(new Set(['default/web:http']));
    const text = iptables.restored.at(-1) ?? '';
    expect(text).toContain('-X KUBE-SEP-');
    expect(text).not.toContain('default/other');
    expect(text).not.toContain(':KUBE-SERVICES');
  });

  it('writes nothing when nothing that it sees has changed', () => {
    const { proxier, iptables } = setUp();
    proxier.write(undefined);
    proxier.write(new Set(['default/web:http', 'default/unknown']));
    expect(iptables.restored).toHaveLength(1);
  });

  it('deletes chains that a kube-proxy before it has left', () => {
    const { proxier, iptables } = setUp();
    iptables.ensureChain('nat', 'KUBE-SVC-OLD');
    iptables.ensureChain('nat', 'OTHER');
    proxier.write(undefined);
    expect(iptables.hasChain('nat', 'KUBE-SVC-OLD')).toBe(false);
    expect(iptables.hasChain('nat', 'OTHER')).toBe(true);
    expect(svcOf(iptables)).toHaveLength(3);
  });

  it('shares the rules of nodes that see the same', () => {
    const { proxierOf } = setUp();
    const [one, other] = [proxierOf('a'), proxierOf('b')];
    one.proxier.write(undefined);
    other.proxier.write(undefined);
    expect(one.iptables.text()).toBe(other.iptables.text());
  });

  it('masquerades everything when told so, and what comes from elsewhere when it knows the pods', () => {
    const markOf = (config: typeof CONFIG) => {
      const { proxier, iptables } = setUp(config);
      proxier.write(undefined);
      return svcOf(iptables)
        .flatMap((chain) => iptables.rules('nat', chain))
        .find((rule) => rule.includes('cluster IP'));
    };
    expect(markOf({ ...CONFIG, masqueradeAll: true })).not.toContain('! -s');
    expect(markOf(CONFIG)).toContain('! -s 10.244.0.0/16');
    expect(markOf({ ...CONFIG, clusterCIDR: '' })).toBeUndefined();
  });

  it('leaves comments out of the many chains above 1,000 endpoints', () => {
    const { model, proxier, iptables } = setUp();
    model.putSlice(
      slice(
        'web',
        Array.from({ length: 1001 }, (_, i) => ({ ip: `10.244.${i >> 8}.${i & 255}` })),
      ),
    );
    proxier.write(undefined);
    const [sep = ''] = svcOf(iptables);
    expect(iptables.rules('nat', sep).join()).not.toContain('--comment');
    expect(iptables.rules('nat', 'KUBE-SERVICES').join()).toContain('"default/web:http cluster IP"');
  });

  it('takes node ports only at the addresses of its networks', () => {
    const { proxier, iptables, sysctls } = setUp({ ...CONFIG, nodePortAddresses: ['192.168.0.0/24'] });
    proxier.write(undefined);
    expect(iptables.rules('nat', 'KUBE-SERVICES').at(-1)).toMatch(/-d 192\.168\.0\.11 -j KUBE-NODEPORTS$/);
    expect(sysctls.size).toBe(0);
  });

  it('sees that somebody has flushed its rules', () => {
    const { proxier, iptables } = setUp();
    proxier.write(undefined);
    expect(proxier.isIntact()).toBe(true);
    iptables.deleteChain('mangle', 'KUBE-PROXY-CANARY');
    expect(proxier.isIntact()).toBe(false);
  });

  it('leaves nothing behind but what the kubelet shares', () => {
    const { proxier, iptables } = setUp();
    proxier.write(undefined);
    cleanUpIptables(iptables);
    const left = iptables
      .text()
      .split('\n')
      .filter((line) => line.includes('KUBE-'));
    expect(left.every((line) => line.includes('KUBE-FIREWALL'))).toBe(true);
  });
});
