import { describe, expect, it } from 'vitest';
import { Bench, device, ip, packet } from './testing/bench.ts';
import type { Packet, PacketInit } from '../net/packet.ts';

const UDP: Partial<PacketInit> = { protocol: 'UDP' };
const echo: Partial<PacketInit> = { protocol: 'ICMP', icmp: { type: 8, code: 0, id: 1 } };
const web = '10.0.0.1:1000 > 10.0.0.2:80';

/** Whether a rule with these matches drops the packet at FORWARD, from eth0 to eth1. */
function matches(rule: string, sent: Packet, change: (bench: Bench) => void = () => undefined): boolean {
  const bench = new Bench();
  change(bench);
  bench.run(`-A FORWARD ${rule} -j DROP`);
  return bench.hook('FORWARD', sent, device('eth0', '192.168.0.1'), device('eth1', '192.168.1.1')) === 'drop';
}

const rows: readonly (readonly [rule: string, packet: Packet, matched: boolean])[] = [
  ['', packet(web), true],
  ['-s 10.0.0.1', packet(web), true],
  ['-s 10.0.0.0/30', packet(web), true],
  ['-s 10.0.0.2', packet(web), false],
  ['! -s 10.0.0.2', packet(web), true],
  ['-d 10.0.0.0/255.0.255.0', packet('10.0.0.1 > 10.9.0.7'), true],
  ['-p tcp', packet(web), true],
  ['-p udp', packet(web), false],
  ['! -p udp', packet(web), true],
  ['-i eth0 -o eth1', packet(web), true],
  ['-i eth+', packet(web), true],
  ['! -i eth+', packet(web), false],
  ['-o veth+', packet(web), false],
  ['-p tcp --dport 80', packet(web), true],
  ['-p tcp --dport 80', packet('10.0.0.1:80 > 10.0.0.2:81'), false],
  ['-p tcp ! --dport 80', packet(web), false],
  ['-p tcp --sport 999:1000 --dport 1:100', packet(web), true],
  ['-p udp --dport 53', packet('1.1.1.1:5 > 2.2.2.2:53', UDP), true],
  ['-p tcp --syn', packet(web), true],
  ['-p tcp --syn', packet(web, { flags: 'SA' }), false],
  ['-p tcp ! --syn', packet(web, { flags: 'A' }), true],
  ['-p tcp --tcp-flags ALL NONE', packet(web, { flags: '' }), true],
  ['-p tcp -m multiport --dports 22,80,1000:2000', packet(web), true],
  ['-p tcp -m multiport --sports 22,900:1100', packet(web), true],
  ['-p tcp -m multiport ! --dports 22,80', packet(web), false],
  ['-p tcp -m multiport --ports 1000', packet(web), true],
  ['-p icmp --icmp-type echo-request', packet('1.1.1.1 > 2.2.2.2', echo), true],
  ['-p icmp --icmp-type 3/1', packet('1.1.1.1 > 2.2.2.2', echo), false],
  ['-p icmp ! --icmp-type 3/1', packet('1.1.1.1 > 2.2.2.2', echo), true],
  ['-m mark --mark 0x4000/0x4000', packet(web, { mark: 0x4001 }), true],
  ['-m mark --mark 0x4000', packet(web, { mark: 0x4001 }), false],
  ['-m mark ! --mark 0x4000/0x4000', packet(web), true],
  ['-m mark --mark 0x80000000/0x80000000', packet(web, { mark: 0x80000000 }), true],
  ['-m comment --comment x', packet(web), true],
  ['-m ttl --ttl-lt 65', packet(web), true],
  ['-m length --length 0:59', packet(web), false],
  ['-m iprange --src-range 10.0.0.1-10.0.0.9', packet(web), true],
  ['-m addrtype --dst-type LOCAL', packet('1.1.1.1 > 192.168.9.9'), true],
  ['-m addrtype --src-type LOCAL', packet('1.1.1.1 > 192.168.9.9'), false],
  ['-m addrtype ! --src-type LOCAL --dst-type LOCAL,BROADCAST', packet('1.1.1.1 > 192.168.9.9'), true],
  ['-m addrtype --dst-type LOCAL --limit-iface-in', packet('1.1.1.1 > 192.168.0.1'), true],
  ['-m addrtype --dst-type LOCAL --limit-iface-in', packet('1.1.1.1 > 192.168.9.9'), false],
  ['-m conntrack --ctstate INVALID', packet(web), true],
  ['-m conntrack --ctstate NEW,ESTABLISHED', packet(web), false],
  ['-m set --match-set hosts src', packet(web), true],
  ['-m set --match-set hosts dst', packet(web), false],
  ['-m set ! --match-set hosts dst', packet(web), true],
  ['-m set --match-set ports dst,dst', packet(web), true],
  ['-m set --match-set ports dst,src', packet(web), false],
  ['-m set --match-set ports dst', packet(web), false],
  ['-m statistic --mode random --probability 1', packet(web), true],
  ['-m statistic --mode random --probability 0', packet(web), false],
  ['-m mark --mark 0 -m ttl --ttl-gt 5 -m length --length 60', packet(web), true],
];

