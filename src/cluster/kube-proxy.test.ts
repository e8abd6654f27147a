/** kube-proxy on an apiserver: Services and slices bring rules, and the ConfigMap is the cluster's setting of the mode. */
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { ServiceResource } from '../api/core/service.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import type { ConfigMap, EndpointSlice, Namespace, Service } from '../api/generated/types.ts';
import { Client, type Sent } from '../client/client.ts';
import { Etcd } from '../etcd/etcd.ts';
import { newKubeProxy } from '../kube-proxy/modes.ts';
import { KubeProxyShared } from '../kube-proxy/shared.ts';
import { Machine } from '../linux/machine.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { nftablesIn } from '../linux/nftables/nftables-hook.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { newApiServer } from './api-server.ts';

const configMap = (mode: string): Sent<ConfigMap> => ({
  metadata: { namespace: 'kube-system', name: 'kube-proxy' },
  data: { 'config.conf': `kind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\nmode: ${mode}\n` },
});

function setUp() {
  const sim = new Simulation({ seed: 7 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  for (const name of ['default', 'kube-system']) client.create(NamespaceResource, { metadata: { name } } as Sent<Namespace>);
  client.create(ConfigMapResource, configMap('iptables'));
  const shared = new KubeProxyShared();
  shared.start(new TaskScope(sim, 'kube-proxies'), client);
  const machine = new Machine(new TaskScope(sim, 'a'), { hostname: 'a', milliCpu: 4000, memoryBytes: 2 ** 33 });
  const ports = { open: () => 0, close: () => undefined };
  const proxy = newKubeProxy({ scope: new TaskScope(sim, 'kube-proxy/a'), shared, machine, nodeName: 'a', nodeIp: '192.168.0.11', ports });
  proxy.start();
  const run = (ms: number) => sim.runUntil(sim.now + ms);
  run(1000);
  const rules = () => netfilterOf(machine.netns).save();
  return { client, run, rules, proxy, shared, machine };
}

const SERVICE = {
  metadata: { namespace: 'default', name: 'web' },
  spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
} as Sent<Service>;
const SLICE = {
  metadata: { namespace: 'default', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [{ addresses: ['10.244.1.3'], conditions: { ready: true } }],
} as Sent<EndpointSlice>;

describe('kube-proxy on an apiserver', () => {
  it('refuses a Service without endpoints, leads it to its first, and forgets it', () => {
    const { client, run, rules } = setUp();
    client.create(ServiceResource, SERVICE);
    run(2000);
    expect(rules()).toContain('"default/web:http has no endpoints" -m tcp --dport 80 -j REJECT');
    client.create(EndpointSliceResource, SLICE);
    run(2000);
    expect(rules()).not.toContain('has no endpoints');
    expect(rules()).toContain('--to-destination 10.244.1.3:8080');
    client.delete(EndpointSliceResource, { namespace: 'default', name: 'web-1' });
    client.delete(ServiceResource, { namespace: 'default', name: 'web' });
    run(2000);
    expect(rules()).not.toContain('default/web');
  });

  it('changes its mode when the ConfigMap does, and keeps it when the new text is none', () => {
    const { client, run, rules, proxy, machine, shared } = setUp();
    client.create(ServiceResource, SERVICE);
    run(2000);
    const key = { namespace: 'kube-system', name: 'kube-proxy' };
    client.update(ConfigMapResource, { ...client.get(ConfigMapResource, key), data: configMap('nftables').data });
    run(2000);
    expect(proxy.mode).toBe('nftables');
    expect(rules()).not.toContain('KUBE-SERVICES');
    expect(nftablesIn(machine.netns)?.list().stdout).toContain('10.96.0.7 . tcp . 80');
    client.update(ConfigMapResource, { ...client.get(ConfigMapResource, key), data: configMap('ebpf').data });
    run(2000);
    expect(proxy.mode).toBe('nftables');
    expect(shared.configError).toContain('"ebpf"');
  });
});
