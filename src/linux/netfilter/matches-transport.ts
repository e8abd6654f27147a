/** Matches on transport headers: tcp, udp, sctp, multiport, icmp, tcpmss (`net/netfilter/xt_tcpudp.c`, `xt_multiport.c`). */
import type { Packet } from '../net/packet.ts';
import { type GivenOptions, type MatchModule, options, type RuleHeader } from './modules.ts';
import type { Match } from './rule.ts';
import { UsageError } from './tool-error.ts';
import { formatPortRange, not, parseNumber, parsePort, parsePortRange, type PortRange } from './values.ts';

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const ICMP = 1;
const ANY_PORT: PortRange = [0, 65535];
const PORT_OPTIONS = [
  [1, '--sport', '--source-port'],
  [1, '--dport', '--destination-port'],
] as const;

/** Flags in the order in which they are printed, with their bits. */
const FLAGS: readonly (readonly [string, string, number])[] = [
  ['FIN', 'F', 1],
  ['SYN', 'S', 2],
  ['RST', 'R', 4],
  ['PSH', 'P', 8],
  ['ACK', 'A', 16],
  ['URG', 'U', 32],
];
const ALL_FLAGS = 63;
/** SYN, RST, ACK, FIN: what --syn looks at. */
const SYN_MASK = 23;
const SYN = 2;

/** TCP flags of a packet as bits. */
export function flagBits(flags: string): number {
  let bits = 0;
  for (const [, letter, bit] of FLAGS) if (flags.includes(letter)) bits |= bit;
  return bits;
}

function parseFlags(text: string): number {
  if (text === 'ALL') return ALL_FLAGS;
  if (text === 'NONE') return 0;
  let bits = 0;
  for (const name of text.split(',')) {
    const flag = FLAGS.find(([known]) => known === name.toUpperCase());
    if (flag === undefined) throw new UsageError(`Unknown TCP flag \`${name}'`);
    bits |= flag[2];
  }
  return bits;
}

const formatFlags = (bits: number): string =>
  bits === 0
    ? 'NONE'
    : FLAGS.filter(([, , bit]) => (bits & bit) !== 0)
        .map(([name]) => name)
        .join(',');

interface Ports {
  readonly source: PortRange;
  readonly sourceInverted: boolean;
  readonly destination: PortRange;
  readonly destinationInverted: boolean;
}

function parsePorts(given: GivenOptions, ordered: boolean): Ports {
  const range = (name: string) => {
    const text = given.value(name);
    return text === undefined ? ANY_PORT : parsePortRange(text, ordered);
  };
  return {
    source: range('--sport'),
    sourceInverted: given.inverted('--sport'),
    destination: range('--dport'),
    destinationInverted: given.inverted('--dport'),
  };
}

const isAny = ([from, to]: PortRange, inverted: boolean): boolean => from === 0 && to === 65535 && !inverted;

function portsText({ source, sourceInverted, destination, destinationInverted }: Ports): string {
  const from = isAny(source, sourceInverted) ? '' : `${not(sourceInverted)} --sport ${formatPortRange(source)}`;
  return isAny(destination, destinationInverted) ? from : `${from}${not(destinationInverted)} --dport ${formatPortRange(destination)}`;
}

function portsListing({ source, sourceInverted, destination, destinationInverted }: Ports): string {
  const one = (name: string, range: PortRange, inverted: boolean) =>
    isAny(range, inverted) ? '' : ` ${name}${range[0] === range[1] ? '' : 's'}:${inverted ? '!' : ''}${formatPortRange(range)}`;
  return one('spt', source, sourceInverted) + one('dpt', destination, destinationInverted);
}

const inRange = ([from, to]: PortRange, port: number): boolean => port >= from && port <= to;

/** The test of two port ranges; the commonest case, one destination port, compares one number. */
function portsTest(ports: Ports): (packet: Packet) => boolean {
  const { source, sourceInverted, destination, destinationInverted } = ports;
  if (isAny(source, sourceInverted) && destination[0] === destination[1] && !destinationInverted) {
    const [port] = destination;
    return (packet) => packet.destinationPort === port;
  }
  return (packet) =>
    inRange(source, packet.sourcePort) !== sourceInverted && inRange(destination, packet.destinationPort) !== destinationInverted;
}

function requireProtocol(header: RuleHeader, name: string): void {
  if (header.protocol === 0 || header.protocolInverted) throw new UsageError(`${name.toUpperCase()} match requires '-p ${name}'`);
}

