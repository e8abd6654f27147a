import { describe, expect, it } from 'vitest';
import { ipvsadm } from '../linux/ipvs/ipvsadm.ts';
import { ipvsOf } from '../linux/ipvs/ipvs-hook.ts';
import { Machine } from '../linux/machine.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { nftablesIn } from '../linux/nftables/nftables-hook.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { DEFAULT_PROXY_CONFIG, parseProxyConfig, type ProxyMode } from './config.ts';
import { newKubeProxy } from './modes.ts';
import { KubeProxyShared } from './shared.ts';
import { service, slice } from './testing/objects.ts';

const CONFIG = { ...DEFAULT_PROXY_CONFIG, clusterCIDR: '10.244.0.0/16' };

function setUp() {
  const sim = new Simulation({ seed: 'kube-proxy' });
  const scope = new TaskScope(sim, 'kube-proxy/a');
  const shared = new KubeProxyShared();
  shared.configure(CONFIG);
  const machine = new Machine(new TaskScope(sim, 'a'), { hostname: 'a', milliCpu: 4000, memoryBytes: 2 ** 33 });
  const { netns } = machine;
  const netfilter = netfilterOf(netns);
  let port = 40_000;
  const ports = { open: () => port++, close: () => undefined };
  let connected = true;
  const proxy = newKubeProxy({ scope, shared, machine, nodeName: 'a', nodeIp: '192.168.0.11', ports, isConnected: () => connected });
  const kernel = () => ({
    rules: netfilter.save(),
    ipvs: ipvsadm(ipvsOf(netns), ['-Ln']).stdout,
    nft: nftablesIn(netns)?.list().stdout ?? '',
    sets: netfilter.sets.save(),
    links: netns.links.map(({ name }) => name),
  });
  const run = (ms: number) => sim.runUntil(sim.now + ms);
  shared.model.putService(service('web', '10.96.0.1'));
  shared.model.putSlice(slice('web', [{ ip: '10.244.1.3', node: 'a' }]));
  return { sim, scope, shared, proxy, kernel, run, netfilter, cut: (is: boolean) => (connected = !is) };
}

/** Marks of each mode in the kernel. */
const MARKS: Readonly<Record<ProxyMode, (kernel: ReturnType<ReturnType<typeof setUp>['kernel']>) => boolean>> = {
  iptables: ({ rules }) => rules.includes('KUBE-SVC-'),
  ipvs: ({ ipvs, links, sets }) => ipvs.includes('10.96.0.1:80') || links.includes('kube-ipvs0') || sets.includes('KUBE-'),
  nftables: ({ nft }) => nft.includes('kube-proxy'),
  userspace: ({ rules }) => rules.includes('KUBE-PORTALS-CONTAINER'),
};
const MODES = Object.keys(MARKS) as ProxyMode[];

