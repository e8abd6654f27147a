import { describe, expect, it } from 'vitest';
import { connect, ping } from './connect.ts';
import { formatIpv4 } from './ipv4.ts';
import { addAddress } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { Packet, type PacketInit } from './packet.ts';
import { send } from './send.ts';
import { type Backend, cidr, ip, lan, listen } from './testing/lan.ts';
import { WalkTrace } from './walk-trace.ts';

const udp = (source: string, destination: string, init: Partial<PacketInit> = {}) =>
  new Packet({ protocol: 'UDP', source: ip(source), destination: ip(destination), sourcePort: 5000, destinationPort: 53, ...init });

function sent(from: NetworkNamespace, packet: Packet) {
  const trace = new WalkTrace();
  trace.event({ kind: 'send', netns: from, packet, role: 'request' });
  return { journey: send(from, packet, trace), trace: trace.packets[0]! };
}

describe('a packet', () => {
  it('loses one of its TTL at each router, none on a bridge', () => {
    const { a } = lan();
    expect(sent(a.pods[0]!, udp('10.244.1.2', '10.244.1.3')).journey.packet.ttl).toBe(64);
    expect(sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3')).journey.packet.ttl).toBe(62);
  });

  it('is seen by the bridge of a machine, its router, the other machine and the pod', () => {
    const { a } = lan();
    const { trace } = sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3'));
    expect(trace.visits.map(({ node, netns, input, output, end }) => [node, netns, input, output, end])).toEqual([
      ['m1', 'pod12', undefined, 'eth0', 'SENT'],
      ['m1', 'host', 'cni0', 'eth0', 'SENT'],
      ['m2', 'host', 'eth0', 'cni0', 'SENT'],
      ['m2', 'pod23', 'eth0', undefined, 'LOCAL'],
    ]);
    expect(trace.visits[1]!.routes).toEqual(['10.244.2.0/24 via 172.18.0.3 dev eth0']);
    expect(trace.visits[1]!.neighbour).toEqual({ ip: '172.18.0.3', mac: '0a:58:ac:12:00:03', asked: true });
    expect(sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3')).trace.visits[1]!.neighbour?.asked).toBe(false);
  });

  it.each<[Backend, string[], number]>([
    ['vxlan', ['UDP 172.18.0.2:', ' -> 172.18.0.3:8472'], 1450],
    ['udp', ['UDP 172.18.0.2:8285', ' -> 172.18.0.3:8285'], 1500],
    ['ipip', ['IPIP 172.18.0.2', ' -> 172.18.0.3'], 1480],
  ])('is wrapped by %s', (backend, [from, to], mtu) => {
    const { a } = lan(backend);
    const { journey, trace } = sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3'));
    expect([journey.verdict, journey.netns.name, journey.packet.ttl]).toEqual(['delivered', 'pod23', 62]);
    const wrapped = trace.wire.find(({ kind }) => kind === 'encapsulate')!;
    expect(wrapped.text).toContain(from);
    expect(wrapped.text).toContain(to);
    expect(trace.visits.filter(({ outer }) => outer).map(({ node, end }) => [node, end])).toEqual([
      ['m1', 'SENT'],
      ['m2', 'LOCAL'],
    ]);
    expect(a.machine.netns.link(wrapped.device)!.mtu).toBe(mtu);
  });

  it('that does not fit into the tunnel and may not be cut is sent back', () => {
    const { a } = lan('vxlan');
    const { journey } = sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3', { length: 1480 }));
    expect([journey.error, journey.mtu, journey.netns.name]).toEqual(['fragmentation-needed', 1450, 'host']);
  });

  it('that is longer than the LAN takes is lost', () => {
    const { a, fabric } = lan('vxlan');
    fabric.mtu = 1400;
    expect(sent(a.pods[0]!, udp('10.244.1.2', '10.244.2.3', { length: 1420 })).journey).toMatchObject({
      reason: 'too big',
      error: undefined,
    });
  });

  it('is lost by chance on a bad cable, and a SYN is sent again', () => {
    const { a, b } = lan();
    listen(b.pods[1]!, 80);
    a.eth.configure({ loss: 0.3 });
    const outcomes = Array.from({ length: 20 }, () => connect(a.pods[0]!, ip('10.244.2.3'), 80, 'TCP'));
    expect(outcomes.every(({ state }) => state === 'connected')).toBe(true);
    expect(new Set(outcomes.map(({ afterMs }) => afterMs)).size).toBeGreaterThan(1);
  });

  const ends: [string, (world: ReturnType<typeof lan>) => void, object][] = [
    ['blackhole', ({ a }) => special(a, 'blackhole'), { reason: 'blackhole', error: undefined }],
    ['unreachable', ({ a }) => special(a, 'unreachable'), { reason: 'unreachable', error: 'host-unreachable' }],
    ['prohibit', ({ a }) => special(a, 'prohibit'), { reason: 'prohibited', error: 'admin-prohibited' }],
    [
      'no route',
      ({ a }) => (a.machine.netns.routes.delete(ip('10.244.2.0'), 24), a.machine.netns.routes.delete(0, 0)),
      { error: 'net-unreachable' },
    ],
    ['no forwarding', ({ a }) => void (a.machine.netns.forwards = false), { reason: 'not forwarding', error: undefined }],
  ];
  it.each(ends)('ends at a route of type %s', (_name, how, expected) => {
    const world = lan();
    how(world);
    expect(sent(world.a.pods[0]!, udp('10.244.1.2', '10.244.2.3')).journey).toMatchObject(expected);
  });

  it.each([
    [0, 'delivered', undefined],
    [1, 'dropped', 'rp_filter'],
    [2, 'delivered', undefined],
  ])('from another way than the one back, with rp_filter %i, is %s', (value, verdict, reason) => {
    const { a, b } = lan();
    b.machine.netns.setSysctl('net/ipv4/conf/all/rp_filter', value);
    b.machine.netns.addRoute({ ...cidr('10.99.0.0/16'), link: b.bridge });
    const { journey } = sent(a.machine.netns, udp('10.99.0.1', '10.244.2.3'));
    expect([journey.verdict, journey.reason]).toEqual([verdict, reason]);
  });

  it('to or from 127/8 comes in only with route_localnet', () => {
    const { a, b } = lan();
    b.machine.netns.addRoute({ network: 0, prefixLength: 0, link: b.eth });
    expect(sent(a.machine.netns, udp('127.0.0.1', '172.18.0.3')).journey.reason).toBe('martian source');
    b.machine.netns.setSysctl('net/ipv4/conf/all/route_localnet', 1);
    expect(sent(a.machine.netns, udp('127.0.0.1', '172.18.0.3')).journey.verdict).toBe('delivered');
  });

  it("with the machine's own address as its source is not believed", () => {
    const { a } = lan();
    expect(sent(a.machine.netns, udp('172.18.0.3', '10.244.2.3')).journey.reason).toBe('martian source');
  });
});

const special = ({ machine }: ReturnType<typeof lan>['a'], type: 'blackhole' | 'unreachable' | 'prohibit') =>
  machine.netns.addRoute({ ...cidr('10.244.2.0/24'), link: machine.netns.loopback, type });

describe('what is said back', () => {
  it('reaches the client: port, host and net unreachable', () => {
    const { a, b } = lan();
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 53, 'UDP').state).toBe('refused');
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 53, 'TCP').state).toBe('refused');
    expect(connect(a.pods[0]!, ip('10.244.2.77'), 53, 'UDP')).toEqual({ state: 'host unreachable', afterMs: 3000 });
    b.machine.netns.routes.delete(ip('10.244.2.0'), 24);
    b.machine.netns.routes.delete(0, 0);
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 53, 'UDP').state).toBe('network unreachable');
  });

  it('does not when there is no way back', () => {
    const { a, b } = lan();
    b.machine.netns.routes.delete(ip('10.244.1.0'), 24);
    expect(connect(a.pods[0]!, ip('10.244.2.3'), 53, 'UDP').state).toBe('timeout');
  });

  it('names the routers, one after the other', () => {
    const { a } = lan();
    const hops = [1, 2, 3].map((ttl) => ping(a.pods[0]!, ip('10.244.2.3'), { ttl }));
    expect(hops.map((hop) => (hop.state === 'error' ? formatIpv4(hop.from) : hop.state))).toEqual(['10.244.1.1', '172.18.0.3', 'answered']);
    expect(ping(a.pods[0]!, ip('10.244.2.3'))).toEqual({ state: 'answered', ttl: 62 });
  });
});

describe('ARP', () => {
  it('is remembered on both sides, and bridges learn where everybody is', () => {
    const { a } = lan();
    sent(a.pods[0]!, udp('10.244.1.2', '10.244.1.3'));
    expect([...(a.pods[0]!.link('eth0')!.neighbours?.keys() ?? [])].map(formatIpv4)).toEqual(['10.244.1.3']);
    expect([...(a.pods[1]!.link('eth0')!.neighbours?.keys() ?? [])].map(formatIpv4)).toEqual(['10.244.1.2']);
    expect([...(a.bridge.details.fdb?.values() ?? [])].map(({ port }) => port.name).sort()).toEqual(['veth2', 'veth3']);
  });

  it('is answered for any address of the machine, with arp_ignore only for those of the device', () => {
    const { a, b } = lan();
    addAddress(b.machine.netns.loopback, ip('172.18.0.99'), 32);
    expect(ping(a.machine.netns, ip('172.18.0.99')).state).toBe('answered');
    b.machine.netns.setSysctl('net/ipv4/conf/all/arp_ignore', 1);
    a.eth.neighbours?.clear();
    expect(ping(a.machine.netns, ip('172.18.0.99'))).toMatchObject({ state: 'error', error: 'host-unreachable' });
  });
});