describe('matches', () => {
  it.each(rows)('%s', (rule, sent, matched) => {
    const change = (bench: Bench) => {
      bench.local.add(ip('192.168.9.9'));
      bench.netfilter.sets.restore('create hosts hash:ip\nadd hosts 10.0.0.1\ncreate ports hash:ip,port\nadd ports 10.0.0.2,tcp:80\n');
    };
    expect(matches(rule, sent, change)).toBe(matched);
  });

  it('physdev sees the bridge ports', () => {
    const bridged = packet(web);
    bridged.physIn = device('veth1');
    bridged.physOut = device('veth2');
    expect(matches('-m physdev --physdev-is-in', packet(web))).toBe(false);
    expect(matches('-m physdev ! --physdev-is-in', packet(web))).toBe(true);
    expect(matches('-m physdev --physdev-is-bridged --physdev-in veth+ --physdev-out veth2', bridged)).toBe(true);
    expect(matches('-m physdev ! --physdev-in veth1', bridged)).toBe(false);
  });

  it('statistic nth matches every third packet, from the second on', () => {
    const bench = new Bench('-A FORWARD -m statistic --mode nth --every 3 --packet 1 -j DROP');
    const seen = Array.from({ length: 7 }, () => bench.hook('FORWARD', packet(web)));
    expect(seen.map((verdict) => (verdict === 'drop' ? 1 : 0))).toEqual([0, 1, 0, 0, 1, 0, 0]);
  });

  it('statistic random splits as often as it says', () => {
    const bench = new Bench('-A FORWARD -m statistic --mode random --probability 0.25 -j DROP');
    const dropped = Array.from({ length: 4000 }, () => bench.hook('FORWARD', packet(web))).filter((verdict) => verdict === 'drop');
    // Four standard deviations (27) around 1000.
    expect(Math.abs(dropped.length - 1000)).toBeLessThan(110);
  });

  it('limit lets the burst through, then one for each interval', () => {
    const bench = new Bench('-A FORWARD -m limit --limit 1/sec --limit-burst 3 -j DROP');
    const count = (packets: number) =>
      Array.from({ length: packets }, () => bench.hook('FORWARD', packet(web))).filter((v) => v === 'drop').length;
    expect(count(5)).toBe(3);
    bench.now += 1000;
    expect(count(5)).toBe(1);
    bench.now += 60_000;
    expect(count(5)).toBe(3);
  });

  it('recent remembers an address for so many seconds, and update renews it', () => {
    const bench = new Bench(
      '-A FORWARD -p udp -m recent --set --name seen',
      '-A FORWARD -p tcp --dport 1 -m recent --rcheck --seconds 10 --reap --name seen -j DROP',
      '-A FORWARD -p tcp --dport 2 -m recent --update --seconds 10 --name seen -j DROP',
    );
    const send = (port: number) => bench.hook('FORWARD', packet(`10.0.0.1:5 > 10.0.0.2:${port}`));
    expect(send(1)).toBe('accept');
    bench.hook('FORWARD', packet('10.0.0.1:5 > 10.0.0.2:53', UDP));
    bench.now = 10_000;
    expect([send(1), bench.hook('FORWARD', packet('10.0.0.9:5 > 10.0.0.2:1'))]).toEqual(['drop', 'accept']);
    expect(send(2)).toBe('drop');
    bench.now = 20_000;
    expect(send(1)).toBe('drop');
    bench.now = 20_001;
    expect(send(1)).toBe('accept');
    expect(bench.netfilter.recent.list('seen').size).toBe(0);
  });

  it('recent counts hits, masks addresses and takes the other side', () => {
    const bench = new Bench(
      '-A FORWARD -m recent --set --name net --mask 255.255.255.0 --rdest',
      '-A FORWARD -m recent --rcheck --seconds 60 --hitcount 3 --name net --mask 255.255.255.0 --rdest -j DROP',
    );
    const verdicts = [1, 2, 3].map((last) => bench.hook('FORWARD', packet(`1.1.1.1:5 > 10.0.0.${last}:80`)));
    expect(verdicts).toEqual(['accept', 'accept', 'drop']);
  });
});

