/** Matches on what the kernel knows of a packet's connection and marks: conntrack, state, mark, connmark (`xt_conntrack.c`). */
import type { ConntrackEntry } from '../conntrack/entry.ts';
import { PROTOCOL_NUMBERS } from '../net/packet.ts';
import type { Packet } from '../net/packet.ts';
import { type GivenOptions, type MatchModule, options } from './modules.ts';
import type { Evaluation } from './evaluation.ts';
import type { Match } from './rule.ts';
import { UsageError } from './tool-error.ts';
import {
  formatAddressMask,
  formatMasked,
  formatPortRange,
  not,
  parseAddressMask,
  parseMasked,
  parsePortRange,
  parseProtocol,
  type AddressMask,
  type PortRange,
} from './values.ts';

/** States in the order in which they are printed, as bits. */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
const STATUSES = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;
const SNAT = 1 << 5;
const DNAT = 1 << 6;
/** A packet that conntrack has not looked at is INVALID to the match. */
const INVALID = 1;
const ESTABLISHED_ONLY = 5;

function parseBits(text: string, names: readonly string[], what: string): number {
  let bits = 0;
  for (const name of text.split(',')) {
    const index = names.indexOf(name.toUpperCase());
    if (index < 0) throw new UsageError(`Bad ${what} "${text}"`);
    bits |= 1 << index;
  }
  return bits;
}

const formatBits = (bits: number, names: readonly string[]): string => names.filter((_, index) => (bits & (1 << index)) !== 0).join(',');

/** The states that a packet has, as bits. */
function statesOf({ ctState, conntrack }: Packet): number {
  const state = ctState === undefined ? INVALID : 1 << STATES.indexOf(ctState);
  if (conntrack === undefined) return state;
  return state | (conntrack.sourceNat ? SNAT : 0) | (conntrack.destinationNat ? DNAT : 0);
}

/** One part of the conntrack match. */
interface Part {
  readonly text: string;
  readonly listing: string;
  test(packet: Packet, evaluation: Evaluation): boolean;
}

function statePart(given: GivenOptions): Part | undefined {
  const option = given.get('--ctstate');
  if (option === undefined) return undefined;
  const { inverted, values } = option;
  const bits = parseBits(values[0] ?? '', STATES, 'ctstate');
  const list = formatBits(bits, STATES);
  return {
    text: `${not(inverted)} --ctstate ${list}`,
    listing: `${inverted ? '! ' : ''}ctstate ${list}`,
    test: (packet) => ((statesOf(packet) & bits) !== 0) !== inverted,
  };
}

/** Parts that ask the entry; without one they do not match. */
function entryPart(
  given: GivenOptions,
  name: string,
  build: (value: string) => { text: string; test: (entry: ConntrackEntry, packet: Packet, evaluation: Evaluation) => boolean },
): Part | undefined {
  const option = given.get(name);
  if (option === undefined) return undefined;
  const { text, test } = build(option.values[0] ?? '');
  const { inverted } = option;
  return {
    text: `${not(inverted)} ${name} ${text}`,
    listing: `${inverted ? '! ' : ''}${name.slice(2)} ${text}`,
    test: (packet, evaluation) => packet.conntrack !== undefined && test(packet.conntrack, packet, evaluation) !== inverted,
  };
}

const addressTest = (text: string, pick: (entry: ConntrackEntry) => number) => {
  const range: AddressMask = parseAddressMask(text);
  return {
    text: formatAddressMask(range, false),
    test: (entry: ConntrackEntry) => (pick(entry) & range.mask) >>> 0 === range.address,
  };
};

const portTest = (text: string, pick: (entry: ConntrackEntry) => number) => {
  const range: PortRange = parsePortRange(text, true);
  return { text: formatPortRange(range), test: (entry: ConntrackEntry) => pick(entry) >= range[0] && pick(entry) <= range[1] };
};

function protocolTest(text: string) {
  const number = parseProtocol(text);
  return { text: `${number}`, test: ({ original }: ConntrackEntry) => PROTOCOL_NUMBERS[original.protocol] === number };
}

function statusesOf(entry: ConntrackEntry): number {
  return (entry.master ? 1 : 0) | (entry.seenReply ? 2 : 0) | (entry.assured ? 4 : 0) | (entry.confirmed ? 8 : 0);
}

function statusTest(text: string) {
  const none = text === 'NONE';
  const bits = none ? 0 : parseBits(text, STATUSES, 'ctstatus');
  return {
    text: none ? 'NONE' : formatBits(bits, STATUSES),
    test: (entry: ConntrackEntry) => (none ? statusesOf(entry) === 0 : (statusesOf(entry) & bits) !== 0),
  };
}

function expireTest(text: string) {
  const [low = '', high = low] = text.split(':');
  const [from, to] = [Number(low), Number(high)];
  return {
    text: low === high ? low : `${low}:${high}`,
    test: (entry: ConntrackEntry, _: Packet, { context }: Evaluation) => {
      const left = Math.max(0, Math.floor((entry.expiresAt - context.now) / 1000));
      return left >= from && left <= to;
    },
  };
}

