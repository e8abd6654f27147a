import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { parseIpv4 } from '../net/ipv4.ts';
import { Nftables } from './nftables.ts';
import type { NftContext, NftPacket } from './types.ts';

const testdata = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');
const ip = (text: string): number => parseIpv4(text) ?? 0;

const TABLE = `add table ip t
add chain ip t pre { type nat hook prerouting priority -100 ; }
add chain ip t filter { type filter hook prerouting priority -110 ; }
add chain ip t post { type nat hook postrouting priority 100 ; }
add chain ip t mark
add rule ip t mark mark set mark or 0x4000
add chain ip t svc
add chain ip t ep1
add chain ip t ep2
add set ip t clients { type ipv4_addr ; flags dynamic,timeout ; timeout 10s ; }
add map ip t services { type ipv4_addr . inet_proto . inet_service : verdict ; }
add rule ip t filter ip saddr { 9.9.9.0/24 , 8.8.8.8 } drop
add rule ip t pre ip daddr . meta l4proto . th dport vmap @services
add rule ip t svc ip saddr @clients goto ep2
add rule ip t svc numgen random mod 2 vmap { 0 : goto ep1 , 1 : goto ep2 }
add rule ip t ep1 ip saddr 10.0.0.1 jump mark
add rule ip t ep1 meta l4proto tcp dnat to 10.0.0.1:8080
add rule ip t ep2 update @clients { ip saddr }
add rule ip t ep2 meta l4proto tcp dnat to 10.0.0.2:8080
add rule ip t post mark and 0x4000 == 0 return
add rule ip t post mark set mark xor 0x4000
add rule ip t post masquerade fully-random
add element ip t services { 10.96.0.1 . tcp . 80 : goto svc }
`;

function setUp(now = 0) {
  const nft = new Nftables();
  expect(nft.run(TABLE).stderr).toBe('');
  const clock = { now };
  const context = (isNew = true): NftContext => ({ now: clock.now, random, isNew, isLocal: () => false });
  const random = new Random('nft');
  const packet = (source = '10.0.0.9', destination = '10.96.0.1'): NftPacket => ({
    protocol: 'tcp',
    source: ip(source),
    sourcePort: 40000,
    destination: ip(destination),
    destinationPort: 80,
    mark: 0,
  });
  return { nft, clock, context, packet };
}

describe('nft', () => {
  it('prints a table as nft 1.0.6 prints it back from a kernel', () => {
    const nft = new Nftables();
    expect(nft.run(testdata('table.nft'))).toMatchObject({ exitCode: 0, stderr: '' });
    expect(nft.list('ip kube-proxy').stdout).toBe(testdata('table.list.txt'));
  });

  it.each([
    ['add rule ip t nochain drop', 'No such file or directory'],
    ['add rule ip t svc jump nowhere', 'No such file or directory'],
    ['delete chain ip t svc', 'Device or resource busy'],
    ['delete element ip t services { 10.96.0.2 . tcp . 80 }', 'No such file or directory'],
    ['add element ip t services { 10.96.0.1 . tcp . 80 : drop }', 'File exists'],
    ['add rule ip t svc frobnicate', 'syntax error'],
  ])('refuses %s, and takes back what the script did before', (line, message) => {
    const { nft } = setUp();
    const blocks = () =>
      nft
        .list()
        .stdout.split(/\n(?=\t[a-z]|$)/)
        .sort();
    const before = blocks();
    const result = nft.run(`flush chain ip t ep1\nadd chain ip t more\ndelete set ip t clients\n${line}\n`);
    expect(result.stderr).toContain(message);
    expect(blocks()).toEqual(before);
    expect(nft.run('delete chain ip t ep1').stderr).toContain('busy');
  });
});

describe('packets in nftables', () => {
  it('find their Service by one look-up, and an endpoint by another', () => {
    const { nft, packet, context } = setUp();
    const sent = packet();
    const { dnat } = nft.hook('prerouting', sent, context());
    expect(dnat).toBeDefined();
    expect(sent.destination).toBe(dnat?.ip);
    expect(nft.cost.lookups).toBeLessThanOrEqual(4);
  });

  it('of a known connection do not see nat chains', () => {
    const { nft, packet, context } = setUp();
    expect(nft.hook('prerouting', packet(), context(false))).toEqual({ verdict: 'accept' });
  });

  it('are spread by chance, and stay for the time that a set remembers them', () => {
    const { nft, packet, context, clock } = setUp();
    const to = (source: string) => nft.hook('prerouting', packet(source), context()).dnat?.ip;
    const ends = new Set(Array.from({ length: 40 }, (_, i) => to(`10.1.0.${i}`)));
    expect(ends.size).toBe(2);
    const client = Array.from({ length: 40 }, (_, i) => `10.2.0.${i}`).find((each) => to(each) === ip('10.0.0.2')) ?? '';
    for (let i = 0; i < 20; i++) expect(to(client)).toBe(ip('10.0.0.2'));
    clock.now += 10_001;
    expect(new Set(Array.from({ length: 40 }, () => (clock.now += 10_001) && to(client))).size).toBe(2);
  });

  it('are marked on hairpin, and masqueraded once', () => {
    const { nft, packet, context } = setUp();
    let marked: NftPacket | undefined;
    for (let i = 0; i < 20 && marked === undefined; i++) {
      const sent = packet('10.0.0.1');
      nft.hook('prerouting', sent, context());
      if (sent.mark !== 0) marked = sent;
    }
    expect(marked).toMatchObject({ mark: 0x4000, destination: ip('10.0.0.1') });
    expect(nft.hook('postrouting', marked!, context())).toMatchObject({ masquerade: true });
    expect(marked?.mark).toBe(0);
    expect(nft.hook('postrouting', packet(), context()).masquerade).toBeUndefined();
  });

  it('are dropped where a filter says so', () => {
    const { nft, packet, context } = setUp();
    expect(nft.hook('prerouting', packet('9.9.9.7'), context())).toEqual({ verdict: 'drop' });
    expect(nft.hook('prerouting', packet('8.8.8.8'), context())).toEqual({ verdict: 'drop' });
  });
});
