/**
 * Cron expressions of five fields, as robfig/cron's standard parser reads them, and the "@hourly", "@every 1h30m" forms
 * (`github.com/robfig/cron/v3`). Times are UTC milliseconds.
 */
import { parseGoDuration } from '../../apimachinery/durations.ts';
import { badRequest, StatusError } from '../../apimachinery/status.ts';

/** Knows when it is due. */
export interface Schedule {
  /** The first time after `ms`; undefined when there is none within five years. */
  next(ms: number): number | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEARS_AHEAD = 5;

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

interface Bounds {
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

/** Reads an expression. `offsetMs` is the zone's distance from UTC. Throws BadRequest in the parser's words. */
export function parseSchedule(text: string, offsetMs = 0): Schedule {
  if (text === '') throw badRequest('empty spec string');
  if (text.startsWith('@every ')) return everySchedule(text);
  const expression = text.startsWith('@') ? DESCRIPTORS[text] : text;
  if (expression === undefined) throw badRequest(`unrecognized descriptor: ${text}`);
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) throw badRequest(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const sets = fields.map((field, index) => parseField(field, FIELDS[index] ?? { min: 0, max: 0 }));
  const [minutes, hours, days, months, weekdays] = sets as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const anyDay = isAny(fields[2]) || isAny(fields[4]);
  const dayMatches = (date: Date): boolean => {
    const [byDate, byWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    // Both given: either suffices; otherwise the "*" is true anyway.
    return anyDay ? byDate && byWeekday : byDate || byWeekday;
  };
  return { next: (ms) => nextMatch(ms, offsetMs, { minutes, hours, months, dayMatches }) };
}

/** What is wrong with the schedule; undefined when it is well formed. */
export function scheduleError(text: string): string | undefined {
  try {
    parseSchedule(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.message;
  }
}

const isAny = (field: string | undefined): boolean => field?.startsWith('*') === true || field?.startsWith('?') === true;

function everySchedule(text: string): Schedule {
  try {
    const periodMs = Math.max(1000, Math.floor(parseGoDuration(text.slice('@every '.length)) / 1000) * 1000);
    return { next: (ms) => Math.floor(ms / 1000) * 1000 + periodMs };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw badRequest(`failed to parse duration ${text}: ${error.message}`);
  }
}

interface Match {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  months: ReadonlySet<number>;
  dayMatches(date: Date): boolean;
}

/** Steps by months, days, hours and minutes, the largest unit that does not match first. */
function nextMatch(ms: number, offsetMs: number, match: Match): number | undefined {
  let local = Math.floor((ms + offsetMs) / MINUTE) * MINUTE + MINUTE;
  const limit = new Date(local).getUTCFullYear() + YEARS_AHEAD;
  for (;;) {
    const date = new Date(local);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (year > limit) return undefined;
    if (!match.months.has(month + 1)) local = Date.UTC(year, month + 1, 1);
    else if (!match.dayMatches(date)) local = Math.floor(local / DAY) * DAY + DAY;
    else if (!match.hours.has(date.getUTCHours())) local = Math.floor(local / HOUR) * HOUR + HOUR;
    else if (!match.minutes.has(date.getUTCMinutes())) local += MINUTE;
    else return local - offsetMs;
  }
}

function parseField(field: string, bounds: Bounds): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(',').filter(Boolean)) for (const value of parseRange(part, bounds)) values.add(value);
  return values;
}

/** "*", "5", "1-5", each with an optional "/step" (`getRange`). The order of the checks decides which fault is told. */
function* parseRange(text: string, bounds: Bounds): IterableIterator<number> {
  const [range = '', step, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreEnds] = range.split('-');
  let [from, to] = [bounds.min, bounds.max];
  if (low !== '*' && low !== '?') {
    from = parseValue(low, bounds);
    if (moreEnds.length > 0) throw badRequest(`too many hyphens: ${text}`);
    to = high === undefined ? from : parseValue(high, bounds);
  }
  if (moreSteps.length > 0) throw badRequest(`too many slashes: ${text}`);
  const by = step === undefined ? 1 : parseNumber(step);
  if (step !== undefined && high === undefined) to = bounds.max; // "N/step" means from N on
  if (from < bounds.min) throw badRequest(`beginning of range (${from}) below minimum (${bounds.min}): ${text}`);
  if (to > bounds.max) throw badRequest(`end of range (${to}) above maximum (${bounds.max}): ${text}`);
  if (from > to) throw badRequest(`beginning of range (${from}) beyond end of range (${to}): ${text}`);
  if (by === 0) throw badRequest(`step of range should be a positive number: ${text}`);
  for (let value = from; value <= to; value += by) yield value;
}

function parseValue(text: string, { names, min }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + min : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) < 0) throw badRequest(`negative number (${Number(text)}) not allowed: ${text}`);
  return Number(text);
}
