/** The standard functions and operators (`cel-go/common/stdlib`), without those on times. Equality, logic and `? :` are the interpreter's. */
import { utf8Length } from '../utf8.ts';
import { compare, isEqual } from './compare.ts';
import { NO_OVERLOAD, overload, traversal } from './functions.ts';
import type { Overload } from './functions.ts';
import { utf8 } from './lexer.ts';
import { goRegExp } from './regular-expressions.ts';
import { CelError, CelList, CelMap, Optional, TypeValue, Uint, typeNameOf } from './values.ts';
import type { Value } from './values.ts';

const MIN_INT = -9_223_372_036_854_775_808n;
const MAX_INT = 9_223_372_036_854_775_807n;
const MAX_UINT = 18_446_744_073_709_551_615n;

function int(value: bigint): bigint {
  if (value < MIN_INT || value > MAX_INT) throw new CelError('integer overflow');
  return value;
}

function uint(value: bigint): Uint {
  if (value < 0n || value > MAX_UINT) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function divisor(value: bigint, what: string): bigint {
  if (value === 0n) throw new CelError(`${what} by zero`);
  return value;
}

function wholePart(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parsed(text: string, fn: string, pattern: RegExp): bigint {
  if (!pattern.test(text)) throw new CelError(`strconv.${fn}: parsing ${JSON.stringify(text)}: invalid syntax`);
  return BigInt(text.replace('+', ''));
}

/** As Go's `strconv.FormatFloat(x, 'g', -1, 64)`. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e21)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(value);
}

/** The text of bytes that are UTF-8; undefined for others. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

const arithmetic = (): Overload[] => [
  overload('_+_(int, int): int', (a: bigint, b: bigint) => int(a + b)),
  overload('_+_(uint, uint): uint', (a: Uint, b: Uint) => uint(a.value + b.value)),
  overload('_+_(double, double): double', (a: number, b: number) => a + b),
  overload(
    '_+_(string, string): string',
    (a: string, b: string) => a + b,
    (a: string, b: string) => traversal(a.length + b.length),
  ),
  overload('_+_(bytes, bytes): bytes', (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b])),
  overload('_+_(list<A>, list<A>): list<A>', joinedLists),
  overload('_-_(int, int): int', (a: bigint, b: bigint) => int(a - b)),
  overload('_-_(uint, uint): uint', (a: Uint, b: Uint) => uint(a.value - b.value)),
  overload('_-_(double, double): double', (a: number, b: number) => a - b),
  overload('_*_(int, int): int', (a: bigint, b: bigint) => int(a * b)),
  overload('_*_(uint, uint): uint', (a: Uint, b: Uint) => uint(a.value * b.value)),
  overload('_*_(double, double): double', (a: number, b: number) => a * b),
  overload('_/_(int, int): int', (a: bigint, b: bigint) => int(a / divisor(b, 'division'))),
  overload('_/_(uint, uint): uint', (a: Uint, b: Uint) => uint(a.value / divisor(b.value, 'division'))),
  overload('_/_(double, double): double', (a: number, b: number) => a / b),
  overload('_%_(int, int): int', (a: bigint, b: bigint) => a % divisor(b, 'modulus')),
  overload('_%_(uint, uint): uint', (a: Uint, b: Uint) => new Uint(a.value % divisor(b.value, 'modulus'))),
  overload('-_(int): int', (a: bigint) => int(-a)),
  overload('-_(double): double', (a: number) => -a),
  overload('!_(bool): bool', (a: boolean) => !a),
];

/** `a + b`; a list that is a set takes in what is new, one that is a map replaces by its keys. */
function joinedLists(a: CelList, b: CelList): CelList {
  const { listType, mapKeys = [] } = a.type ?? {};
  if (listType === 'set') return new CelList([...a, ...[...b].filter((item) => ![...a].some((own) => isEqual(own, item)))]);
  if (listType === 'map') {
    const keysOf = (item: unknown) => JSON.stringify(mapKeys.map((key) => (item as Record<string, unknown>)[key]));
    const added = new Map(b.raw.map((item) => [keysOf(item), item]));
    const kept = a.raw.map((item) => added.get(keysOf(item)) ?? item);
    const known = new Set(a.raw.map(keysOf));
    return new CelList([...kept, ...b.raw.filter((item) => !known.has(keysOf(item)))], a.type);
  }
  if (a.type !== undefined && a.type === b.type) return new CelList([...a.raw, ...b.raw], a.type);
  return new CelList([...a, ...b]);
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
const NUMBERS = ['int', 'uint', 'double'];
const ORDERS: readonly (readonly [string, (order: number) => boolean])[] = [
  ['_<_', (order) => order < 0],
  ['_<=_', (order) => order <= 0],
  ['_>_', (order) => order > 0],
  ['_>=_', (order) => order >= 0],
];

function ordering(): Overload[] {
  const pairs = [
    ...ORDERED.map((type) => [type, type] as const),
    ...NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => [a, b] as const)),
  ];
  return ORDERS.flatMap(([fn, holds]) =>
    pairs.map(([a, b]) =>
      overload(`${fn}(${a}, ${b}): bool`, (left: Value, right: Value) => {
        const order = compare(left, right);
        if (order === undefined && typeof left !== 'number' && typeof right !== 'number') throw new CelError(NO_OVERLOAD);
        return order !== undefined && holds(order);
      }),
    ),
  );
}

const conversions = (): Overload[] => [
  overload('int(int): int', (a: bigint) => a),
  overload('int(uint): int', ({ value }: Uint) => int(value)),
  overload('int(double): int', (a: number) => int(wholePart(a))),
  overload('int(string): int', (text: string) => int(parsed(text, 'ParseInt', /^[+-]?\d+$/))),
  overload('uint(uint): uint', (a: Uint) => a),
  overload('uint(int): uint', (a: bigint) => uint(a)),
  overload('uint(double): uint', (a: number) => uint(wholePart(a))),
  overload('uint(string): uint', (text: string) => uint(parsed(text, 'ParseUint', /^\d+$/))),
  overload('double(double): double', (a: number) => a),
  overload('double(int): double', (a: bigint) => Number(a)),
  overload('double(uint): double', ({ value }: Uint) => Number(value)),
  overload('double(string): double', (text: string) => {
    const value = Number(text);
    if (text.trim() === '' || (Number.isNaN(value) && text !== 'NaN'))
      throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
    return value;
  }),
  overload('string(string): string', (a: string) => a),
  overload('string(bool): string', (a: boolean) => String(a)),
  overload('string(int): string', (a: bigint) => String(a)),
  overload('string(uint): string', ({ value }: Uint) => String(value)),
  overload('string(double): string', doubleText),
  overload('string(bytes): string', (bytes: Uint8Array) => {
    const text = utf8Text(bytes);
    if (text === undefined) throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
    return text;
  }),
  overload('bytes(bytes): bytes', (a: Uint8Array) => a),
  overload(
    'bytes(string): bytes',
    (text: string) => utf8(text),
    (text: string) => traversal(text.length),
  ),
  overload('bool(bool): bool', (a: boolean) => a),
  overload('bool(string): bool', (text: string) => {
    if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
    if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
    throw new CelError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  }),
  overload('dyn(A): dyn', (a: Value) => a),
  overload('type(A): type', (a: Value) => new TypeValue(typeNameOf(a))),
];

const sized = (): Overload[] => {
  const sizes: readonly (readonly [string, (value: never) => number])[] = [
    ['string', (text: string) => [...text].length],
    ['bytes', (bytes: Uint8Array) => bytes.length],
    ['list<A>', (list: CelList) => list.size],
    ['map<A, B>', (map: CelMap) => map.size],
  ];
  return sizes.flatMap(([type, size]) => [
    overload(`size(${type}): int`, (value: never) => BigInt(size(value))),
    overload(`${type}.size(): int`, (value: never) => BigInt(size(value))),
  ]);
};

const texts = (): Overload[] => [
  overload(
    'string.contains(string): bool',
    (a: string, b: string) => a.includes(b),
    (a: string, b: string) => traversal(a.length) * traversal(b.length),
  ),
  overload(
    'string.startsWith(string): bool',
    (a: string, b: string) => a.startsWith(b),
    (_a: string, b: string) => traversal(b.length),
  ),
  overload(
    'string.endsWith(string): bool',
    (a: string, b: string) => a.endsWith(b),
    (_a: string, b: string) => traversal(b.length),
  ),
  overload('string.matches(string): bool', matches, matchCost),
  overload('matches(string, string): bool', matches, matchCost),
];

const matches = (text: string, pattern: string): boolean => goRegExp(pattern).test(text);
/** Text length by pattern length: `(len + 1) × 0.1 × (pattern × 0.25)`. */
export const matchCost = (text: string, pattern: string): number => traversal(utf8Length(text) + 1) * Math.ceil(pattern.length * 0.25);

const containers = (): Overload[] => [
  overload(
    '@in(A, list<A>): bool',
    (item: Value, list: CelList) => [...list].some((own) => isEqual(own, item)),
    (_item: Value, list: CelList) => list.size,
  ),
  overload('@in(A, map<A, B>): bool', (key: Value, map: CelMap) => map.get(key) !== undefined),
];

function valueOf({ value }: Optional): Value {
  if (value === undefined) throw new CelError('optional.none() dereference');
  return value;
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  return value instanceof Uint && value.value === 0n;
}

/** `cel.OptionalTypes()`, except what needs to look before it evaluates: `or`, `orValue`, `[?…]`. */
const optionals = (): Overload[] => [
  overload('optional::of(A): optional<A>', (value: Value) => new Optional(value)),
  overload('optional::ofNonZeroValue(A): optional<A>', (value: Value) => new Optional(isZero(value) ? undefined : value)),
  overload('optional::none(): optional<A>', () => new Optional(undefined)),
  overload('optional<A>.hasValue(): bool', ({ value }: Optional) => value !== undefined),
  overload('optional<A>.value(): A', valueOf),
  overload('optional<A>.or(optional<A>): optional<A>', (a: Optional, b: Optional) => (a.value === undefined ? b : a)),
  overload('optional<A>.orValue(A): A', (a: Optional, b: Value) => a.value ?? b),
];

/** All of them. */
export function standardLibrary(): readonly Overload[] {
  return [arithmetic, ordering, conversions, sized, texts, containers, optionals].flatMap((part) => part());
}
