/**
 * Times and durations as the API and kubectl write them: RFC 3339, Go's "1m30s", and the short ages of tables
 * (`k8s.io/apimachinery/pkg/util/duration/duration.go`, `pkg/apis/meta/v1/time.go`). All inputs are milliseconds:
 * of virtual time since the Unix epoch, or of a duration.
 */
import { badRequest } from './status.ts';
import type { Time } from './meta.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NEGATIVE_ZERO_LIMIT = -1;

/** A whole second formats the same for every object written in it, so the last answer is kept. */
let lastSecond = Number.NaN;
let lastText = '';

/** "2026-01-01T10:00:00Z": whole seconds, UTC (`metav1.Time`). Fractions are cut. */
export function formatTime(ms: number): Time {
  const second = Math.floor(ms / SECOND);
  if (second !== lastSecond) {
    lastText = `${new Date(second * SECOND).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** "2026-01-01T10:00:00.123000Z": microseconds, UTC (`metav1.MicroTime`), as in Leases. */
export function formatMicroTime(ms: number): Time {
  return `${new Date(Math.floor(ms)).toISOString().slice(0, 23)}000Z`;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** True when `text` is an RFC 3339 time. */
export const isTime = (text: string): boolean => RFC3339.test(text) && !Number.isNaN(Date.parse(text));

/** Milliseconds since the epoch of an RFC 3339 text. Throws BadRequest, nearly as Go's `time.Parse` words it. */
export function parseTime(text: Time): number {
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw badRequest(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`);
  }
  return ms;
}

/** The age in kubectl's tables, two units at most: "5m30s", "2d3h" (`HumanDuration`). Below -1 s: "<invalid>". */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < NEGATIVE_ZERO_LIMIT) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return pair(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (hours < 24 * 365 * 8) return pair(years, 'y', days % 365, 'd');
  return `${years}y`;
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

/** One unit only: "5m", "2d" (`ShortHumanDuration`). */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < NEGATIVE_ZERO_LIMIT) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 24) return `${hours}h`;
  if (hours < 24 * 365) return `${Math.trunc(hours / 24)}d`;
  return `${Math.trunc(hours / 24 / 365)}y`;
}

/** Go's `time.Duration.String`, as in "back-off 1m20s restarting failed container": "1m20s", "5m0s", "250ms", "0s". */
export function goDuration(ms: number): string {
  if (ms < 0) return `-${goDuration(-ms)}`;
  if (ms === 0) return '0s';
  if (ms < SECOND) return `${ms}ms`;
  const hours = Math.trunc(ms / HOUR);
  const minutes = Math.trunc((ms % HOUR) / MINUTE);
  const seconds = `${(ms % MINUTE) / SECOND}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

const UNIT_MS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/** Milliseconds of a Go duration such as "1h30m" or "1.5s" (`time.ParseDuration`). Throws BadRequest. */
export function parseGoDuration(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text))
    throw badRequest(`time: invalid duration ${JSON.stringify(text)}`);
  let total = 0;
  for (const [, number, unit = ''] of text.matchAll(/([\d.]+)([^\d.]+)/g)) total += Number(number) * (UNIT_MS[unit] ?? 0);
  return text.startsWith('-') ? -total : total;
}
