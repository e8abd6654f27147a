/** Matches that remember or throw dice: statistic, recent, limit (`xt_statistic.c`, `xt_recent.c`, `xt_limit.c`). */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import type { Packet } from '../net/packet.ts';
import type { Evaluation } from './evaluation.ts';
import { type GivenOptions, type MatchModule, options } from './modules.ts';
import type { RecentAddress, RecentList } from './recent.ts';
import type { Match } from './rule.ts';
import { UsageError } from './tool-error.ts';
import { not, numberOption, parseAddress } from './values.ts';

const HALF_RANGE = 0x80000000;
const MASK31 = 0x7fffffff;
const MAX32 = 0xffffffff;
const MS_PER_SECOND = 1000;

function parseProbability(text: string): number {
  const value = /^\d*\.?\d+(e-?\d+)?$/i.test(text) ? Number(text) : -1;
  if (value < 0 || value > 1) throw new UsageError('statistic: bad value for option "--probability", or out of range (0-1).\n');
  return value;
}

/** What the kernel keeps of a probability: lround(p * 2^31); what is printed: that / 2^31 with eleven decimals. */
function randomMatch(given: GivenOptions): Match {
  const inverted = given.inverted('--probability');
  const text = given.value('--probability');
  if (text === undefined) throw new UsageError('--probability must be specified when using random mode');
  const threshold = Math.round(parseProbability(text) * HALF_RANGE);
  const printed = (threshold / HALF_RANGE).toFixed(11);
  return {
    name: 'statistic',
    text: ` -m statistic --mode random${not(inverted)} --probability ${printed}`,
    listing: () => `statistic mode random${inverted ? ' !' : ''} probability ${printed}`,
    matches(_, { context: { random }, recorder }) {
      const matched = (random.uint32() & MASK31) < threshold !== inverted;
      recorder?.chanceTaken?.(random, threshold, inverted, matched);
      return matched;
    },
  };
}

interface Counter {
  count: number;
}

/** Every n-th packet, beginning with the p-th: the counter starts p before its end. */
function nthMatch(given: GivenOptions): Match {
  const everyText = given.value('--every');
  const packetText = given.value('--packet');
  if (everyText !== undefined && packetText === undefined) throw new UsageError('statistic: option "--every" also requires "--packet".\n');
  if (everyText === undefined || packetText === undefined)
    throw new UsageError('--every and --packet must be specified when using nth mode');
  const every = numberOption('statistic', '--every', everyText, 1, MAX32);
  const packet = numberOption('statistic', '--packet', packetText, 0, MAX32);
  if (packet >= every) throw new UsageError('the --packet p must be 0 <= p <= n-1');
  const inverted = given.inverted('--every');
  return {
    name: 'statistic',
    text: ` -m statistic --mode nth${not(inverted)} --every ${every} --packet ${packet}`,
    listing: () => `statistic mode nth${inverted ? ' !' : ''} every ${every} packet ${packet}`,
    newState: (): Counter => ({ count: every - 1 - packet }),
    matches(_, { state }) {
      const counter = state as Counter;
      counter.count = counter.count === every - 1 ? 0 : counter.count + 1;
      return (counter.count === 0) !== inverted;
    },
  };
}

const statistic: MatchModule = {
  name: 'statistic',
  options: options([1, '--mode'], [1, '--probability'], [1, '--every'], [1, '--packet']),
  build(given): Match {
    const mode = given.required('--mode');
    if (mode !== 'random' && mode !== 'nth') throw new UsageError(`Bad mode "${mode}"`);
    return mode === 'random' ? randomMatch(given) : nthMatch(given);
  },
};

const RECENT_VERBS = ['--set', '--rcheck', '--update', '--remove'] as const;
const VERB_NAMES = { '--set': 'SET', '--rcheck': 'CHECK', '--update': 'UPDATE', '--remove': 'REMOVE' } as const;
const NEEDS_VERB = "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'";