function portModule(name: string, protocol: number): MatchModule {
  return {
    name,
    protocol,
    options: options(...PORT_OPTIONS),
    build(given, header) {
      requireProtocol(header, name);
      const ports = parsePorts(given, protocol === TCP);
      return {
        name,
        text: ` -m ${name}${portsText(ports)}`,
        listing: () => `${name}${portsListing(ports)}`,
        matches: portsTest(ports),
        protocol,
      };
    },
  };
}

function parseFlagsOption(given: GivenOptions): { mask: number; compare: number; inverted: boolean } | undefined {
  const syn = given.get('--syn');
  if (syn !== undefined) return { mask: SYN_MASK, compare: SYN, inverted: syn.inverted };
  const flags = given.get('--tcp-flags');
  if (flags === undefined) return undefined;
  const [mask = '', compare = ''] = flags.values;
  return { mask: parseFlags(mask), compare: parseFlags(compare), inverted: flags.inverted };
}

const tcp: MatchModule = {
  name: 'tcp',
  protocol: TCP,
  options: options(...PORT_OPTIONS, [2, '--tcp-flags'], [0, '--syn']),
  build(given, header) {
    requireProtocol(header, 'tcp');
    const ports = parsePorts(given, true);
    const flags = parseFlagsOption(given);
    const test = portsTest(ports);
    if (flags === undefined)
      return { name: 'tcp', text: ` -m tcp${portsText(ports)}`, listing: () => `tcp${portsListing(ports)}`, matches: test, protocol: TCP };
    const { mask, compare, inverted } = flags;
    const listed = `flags:${inverted ? '!' : ''}0x${mask.toString(16).padStart(2, '0')}/0x${compare.toString(16).padStart(2, '0')}`;
    return {
      name: 'tcp',
      text: ` -m tcp${portsText(ports)}${not(inverted)} --tcp-flags ${formatFlags(mask)} ${formatFlags(compare)}`,
      listing: () => `tcp${portsListing(ports)} ${listed}`,
      matches: (packet) => ((flagBits(packet.flags) & mask) === compare) !== inverted && test(packet),
      protocol: TCP,
    };
  },
};

const PORTED = new Set([TCP, UDP, SCTP, 33, 136]);
const MOST_PORTS = 15;