describe('targets', () => {
  it.each([
    ['--set-xmark 0x4000/0x4000', 0x1, 0x4001],
    ['--set-xmark 0x4000/0x0', 0x4001, 0x1],
    ['--set-mark 5', 0xff, 5],
    ['--set-mark 0x5/0xf', 0xf3, 0xf5],
    ['--or-mark 0x4000', 1, 0x4001],
    ['--and-mark 0xff', 0x4001, 1],
    ['--xor-mark 0xff', 1, 0xfe],
    ['--or-mark 0x80000000', 1, 0x80000001],
  ])('MARK %s', (option, before, after) => {
    const sent = packet(web, { mark: before });
    new Bench(`-t mangle -A FORWARD -j MARK ${option}`).hook('FORWARD', sent);
    expect(sent.mark).toBe(after);
  });

  it('REJECT says how', () => {
    expect(new Bench('-A FORWARD -j REJECT').hook('FORWARD', packet(web))).toEqual({ reject: 'icmp-port-unreachable' });
    expect(new Bench('-A FORWARD -p tcp -j REJECT --reject-with tcp-reset').hook('FORWARD', packet(web))).toEqual({ reject: 'tcp-reset' });
  });

  it('CONNMARK saves a mark in the connection and restores it from there', () => {
    const bench = new Bench(
      '-t mangle -A PREROUTING -m mark --mark 0/0xff -j CONNMARK --restore-mark --mask 0xff',
      '-t mangle -A POSTROUTING -j CONNMARK --save-mark --mask 0xff',
    );
    bench.forward(packet(web, { mark: 0 }));
    const marked = packet(web);
    bench.hook('PREROUTING', marked);
    marked.mark = 0x2a;
    bench.hook('POSTROUTING', marked);
    const back = packet('10.0.0.2:80 > 10.0.0.1:1000', { flags: 'SA' });
    bench.hook('PREROUTING', back);
    expect(back.mark).toBe(0x2a);
  });

  it('NOTRACK keeps a packet out of conntrack', () => {
    const bench = new Bench('-t raw -A PREROUTING -p udp -j NOTRACK', '-A FORWARD -m conntrack --ctstate UNTRACKED -j DROP');
    expect(bench.forward(packet('1.1.1.1:5 > 2.2.2.2:53', UDP))).toBe('drop');
    expect(bench.forward(packet(web))).toBe('accept');
  });

  it('TCPMSS clamps to the smaller device', () => {
    const bench = new Bench('-t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu');
    const sent = packet(web, { mss: 1460 });
    bench.hook('FORWARD', sent, device('eth0'), { ...device('tun'), mtu: 1450 } as never);
    expect(sent.mss).toBe(1410);
  });

  it('LOG writes a line and goes on', () => {
    const bench = new Bench('-A FORWARD -j LOG --log-prefix "seen: "', '-A FORWARD -j DROP');
    expect(bench.hook('FORWARD', packet(web), device('eth0'), device('eth1'))).toBe('drop');
    expect(bench.netfilter.logLines).toEqual([
      'seen: IN=eth0 OUT=eth1 SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP SPT=1000 DPT=80 SYN',
    ]);
  });

  it('SET adds and removes', () => {
    const bench = new Bench();
    bench.netfilter.sets.command(['create', 'seen', 'hash:ip']);
    bench.run('-A FORWARD -j SET --add-set seen src');
    bench.hook('FORWARD', packet(web));
    expect(bench.netfilter.sets.save('seen')).toContain('add seen 10.0.0.1\n');
  });
});