interface Recent {
  readonly verb: (typeof RECENT_VERBS)[number];
  readonly inverted: boolean;
  readonly name: string;
  readonly seconds: number | undefined;
  readonly hitcount: number | undefined;
  readonly reap: boolean;
  readonly rttl: boolean;
  readonly mask: Ipv4;
  readonly destination: boolean;
}

function parseRecent(given: GivenOptions): Recent {
  const verbs = RECENT_VERBS.filter((verb) => given.has(verb));
  const [verb, other] = verbs;
  if (verb === undefined) throw new UsageError(NEEDS_VERB);
  if (other !== undefined) throw new UsageError(`recent: option "${verb}" cannot be used together with "${other}".\n`);
  const number = (option: string) => {
    const text = given.value(option);
    return text === undefined ? undefined : numberOption('recent', option, text, 1, MAX32);
  };
  const seconds = number('--seconds');
  if (given.has('--reap') && seconds === undefined) throw new UsageError('recent: option "--reap" also requires "--seconds".\n');
  const mask = parseAddress(given.value('--mask') ?? '255.255.255.255');
  if (mask === undefined) throw new UsageError(`recent: bad value for option "--mask"`);
  return {
    verb,
    inverted: given.inverted(verb),
    name: given.value('--name') ?? 'DEFAULT',
    seconds,
    hitcount: number('--hitcount'),
    reap: given.has('--reap'),
    rttl: given.has('--rttl'),
    mask,
    destination: given.has('--rdest'),
  };
}

function recentText({ verb, inverted, name, seconds, hitcount, reap, rttl, mask, destination }: Recent): string {
  const parts = [
    seconds === undefined ? '' : ` --seconds ${seconds}`,
    reap ? ' --reap' : '',
    hitcount === undefined ? '' : ` --hitcount ${hitcount}`,
    rttl ? ' --rttl' : '',
    ` --name ${name} --mask ${formatIpv4(mask)}`,
    destination ? ' --rdest' : ' --rsource',
  ];
  return ` -m recent${not(inverted)} ${verb}${parts.join('')}`;
}

function recentListing({ verb, inverted, name, seconds, hitcount, reap, rttl, mask, destination }: Recent): string {
  const parts = [
    seconds === undefined ? '' : ` seconds: ${seconds}`,
    reap ? ' reap' : '',
    hitcount === undefined ? '' : ` hit_count: ${hitcount}`,
    rttl ? ' TTL-Match' : '',
    ` name: ${name} side: ${destination ? 'dest' : 'source'} mask: ${formatIpv4(mask)}`,
  ];
  return `${inverted ? '! ' : ''}recent: ${VERB_NAMES[verb]}${parts.join('')}`;
}

/** Whether enough stamps are young enough. */
function isSeen({ stamps }: RecentAddress, { seconds, hitcount }: Recent, now: number): boolean {
  const since = seconds === undefined ? -Infinity : now - seconds * MS_PER_SECOND;
  let hits = 0;
  for (const stamp of stamps) if (stamp >= since && (hitcount === undefined || ++hits >= hitcount)) return true;
  return false;
}

/** Forgets the address seen longest ago, if that is too long ago (`recent_entry_reap`: one at a time). */
function reapOldest(list: RecentList, since: number): void {
  const oldest = list.entries().next();
  if (!oldest.done && (oldest.value[1].stamps.at(-1) ?? 0) < since) list.delete(oldest.value[0]);
}

function recentTest(recent: Recent, packet: Packet, { recent: lists, context: { now }, output }: Evaluation): boolean {
  const { verb, inverted, rttl, seconds } = recent;
  const ip = ((recent.destination ? packet.destination : packet.source) & recent.mask) >>> 0;
  // At hooks with an output device the packet has been forwarded: its time to live counts as it was before.
  const ttl = packet.ttl + (output === undefined ? 0 : 1);
  const list = lists.list(recent.name);
  const known = list.get(ip);
  const found = known !== undefined && (!rttl || known.ttl === ttl);
  if (verb === '--set') {
    lists.touch(list, ip, ttl, now);
    return !inverted;
  }
  if (!found) return inverted;
  if (verb === '--remove') {
    list.delete(ip);
    return !inverted;
  }
  const matched = isSeen(known, recent, now) !== inverted;
  if (recent.reap && seconds !== undefined) reapOldest(list, now - seconds * MS_PER_SECOND);
  if (verb === '--update' && matched) lists.touch(list, ip, ttl, now);
  return matched;
}

