/** DNAT, SNAT, MASQUERADE, REDIRECT (`net/netfilter/xt_nat.c`, `xt_MASQUERADE.c`, `xt_REDIRECT.c`). Each binds the connection, then accepts. */
import { formatIpv4, type Ipv4, LOCALHOST } from '../net/ipv4.ts';
import { type GivenOptions, options, type RuleHeader, type TargetModule } from './modules.ts';
import { bindNat, type NatRange } from './nat.ts';
import type { Target } from './rule.ts';
import { UsageError } from './tool-error.ts';
import { formatPortRange, parsePort, parseNumber, type PortRange } from './values.ts';

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
  const parts = text.split('.').map((part) => parseNumber(part, 255));
  const [a, b, c, d] = parts;
  if (parts.length !== 4 || a === undefined || b === undefined || c === undefined || d === undefined)
    throw new UsageError(`Bad IP address "${text}"`);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** "80", "8080-8090". */
function parsePorts(text: string): PortRange {
  const [low = '', high = low] = text.split('-');
  const range: PortRange = [parsePort(low), parsePort(high)];
  if (range[0] > range[1]) throw new UsageError(`Port range bad: ${text}`);
  return range;
}

interface Where {
  readonly ips: readonly [Ipv4, Ipv4] | undefined;
  readonly ports: PortRange | undefined;
}

/** "10.0.0.1", "10.0.0.1-10.0.0.9:80", ":80-90". */
function parseWhere(text: string, header: RuleHeader): Where {
  const colon = text.indexOf(':');
  const ipText = colon < 0 ? text : text.slice(0, colon);
  const ports = colon < 0 ? undefined : parsePorts(text.slice(colon + 1));
  if (ports !== undefined) requirePorts(header);
  if (ipText === '' && ports !== undefined) return { ips: undefined, ports };
  const [low = '', high = low] = ipText.split('-');
  return { ips: [parseIp(low), parseIp(high)], ports };
}

function whereText({ ips, ports }: Where): string {
  const ipText = ips === undefined ? '' : ips[0] === ips[1] ? formatIpv4(ips[0]) : `${formatIpv4(ips[0])}-${formatIpv4(ips[1])}`;
  return ports === undefined ? ipText : `${ipText}:${formatPortRange(ports, '-')}`;
}

interface Flags {
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

const flagsOf = (given: GivenOptions): Flags => ({
  random: given.has('--random'),
  randomFully: given.has('--random-fully'),
  persistent: given.has('--persistent'),
});

const flagsText = ({ random, randomFully, persistent }: Flags): string =>
  `${random ? ' --random' : ''}${randomFully ? ' --random-fully' : ''}${persistent ? ' --persistent' : ''}`;

const flagsListing = (flags: Flags): string => flagsText(flags).replaceAll(' --', ' ');

function natModule(
  name: 'DNAT' | 'SNAT',
  kind: 'destination' | 'source',
  option: string,
  short: string,
  hooks: readonly string[],
): TargetModule {
  return {
    name,
    options: options([1, option, short], ...NAT_FLAGS),
    build(given, header): Target {
      const where = parseWhere(given.required(option), header);
      const flags = flagsOf(given);
      const range: NatRange = Object.freeze({ ...where, ...flags });
      return {
        name,
        kind: 'extension',
        text: ` -j ${name} ${option} ${whereText(where)}${flagsText(flags)}`,
        listing: () => `to:${whereText(where)}${flagsListing(flags)}`,
        tables: ['nat'],
        hooks,
        needsConntrack: true,
        run: (packet, evaluation) => bindNat(kind, packet, range, evaluation),
      };
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
export const natTargets: readonly TargetModule[] = [
  natModule('DNAT', 'destination', '--to-destination', '--to', ['PREROUTING', 'OUTPUT']),
  natModule('SNAT', 'source', '--to-source', '--to', ['INPUT', 'POSTROUTING']),
  masquerade,
  redirect,
];
