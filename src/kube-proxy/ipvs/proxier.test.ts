import { describe, expect, it } from 'vitest';
import { Ipvs } from '../../linux/ipvs/ipvs.ts';
import { ipvsadm } from '../../linux/ipvs/ipvsadm.ts';
import { parseIpv4 } from '../../linux/net/ipv4.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { DEFAULT_PROXY_CONFIG, type ProxyConfig } from '../config.ts';
import { ServiceModel } from '../service-model.ts';
import { service, slice } from '../testing/objects.ts';
import { RecordedIptables } from '../testing/recorded-iptables.ts';
import { cleanUpIpvs } from './cleanup.ts';
import { IpvsProxier } from './proxier.ts';
import type { IpvsTools } from './tools.ts';

/** ipset, as far as members go. */
class RecordedSets {
  readonly sets = new Map<string, Set<string>>();

  restore(text: string): void {
    for (const line of text.split('\n')) {
      const [action, name = '', member = ''] = line.split(' ');
      if (action === 'create' && !this.sets.has(name)) this.sets.set(name, new Set());
      else if (action === 'flush') this.sets.get(name)?.clear();
      else if (action === 'add') this.sets.get(name)?.add(member);
      else if (action === 'del' && !this.sets.get(name)?.delete(member)) throw new Error(`${name} has no ${member}`);
      else if (action === 'destroy') this.sets.delete(name);
    }
  }

  has(name: string): boolean {
    return this.sets.has(name);
  }

  members(name: string): string[] {
    return [...(this.sets.get(name) ?? [])].sort();
  }
}

function setUp(more: Partial<ProxyConfig> = {}) {
  const sim = new Simulation({ seed: 'ipvs' });
  const scope = new TaskScope(sim, 'kube-proxy/a');
  const model = new ServiceModel();
  const ipset = new RecordedSets();
  const bound = new Set<string>();
  let exists = false;
  const sysctls = new Map<string, string>();
  const tools: IpvsTools = {
    ipvs: new Ipvs(sim),
    ipset,
    iptables: new RecordedIptables(),
    device: {
      get exists() {
        return exists;
      },
      ensure: () => (exists = true),
      addresses: () => bound,
      add: (ips) => ips.forEach((ip) => bound.add(ip)),
      remove: (ips) => ips.forEach((ip) => bound.delete(ip)),
      delete: () => (exists = false),
    },
  };
  const config = { ...DEFAULT_PROXY_CONFIG, mode: 'ipvs' as const, clusterCIDR: '10.244.0.0/16', ...more };
  const node = {
    name: 'a',
    ip: '192.168.0.11',
    addresses: () => ['192.168.0.11', '10.244.1.1'],
    setSysctl: (k: string, v: string) => void sysctls.set(k, v),
  };
  const start = () => new IpvsProxier({ node, model, config }, tools, scope);
  const list = (...words: string[]) =>
    ipvsadm(tools.ipvs, ['-L', '-n', ...words])
      .stdout.split('\n')
      .slice(3, -1)
      .map((line) => line.trim().replace(/\s+/g, ' '));
  const syn = (port: number, flags: object = { syn: true }) =>
    tools.ipvs.in({
      protocol: 'tcp',
      source: parseIpv4('10.244.1.9') ?? 0,
      sourcePort: port,
      destination: parseIpv4('10.96.0.1') ?? 0,
      destinationPort: 80,
      flags,
    });
  return { sim, model, ipset, bound, tools, sysctls, start, list, syn, iptables: tools.iptables as RecordedIptables };
}

const TWO = [
  { ip: '10.244.1.3', node: 'a' },
  { ip: '10.244.2.3', node: 'b' },
];
const WEB = new Set(['default/web:http']);
const EXTERNAL = { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 }] };

