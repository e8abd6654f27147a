/** DNAT, SNAT, MASQUERADE, REDIRECT (`net/netfilter/xt_nat.c`, `xt_MASQUERADE.c`, `xt_REDIRECT.c`). Each binds the connection, then accepts. */
import { formatIpv4, type Ipv4, LOCALHOST, parseIpv4 } from '../net/ipv4.ts';
import { type GivenOptions, options, type RuleHeader, type TargetModule } from './modules.ts';
import { bindNat, type NatRange } from './nat.ts';
import type { Evaluation } from './evaluation.ts';
import type { Target, TargetResult } from './rule.ts';
import type { Packet } from '../net/packet.ts';
import { UsageError } from './tool-error.ts';
import { formatPortRange, parsePort, type PortRange } from './values.ts';

const PORTED = new Set([6, 17, 33, 132, 1]);
const NAT_FLAGS = [
  [0, '--random'],
  [0, '--random-fully'],
  [0, '--persistent'],
] as const;

function requirePorts({ protocol, protocolInverted }: RuleHeader): void {
  if (protocolInverted || !PORTED.has(protocol)) throw new UsageError('Need TCP, UDP, SCTP or DCCP with port specification');
}

function parseIp(text: string): Ipv4 {
  const ip = parseIpv4(text);
  if (ip === undefined) throw new UsageError(`Bad IP address "${text}"`);
  return ip;
}

/** "80", "8080-8090". */
function parsePorts(text: string): PortRange {
  const [low = '', high = low] = text.split('-');
  const range: PortRange = [parsePort(low), parsePort(high)];
  if (range[0] > range[1]) throw new UsageError(`Port range bad: ${text}`);
  return range;
}

type Where = Pick<NatRange, 'ips' | 'ports'>;

/** "10.0.0.1", "10.0.0.1-10.0.0.9:80", ":80-90". */
function parseWhere(text: string, header: RuleHeader): Where {
  const colon = text.indexOf(':');
  const ipText = colon < 0 ? text : text.slice(0, colon);
  const ports = colon < 0 ? undefined : parsePorts(text.slice(colon + 1));
  if (ports !== undefined) requirePorts(header);
  if (ipText === '' && ports !== undefined) return { ips: undefined, ports };
  const dash = ipText.indexOf('-');
  const low = parseIp(dash < 0 ? ipText : ipText.slice(0, dash));
  return { ips: [low, dash < 0 ? low : parseIp(ipText.slice(dash + 1))], ports };
}

function whereText({ ips, ports }: Where): string {
  const ipText = ips === undefined ? '' : ips[0] === ips[1] ? formatIpv4(ips[0]) : `${formatIpv4(ips[0])}-${formatIpv4(ips[1])}`;
  return ports === undefined ? ipText : `${ipText}:${formatPortRange(ports, '-')}`;
}

type Flags = Pick<NatRange, 'random' | 'randomFully' | 'persistent'>;

const flagsOf = (given: GivenOptions): Flags => ({
  random: given.has('--random'),
  randomFully: given.has('--random-fully'),
  persistent: given.has('--persistent'),
});

const flagsText = ({ random, randomFully, persistent }: Flags): string =>
  `${random ? ' --random' : ''}${randomFully ? ' --random-fully' : ''}${persistent ? ' --persistent' : ''}`;

const flagsListing = (flags: Flags): string => flagsText(flags).replaceAll(' --', ' ');

type NatName = 'DNAT' | 'SNAT';

const NAT_FORMS = {
  DNAT: { kind: 'destination', option: '--to-destination', hooks: ['PREROUTING', 'OUTPUT'] },
  SNAT: { kind: 'source', option: '--to-source', hooks: ['INPUT', 'POSTROUTING'] },
} as const;
const NAT_TABLES = ['nat'];

/** DNAT and SNAT: one for each endpoint of a cluster, and so no larger than need be. */
class NatTarget implements Target {
  readonly name: NatName;
  readonly #range: NatRange;

