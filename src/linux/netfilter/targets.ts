/** Targets besides NAT: REJECT, LOG, MARK, CONNMARK, NOTRACK, CT, TCPMSS, SET (`net/netfilter/xt_*.c`, `ipt_REJECT.c`). */
import { formatIpv4 } from '../net/ipv4.ts';
import type { Packet } from '../net/packet.ts';
import type { Evaluation } from './evaluation.ts';
import { parseDimensions } from './matches-place.ts';
import { type GivenOptions, options, type TargetModule } from './modules.ts';
import type { Reject, RejectType, Target } from './rule.ts';
import { quote } from './tokens.ts';
import { UsageError } from './tool-error.ts';
import { hex, type MaskedValue, numberOption, parseMasked, parseNumber } from './values.ts';

const MAX32 = 0xffffffff;

/** Full names with the short ones that the tool also takes. */
const REJECT_TYPES: readonly (readonly [RejectType, string])[] = [
  ['icmp-net-unreachable', 'net-unreach'],
  ['icmp-host-unreachable', 'host-unreach'],
  ['icmp-proto-unreachable', 'proto-unreach'],
  ['icmp-port-unreachable', 'port-unreach'],
  ['icmp-net-prohibited', 'net-prohib'],
  ['icmp-host-prohibited', 'host-prohib'],
  ['tcp-reset', 'tcp-rst'],
  ['icmp-admin-prohibited', 'admin-prohib'],
];

const reject: TargetModule = {
  name: 'REJECT',
  options: options([1, '--reject-with']),
  build(given): Target {
    const text = given.value('--reject-with') ?? 'icmp-port-unreachable';
    const found = REJECT_TYPES.find(([name, short]) => name.startsWith(text.toLowerCase()) || short.startsWith(text.toLowerCase()));
    if (found === undefined) throw new UsageError(`unknown reject type "${text}"`);
    const verdict: Reject = Object.freeze({ reject: found[0] });
    return {
      name: 'REJECT',
      kind: 'extension',
      text: ` -j REJECT --reject-with ${found[0]}`,
      listing: () => `reject-with ${found[0]}`,
      tables: ['filter'],
      hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
      ...(found[0] === 'tcp-reset' && { protocol: 6 }),
      run: () => verdict,
    };
  },
};

const LOG_LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'];
const LOG_LEVEL_ALIASES: Readonly<Record<string, number>> = { panic: 0, err: 3, warn: 4 };
const DEFAULT_LOG_LEVEL = 4;
const LOG_FLAGS = [
  ['--log-tcp-sequence', 1],
  ['--log-tcp-options', 2],
  ['--log-ip-options', 4],
  ['--log-uid', 8],
  ['--log-macdecode', 32],
] as const;
const LONGEST_PREFIX = 29;

function parseLogLevel(text: string): number {
  const number = parseNumber(text, LOG_LEVELS.length - 1);
  if (number !== undefined) return number;
  const index = LOG_LEVELS.indexOf(text.toLowerCase());
  const level = index >= 0 ? index : LOG_LEVEL_ALIASES[text.toLowerCase()];
  if (level === undefined) throw new UsageError(`log level "${text}" unknown\n`);
  return level;
}

/** The line that the kernel writes (`nf_log_syslog.c`), without hardware addresses and the fields of IP options. */
function logLine(prefix: string, packet: Packet, { input, output }: Evaluation): string {
  const { source, destination, length, ttl, protocol, mark } = packet;
  const ports = packet.sourcePort !== 0 || packet.destinationPort !== 0;
  const parts = [
    `${prefix}IN=${input?.name ?? ''} OUT=${output?.name ?? ''}`,
    `SRC=${formatIpv4(source)} DST=${formatIpv4(destination)} LEN=${length} TOS=0x00 PREC=0x00 TTL=${ttl} ID=0 PROTO=${protocol}`,
    ...(ports ? [`SPT=${packet.sourcePort} DPT=${packet.destinationPort}`] : []),
    ...(packet.icmp === undefined ? [] : [`TYPE=${packet.icmp.type} CODE=${packet.icmp.code}`]),
    ...(packet.flags === '' ? [] : [flagNames(packet.flags)]),
    ...(mark === 0 ? [] : [`MARK=${hex(mark)}`]),
  ];
  return parts.join(' ');
}

const FLAG_NAMES: Readonly<Record<string, string>> = { U: 'URG', A: 'ACK', P: 'PSH', R: 'RST', S: 'SYN', F: 'FIN' };
const flagNames = (flags: string): string =>
  Object.entries(FLAG_NAMES)
    .filter(([letter]) => flags.includes(letter))
    .map(([, name]) => name)
    .join(' ');

