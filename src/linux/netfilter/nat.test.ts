import { describe, expect, it } from 'vitest';
import { formatConntrack } from '../conntrack/format.ts';
import { Packet } from '../net/packet.ts';
import { Bench, device, ip, packet } from './testing/bench.ts';

const DNAT = '-t nat -A PREROUTING -d 10.96.0.1 -p tcp --dport 80 -j DNAT --to-destination 10.244.1.5:8080';
const MASQUERADE = '-t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE';
const toService = (port = 1000) => packet(`10.0.0.1:${port} > 10.96.0.1:80`);
const udp = (ends: string) => packet(ends, { protocol: 'UDP' });
/** The number of rule comparisons in nat while `run` runs. */
function natComparisons(bench: Bench, sent: Packet): number {
  let count = 0;
  const recorder = { ruleCompared: (table: string) => void (table === 'nat' && count++) };
  sent.scrub();
  bench.hook('PREROUTING', sent, device('eth0'), undefined, recorder);
  bench.hook('FORWARD', sent, device('eth0'), device('eth1'), recorder);
  bench.hook('POSTROUTING', sent, undefined, device('eth1', '192.168.1.1'), recorder);
  return count;
}

describe('DNAT', () => {
  it('rewrites the destination, and the answer is changed back without a rule', () => {
    const bench = new Bench(DNAT);
    const sent = toService();
    expect(natComparisons(bench, sent)).toBe(1);
    expect(`${sent}`).toBe('TCP 10.0.0.1:1000 -> 10.244.1.5:8080');
    const answer = packet('10.244.1.5:8080 > 10.0.0.1:1000', { flags: 'SA' });
    expect(natComparisons(bench, answer)).toBe(0);
    expect(`${answer}`).toBe('TCP 10.96.0.1:80 -> 10.0.0.1:1000');
  });

  it('asks the rules for the first packet only, also when the rule is gone since', () => {
    const bench = new Bench(DNAT);
    natComparisons(bench, toService());
    bench.run('-t nat -F');
    const second = toService();
    expect(natComparisons(bench, second)).toBe(0);
    expect(`${second}`).toBe('TCP 10.0.0.1:1000 -> 10.244.1.5:8080');
  });

  it('asks again when the first packet did not get through', () => {
    const bench = new Bench(DNAT, '-A FORWARD -j DROP');
    expect(bench.forward(toService())).toBe('drop');
    expect(bench.netfilter.conntrack.count(0)).toBe(0);
    expect(natComparisons(bench, toService())).toBe(1);
  });

  it('tells the conntrack match', () => {
    const bench = new Bench(DNAT, '-A FORWARD -m conntrack ! --ctstate DNAT -j DROP');
    expect(bench.forward(toService())).toBe('accept');
    expect(bench.forward(packet('10.0.0.1:5 > 10.96.0.9:80'))).toBe('drop');
  });

  it('spreads clients over a range of addresses and keeps each at one', () => {
    const bench = new Bench('-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.1-10.1.0.4 --persistent');
    const first = [1, 2, 3, 4, 5, 6, 7, 8].map((last) => packet(`10.0.0.${last}:9 > 10.96.0.1:80`));
    const again = first.map(({ source }) => packet('0.0.0.0:99 > 10.96.7.7:80', { source }));
    for (const sent of [...first, ...again]) bench.forward(sent);
    expect(again.map(({ destination }) => destination)).toEqual(first.map(({ destination }) => destination));
    expect(new Set(first.map(({ destination }) => destination)).size).toBeGreaterThan(1);
  });
});