describe('chains', () => {
  it('jumps come back, gotos do not, RETURN leaves', () => {
    const bench = new Bench(
      '-N A',
      '-N B',
      '-A FORWARD -j A',
      '-A FORWARD -p udp -j DROP',
      '-A A -p tcp -g B',
      '-A A -j RETURN',
      '-A A -j DROP',
      '-A B -j RETURN',
    );
    const seen: string[] = [];
    const recorder = {
      targetTaken: (_: string, chain: string, number: number, __: unknown, action: string) =>
        void seen.push(`${chain}#${number} ${action}`),
    };
    expect(bench.hook('FORWARD', packet(web), undefined, undefined, recorder)).toBe('accept');
    expect(seen).toEqual(['FORWARD#1 jump A', 'A#1 goto B', 'B#1 RETURN', 'FORWARD#0 ACCEPT']);
    expect(bench.hook('FORWARD', packet('1.1.1.1 > 2.2.2.2', UDP))).toBe('drop');
  });

  it('counts packets, bytes and comparisons, and so does the search by destination', () => {
    const rules = Array.from({ length: 100 }, (_, i) => `-A S -d 10.96.0.${i} -p tcp --dport 80 -j RETURN`);
    const text = `*filter\n:S - [0:0]\n${rules.join('\n')}\n-A S -m mark --mark 1 -j DROP\n-A FORWARD -j S\nCOMMIT\n`;
    const bench = new Bench();
    bench.netfilter.restore(text);
    const { cost } = bench.netfilter;
    bench.hook('FORWARD', packet('10.0.0.1:1 > 10.96.0.49:80'));
    expect(cost.comparisons).toBe(1 + 50);
    bench.hook('FORWARD', packet('10.0.0.1:1 > 10.96.9.9:80'));
    expect(cost.comparisons).toBe(51 + 1 + 101);
    let told = 0;
    bench.hook('FORWARD', packet('10.0.0.1:1 > 10.96.0.49:80', { mark: 1 }), undefined, undefined, { ruleCompared: () => void told++ });
    expect([told, cost.comparisons]).toEqual([51, 204]);
    expect(bench.hook('FORWARD', packet('10.0.0.1:1 > 10.96.9.9:80', { mark: 1 }))).toBe('drop');
    expect(bench.netfilter.save({ counters: true })).toContain('[2:120] -A S -d 10.96.0.49/32');
  });

  it('keeps counters of the other rules when one is inserted', () => {
    const bench = new Bench('-A FORWARD -s 10.0.0.1');
    bench.hook('FORWARD', packet(web));
    bench.run('-I FORWARD -s 9.9.9.9');
    expect(bench.netfilter.save({ counters: true })).toContain('[0:0] -A FORWARD -s 9.9.9.9/32\n[1:60] -A FORWARD -s 10.0.0.1/32\n');
  });
});