describe('mode ipvs', () => {
  it('makes a virtual server, its address on kube-ipvs0, and members of sets', () => {
    const { model, start, list, bound, ipset, sysctls } = setUp();
    model.putService(service('web', '10.96.0.1', { sessionAffinity: 'ClientIP' }));
    model.putSlice(slice('web', TWO));
    start().write(undefined);
    expect(list()).toEqual(['TCP 10.96.0.1:80 rr persistent 10800', '-> 10.244.1.3:8080 Masq 1 0 0', '-> 10.244.2.3:8080 Masq 1 0 0']);
    expect(list('--nosort')[1]).toContain('10.244.2.3');
    expect([...bound]).toEqual(['10.96.0.1']);
    expect(ipset.members('KUBE-CLUSTER-IP')).toEqual(['10.96.0.1,tcp:80']);
    expect(ipset.members('KUBE-LOOP-BACK')).toEqual(['10.244.1.3,tcp:8080,10.244.1.3']);
    expect(ipset.members('KUBE-IPVS-IPS')).toEqual(['10.96.0.1']);
    expect(sysctls.get('net/ipv4/vs/conntrack')).toBe('1');
    expect(sysctls.has('net/ipv4/conf/all/arp_ignore')).toBe(false);
  });

  it('opens node ports at each address of the node, and load balancers with their ranges', () => {
    const { model, start, list, ipset } = setUp();
    const lb = { ...EXTERNAL, externalTrafficPolicy: 'Local', healthCheckNodePort: 31000, loadBalancerSourceRanges: ['192.168.0.0/24'] };
    model.putService(service('web', '10.96.0.1', lb, { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } }));
    model.putSlice(slice('web', TWO));
    start().write(undefined);
    expect(list().filter((line) => line.startsWith('TCP'))).toEqual([
      'TCP 5.6.7.8:80 rr',
      'TCP 10.96.0.1:80 rr',
      'TCP 10.244.1.1:30080 rr',
      'TCP 192.168.0.11:30080 rr',
    ]);
    expect(list('-t', '5.6.7.8:80')).toHaveLength(2);
    expect(ipset.members('KUBE-NODE-PORT-LOCAL-TCP')).toEqual(['30080']);
    expect(ipset.members('KUBE-LOAD-BALANCER-SOURCE-CIDR')).toEqual(['5.6.7.8,tcp:80,192.168.0.0/24']);
    expect(ipset.members('KUBE-LOAD-BALANCER-SOURCE-IP')).toEqual(['5.6.7.8,tcp:80,5.6.7.8']);
    expect(ipset.members('KUBE-HEALTH-CHECK-NODE-PORT')).toEqual(['31000']);
  });

  it('lets Local traffic go anywhere when nobody is here', () => {
    const { model, start, list } = setUp();
    model.putService(service('web', '10.96.0.1', { internalTrafficPolicy: 'Local', ...EXTERNAL }));
    model.putSlice(slice('web', [{ ip: '10.244.2.3', node: 'b' }]));
    start().write(undefined);
    expect(list('-t', '10.96.0.1:80')).toHaveLength(2);
  });

  it('writes as many iptables rules for many Services as for one', () => {
    const { model, start, iptables } = setUp();
    const proxier = start();
    model.putService(service('web', '10.96.0.1'));
    proxier.write(undefined);
    const text = iptables.text();
    const names = Array.from({ length: 100 }, (_, i) => {
      model.putService(service(`s${i}`, `10.96.1.${i}`));
      return `default/s${i}:http`;
    });
    proxier.write(new Set(names));
    expect(iptables.text()).toBe(text);
    expect(iptables.rules('nat', 'KUBE-SERVICES')[0]).toBe('-s 127.0.0.0/8 -j RETURN');
    expect(iptables.rules('filter', 'INPUT').map((rule) => rule.split(' ').at(-1))).toEqual([
      'KUBE-IPVS-FILTER',
      'KUBE-PROXY-FIREWALL',
      'KUBE-NODE-PORT',
    ]);
  });

  it('lets a server with connections end by itself', () => {
    const { model, start, list, syn, sim } = setUp();
    const proxier = start();
    model.putService(service('web', '10.96.0.1'));
    model.putSlice(slice('web', TWO));
    proxier.write(undefined);
    expect(syn(1)).toMatchObject({ realServer: { ip: parseIpv4('10.244.2.3') } });
    syn(1, { ack: true });
    model.putSlice(slice('web', TWO.slice(0, 1)));
    proxier.write(WEB);
    expect(list()).toContain('-> 10.244.2.3:8080 Masq 0 1 0');
    sim.runUntil(sim.now + 60_000);
    expect(list()).toContain('-> 10.244.2.3:8080 Masq 0 1 0');
    syn(1, { rst: true });
    sim.runUntil(sim.now + 120_000);
    expect(list()).toEqual(['TCP 10.96.0.1:80 rr', '-> 10.244.1.3:8080 Masq 1 0 0']);
  });

  it('takes an endpoint back that returns while it ends', () => {
    const { model, start, list, syn } = setUp();
    const proxier = start();
    model.putService(service('web', '10.96.0.1'));
    model.putSlice(slice('web', TWO));
    proxier.write(undefined);
    syn(1);
    model.putSlice(slice('web', TWO.slice(0, 1)));
    proxier.write(WEB);
    model.putSlice(slice('web', TWO));
    proxier.write(WEB);
    expect(list()).toContain('-> 10.244.2.3:8080 Masq 1 0 0');
  });

  it('takes over what a process before it has left', () => {
    const { model, start, list, bound, ipset } = setUp();
    model.putService(service('web', '10.96.0.1'));
    model.putService(service('old', '10.96.0.2'));
    model.putSlice(slice('web', TWO));
    start().write(undefined);
    model.removeService('default/old');
    start().write(undefined);
    expect(list()).toHaveLength(3);
    expect([...bound]).toEqual(['10.96.0.1']);
    expect(ipset.members('KUBE-CLUSTER-IP')).toEqual(['10.96.0.1,tcp:80']);
  });

  it('forgets a Service, but not what another still needs', () => {
    const { model, start, list, bound, ipset } = setUp();
    const proxier = start();
    const ports = ['http', 'more'].map((name, i) => ({ name, port: 80 + i, protocol: 'TCP' }));
    model.putService(service('web', '10.96.0.1', { ports }));
    model.putService(service('twin', '10.96.0.2'));
    for (const name of ['web', 'twin']) model.putSlice(slice(name, TWO));
    proxier.write(undefined);
    model.putService(service('web', '10.96.0.1'));
    model.removeService('default/twin');
    proxier.write(new Set(['default/web:http', 'default/web:more', 'default/twin:http']));
    expect(list()).toHaveLength(3);
    expect([...bound]).toEqual(['10.96.0.1']);
    expect(ipset.members('KUBE-LOOP-BACK')).toHaveLength(1);
  });

  it('answers ARP only for real addresses with strictARP, and takes the scheduler that it is given', () => {
    const { model, start, list, sysctls } = setUp({ ipvs: { ...DEFAULT_PROXY_CONFIG.ipvs, strictARP: true, scheduler: 'sed' } });
    model.putService(service('web', '10.96.0.1'));
    start().write(undefined);
    expect(list()).toEqual(['TCP 10.96.0.1:80 sed']);
    expect(sysctls.get('net/ipv4/conf/all/arp_ignore')).toBe('1');
    expect(sysctls.get('net/ipv4/conf/all/arp_announce')).toBe('2');
  });

  it('leaves nothing behind', () => {
    const { model, start, list, tools, ipset, iptables } = setUp();
    model.putService(service('web', '10.96.0.1'));
    start().write(undefined);
    cleanUpIpvs(tools);
    expect(list()).toEqual([]);
    expect(ipset.sets.size).toBe(0);
    expect(iptables.text()).not.toContain('KUBE-');
    expect(tools.device.exists).toBe(false);
  });
});
