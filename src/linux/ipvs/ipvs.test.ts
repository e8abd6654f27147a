import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../net/ipv4.ts';
import { Ipvs, type IpvsPacket } from './ipvs.ts';
import { ipvsadm, ipvsadmRestore, ipvsadmSave } from './ipvsadm.ts';

const ip = (text: string): number => parseIpv4(text) ?? 0;

function setUp() {
  const clock = { now: 0 };
  const ipvs = new Ipvs(clock);
  const run = (line: string) => ipvsadm(ipvs, line.split(' '));
  const packet = (client: string, port: number, more: Partial<IpvsPacket> = {}): IpvsPacket => ({
    protocol: 'tcp',
    source: ip(client),
    sourcePort: port,
    destination: ip('10.96.0.1'),
    destinationPort: 443,
    flags: { syn: true },
    ...more,
  });
  return { clock, ipvs, run, packet };
}

const TWO = `-A -t 10.96.0.1:443 -s rr
-a -t 10.96.0.1:443 -r 192.168.50.11:6443 -m -w 1
-a -t 10.96.0.1:443 -r 192.168.50.12:6443 -m -w 1
`;

describe('ipvsadm', () => {
  it('lists virtual and real servers as the tool does', () => {
    const { ipvs, run } = setUp();
    ipvsadmRestore(ipvs, `${TWO}-A -u 10.96.0.10:53 -s sh -p 10800 -b flag-2\n`);
    expect(run('-Ln').stdout).toBe(
      'IP Virtual Server version 1.2.1 (size=4096)\n' +
        'Prot LocalAddress:Port Scheduler Flags\n' +
        '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n' +
        'TCP  10.96.0.1:443 rr\n' +
        '  -> 192.168.50.11:6443           Masq    1      0          0         \n' +
        '  -> 192.168.50.12:6443           Masq    1      0          0         \n' +
        'UDP  10.96.0.10:53 sh (sh-port) persistent 10800\n',
    );
  });

  it('shows the newest server first without sorting: the kernel puts it at the head', () => {
    const { ipvs, run } = setUp();
    ipvsadmRestore(ipvs, TWO);
    expect(run('-L -n --nosort').stdout).toMatch(/50\.12:6443[^]*50\.11:6443/);
  });

  it('saves what it restores', () => {
    const { ipvs } = setUp();
    ipvsadmRestore(ipvs, TWO);
    expect(ipvsadmSave(ipvs)).toBe(TWO);
  });

  it.each([
    ['-A -t 10.96.0.1:443 -s rr', 'Service already exists'],
    ['-A -t 10.96.0.1:80 -s best', 'Scheduler or persistence engine not found'],
    ['-D -t 10.96.0.1:80', 'No such service'],
    ['-a -t 10.96.0.1:80 -r 10.0.0.1:80 -m', 'Service not defined'],
    ['-a -t 10.96.0.1:443 -r 192.168.50.11:6443 -m', 'Destination already exists'],
    ['-d -t 10.96.0.1:443 -r 10.0.0.1:80', 'No such destination'],
  ])('refuses %s: %s', (line, message) => {
    const { ipvs, run } = setUp();
    ipvsadmRestore(ipvs, TWO);
    const result = run(line);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toBe(`${message}\n`);
  });
});