function requirePorts(header: RuleHeader): void {
  if (header.protocol === 0 || header.protocolInverted)
    throw new UsageError("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
  if (!PORTED.has(header.protocol)) throw new UsageError('multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP');
}

function parsePortList(text: string): PortRange[] {
  const ranges = text.split(',').map((part): PortRange => {
    const colon = part.indexOf(':');
    if (colon < 0) return [parsePort(part), parsePort(part)];
    const range: PortRange = [parsePort(part.slice(0, colon)), parsePort(part.slice(colon + 1))];
    if (range[0] >= range[1]) throw new UsageError('invalid portrange specified');
    return range;
  });
  const places = ranges.reduce((sum, [from, to]) => sum + (from === to ? 1 : 2), 0);
  if (places > MOST_PORTS) throw new UsageError('too many ports specified');
  return ranges;
}

const multiport: MatchModule = {
  name: 'multiport',
  options: options([1, '--sports', '--source-ports'], [1, '--dports', '--destination-ports'], [1, '--ports']),
  build(given, header): Match {
    requirePorts(header);
    const name = ['--sports', '--dports', '--ports'].find((option) => given.has(option));
    if (name === undefined) throw new UsageError('multiport expection an option');
    const ranges = parsePortList(given.value(name) ?? '');
    const inverted = given.inverted(name);
    const list = ranges.map((range) => formatPortRange(range)).join(',');
    const some = (port: number) => ranges.some((range) => inRange(range, port));
    const test = {
      '--sports': (packet: Packet) => some(packet.sourcePort),
      '--dports': (packet: Packet) => some(packet.destinationPort),
      '--ports': (packet: Packet) => some(packet.sourcePort) || some(packet.destinationPort),
    }[name as '--sports' | '--dports' | '--ports'];
    return {
      name: 'multiport',
      text: ` -m multiport${not(inverted)} ${name} ${list}`,
      listing: () => `multiport ${name.slice(2)} ${inverted ? ' !' : ''}${list}`,
      matches: (packet) => test(packet) !== inverted,
    };
  },
};

/** Names of ICMP types (`extensions/libxt_icmp.h`): type, lowest and highest code. */
const ICMP_TYPES: Readonly<Record<string, readonly [number, number, number]>> = {
  any: [255, 0, 255],
  'echo-reply': [0, 0, 255],
  pong: [0, 0, 255],
  'destination-unreachable': [3, 0, 255],
  'network-unreachable': [3, 0, 0],
  'host-unreachable': [3, 1, 1],
  'protocol-unreachable': [3, 2, 2],
  'port-unreachable': [3, 3, 3],
  'fragmentation-needed': [3, 4, 4],
  'source-route-failed': [3, 5, 5],
  'network-unknown': [3, 6, 6],
  'host-unknown': [3, 7, 7],
  'network-prohibited': [3, 9, 9],
  'host-prohibited': [3, 10, 10],
  'TOS-network-unreachable': [3, 11, 11],
  'TOS-host-unreachable': [3, 12, 12],
  'communication-prohibited': [3, 13, 13],
  'host-precedence-violation': [3, 14, 14],
  'precedence-cutoff': [3, 15, 15],
  'source-quench': [4, 0, 255],
  redirect: [5, 0, 255],
  'network-redirect': [5, 0, 0],
  'host-redirect': [5, 1, 1],
  'echo-request': [8, 0, 255],
  ping: [8, 0, 255],
  'router-advertisement': [9, 0, 255],
  'router-solicitation': [10, 0, 255],
  'time-exceeded': [11, 0, 255],
  'ttl-exceeded': [11, 0, 255],
  'ttl-zero-during-transit': [11, 0, 0],
  'ttl-zero-during-reassembly': [11, 1, 1],
  'parameter-problem': [12, 0, 255],
  'ip-header-bad': [12, 0, 0],
  'required-option-missing': [12, 1, 1],
  'timestamp-request': [13, 0, 255],
  'timestamp-reply': [14, 0, 255],
  'address-mask-request': [17, 0, 255],
  'address-mask-reply': [18, 0, 255],
};

function parseIcmpType(text: string): readonly [number, number, number] {
  const named = Object.entries(ICMP_TYPES).find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (named !== undefined) return named[1];
  const [type = '', code] = text.split('/');
  const number = parseNumber(type, 255);
  const low = code === undefined ? 0 : parseNumber(code, 255);
  if (number === undefined || low === undefined) throw new UsageError(`Unknown ICMP type \`${text}'`);
  return [number, low, code === undefined ? 255 : low];
}

const icmp: MatchModule = {
  name: 'icmp',
  protocol: ICMP,
  options: options([1, '--icmp-type']),
  build(given): Match {
    const [type, low, high] = parseIcmpType(given.value('--icmp-type') ?? 'any');
    const inverted = given.inverted('--icmp-type');
    const any = type === 255 && low === 0 && high === 255;
    const printed = any ? 'any' : low === 0 && high === 255 ? `${type}` : `${type}/${low}`;
    const listed = low === 0 && high === 255 ? `${type}` : `${type} code ${low}`;
    return {
      name: 'icmp',
      text: ` -m icmp${not(inverted)} --icmp-type ${printed}`,
      listing: () => `${inverted ? 'icmp !type' : 'icmptype'} ${any ? '255' : listed}`,
      matches: ({ icmp: header }) =>
        header !== undefined && (any || (header.type === type && header.code >= low && header.code <= high)) !== inverted,
      protocol: ICMP,
    };
  },
};

const tcpmss: MatchModule = {
  name: 'tcpmss',
  options: options([1, '--mss']),
  build(given, header): Match {
    requireProtocol(header, 'tcp');
    const [from = '', to = from] = given.required('--mss').split(':');
    const range: PortRange = [parsePort(from), parsePort(to)];
    const inverted = given.inverted('--mss');
    return {
      name: 'tcpmss',
      text: ` -m tcpmss${not(inverted)} --mss ${formatPortRange(range)}`,
      listing: () => `tcpmss match ${inverted ? '!' : ''}${formatPortRange(range)}`,
      matches: ({ mss }) => mss !== undefined && inRange(range, mss) !== inverted,
      protocol: TCP,
    };
  },
};

/** The extensions of this file. */
export const transportMatches: readonly MatchModule[] = [tcp, portModule('udp', UDP), portModule('sctp', SCTP), multiport, icmp, tcpmss];
