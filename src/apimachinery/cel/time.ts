/**
 * Timestamps and durations (`cel-go/common/types/{timestamp,duration}.go`).
 * Differs: time zones are UTC and fixed offsets ("+02:00"); names of zones need a database that is not here.
 */
import { CelError, Duration, Timestamp, adaptTextsOf } from './values.ts';
import { overload } from './functions.ts';
import type { Overload } from './functions.ts';

const SECOND = 1_000_000_000n;
const MAX_DURATION = 9_223_372_036_854_775_807n;
/** 0001-01-01 and 9999-12-31. */
const FIRST = -62_135_596_800n * SECOND;
const LAST = 253_402_300_799n * SECOND + 999_999_999n;

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** Undefined for a text that is no RFC 3339 time. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`);
  if (Number.isNaN(ms)) return undefined;
  return new Timestamp(BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')));
}

/** Undefined for a text that is no Go duration. */
export function parseDuration(text: string): Duration | undefined {
  if (/^[+-]?0$/.test(text)) return new Duration(0n);
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = UNITS[unit] ?? 0n;
    total += BigInt(whole || '0') * size;
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return total > MAX_DURATION ? undefined : new Duration(text.startsWith('-') ? -total : total);
}

/** The first ten million nanoseconds matter too: "2024-01-01T00:00:00.5Z". */
export function timestampText({ ns }: Timestamp): string {
  const fraction = ((ns % SECOND) + SECOND) % SECOND;
  const text = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return `${text}${fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`}Z`;
}

/** Seconds with a fraction: "90s", "1.5s". */
export function durationText({ ns }: Duration): string {
  const absolute = ns < 0n ? -ns : ns;
  const fraction = String(absolute % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${ns < 0n ? '-' : ''}${absolute / SECOND}${fraction && `.${fraction}`}s`;
}

function timestamp(ns: bigint): Timestamp {
  if (ns < FIRST || ns > LAST) throw new CelError('timestamp overflow');
  return new Timestamp(ns);
}

function duration(ns: bigint): Duration {
  if (ns > MAX_DURATION || ns < -MAX_DURATION - 1n) throw new CelError('duration overflow');
  return new Duration(ns);
}

/** The wall clock of a zone, as a Date in UTC. */
function wallClock({ ns }: Timestamp, zone = 'UTC'): Date {
  const ms = Number((ns - (((ns % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
  if (zone === 'UTC' || zone === '') return new Date(ms);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset === null) throw new CelError(`unknown time zone ${zone}`);
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return new Date(ms + (offset[1] === '-' ? -minutes : minutes) * 60_000);
}

const DAY = 86_400_000;
const dayOfYear = (date: Date): number =>
  Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY);

const GETTERS: readonly (readonly [string, (date: Date) => number])[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDayOfYear', dayOfYear],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

const DURATION_GETTERS: readonly (readonly [string, bigint])[] = [
  ['getHours', 3600n * SECOND],
  ['getMinutes', 60n * SECOND],
  ['getSeconds', SECOND],
];

/** Operators, conversions and getters. */
export function timeLibrary(): readonly Overload[] {
  adaptTextsOf('timestamp', (text) => parseTimestamp(text) ?? parseTimestamp(`${text}T00:00:00Z`));
  adaptTextsOf('duration', parseDuration);
  return [
    overload('_+_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => timestamp(a.ns + b.ns)),
    overload('_+_(duration, timestamp): timestamp', (a: Duration, b: Timestamp) => timestamp(a.ns + b.ns)),
    overload('_+_(duration, duration): duration', (a: Duration, b: Duration) => duration(a.ns + b.ns)),
    overload('_-_(timestamp, timestamp): duration', (a: Timestamp, b: Timestamp) => duration(a.ns - b.ns)),
    overload('_-_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => timestamp(a.ns - b.ns)),
    overload('_-_(duration, duration): duration', (a: Duration, b: Duration) => duration(a.ns - b.ns)),
    overload('-_(duration): duration', (a: Duration) => duration(-a.ns)),
    overload('timestamp(timestamp): timestamp', (a: Timestamp) => a),
    overload('timestamp(int): timestamp', (seconds: bigint) => timestamp(seconds * SECOND)),
    overload('timestamp(string): timestamp', (text: string) => {
      const parsed = parseTimestamp(text);
      if (parsed === undefined)
        throw new CelError(
          `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`,
        );
      return timestamp(parsed.ns);
    }),
    overload('duration(duration): duration', (a: Duration) => a),
    overload('duration(int): duration', (ns: bigint) => duration(ns)),
    overload('duration(string): duration', (text: string) => {
      const parsed = parseDuration(text);
      if (parsed === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`);
      return parsed;
    }),
    overload('int(timestamp): int', (a: Timestamp) => (a.ns - (((a.ns % SECOND) + SECOND) % SECOND)) / SECOND),
    overload('int(duration): int', (a: Duration) => a.ns),
    overload('string(timestamp): string', timestampText),
    overload('string(duration): string', durationText),
    ...GETTERS.flatMap(([name, read]) => [
      overload(`timestamp.${name}(): int`, (at: Timestamp) => BigInt(read(wallClock(at)))),
      overload(`timestamp.${name}(string): int`, (at: Timestamp, zone: string) => BigInt(read(wallClock(at, zone)))),
    ]),
    ...DURATION_GETTERS.map(([name, unit]) => overload(`duration.${name}(): int`, (a: Duration) => a.ns / unit)),
    overload('duration.getMilliseconds(): int', (a: Duration) => (a.ns / 1_000_000n) % 1000n),
  ];
}