describe('MASQUERADE and SNAT', () => {
  it('takes the address of the device and keeps the port when it is free', () => {
    const bench = new Bench(MASQUERADE);
    const first = packet('10.0.0.1:1000 > 1.1.1.1:80');
    const second = packet('10.0.0.2:1000 > 1.1.1.1:80');
    bench.forward(first);
    bench.forward(second);
    expect(`${first}`).toBe('TCP 192.168.1.1:1000 -> 1.1.1.1:80');
    expect(second.source).toBe(ip('192.168.1.1'));
    expect(second.sourcePort).not.toBe(1000);
    const answer = packet('1.1.1.1:80 > 192.168.1.1:0', { destinationPort: second.sourcePort, flags: 'SA' });
    bench.forward(answer);
    expect(`${answer}`).toBe('TCP 1.1.1.1:80 -> 10.0.0.2:1000');
  });

  it('takes another port in any case with --random-fully, the same with the same seed', () => {
    const ports = () => {
      const bench = new Bench(`${MASQUERADE} --random-fully`);
      return [1, 2, 3].map((last) => {
        const sent = packet(`10.0.0.${last}:1000 > 1.1.1.1:80`);
        bench.forward(sent);
        return sent.sourcePort;
      });
    };
    const first = ports();
    expect(ports()).toEqual(first);
    expect(new Set(first).size).toBe(3);
    expect(first).not.toContain(1000);
  });

  it('drops when the device has no address', () => {
    expect(new Bench(MASQUERADE).forward(packet('10.0.0.1:1 > 1.1.1.1:80'), device('eth0'), device('eth1'))).toBe('drop');
  });

  it('keeps to the ports that the rule names', () => {
    const bench = new Bench('-t nat -A POSTROUTING -p udp -j SNAT --to-source 9.9.9.9:4000-4001');
    const sources = [1, 2].map((last) => {
      const sent = udp(`10.0.0.${last}:5 > 8.8.8.8:53`);
      bench.forward(sent);
      return sent.sourcePort;
    });
    expect(sources.sort()).toEqual([4000, 4001]);
  });

  it('translates both ends of one connection, and back', () => {
    const bench = new Bench(DNAT, MASQUERADE);
    const sent = toService();
    bench.forward(sent);
    expect(`${sent}`).toBe('TCP 192.168.1.1:1000 -> 10.244.1.5:8080');
    const answer = packet('10.244.1.5:8080 > 192.168.1.1:1000', { flags: 'SA' });
    bench.forward(answer);
    expect(`${answer}`).toBe('TCP 10.96.0.1:80 -> 10.0.0.1:1000');
    const [entry] = bench.netfilter.conntrack.entries(0);
    expect(entry && formatConntrack(entry, 0)).toBe(
      'tcp      6 60 SYN_RECV src=10.0.0.1 dst=10.96.0.1 sport=1000 dport=80 src=10.244.1.5 dst=192.168.1.1 sport=8080 dport=1000 mark=0 use=1',
    );
  });

  it('gives a free port to a connection that no rule translates when its tuple is taken', () => {
    const bench = new Bench(
      '-t nat -A PREROUTING -d 10.96.0.1 -p udp -j DNAT --to-destination 10.244.1.5:53',
      '-t nat -A PREROUTING -d 10.96.0.2 -p udp -j DNAT --to-destination 10.244.1.5:53',
    );
    const [first, second] = [udp('10.0.0.1:5000 > 10.96.0.1:53'), udp('10.0.0.1:5000 > 10.96.0.2:53')];
    bench.forward(first);
    bench.forward(second);
    expect(first.sourcePort).toBe(5000);
    expect(second.sourcePort).not.toBe(5000);
  });
});

describe('REDIRECT', () => {
  it('leads to the device that the packet came in by, and to the loopback from here', () => {
    const bench = new Bench(
      '-t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 8080',
      '-t nat -A OUTPUT -p tcp -j REDIRECT --to-ports 8080',
    );
    const came = packet('10.0.0.1:1 > 10.96.0.1:80');
    bench.hook('PREROUTING', came, device('eth0', '192.168.0.1'));
    const own = packet('192.168.0.1:1 > 10.96.0.1:80');
    bench.hook('OUTPUT', own, undefined, device('eth0'));
    expect([`${came}`, `${own}`]).toEqual(['TCP 10.0.0.1:1 -> 192.168.0.1:8080', 'TCP 192.168.0.1:1 -> 127.0.0.1:8080']);
  });
});

describe('ICMP errors', () => {
  it('belong to the connection of the packet that they quote, and are translated inside and outside', () => {
    const bench = new Bench(DNAT, '-A FORWARD -m conntrack ! --ctstate NEW,RELATED -j DROP');
    const sent = toService();
    bench.forward(sent);
    const error = new Packet({
      protocol: 'ICMP',
      source: ip('10.244.1.5'),
      destination: ip('10.0.0.1'),
      icmp: { type: 3, code: 3, quoted: sent.clone() },
    });
    expect(bench.forward(error)).toBe('accept');
    expect(error.ctState).toBe('RELATED');
    expect([`${error}`, `${error.icmp?.quoted}`]).toEqual(['ICMP 10.96.0.1 -> 10.0.0.1', 'TCP 10.0.0.1:1000 -> 10.96.0.1:80']);
  });

  it('are INVALID when nobody knows the packet', () => {
    const bench = new Bench(DNAT);
    const error = packet('10.0.0.9 > 10.0.0.1', {
      protocol: 'ICMP',
      icmp: { type: 3, code: 1, quoted: packet('10.0.0.1:5 > 10.0.0.9:6') },
    });
    bench.hook('PREROUTING', error);
    expect(error.ctState).toBe('INVALID');
  });
});
