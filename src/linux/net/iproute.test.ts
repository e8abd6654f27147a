import { describe, expect, it } from 'vitest';
import { ping } from './connect.ts';
import { bridgeFdb, ipAddress, ipLink, ipNeighbour, ipRoute, ipRule } from './iproute.ts';
import { addAddress, addLink, setHostAddresses } from './link.ts';
import { RouteTable, SharedRoutes } from './routes.ts';
import { RoutingRules } from './routing-rules.ts';
import { cidr, ip, lan } from './testing/lan.ts';

describe('iproute2', () => {
  it('prints devices, addresses and routes of a node', () => {
    const { a } = lan('vxlan');
    const { netns } = a.machine;
    const dummy = addLink(netns, 'kube-ipvs0', 'dummy');
    dummy.up = false;
    setHostAddresses(dummy, [ip('10.96.0.1')]);
    expect(ipAddress(netns)).toBe(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether 0a:58:ac:12:00:02 brd ff:ff:ff:ff:ff:ff
    inet 172.18.0.2/16 brd 172.18.255.255 scope global eth0
       valid_lft forever preferred_lft forever
3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 0a:58:0a:f4:01:01 brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.1/24 brd 10.244.1.255 scope global cni0
       valid_lft forever preferred_lft forever
5: veth2@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP group default qlen 1000
    link/ether 2e:58:00:00:00:05 brd ff:ff:ff:ff:ff:ff link-netnsid 0
7: veth3@if6: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP group default qlen 1000
    link/ether 2e:58:00:00:00:07 brd ff:ff:ff:ff:ff:ff link-netnsid 0
8: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ether 0a:58:0a:f4:01:00 brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.0/32 scope global flannel.1
       valid_lft forever preferred_lft forever
9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default qlen 1000
    link/ether 0a:58:0a:60:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.96.0.1/32 scope global kube-ipvs0
       valid_lft forever preferred_lft forever
`,
    );
    expect(ipLink(a.pods[0]!).split('\n')[2]).toContain('eth0@if5:');
    expect(ipRoute(netns)).toBe(
      `default via 172.18.0.1 dev eth0
10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2
`,
    );
  });

  it('prints neighbours and forwarding entries', () => {
    const { a, sim } = lan('vxlan');
    ping(a.pods[0]!, ip('10.244.2.2'));
    expect(ipNeighbour(a.machine.netns)).toBe(
      `172.18.0.3 dev eth0 lladdr 0a:58:ac:12:00:03 REACHABLE
10.244.1.2 dev cni0 lladdr 0a:58:0a:f4:01:02 REACHABLE
10.244.2.0 dev flannel.1 lladdr 0a:58:0a:f4:02:00 PERMANENT
`,
    );
    expect(bridgeFdb(a.machine.netns)).toBe(
      `0a:58:0a:f4:01:02 dev veth2 master cni0
0a:58:0a:f4:02:00 dev flannel.1 dst 172.18.0.3 self permanent
`,
    );
    sim.runUntil(sim.now + 31_000);
    expect(ipNeighbour(a.machine.netns)).toContain('0a:58:ac:12:00:03 STALE');
  });

  it('prints rules', () => {
    const { a } = lan();
    const rules = new RoutingRules();
    rules.add({ priority: 100, from: cidr('10.244.1.2/32'), fwmark: { value: 1, mask: 255 }, table: new RouteTable(), tableName: 'vpn' });
    a.machine.netns.configure({ rules });
    expect(ipRule(a.machine.netns).split('\n')[1]).toBe('100:\tfrom 10.244.1.2/32 fwmark 0x1/0xff lookup vpn');
  });
});

describe('shared routes', () => {
  it('lead everywhere but home, and own routes win', () => {
    const { a } = lan();
    const { netns } = a.machine;
    const shared = new SharedRoutes();
    for (const node of [1, 2, 3]) shared.set(ip(`10.244.${node}.0`), 24, ip(`172.18.0.${node + 1}`));
    netns.routes.delete(ip('10.244.2.0'), 24);
    netns.routes.attach(shared, a.eth);
    expect(ipRoute(netns).split('\n').slice(1, 4)).toEqual([
      '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1',
      '10.244.2.0/24 via 172.18.0.3 dev eth0',
      '10.244.3.0/24 via 172.18.0.4 dev eth0',
    ]);
    expect(ping(a.pods[0]!, ip('10.244.2.2')).state).toBe('answered');
    shared.delete(ip('10.244.2.0'), 24);
    expect(ping(a.pods[0]!, ip('10.244.2.2')).state).not.toBe('answered');
  });

  it('serve many addresses on one device', () => {
    const { a } = lan();
    const dummy = addLink(a.machine.netns, 'kube-ipvs0', 'dummy');
    setHostAddresses(
      dummy,
      Array.from({ length: 20_000 }, (_, index) => ip('10.96.0.0') + index),
    );
    expect([ip('10.96.0.5'), ip('10.96.78.31'), ip('10.96.78.32')].map((address) => a.machine.netns.isLocal(address))).toEqual([
      true,
      true,
      false,
    ]);
    addAddress(dummy, ip('10.97.0.1'), 32);
    expect(a.machine.netns.addressType(ip('10.97.0.1'))).toBe('LOCAL');
    setHostAddresses(dummy, []);
    expect(a.machine.netns.isLocal(ip('10.97.0.1'))).toBe(false);
    expect(a.machine.netns.isLocal(ip('172.18.0.2'))).toBe(true);
  });
});
