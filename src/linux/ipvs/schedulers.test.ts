import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { Ipvs } from './ipvs.ts';
import { SCHEDULER_NAMES } from './schedulers.ts';
import { overhead, type RealServer, type VirtualServer } from './types.ts';

const VIP = { protocol: 'tcp', ip: 0x0a600001, port: 80 } as const;
const SYN = { syn: true };

/** A virtual server with real servers 1, 2, 3 … of these weights, in list order. */
function setUp(scheduler: string, weights: readonly number[]) {
  const clock = { now: 0 };
  const ipvs = new Ipvs(clock);
  const service = ipvs.addService(VIP, { scheduler })!;
  for (let i = weights.length; i >= 1; i--) ipvs.addServer(service, i, 8080, weights[i - 1]);
  let port = 1024;
  const send = (source = 0x0b000000, flags = SYN) =>
    ipvs.in({ protocol: 'tcp', source, sourcePort: port++, destination: VIP.ip, destinationPort: VIP.port, flags });
  const pick = (source?: number): number => {
    const decision = send(source);
    return decision?.verdict === 'forward' ? decision.realServer.ip : 0;
  };
  return { clock, ipvs, service, send, pick };
}

const times = (n: number, make: () => number): number[] => Array.from({ length: n }, make);

/** Connections that open and end by chance; `check` sees the loads before each choice. */
function longRun(
  scheduler: string,
  weights: readonly number[],
  check: (chosen: RealServer, before: readonly RealServer[], service: VirtualServer) => void,
): void {
  const random = new Random(`ipvs ${scheduler}`);
  const { service, ipvs, clock } = setUp(scheduler, weights);
  const open: { port: number; source: number }[] = [];
  for (let i = 0; i < 20_000; i++) {
    clock.now += random.int(200);
    if (open.length > 0 && random.int(3) === 0) {
      const [{ port, source } = { port: 0, source: 0 }] = open.splice(random.int(open.length), 1);
      ipvs.in({ protocol: 'tcp', source, sourcePort: port, destination: VIP.ip, destinationPort: 80, flags: { rst: true } });
      continue;
    }
    const packet = {
      protocol: 'tcp',
      source: 0x0b000000 + random.int(50),
      sourcePort: 1024 + i,
      destination: VIP.ip,
      destinationPort: 80,
    } as const;
    ipvs.connections.expire(clock.now);
    const before = service.servers.map((server) => ({ ...server }));
    const decision = ipvs.in({ ...packet, flags: SYN });
    if (decision?.verdict !== 'forward') throw new Error('nobody was chosen');
    check(decision.realServer, before, service);
    if (random.int(4) > 0) ipvs.in({ ...packet, flags: { ack: true } });
    open.push({ port: packet.sourcePort, source: packet.source });
  }
}

/** The first of those with the smallest value. */
function firstMinimum(servers: readonly RealServer[], value: (server: RealServer) => number): number {
  const usable = servers.filter(({ weight }) => weight > 0);
  const least = Math.min(...usable.map(value));
  return usable.find((server) => value(server) === least)?.ip ?? 0;
}