const log: TargetModule = {
  name: 'LOG',
  options: options([1, '--log-level'], [1, '--log-prefix'], ...LOG_FLAGS.map(([name]) => [0, name] as const)),
  build(given): Target {
    const level = parseLogLevel(given.value('--log-level') ?? `${DEFAULT_LOG_LEVEL}`);
    const prefix = given.value('--log-prefix') ?? '';
    if (prefix.length > LONGEST_PREFIX) throw new UsageError(`LOG: Maximum prefix length ${LONGEST_PREFIX} for --log-prefix`);
    const set = LOG_FLAGS.filter(([name]) => given.has(name));
    const texts = [
      prefix === '' ? '' : ` --log-prefix ${quote(prefix)}`,
      level === DEFAULT_LOG_LEVEL ? '' : ` --log-level ${level}`,
      ...set.map(([name]) => ` ${name}`),
    ];
    const flags = set.reduce((sum, [, bit]) => sum + bit, 0);
    return {
      name: 'LOG',
      kind: 'extension',
      text: ` -j LOG${texts.join('')}`,
      listing: () => `LOG flags ${flags} level ${level}${prefix === '' ? '' : ` prefix ${quote(prefix)}`}`,
      run(packet, evaluation) {
        evaluation.log(logLine(prefix, packet, evaluation));
        return undefined;
      },
    };
  },
};

/** The forms of setting a mark as value and mask: new = (old & ~mask) ^ value (`xt_mark.c`). */
function parseMarkChange(module: string, given: GivenOptions): MaskedValue | undefined {
  const xmark = given.value('--set-xmark');
  if (xmark !== undefined) return parseMasked(module, '--set-xmark', xmark);
  const set = given.value('--set-mark');
  if (set !== undefined) {
    const { value, mask } = parseMasked(module, '--set-mark', set);
    return { value, mask: (mask | value) >>> 0 };
  }
  const number = (option: string) => {
    const text = given.value(option);
    return text === undefined ? undefined : parseMasked(module, option, text).value;
  };
  const and = number('--and-mark');
  if (and !== undefined) return { value: 0, mask: ~and >>> 0 };
  const or = number('--or-mark');
  if (or !== undefined) return { value: or, mask: or };
  const xor = number('--xor-mark');
  return xor === undefined ? undefined : { value: xor, mask: 0 };
}

function markListing({ value, mask }: MaskedValue): string {
  if (value === 0) return `and ${hex(~mask)}`;
  if (value === mask) return `or ${hex(value)}`;
  if (mask === 0) return `xor ${hex(value)}`;
  return mask === MAX32 ? `set ${hex(value)}` : `xset ${hex(value)}/${hex(mask)}`;
}

const MARK_FORMS = [
  [1, '--set-xmark'],
  [1, '--set-mark'],
  [1, '--and-mark'],
  [1, '--or-mark'],
  [1, '--xor-mark'],
] as const;

const mark: TargetModule = {
  name: 'MARK',
  options: options(...MARK_FORMS),
  build(given): Target {
    const change = parseMarkChange('MARK', given);
    if (change === undefined) throw new UsageError('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required');
    const { value, mask } = change;
    return {
      name: 'MARK',
      kind: 'extension',
      text: ` -j MARK --set-xmark ${hex(value)}/${hex(mask)}`,
      listing: () => `MARK ${markListing(change)}`,
      run(packet) {
        packet.mark = ((packet.mark & ~mask) ^ value) >>> 0;
        return undefined;
      },
    };
  },
};

/** Copying between the packet's mark and the connection's: new = (old & ~to) ^ (other & from). */
function copyMark(given: GivenOptions, save: boolean): Target {
  const both = given.value('--mask');
  const maskOf = (option: string) => {
    const text = given.value(option) ?? both;
    return text === undefined ? MAX32 : parseMasked('CONNMARK', option, text).value;
  };
  const [nfmask, ctmask] = [maskOf('--nfmask'), maskOf('--ctmask')];
  const name = save ? 'save' : 'restore';
  const masks =
    nfmask === MAX32 && ctmask === MAX32 ? '' : nfmask === ctmask ? ` mask ${hex(nfmask)}` : ` nfmask ${hex(nfmask)} ctmask ${hex(ctmask)}`;
  return {
    name: 'CONNMARK',
    kind: 'extension',
    text: ` -j CONNMARK --${name}-mark --nfmask ${hex(nfmask)} --ctmask ${hex(ctmask)}`,
    listing: () => `CONNMARK ${name}${masks}`,
    needsConntrack: true,
    run(packet) {
      const { conntrack } = packet;
      if (conntrack === undefined) return undefined;
      if (save) conntrack.mark = ((conntrack.mark & ~ctmask) ^ (packet.mark & nfmask)) >>> 0;
      else packet.mark = ((packet.mark & ~nfmask) ^ (conntrack.mark & ctmask)) >>> 0;
      return undefined;
    },
  };
}

