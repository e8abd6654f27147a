/** The extended strings library, version 2, and sets (`cel-go/ext/{strings,formatting,sets}.go`). */
import { isEqual } from './compare.ts';
import { overload, traversal } from './functions.ts';
import type { Overload } from './functions.ts';
import { doubleText } from './standard.ts';
import { durationText, timestampText } from './time.ts';
import { CelError, CelList, CelMap, Duration, Timestamp, TypeValue, Uint, typeNameOf } from './values.ts';
import type { Value } from './values.ts';

const chars = (text: string): string[] => [...text];

function inRange(index: bigint, size: number): number {
  if (index < 0n || index > BigInt(size)) throw new CelError(`index out of range: ${index}`);
  return Number(index);
}

function indexOf(text: string, part: string, from = 0n): bigint {
  const [all, wanted] = [chars(text), chars(part)];
  for (let at = inRange(from, all.length); at + wanted.length <= all.length; at++)
    if (wanted.every((char, offset) => all[at + offset] === char)) return BigInt(at);
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [all, wanted] = [chars(text), chars(part)];
  const start = from === undefined ? all.length - wanted.length : Math.min(inRange(from, all.length), all.length - wanted.length);
  for (let at = start; at >= 0; at--) if (wanted.every((char, offset) => all[at + offset] === char)) return BigInt(at);
  return -1n;
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  let [rest, done, count] = [text, '', limit];
  while (count !== 0n) {
    const at = rest.indexOf(from);
    if (at < 0 || from === '') break;
    done += rest.slice(0, at) + to;
    rest = rest.slice(at + from.length);
    count--;
  }
  return done + rest;
}

function split(text: string, separator: string, limit = -1n): CelList {
  if (limit === 0n) return new CelList([]);
  const parts = separator === '' ? chars(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return new CelList(parts);
  const kept = Number(limit) - 1;
  return new CelList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const all = chars(text);
  const [from, to] = [inRange(start, all.length), end === undefined ? all.length : inRange(end, all.length)];
  if (from > to) throw new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  return all.slice(from, to).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
const quote = (text: string): string => `"${text.replaceAll(/[\x07\b\f\n\r\t\v\\"]/g, (char) => ESCAPES[char] ?? char)}"`;

/** `%s`: a value as text. */
export function formatted(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof CelList) return `[${[...value].map(formatted).join(', ')}]`;
  if (value instanceof CelMap) {
    const keys = [...value.keys()].sort((a, b) => (formatted(a) < formatted(b) ? -1 : 1));
    return `{${keys.map((key) => `${formatted(key)}: ${formatted(value.get(key) ?? null)}`).join(', ')}}`;
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new CelError(`could not convert argument ${typeNameOf(value)} to string`);
}

const whole = (value: Value): bigint | undefined => (typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined);

function clause(verb: string, precision: number, value: Value): string {
  const integer = whole(value);
  switch (verb) {
    case 's':
      return formatted(value);
    case 'd':
      if (integer !== undefined) return String(integer);
      break;
    case 'f':
    case 'e': {
      const number = typeof value === 'number' ? value : integer === undefined ? undefined : Number(integer);
      if (number !== undefined)
        return verb === 'f' ? number.toFixed(precision) : number.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
      break;
    }
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (integer !== undefined) return integer.toString(2);
      break;
    case 'o':
      if (integer !== undefined) return integer.toString(8);
      break;
    case 'x':
    case 'X': {
      const text =
        integer?.toString(16) ??
        (typeof value === 'string'
          ? chars(value)
              .map((char) => (char.codePointAt(0) ?? 0).toString(16))
              .join('')
          : undefined);
      if (text !== undefined) return verb === 'x' ? text : text.toUpperCase();
      break;
    }
    default:
      throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
  throw new CelError(
    `error during formatting: only integers, unsigned integers, and doubles can be formatted this way, was given ${typeNameOf(value)}`,
  );
}

function format(template: string, list: CelList): string {
  let next = 0;
  return template.replace(/%(?:%|(?:\.(\d+))?(.?))/gs, (text, precision: string | undefined, verb: string | undefined) => {
    if (text === '%%') return '%';
    if (next >= list.size) throw new CelError(`index ${next} out of range`);
    return clause(verb ?? '', precision === undefined ? 6 : Number(precision), list.at(next++));
  });
}

const oneWay = (text: string): number => traversal(text.length);

/** `ext.Strings(2)`. */
export function stringsLibrary(): readonly Overload[] {
  return [
    overload('string.charAt(int): string', (text: string, index: bigint) => chars(text)[inRange(index, chars(text).length)] ?? '', oneWay),
    overload('string.indexOf(string): int', indexOf, oneWay),
    overload('string.indexOf(string, int): int', indexOf, oneWay),
    overload('string.lastIndexOf(string): int', lastIndexOf, oneWay),
    overload('string.lastIndexOf(string, int): int', lastIndexOf, oneWay),
    overload('string.lowerAscii(): string', (text: string) => text.replaceAll(/[A-Z]/g, (char) => char.toLowerCase()), oneWay),
    overload('string.upperAscii(): string', (text: string) => text.replaceAll(/[a-z]/g, (char) => char.toUpperCase()), oneWay),
    overload('string.replace(string, string): string', replace, oneWay),
    overload('string.replace(string, string, int): string', replace, oneWay),
    overload('string.split(string): list<string>', split, oneWay),
    overload('string.split(string, int): list<string>', split, oneWay),
    overload('string.substring(int): string', substring, oneWay),
    overload('string.substring(int, int): string', substring, oneWay),
    overload('string.trim(): string', (text: string) => text.trim(), oneWay),
    overload('string.format(list<dyn>): string', format, oneWay),
    overload('strings::quote(string): string', quote, oneWay),
    overload(
      'list<string>.join(): string',
      (list: CelList) => [...list].join(''),
      (list: CelList) => list.size + 1,
    ),
    overload(
      'list<string>.join(string): string',
      (list: CelList, by: string) => [...list].join(by),
      (list: CelList) => list.size + 1,
    ),
  ];
}

const holds = (list: CelList, item: Value): boolean => [...list].some((own) => isEqual(own, item));
const product = (a: CelList, b: CelList): number => a.size * b.size + 1;
const containsAll = (a: CelList, b: CelList): boolean => [...b].every((item) => holds(a, item));

/** `ext.Sets()`. */
export function setsLibrary(): readonly Overload[] {
  return [
    overload('sets::contains(list<A>, list<A>): bool', containsAll, product),
    overload('sets::equivalent(list<A>, list<A>): bool', (a: CelList, b: CelList) => containsAll(a, b) && containsAll(b, a), product),
    overload('sets::intersects(list<A>, list<A>): bool', (a: CelList, b: CelList) => [...b].some((item) => holds(a, item)), product),
  ];
}