describe('schedulers of IPVS', () => {
  it('rr takes the servers in turn, without those of weight 0', () => {
    const { pick } = setUp('rr', [1, 0, 5, 1]);
    expect(times(7, pick)).toEqual([1, 3, 4, 1, 3, 4, 1]);
  });

  it('rr keeps its place when servers come and go', () => {
    const { pick, ipvs, service } = setUp('rr', [1, 1, 1]);
    expect(times(2, pick)).toEqual([1, 2]);
    ipvs.addServer(service, 9, 8080);
    expect(times(2, pick)).toEqual([3, 9]);
    ipvs.deleteServer(service, service.servers[0]!);
    expect(times(2, pick)).toEqual([1, 2]);
    ipvs.deleteServer(
      service,
      service.servers.find(({ ip }) => ip === 2)!,
    );
    expect(times(3, pick)).toEqual([3, 1, 3]);
  });

  it('rr gives each server its share to the last connection', () => {
    const { pick } = setUp(
      'rr',
      times(7, () => 1),
    );
    const counts = new Map<number, number>();
    for (const ip of times(7000, pick)) counts.set(ip, (counts.get(ip) ?? 0) + 1);
    expect([...counts.values()]).toEqual(times(7, () => 1000));
  });

  it('wrr goes through the weights from the largest down', () => {
    const { pick } = setUp('wrr', [3, 2, 1]);
    // The last server was added first, so the first round begins at weight 1.
    expect(times(3, pick)).toEqual([1, 2, 3]);
    expect(times(12, pick)).toEqual([1, 1, 2, 1, 2, 3, 1, 1, 2, 1, 2, 3]);
  });

  it.each([[[5, 3, 1]], [[10, 20, 30, 0]], [[7, 7, 7]], [[1, 100]]])('wrr with weights %j gives exact shares', (weights) => {
    const { pick } = setUp('wrr', weights);
    const divisor = weights
      .filter((weight) => weight > 0)
      .reduce(function gcd(a: number, b: number): number {
        return b === 0 ? a : gcd(b, a % b);
      });
    const round = weights.reduce((a, b) => a + b, 0) / divisor;
    const picked = times(round * 20, pick);
    for (const [index, weight] of weights.entries()) expect(picked.filter((ip) => ip === index + 1)).toHaveLength((weight / divisor) * 20);
  });

  it('lc takes the smallest overhead, the first of equals', () => {
    longRun('lc', [1, 3, 1, 0, 2], (chosen, before) => expect(chosen.ip).toBe(firstMinimum(before, overhead)));
  });

  it('wlc takes the smallest overhead for its weight', () => {
    longRun('wlc', [1, 3, 1, 0, 2], (chosen, before) => expect(chosen.ip).toBe(firstMinimum(before, (s) => overhead(s) / s.weight)));
  });

  it('sed takes the shortest expected delay', () => {
    longRun('sed', [1, 3, 1, 0, 2], (chosen, before) => expect(chosen.ip).toBe(firstMinimum(before, (s) => (s.active + 1) / s.weight)));
  });

  it('nq takes an idle server before all others', () => {
    longRun('nq', [1, 3, 1, 0, 2], (chosen, before) => {
      const idle = before.find(({ active, weight }) => weight > 0 && active === 0);
      expect(chosen.ip).toBe(idle?.ip ?? firstMinimum(before, (s) => (s.active + 1) / s.weight));
    });
  });

  it('fo takes the largest weight, ovf the largest that is not full', () => {
    longRun('fo', [1, 3, 3, 0, 2], (chosen) => expect(chosen.ip).toBe(2));
    longRun('ovf', [900, 30, 8000], (chosen, before) => {
      const free = before.filter(({ active, weight }) => active <= weight);
      expect(chosen.ip).toBe(firstMinimum(free, (s) => -s.weight));
    });
  });

  it('sh keeps each client at bucket (address · 2654435761 mod 256) mod n', () => {
    longRun('sh', [1, 1, 1], () => undefined);
    const { pick } = setUp('sh', [1, 1, 1]);
    const random = new Random('sh');
    for (let i = 0; i < 2000; i++) {
      const source = random.uint32();
      const bucket = Number((BigInt(source) * 2_654_435_761n) & 255n);
      expect(pick(source)).toBe((bucket % 3) + 1);
    }
  });

  it('sh fills its buckets by weight, and has nobody where a server is down', () => {
    const { ipvs, service, pick } = setUp('sh', [3, 1]);
    const counts = [0, 0, 0];
    for (let source = 0; source < 256; source++) counts[pick(source)]!++;
    expect(counts).toEqual([0, 192, 64]);
    ipvs.editServer(service, service.servers[1]!, 0);
    const down = Array.from({ length: 256 }, (_, source) => pick(source)).filter((ip) => ip === 0).length;
    expect(down).toBeGreaterThan(0);
    ipvs.editService(service, { scheduler: 'sh', flags: ['flag-1'] });
    expect(Array.from({ length: 256 }, (_, source) => pick(source))).not.toContain(0);
  });

  it('dh chooses by the destination alone', () => {
    const { pick } = setUp('dh', [1, 1, 1]);
    expect(new Set(Array.from({ length: 100 }, (_, source) => pick(source))).size).toBe(1);
  });

  it('lblc stays with its server until that is overloaded and another is not half busy', () => {
    longRun('lblc', [40, 40, 100], () => undefined);
    const { service, send } = setUp('lblc', [2, 8]);
    const first = send();
    if (first?.verdict !== 'forward') throw new Error('nobody was chosen');
    const home = first.realServer;
    home.active = home.weight;
    expect(send()).toMatchObject({ realServer: home });
    home.active = home.weight + 1;
    const other = service.servers.find((server) => server !== home)!;
    other.active = other.weight;
    expect(send()).toMatchObject({ realServer: home });
    other.active = 0;
    expect(send()).toMatchObject({ realServer: other });
  });

  it('lblcr widens the set under load, and narrows it after a day', () => {
    const { service, send, clock } = setUp('lblcr', [2, 8]);
    const first = send();
    if (first?.verdict !== 'forward') throw new Error('nobody was chosen');
    const home = first.realServer;
    const other = service.servers.find((server) => server !== home)!;
    home.active = home.weight + 1;
    expect(send()).toMatchObject({ realServer: other });
    home.active = 0;
    home.inactive = 1;
    other.active = 4;
    expect(send()).toMatchObject({ realServer: home });
    clock.now += 25 * 3_600_000;
    home.active = 0;
    other.active = 4;
    send();
    home.active = 2;
    expect(send()).toMatchObject({ realServer: home });
  });

  it('every scheduler has nobody to offer when all weights are 0', () => {
    for (const name of SCHEDULER_NAMES) expect(setUp(name, [0, 0]).send()).toMatchObject({ verdict: 'unreachable' });
  });
});