describe('connections of IPVS', () => {
  it('go through the states of TCP, and are counted and listed', () => {
    const { ipvs, run, packet, clock } = setUp();
    ipvsadmRestore(ipvs, TWO);
    expect(ipvs.in(packet('10.0.0.5', 40000, { bytes: 60 }))).toMatchObject({ verdict: 'forward', isNew: true, method: 'masq' });
    expect(run('-Lnc').stdout).toContain('TCP 01:00  SYN_RECV    10.0.0.5:40000     10.96.0.1:443      192.168.50.12:6443\n');
    expect(run('-Ln').stdout).toContain('192.168.50.12:6443           Masq    1      0          1 ');
    ipvs.out({
      ...packet('192.168.50.12', 6443),
      destination: ip('10.0.0.5'),
      destinationPort: 40000,
      flags: { syn: true, ack: true },
      bytes: 60,
    });
    ipvs.in(packet('10.0.0.5', 40000, { flags: { ack: true }, bytes: 52 }));
    expect(run('-Ln').stdout).toContain('192.168.50.12:6443           Masq    1      1          0 ');
    expect(run('-Ln --stats').stdout).toContain('TCP  10.96.0.1:443                       1        2        1      112       60\n');
    ipvs.in(packet('10.0.0.5', 40000, { flags: { fin: true, ack: true } }));
    clock.now += 61_000;
    expect(run('-Lnc').stdout.split('\n')).toHaveLength(3);
    expect(run('-Ln').stdout).toContain('192.168.50.12:6443           Masq    1      0          0 ');
  });

  it('leaves packets alone that open nothing, or go elsewhere', () => {
    const { ipvs, packet } = setUp();
    ipvsadmRestore(ipvs, TWO);
    expect(ipvs.in(packet('10.0.0.5', 1, { flags: { ack: true } }))).toBeUndefined();
    expect(ipvs.in(packet('10.0.0.5', 1, { destinationPort: 80 }))).toBeUndefined();
  });

  it('says port unreachable without servers', () => {
    const { ipvs, run, packet } = setUp();
    run('-A -t 10.96.0.1:443 -s rr');
    expect(ipvs.in(packet('10.0.0.5', 1))).toMatchObject({ verdict: 'unreachable' });
  });

  it('stay with a server of weight 0 while new ones do not come to it', () => {
    const { ipvs, run, packet } = setUp();
    ipvsadmRestore(ipvs, TWO);
    ipvs.in(packet('10.0.0.5', 1));
    run('-e -t 10.96.0.1:443 -r 192.168.50.12:6443 -m -w 0');
    expect(ipvs.in(packet('10.0.0.5', 1, { flags: { ack: true } }))).toMatchObject({ realServer: { ip: ip('192.168.50.12') } });
    for (let port = 2; port < 9; port++)
      expect(ipvs.in(packet('10.0.0.5', port))).toMatchObject({ realServer: { ip: ip('192.168.50.11') } });
  });

  it('are dropped when their server is gone', () => {
    const { ipvs, run, packet } = setUp();
    ipvsadmRestore(ipvs, TWO);
    ipvs.in(packet('10.0.0.5', 1));
    run('-d -t 10.96.0.1:443 -r 192.168.50.12:6443');
    ipvs.sysctls.expire_nodest_conn = 1;
    expect(ipvs.in(packet('10.0.0.5', 1, { flags: { ack: true } }))).toMatchObject({ verdict: 'drop' });
    expect(ipvs.in(packet('10.0.0.5', 1))).toMatchObject({ verdict: 'forward', isNew: true });
  });

  it('of one client stay together with persistence, until it has been silent long enough', () => {
    const { ipvs, packet, clock, run } = setUp();
    ipvsadmRestore(ipvs, TWO.replace('-s rr', '-s rr -p 600'));
    const serverOf = (client: string, port: number) => {
      const decision = ipvs.in(packet(client, port));
      return decision?.verdict === 'forward' ? decision.realServer.ip : 0;
    };
    const first = serverOf('10.0.0.5', 1);
    expect(serverOf('10.0.0.6', 1)).not.toBe(first);
    for (let port = 2; port < 20; port++) expect(serverOf('10.0.0.5', port)).toBe(first);
    expect(run('-Lnc').stdout).toContain('10.0.0.5:0 ');
    clock.now += 599_000;
    expect(serverOf('10.0.0.5', 30)).toBe(first);
    serverOf('10.0.0.7', 1);
    clock.now += 661_000;
    ipvs.connections.expire(clock.now);
    expect(ipvs.connections.size).toBe(0);
  });

  it('count their look-ups: two tables, however many Services there are', () => {
    const { ipvs, packet } = setUp();
    ipvsadmRestore(ipvs, TWO);
    for (let i = 0; i < 5000; i++) ipvs.addService({ protocol: 'tcp', ip: 0x0a610000 + i, port: 80 }, { scheduler: 'rr' });
    const decision = ipvs.in(packet('10.0.0.5', 1));
    expect(decision?.cost.lookups).toBe(2);
    expect(decision?.cost.comparisons).toBeLessThan(60);
  });
});
