import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { Machine } from '../machine.ts';
import { pause } from '../syscalls.ts';
import { connect } from './connect.ts';
import { Fabric } from './fabric.ts';
import { formatCidr, formatIpv4, parseCidr, parseIpv4 } from './ipv4.ts';
import { addAddress, addLink, addVethPair, deleteLink, setMaster, type Link } from './link.ts';
import { NetworkNamespace } from './namespace.ts';
import { formatRoute } from './routes.ts';
import { walk } from './walk.ts';

const ip = (text: string) => parseIpv4(text)!;

/** Two machines on one LAN, each with a bridge and two pods, and host-gw routes. */
function lan() {
  const scope = new TaskScope(new Simulation(), 'test');
  const fabric = new Fabric(parseCidr('172.18.0.0/16')!);
  const machines = [1, 2].map((number) => {
    const machine = new Machine(scope, { hostname: `m${number}`, milliCpu: 1000, memoryBytes: 2 ** 30 });
    const eth = fabric.plug(machine, ip(`172.18.0.${number + 1}`));
    const bridge = addLink(machine.netns, 'cni0', 'bridge');
    addAddress(bridge, ip(`10.244.${number}.1`), 24);
    const other = 3 - number;
    machine.netns.addRoute({ ...parseCidr(`10.244.${other}.0/24`)!, gateway: ip(`172.18.0.${other + 1}`), link: eth });
    const pods = [2, 3].map((last) => {
      const netns = new NetworkNamespace(machine, `pod${number}${last}`);
      netns.bringLoopbackUp();
      const [inside, outside] = addVethPair(netns, 'eth0', machine.netns, `veth${last}`);
      setMaster(outside, bridge);
      addAddress(inside, ip(`10.244.${number}.${last}`), 24);
      netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: ip(`10.244.${number}.1`) });
      return netns;
    });
    return { machine, bridge, eth, pods };
  });
  return { fabric, a: machines[0]!, b: machines[1]! };
}

const way = (from: NetworkNamespace, to: string) => {
  const hops: string[] = [];
  const result = walk(from, ip(to), (netns, input, output) => hops.push(`${input?.name ?? ''}>${netns.name}>${output?.name ?? ''}`));
  return { verdict: result.verdict, hops };
};

describe('walk', () => {
  it('stays in a namespace for its own addresses', () => {
    const { a } = lan();
    expect(way(a.pods[0]!, '10.244.1.2').hops).toEqual(['>pod12>lo', 'lo>pod12>']);
    expect(way(a.pods[0]!, '127.0.0.1').verdict).toBe('delivered');
  });

  it('crosses the bridge to a neighbour', () => {
    const { a } = lan();
    expect(way(a.pods[0]!, '10.244.1.3')).toEqual({ verdict: 'delivered', hops: ['>pod12>eth0', 'eth0>pod13>'] });
  });

  it('goes over both machines to a pod elsewhere', () => {
    const { a } = lan();
    const hops = ['>pod12>eth0', 'cni0>host>eth0', 'eth0>host>cni0', 'eth0>pod23>'];
    expect(way(a.pods[0]!, '10.244.2.3')).toEqual({ verdict: 'delivered', hops });
  });

  const broken: [name: string, how: (world: ReturnType<typeof lan>) => void, verdict: string][] = [
    ['the other machine is off', ({ b }) => b.machine.powerOff(), 'host unreachable'],
    ['a cable is pulled', ({ b }) => void (b.eth.up = false), 'host unreachable'],
    ['the machines are kept apart', ({ fabric, a, b }) => fabric.setApart(a.machine, b.machine, true), 'host unreachable'],
    ['the route is gone', ({ a }) => void a.machine.netns.routes.delete(ip('10.244.2.0'), 24), 'host unreachable'],
    ['the pod is gone', ({ b }) => deleteLink(b.pods[1]!.link('eth0') as Link), 'host unreachable'],
    ['the other bridge is down', ({ b }) => void (b.bridge.up = false), 'host unreachable'],
    ['the other machine does not forward', ({ b }) => void (b.machine.netns.forwards = false), 'dropped'],
    ['the pod has no routes', ({ a }) => void a.pods[0]!.routes.delete(0, 0), 'no route'],
  ];
  it.each(broken)('ends when %s', (_name, how, verdict) => {
    const world = lan();
    way(world.a.pods[0]!, '10.244.2.3'); // neighbours are known by now
    how(world);
    expect(way(world.a.pods[0]!, '10.244.2.3').verdict).toBe(verdict);
  });

  it('ends a loop of routes', () => {
    const { a, b } = lan();
    b.machine.netns.addRoute({ ...parseCidr('10.244.2.3/32')!, gateway: ip('172.18.0.2'), link: b.eth });
    expect(way(a.pods[0]!, '10.244.2.3').verdict).toBe('dropped');
  });
});