const connmark: TargetModule = {
  name: 'CONNMARK',
  options: options(...MARK_FORMS, [0, '--save-mark'], [0, '--restore-mark'], [1, '--mask'], [1, '--nfmask'], [1, '--ctmask']),
  build(given): Target {
    if (given.has('--save-mark') || given.has('--restore-mark')) return copyMark(given, given.has('--save-mark'));
    const change = parseMarkChange('CONNMARK', given);
    if (change === undefined) throw new UsageError('CONNMARK target: No operation specified');
    const { value, mask } = change;
    return {
      name: 'CONNMARK',
      kind: 'extension',
      text: ` -j CONNMARK --set-xmark ${hex(value)}/${hex(mask)}`,
      listing: () => `CONNMARK ${markListing(change)}`,
      needsConntrack: true,
      run({ conntrack }) {
        if (conntrack !== undefined) conntrack.mark = ((conntrack.mark & ~mask) ^ value) >>> 0;
        return undefined;
      },
    };
  },
};

/** No entry for this packet, and none to be looked for. */
function untrack(packet: Packet): undefined {
  if (packet.ctState !== undefined) return undefined;
  packet.conntrack = undefined;
  packet.ctState = 'UNTRACKED';
  return undefined;
}

const notrack: TargetModule = {
  name: 'NOTRACK',
  options: {},
  build: (): Target => ({
    name: 'NOTRACK',
    kind: 'extension',
    text: ' -j NOTRACK',
    listing: () => 'NOTRACK',
    listedName: 'CT',
    tables: ['raw'],
    needsConntrack: true,
    run: untrack,
  }),
};

const ct: TargetModule = {
  name: 'CT',
  options: options([0, '--notrack'], [1, '--zone']),
  build(given): Target {
    if (!given.has('--notrack')) throw new UsageError('CT: conntrack zones and helpers are not modelled; only --notrack is');
    return {
      name: 'CT',
      kind: 'extension',
      text: ' -j CT --notrack',
      listing: () => 'CT notrack',
      tables: ['raw'],
      needsConntrack: true,
      run: untrack,
    };
  },
};

/** An IPv4 and a TCP header without options. */
const HEADERS = 40;
const LARGEST_MSS = 65495;

const tcpmss: TargetModule = {
  name: 'TCPMSS',
  options: options([1, '--set-mss'], [0, '--clamp-mss-to-pmtu']),
  build(given): Target {
    const text = given.value('--set-mss');
    const clamp = given.has('--clamp-mss-to-pmtu');
    if (text === undefined && !clamp) throw new UsageError('TCPMSS target: At least one parameter is required');
    const fixed = text === undefined ? undefined : numberOption('TCPMSS', '--set-mss', text, 0, LARGEST_MSS);
    return {
      name: 'TCPMSS',
      kind: 'extension',
      text: fixed === undefined ? ' -j TCPMSS --clamp-mss-to-pmtu' : ` -j TCPMSS --set-mss ${fixed}`,
      listing: () => (fixed === undefined ? 'TCPMSS clamp to PMTU' : `TCPMSS set ${fixed}`),
      ...(clamp && { hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'] }),
      protocol: 6,
      run(packet, { input, output }) {
        if (packet.mss === undefined) return undefined;
        const mtu = Math.min(input?.mtu ?? LARGEST_MSS, output?.mtu ?? LARGEST_MSS);
        const wanted = fixed ?? mtu - HEADERS;
        if (packet.mss > wanted) packet.mss = wanted;
        return undefined;
      },
    };
  },
};

const set: TargetModule = {
  name: 'SET',
  options: options([2, '--add-set'], [2, '--del-set'], [2, '--map-set'], [0, '--exist'], [1, '--timeout']),
  build(given): Target {
    const option = ['--add-set', '--del-set'].find((name) => given.has(name));
    if (option === undefined) throw new UsageError("You must specify either `--add-set' or `--del-set' or `--map-set'");
    const [name = '', flags = ''] = given.get(option)?.values ?? [];
    const dimensions = parseDimensions(flags);
    const timeoutText = given.value('--timeout');
    const timeout = timeoutText === undefined ? undefined : numberOption('SET', '--timeout', timeoutText, 0, MAX32);
    const exist = given.has('--exist');
    const rest = `${exist ? ' --exist' : ''}${timeout === undefined ? '' : ` --timeout ${timeout}`}`;
    return {
      name: 'SET',
      kind: 'extension',
      text: ` -j SET ${option} ${name} ${flags}${rest}`,
      listing: () => `${option.slice(2)} ${name} ${flags}${rest.replaceAll(' --', ' ')}`,
      set: name,
      run(packet, { sets, context }) {
        sets.change(option === '--add-set' ? 'add' : 'del', name, dimensions, packet, context.now, { exist, timeout });
        return undefined;
      },
    };
  },
};

/** The extensions of this file. */
export const plainTargets: readonly TargetModule[] = [reject, log, mark, connmark, notrack, ct, tcpmss, set];