function directionTest(text: string) {
  const wanted = text.toLowerCase();
  if (wanted !== 'original' && wanted !== 'reply') throw new UsageError(`conntrack: Invalid value for option "--ctdir"`);
  return { text: wanted.toUpperCase(), test: (_: ConntrackEntry, packet: Packet) => packet.direction === wanted };
}

/** All parts in the order in which they are printed. */
function conntrackParts(given: GivenOptions): Part[] {
  const parts = [
    entryPart(given, '--ctproto', protocolTest),
    statePart(given),
    entryPart(given, '--ctorigsrc', (text) => addressTest(text, ({ original }) => original.source)),
    entryPart(given, '--ctorigdst', (text) => addressTest(text, ({ original }) => original.destination)),
    entryPart(given, '--ctreplsrc', (text) => addressTest(text, ({ reply }) => reply.source)),
    entryPart(given, '--ctrepldst', (text) => addressTest(text, ({ reply }) => reply.destination)),
    entryPart(given, '--ctorigsrcport', (text) => portTest(text, ({ original }) => original.sourcePort)),
    entryPart(given, '--ctorigdstport', (text) => portTest(text, ({ original }) => original.destinationPort)),
    entryPart(given, '--ctreplsrcport', (text) => portTest(text, ({ reply }) => reply.sourcePort)),
    entryPart(given, '--ctrepldstport', (text) => portTest(text, ({ reply }) => reply.destinationPort)),
    entryPart(given, '--ctstatus', statusTest),
    entryPart(given, '--ctexpire', expireTest),
    entryPart(given, '--ctdir', directionTest),
  ];
  return parts.filter((part) => part !== undefined);
}

const conntrack: MatchModule = {
  name: 'conntrack',
  options: options(
    [1, '--ctstate'],
    [1, '--ctproto'],
    [1, '--ctorigsrc'],
    [1, '--ctorigdst'],
    [1, '--ctreplsrc'],
    [1, '--ctrepldst'],
    [1, '--ctorigsrcport'],
    [1, '--ctorigdstport'],
    [1, '--ctreplsrcport'],
    [1, '--ctrepldstport'],
    [1, '--ctstatus'],
    [1, '--ctexpire'],
    [1, '--ctdir'],
  ),
  build(given): Match {
    if (given.size === 0) throw new UsageError('conntrack: At least one option is required');
    const parts = conntrackParts(given);
    const only = parts.length === 1 ? parts[0] : undefined;
    return {
      name: 'conntrack',
      text: ` -m conntrack${parts.map(({ text }) => text).join('')}`,
      listing: () => parts.map(({ listing }) => listing).join(' '),
      matches: only?.test ?? ((packet, evaluation) => parts.every((part) => part.test(packet, evaluation))),
      needsConntrack: true,
    };
  },
};

const state: MatchModule = {
  name: 'state',
  options: options([1, '--state']),
  build(given): Match {
    const names = STATES.slice(0, ESTABLISHED_ONLY);
    const bits = parseBits(given.required('--state'), names, 'state');
    const inverted = given.inverted('--state');
    const list = formatBits(bits, names);
    return {
      name: 'state',
      text: ` -m state${not(inverted)} --state ${list}`,
      listing: () => `${inverted ? '! ' : ''}state ${list}`,
      matches: (packet) => ((statesOf(packet) & bits) !== 0) !== inverted,
      needsConntrack: true,
    };
  },
};

const mark: MatchModule = {
  name: 'mark',
  options: options([1, '--mark']),
  build(given): Match {
    const masked = parseMasked('mark', '--mark', given.required('--mark'));
    const { value, mask } = masked;
    const inverted = given.inverted('--mark');
    return {
      name: 'mark',
      text: ` -m mark${not(inverted)} --mark ${formatMasked(masked)}`,
      listing: () => `mark match ${inverted ? '! ' : ''}${formatMasked(masked)}`,
      matches: (packet) => ((packet.mark & mask) >>> 0 === value) !== inverted,
    };
  },
};

const connmark: MatchModule = {
  name: 'connmark',
  options: options([1, '--mark']),
  build(given): Match {
    const masked = parseMasked('connmark', '--mark', given.required('--mark'));
    const { value, mask } = masked;
    const inverted = given.inverted('--mark');
    return {
      name: 'connmark',
      text: ` -m connmark${not(inverted)} --mark ${formatMasked(masked)}`,
      listing: () => `connmark match ${inverted ? '! ' : ''} ${formatMasked(masked)}`,
      matches: ({ conntrack: entry }) => entry !== undefined && ((entry.mark & mask) >>> 0 === value) !== inverted,
      needsConntrack: true,
    };
  },
};

/** The extensions of this file. */
export const connectionMatches: readonly MatchModule[] = [conntrack, state, mark, connmark];
