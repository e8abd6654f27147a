import { describe, expect, it } from 'vitest';
import { Nftables } from '../../linux/nftables/nftables.ts';
import { DEFAULT_PROXY_CONFIG } from '../config.ts';
import { nftTool } from '../other-kernel-tools.ts';
import { ServiceModel } from '../service-model.ts';
import { SharedViews } from '../shared-views.ts';
import { service, slice } from '../testing/objects.ts';
import { cleanUpNftables, NftablesProxier } from './proxier.ts';
import { nftServiceRules } from './service-rules.ts';

function setUp(more: Partial<typeof DEFAULT_PROXY_CONFIG> = {}) {
  const model = new ServiceModel();
  const config = { ...DEFAULT_PROXY_CONFIG, clusterCIDR: '10.244.0.0/16', ...more };
  const shared = new SharedViews(nftServiceRules);
  const node = { name: 'a', ip: '192.168.0.11', addresses: () => ['192.168.0.11'], setSysctl: () => undefined };
  const start = () => {
    const nft = new Nftables();
    return { nft, proxier: new NftablesProxier({ node, model, config }, nftTool(nft), shared) };
  };
  const list = (nft: Nftables) => nft.list('ip kube-proxy').stdout;
  return { model, start, list, ...start() };
}

const NODE_PORT = {
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  ports: [{ name: 'p80', port: 80, protocol: 'TCP', nodePort: 3001 }],
};
const P80 = [{ name: 'p80', protocol: 'TCP', port: 80 }];

describe('mode nftables', () => {
  it('leads a Service through its maps and chains', () => {
    const { model, proxier, nft, list } = setUp();
    model.putService(service('web', '10.96.0.1'));
    model.putSlice(slice('web', [{ ip: '10.244.1.3' }, { ip: '10.244.2.3' }]));
    proxier.write(undefined);
    const text = list(nft);
    expect(text).toMatch(/elements = \{ 10\.96\.0\.1 \. tcp \. 80 : goto service-[A-Z2-7]{8}-default\/web\/tcp\/http \}/);
    expect(text).toMatch(
      /numgen random mod 2 vmap \{ 0 : goto endpoint-[A-Z2-7]{8}-default\/web\/tcp\/http__10\.244\.1\.3\/8080, 1 : goto /,
    );
    expect(text).toContain('ip daddr 10.96.0.1 tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade');
    expect(text).toContain('meta l4proto tcp dnat to 10.244.2.3:8080');
  });

  it('names chains as upstream does', () => {
    const { model, proxier, nft, list } = setUp();
    const ns1 = service('svc1', '172.30.0.41', { ports: P80 });
    model.putService({ ...ns1, metadata: { ...ns1.metadata, namespace: 'ns1' } });
    const ends = slice('svc1', [{ ip: '10.180.0.1' }], P80);
    model.putSlice({ ...ends, metadata: { ...ends.metadata, namespace: 'ns1' } });
    proxier.write(undefined);
    expect(list(nft)).toContain('chain service-ULMVA6XW-ns1/svc1/tcp/p80 {');
    expect(list(nft)).toContain('chain endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80 {');
  });

  it('refuses what has no endpoints, and drops what has none here', () => {
    const { model, proxier, nft, list } = setUp();
    model.putService(service('none', '10.96.0.1'));
    model.putService(service('far', '10.96.0.2', NODE_PORT, { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } }));
    model.putSlice(slice('far', [{ ip: '10.244.2.3', node: 'b' }], P80));
    proxier.write(undefined);
    expect(list(nft)).toContain('10.96.0.1 . tcp . 80 comment "default/none:http" : goto reject-chain');
    expect(list(nft)).toContain('5.6.7.8 . tcp . 80 comment "default/far:p80" : drop');
    expect(list(nft)).toContain('tcp . 3001 comment "default/far:p80" : drop');
    expect(list(nft)).toContain('fib saddr type local goto service-');
  });

  it('ends up the same by changes as from the beginning', () => {
    const { model, proxier, nft, list, start } = setUp();
    proxier.write(undefined);
    const step = (...names: string[]) => proxier.write(new Set(names.map((name) => `default/${name}`)));
    const two = { ports: [...P80, { name: 'p81', port: 81, protocol: 'TCP' }] };
    model.putService(service('two', '10.96.0.3', two));
    model.putService(
      service(
        'lb',
        '10.96.0.4',
        { ...NODE_PORT, loadBalancerSourceRanges: ['203.0.113.0/25', '192.168.0.0/24'] },
        { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } },
      ),
    );
    step('two:p80', 'two:p81', 'lb:p80');
    model.putSlice(slice('two', [{ ip: '10.244.1.5' }], [...P80, { name: 'p81', protocol: 'TCP', port: 81 }]));
    model.putSlice(slice('lb', [{ ip: '10.244.1.6', node: 'a' }], P80));
    step('two:p80', 'two:p81', 'lb:p80');
    model.putService(service('two', '10.96.0.3', { ports: P80, sessionAffinity: 'ClientIP' }));
    step('two:p80', 'two:p81');
    model.putSlice(
      slice(
        'lb',
        [
          { ip: '10.244.1.7', node: 'a' },
          { ip: '10.244.1.8', node: 'b' },
        ],
        P80,
      ),
    );
    step('lb:p80');
    const fresh = start();
    fresh.proxier.write(undefined);
    const sorted = (each: Nftables) =>
      list(each)
        .replace(/\n\}\n$/, '')
        .split(/\n\n|\n(?=\tset)/)
        .sort();
    expect(sorted(nft)).toEqual(sorted(fresh.nft));
    proxier.write(undefined);
    expect(sorted(nft)).toEqual(sorted(fresh.nft));
    model.removeService('default/two');
    model.removeService('default/lb');
    step('two:p80', 'lb:p80');
    expect(list(nft)).not.toContain('default/');
    expect(list(nft)).not.toContain('elements');
  });

  it('removes its table', () => {
    const { proxier, nft } = setUp();
    proxier.write(undefined);
    cleanUpNftables(nftTool(nft));
    expect(nft.list().stdout).toBe('');
  });
});