  constructor(name: NatName, range: NatRange) {
    this.name = name;
    this.#range = range;
  }

  get kind(): 'extension' {
    return 'extension';
  }

  get tables(): readonly string[] {
    return NAT_TABLES;
  }

  get hooks(): readonly string[] {
    return NAT_FORMS[this.name].hooks;
  }

  get needsConntrack(): boolean {
    return true;
  }

  get text(): string {
    return ` -j ${this.name} ${NAT_FORMS[this.name].option} ${whereText(this.#range)}${flagsText(this.#range)}`;
  }

  listing(): string {
    return `to:${whereText(this.#range)}${flagsText(this.#range).replaceAll(' --', ' ')}`;
  }

  run(packet: Packet, evaluation: Evaluation): TargetResult {
    return bindNat(NAT_FORMS[this.name].kind, packet, this.#range, evaluation);
  }
}

function natModule(name: NatName): TargetModule {
  const { option } = NAT_FORMS[name];
  return {
    name,
    unique: true,
    options: options([1, option, '--to'], ...NAT_FLAGS),
    build(given, header): Target {
      const { ips, ports } = parseWhere(given.required(option), header);
      if (given.size === 1) return new NatTarget(name, { ips, ports });
      return new NatTarget(name, { ips, ports, ...flagsOf(given) });
    },
  };
}

const masquerade: TargetModule = {
  name: 'MASQUERADE',
  options: options([1, '--to-ports'], ...NAT_FLAGS),
  build(given, header): Target {
    const portsText = given.value('--to-ports');
    if (portsText !== undefined) requirePorts(header);
    const ports = portsText === undefined ? undefined : parsePorts(portsText);
    const flags = flagsOf(given);
    const to = ports === undefined ? '' : formatPortRange(ports, '-');
    return {
      name: 'MASQUERADE',
      kind: 'extension',
      text: ` -j MASQUERADE${to === '' ? '' : ` --to-ports ${to}`}${flagsText(flags)}`,
      listing: () => `${to === '' ? '' : `masq ports: ${to}`}${flagsListing(flags)}`.trim(),
      tables: ['nat'],
      hooks: ['POSTROUTING'],
      needsConntrack: true,
      run(packet, evaluation) {
        const { output, context } = evaluation;
        if (packet.conntrack === undefined || packet.source === 0) return 'accept';
        const address = output === undefined ? undefined : context.primaryAddress(output, packet.destination);
        if (address === undefined) return 'drop';
        return bindNat('source', packet, { ips: [address, address], ports, ...flags }, evaluation);
      },
    };
  },
};

const redirect: TargetModule = {
  name: 'REDIRECT',
  options: options([1, '--to-ports'], [0, '--random']),
  build(given, header): Target {
    const portsText = given.value('--to-ports');
    if (portsText !== undefined) requirePorts(header);
    const ports = portsText === undefined ? undefined : parsePorts(portsText);
    const flags = flagsOf(given);
    const to = ports === undefined ? '' : formatPortRange(ports, '-');
    return {
      name: 'REDIRECT',
      kind: 'extension',
      text: ` -j REDIRECT${to === '' ? '' : ` --to-ports ${to}`}${flagsText(flags)}`,
      listing: () => `${to === '' ? '' : `redir ports ${to}`}${flagsListing(flags)}`.trim(),
      tables: ['nat'],
      hooks: ['PREROUTING', 'OUTPUT'],
      needsConntrack: true,
      run(packet, evaluation) {
        const { hook, input, context } = evaluation;
        const own = input === undefined ? undefined : (input.addresses[0]?.ip ?? context.primaryAddress(input, packet.source));
        const address = hook === 'OUTPUT' ? LOCALHOST : own;
        if (address === undefined) return 'drop';
        return bindNat('destination', packet, { ips: [address, address], ports, ...flags }, evaluation);
      },
    };
  },
};

/** The extensions of this file. */
export const natTargets: readonly TargetModule[] = [natModule('DNAT'), natModule('SNAT'), masquerade, redirect];
