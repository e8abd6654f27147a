/** A namespace of its own for tests of netfilter: packets, devices and a context without a simulation around them. */
import { Random } from '../../../sim/random.ts';
import { type Ipv4, parseIpv4 } from '../../net/ipv4.ts';
import type { Link } from '../../net/link.ts';
import { Packet, type PacketInit } from '../../net/packet.ts';
import type { HookContext } from '../evaluation.ts';
import { type HookVerdict, Netfilter } from '../netfilter.ts';
import type { Hook, NetfilterRecorder } from '../recorder.ts';

/** An address from its text. */
export const ip = (text: string): Ipv4 => parseIpv4(text) ?? 0;

/** A device that has no more than a name and an address. */
export const device = (name: string, address?: string): Link =>
  ({ name, mtu: 1500, addresses: address === undefined ? [] : [{ ip: ip(address), prefixLength: 24 }] }) as unknown as Link;

/** "10.0.0.1:1000 > 10.0.0.2:80". */
export function packet(ends: string, init: Partial<PacketInit> = {}): Packet {
  const [source = '', destination = ''] = ends.split(' > ');
  const [fromIp = '', fromPort = '0'] = source.split(':');
  const [toIp = '', toPort = '0'] = destination.split(':');
  const protocol = init.protocol ?? 'TCP';
  const flags = protocol === 'TCP' ? 'S' : '';
  const ports = { sourcePort: Number(fromPort), destinationPort: Number(toPort) };
  return new Packet({ protocol, flags, source: ip(fromIp), destination: ip(toIp), ...ports, ...init });
}

/** A netfilter with rules, and a clock. */
export class Bench {
  readonly netfilter = new Netfilter();
  readonly random = new Random('bench');
  readonly local = new Set<Ipv4>();
  now = 0;

  constructor(...rules: readonly string[]) {
    for (const rule of rules) this.run(rule);
  }

  /** One iptables command, which must succeed. */
  run(line: string): string {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    const { exitCode, stderr, stdout } = this.netfilter.command(words);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  get context(): HookContext {
    return {
      now: this.now,
      random: this.random,
      addressType: (address, link) => {
        const own = link === undefined ? this.local.has(address) : link.addresses.some((one) => one.ip === address);
        return own ? 'LOCAL' : 'UNICAST';
      },
      primaryAddress: (link) => link.addresses[0]?.ip,
    };
  }

  hook(hook: Hook, sent: Packet, input?: Link, output?: Link, recorder?: NetfilterRecorder): HookVerdict {
    return this.netfilter.hook(hook, sent, input, output, this.context, recorder);
  }

  /** All hooks of a forwarded packet, until one says no. */
  forward(sent: Packet, input = device('eth0', '192.168.0.1'), output = device('eth1', '192.168.1.1')): HookVerdict {
    sent.scrub();
    for (const hook of ['PREROUTING', 'FORWARD', 'POSTROUTING'] as const) {
      const verdict = this.hook(hook, sent, hook === 'POSTROUTING' ? undefined : input, hook === 'PREROUTING' ? undefined : output);
      if (verdict !== 'accept') return verdict;
    }
    return 'accept';
  }
}