describe('kube-proxy', () => {
  it('writes at once, then at most twice and once a second', () => {
    const { shared, proxy, run } = setUp();
    proxy.start();
    run(0);
    expect(proxy.syncs).toEqual({ full: 1, partial: 0 });
    for (let i = 0; i < 50; i++) {
      shared.model.putSlice(slice('web', [{ ip: `10.244.1.${i}`, node: 'a' }]));
      run(100);
    }
    expect(proxy.syncs.full).toBe(1);
    expect(proxy.syncs.partial).toBeGreaterThanOrEqual(5);
    expect(proxy.syncs.partial).toBeLessThanOrEqual(7);
  });

  it('does nothing while nothing changes, and writes everything when its rules are gone', () => {
    const { proxy, run, netfilter, kernel } = setUp();
    proxy.start();
    run(600_000);
    expect(proxy.syncs).toEqual({ full: 1, partial: 0 });
    netfilter.restore('*mangle\nCOMMIT\n*nat\nCOMMIT\n*filter\nCOMMIT\n');
    expect(MARKS.iptables(kernel())).toBe(false);
    run(31_000);
    expect(MARKS.iptables(kernel())).toBe(true);
    expect(proxy.syncs.full).toBe(2);
  });

  it('hears of nothing while its node is cut off, and catches up', () => {
    const { proxy, run, shared, kernel, cut } = setUp();
    proxy.start();
    run(5000);
    cut(true);
    shared.model.putService(service('late', '10.96.0.2'));
    run(60_000);
    expect(kernel().rules).not.toContain('default/late');
    cut(false);
    run(2000);
    expect(kernel().rules).toContain('default/late');
  });

  it('leaves its rules when it stops', () => {
    const { proxy, run, shared, kernel, scope } = setUp();
    proxy.start();
    run(1000);
    const before = kernel();
    scope.kill();
    shared.model.removeService('default/web');
    run(60_000);
    expect(kernel()).toEqual(before);
  });

  it.each(MODES.flatMap((from) => MODES.filter((to) => to !== from).map((to) => [from, to] as const)))(
    'changes from %s to %s while it runs, and leaves nothing of the old mode',
    (from, to) => {
      const { proxy, run, shared, kernel } = setUp();
      shared.configure({ ...CONFIG, mode: from });
      proxy.start();
      run(1000);
      expect(MODES.filter((mode) => MARKS[mode](kernel()))).toEqual([from]);
      shared.configure({ ...CONFIG, mode: to });
      run(5000);
      expect(proxy.error).toBeUndefined();
      expect(proxy.mode).toBe(to);
      expect(MODES.filter((mode) => MARKS[mode](kernel()))).toEqual([to]);
    },
  );

  it('cleans up after a process before it that ran in another mode', () => {
    const first = setUp();
    first.shared.configure({ ...CONFIG, mode: 'ipvs' });
    first.proxy.start();
    first.run(1000);
    expect(MARKS.ipvs(first.kernel())).toBe(true);
    first.proxy.stop();
    first.shared.configure(CONFIG);
    first.proxy.start();
    first.run(1000);
    expect(MODES.filter((mode) => MARKS[mode](first.kernel()))).toEqual(['iptables']);
  });

  it('answers health checks by the endpoints of its node', () => {
    const { proxy, shared, run } = setUp();
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 };
    shared.model.putService(service('web', '10.96.0.1', local, { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } }));
    proxy.start();
    run(1000);
    expect([...proxy.healthCheckPorts()]).toEqual([[31000, 'default/web']]);
    expect(proxy.healthCheck('default/web')).toMatchObject({ status: 200, headers: { 'X-Load-Balancing-Endpoint-Weight': '1' } });
    shared.model.putSlice(slice('web', [{ ip: '10.244.1.3', node: 'b' }]));
    expect(proxy.healthCheck('default/web').status).toBe(503);
    expect(proxy.healthz().status).toBe(200);
  });
});

describe('the configuration', () => {
  it('is read from config.conf', () => {
    const text =
      'kind: KubeProxyConfiguration\nmode: ipvs\nclusterCIDR: 10.1.0.0/16\nnodePortAddresses: [10.0.0.0/8]\niptables: {masqueradeAll: true}\nipvs: {scheduler: sed, strictARP: true, syncPeriod: 1m30s}\n';
    expect(parseProxyConfig(text)).toMatchObject({
      mode: 'ipvs',
      clusterCIDR: '10.1.0.0/16',
      nodePortAddresses: ['10.0.0.0/8'],
      masqueradeAll: true,
      syncPeriodMs: 90_000,
      ipvs: { scheduler: 'sed', strictARP: true },
    });
    expect(parseProxyConfig('mode: ""\n')).toEqual(DEFAULT_PROXY_CONFIG);
  });

  it('refuses modes that do not exist', () => {
    expect(() => parseProxyConfig('mode: ebpf\n')).toThrow('mode: Invalid value: "ebpf"');
  });
});