describe('connect', () => {
  it('reaches a socket, is refused without one, and sees its own address', () => {
    const { a, b } = lan();
    const server = b.pods[1]!;
    const process = b.machine.spawn({
      context: b.machine.context,
      argv: ['server'],
      stdin: { read: () => '', reader: undefined },
      stdout: { write: () => true },
      stderr: { write: () => true },
      *executable() {
        yield* pause();
        return 0;
      },
    });
    server.listen({ protocol: 'TCP', ip: 0, port: 80, process, service: { serve: () => undefined } });
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 80, 'TCP')).toMatchObject({ state: 'connected', peer: { ip: ip('10.244.1.2') } });
    expect(connect(a.machine.netns, ip('10.244.2.3'), 80, 'TCP')).toMatchObject({ state: 'connected', peer: { ip: ip('172.18.0.2') } });
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 81, 'TCP').state).toBe('refused');
    expect(connect(a.pods[0]!, ip('10.244.2.9'), 80, 'TCP')).toEqual({ state: 'host unreachable', afterMs: 3000 });
    b.machine.netns.routes.delete(ip('10.244.1.0'), 24);
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 80, 'TCP').state).toBe('timeout');
  });
});

describe('routes', () => {
  it('prefer the longest prefix, then the lowest metric, with few and with many', () => {
    const { a } = lan();
    const { routes } = a.machine.netns;
    const link = a.eth;
    const gateway = (text: string) => formatIpv4(routes.lookup(ip(text))?.gateway ?? 0);
    a.machine.netns.addRoute({ ...parseCidr('10.0.0.0/8')!, link, gateway: 1, metric: 5 });
    a.machine.netns.addRoute({ ...parseCidr('10.0.0.0/8')!, link, gateway: 2, metric: 3 });
    const check = () =>
      expect([gateway('10.244.2.9'), gateway('10.9.9.9'), gateway('8.8.8.8')]).toEqual(['172.18.0.3', '0.0.0.2', '172.18.0.1']);
    check();
    for (let index = 0; index < 50; index++) a.machine.netns.addRoute({ ...parseCidr(`10.100.${index}.0/24`)!, link, gateway: 9 });
    check();
    expect(gateway('10.100.49.7')).toBe('0.0.0.9');
  });

  it('print as ip does', () => {
    const { a } = lan();
    expect(a.machine.netns.routes.list().map(formatRoute)).toEqual([
      '10.244.1.0/24 dev cni0 scope link src 10.244.1.1',
      '10.244.2.0/24 via 172.18.0.3 dev eth0',
      '172.18.0.0/16 dev eth0 scope link src 172.18.0.2',
      'default via 172.18.0.1 dev eth0',
    ]);
  });
});

describe('addresses', () => {
  it.each(['0.0.0.0', '10.244.1.5', '255.255.255.255'])('%s is read and written', (text) => {
    expect(formatIpv4(ip(text))).toBe(text);
  });

  it.each(['1.2.3', '1.2.3.256', '01.2.3.4', 'a.b.c.d', ''])('"%s" is none', (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });

  it('networks lose their host bits', () => {
    expect(formatCidr(parseCidr('10.244.1.77/20')!)).toBe('10.244.0.0/20');
    expect(parseCidr('10.0.0.0/33')).toBeUndefined();
  });
});