const recentModule: MatchModule = {
  name: 'recent',
  unique: true,
  options: options(
    [0, '--set'],
    [0, '--rcheck'],
    [0, '--update'],
    [0, '--remove'],
    [1, '--seconds'],
    [0, '--reap'],
    [1, '--hitcount'],
    [0, '--rttl'],
    [1, '--name'],
    [1, '--mask'],
    [0, '--rsource'],
    [0, '--rdest'],
  ),
  build(given): Match {
    const recent = parseRecent(given);
    return {
      name: 'recent',
      text: recentText(recent),
      listing: () => recentListing(recent),
      matches: (packet, evaluation) => recentTest(recent, packet, evaluation),
    };
  },
};

/** Units of a rate, largest first: the name that is printed, the full name, and its length in tenths of a ms (XT_LIMIT_SCALE). */
const UNITS = [
  ['day', 'day', 864_000_000],
  ['hour', 'hour', 36_000_000],
  ['min', 'minute', 600_000],
  ['sec', 'second', 10_000],
] as const;
const TENTHS = 10;
const DEFAULT_BURST = 5;

/** "5/min" as the tenths of ms between two packets. */
function parseRate(text: string): number {
  const [countText = '', unit = 'second'] = text.split('/');
  const found = unit === '' ? undefined : UNITS.find(([, name]) => name.startsWith(unit.toLowerCase()));
  const count = /^\d+$/.test(countText) ? Number(countText) : 0;
  if (found === undefined || count === 0) throw new UsageError(`bad rate "${text}"'`);
  const interval = Math.floor(found[2] / count);
  if (interval === 0 || (found[1] === 'second' && count > found[2])) throw new UsageError(`Rate too fast "${text}"`);
  return interval;
}

/** As iptables prints it: the smallest unit that the interval fits in without too large a rest. */
function formatRate(interval: number): string {
  let chosen: (typeof UNITS)[number] = UNITS[0];
  for (const unit of UNITS.slice(1)) {
    if (interval > unit[2] || Math.floor(unit[2] / interval) < unit[2] % interval) break;
    chosen = unit;
  }
  return `${Math.floor(chosen[2] / interval)}/${chosen[0]}`;
}

interface Bucket {
  credit: number;
  at: number;
}

const limit: MatchModule = {
  name: 'limit',
  options: options([1, '--limit'], [1, '--limit-burst']),
  build(given): Match {
    const interval = parseRate(given.value('--limit') ?? '3/hour');
    const burst = numberOption('limit', '--limit-burst', given.value('--limit-burst') ?? `${DEFAULT_BURST}`, 0, 10_000);
    const rate = formatRate(interval);
    const cost = interval / TENTHS;
    const cap = cost * burst;
    return {
      name: 'limit',
      text: ` -m limit --limit ${rate}${burst === DEFAULT_BURST ? '' : ` --limit-burst ${burst}`}`,
      listing: () => `limit: avg ${rate} burst ${burst}`,
      newState: (): Bucket => ({ credit: cap, at: -1 }),
      matches(_, { state, context: { now } }) {
        const bucket = state as Bucket;
        if (bucket.at >= 0) bucket.credit = Math.min(cap, bucket.credit + now - bucket.at);
        bucket.at = now;
        if (bucket.credit < cost) return false;
        bucket.credit -= cost;
        return true;
      },
    };
  },
};

/** The extensions of this file. */
export const chanceMatches: readonly MatchModule[] = [statistic, recentModule, limit];
