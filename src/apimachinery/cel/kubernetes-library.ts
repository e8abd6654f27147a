/** What Kubernetes adds to CEL: lists, regex, quantities, formats, versions (`k8s.io/apiserver/pkg/cel/library`). */
import { ownEntry } from '../own-entry.ts';
import { addQuantities, compareQuantities, formatQuantity, quantityOf, subtractQuantities, tryParseQuantity } from '../quantity.ts';
import type { Quantity } from '../quantity.ts';
import { compare, isEqual } from './compare.ts';
import { overload, traversal } from './functions.ts';
import type { Overload } from './functions.ts';
import { FORMATS } from './formats.ts';
import { goRegExp } from './regular-expressions.ts';
import { matchCost } from './standard.ts';
import { CelError, CelList, Duration, Opaque, Optional, Uint } from './values.ts';
import type { Value } from './values.ts';

const NANO = 1_000_000_000n;
const listCost = (list: CelList): number => list.size;

function extreme(list: CelList, name: string, better: (order: number) => boolean): Value {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const item of list) if (better(compare(item, best) ?? 0)) best = item;
  return best;
}

function isSorted(list: CelList): boolean {
  for (let index = 1; index < list.size; index++) if ((compare(list.at(index - 1), list.at(index)) ?? 0) > 0) return false;
  return true;
}

function indexIn(list: CelList, wanted: Value, last: boolean): bigint {
  const items = [...list];
  const test = (item: Value) => isEqual(item, wanted);
  return BigInt(last ? items.findLastIndex(test) : items.findIndex(test));
}

function sumOf(list: CelList, zero: Value): Value {
  let sum = zero;
  for (const item of list) {
    if (typeof sum === 'bigint' && typeof item === 'bigint') sum += item;
    else if (typeof sum === 'number' && typeof item === 'number') sum += item;
    else if (sum instanceof Uint && item instanceof Uint) sum = new Uint(sum.value + item.value);
    else if (sum instanceof Duration && item instanceof Duration) sum = new Duration(sum.ns + item.ns);
  }
  return sum;
}

const SUMMABLE: readonly (readonly [string, Value])[] = [
  ['int', 0n],
  ['uint', new Uint(0n)],
  ['double', 0],
  ['duration', new Duration(0n)],
];
const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

/** `library.Lists()`. */
export function listsLibrary(): readonly Overload[] {
  return [
    ...COMPARABLE.flatMap((type) => [
      overload(`list<${type}>.isSorted(): bool`, isSorted, listCost),
      overload(`list<${type}>.min(): ${type}`, (list: CelList) => extreme(list, 'min', (order) => order < 0), listCost),
      overload(`list<${type}>.max(): ${type}`, (list: CelList) => extreme(list, 'max', (order) => order > 0), listCost),
    ]),
    ...SUMMABLE.map(([type, zero]) => overload(`list<${type}>.sum(): ${type}`, (list: CelList) => sumOf(list, zero), listCost)),
    overload('list<A>.indexOf(A): int', (list: CelList, item: Value) => indexIn(list, item, false), listCost),
    overload('list<A>.lastIndexOf(A): int', (list: CelList, item: Value) => indexIn(list, item, true), listCost),
  ];
}

function findAll(text: string, pattern: string, limit = -1n): CelList {
  if (limit === 0n) return new CelList([]);
  const found: string[] = [];
  for (const [match] of text.matchAll(new RegExp(goRegExp(pattern), `${goRegExp(pattern).flags}g`))) {
    found.push(match);
    if (BigInt(found.length) === limit) break;
  }
  return new CelList(found);
}

/** `library.Regex()`. */
export function regexLibrary(): readonly Overload[] {
  return [
    overload('string.find(string): string', (text: string, pattern: string) => goRegExp(pattern).exec(text)?.[0] ?? '', matchCost),
    overload('string.findAll(string): list<string>', findAll, matchCost),
    overload('string.findAll(string, int): list<string>', findAll, matchCost),
  ];
}

const QUANTITY = 'kubernetes.Quantity';
type QuantityValue = Opaque<Quantity>;
const quantityValue = (value: Quantity): QuantityValue => new Opaque(QUANTITY, value, String(value.nano));

function quantity(text: string): QuantityValue {
  const parsed = tryParseQuantity(text);
  if (parsed === undefined)
    throw new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  return quantityValue(parsed);
}

function asInteger({ value }: QuantityValue): bigint {
  if (value.nano % NANO !== 0n) throw new CelError('cannot convert value to integer');
  return value.nano / NANO;
}

const sign = (order: number): bigint => BigInt(Math.sign(order));
const both = (combine: (a: Quantity, b: Quantity) => Quantity) => [
  (a: QuantityValue, b: QuantityValue) => quantityValue(combine(a.value, b.value)),
  (a: QuantityValue, b: bigint) => quantityValue(combine(a.value, quantityOf(b))),
];

/** `library.Quantity()`. */
export function quantityLibrary(): readonly Overload[] {
  const [add, addInt] = both(addQuantities);
  const [subtract, subtractInt] = both(subtractQuantities);
  const order = (a: QuantityValue, b: QuantityValue): number => compareQuantities(a.value, b.value);
  return [
    overload(`quantity(string): ${QUANTITY}`, quantity),
    overload('isQuantity(string): bool', (text: string) => tryParseQuantity(text) !== undefined),
    overload(`${QUANTITY}.sign(): int`, ({ value }: QuantityValue) => (value.nano > 0n ? 1n : value.nano < 0n ? -1n : 0n)),
    overload(`${QUANTITY}.isGreaterThan(${QUANTITY}): bool`, (a: QuantityValue, b: QuantityValue) => order(a, b) > 0),
    overload(`${QUANTITY}.isLessThan(${QUANTITY}): bool`, (a: QuantityValue, b: QuantityValue) => order(a, b) < 0),
    overload(`${QUANTITY}.compareTo(${QUANTITY}): int`, (a: QuantityValue, b: QuantityValue) => sign(order(a, b))),
    overload(`${QUANTITY}.asApproximateFloat(): double`, ({ value }: QuantityValue) => Number(value.nano) / 1e9),
    overload(`${QUANTITY}.asInteger(): int`, asInteger),
    overload(`${QUANTITY}.isInteger(): bool`, ({ value }: QuantityValue) => value.nano % NANO === 0n),
    overload(`${QUANTITY}.add(${QUANTITY}): ${QUANTITY}`, add as Overload['run']),
    overload(`${QUANTITY}.add(int): ${QUANTITY}`, addInt as Overload['run']),
    overload(`${QUANTITY}.sub(${QUANTITY}): ${QUANTITY}`, subtract as Overload['run']),
    overload(`${QUANTITY}.sub(int): ${QUANTITY}`, subtractInt as Overload['run']),
    overload(`string(${QUANTITY}): string`, ({ value }: QuantityValue) => formatQuantity(value)),
  ];
}

const FORMAT = 'kubernetes.NamedFormat';
type FormatValue = Opaque<(text: string) => readonly string[]>;
const formatValue = (name: string): FormatValue | undefined => {
  const check = ownEntry(FORMATS, name);
  return check && new Opaque(FORMAT, check, name);
};

function validate({ value }: FormatValue, text: string): Optional {
  const errors = value(text);
  return new Optional(errors.length === 0 ? undefined : new CelList(errors));
}

/** `library.Format()`. */
export function formatLibrary(): readonly Overload[] {
  return [
    overload(`format::named(string): optional<${FORMAT}>`, (name: string) => new Optional(formatValue(name))),
    overload(`${FORMAT}.validate(string): optional<list<string>>`, validate, (_format: FormatValue, text: string) =>
      traversal(text.length),
    ),
    ...Object.keys(FORMATS).map((name) => overload(`format::${name}(): ${FORMAT}`, () => formatValue(name) ?? null)),
  ];
}

const SEMVER = 'kubernetes.Semver';
interface Version {
  numbers: readonly bigint[];
  pre: readonly string[];
}
type SemverValue = Opaque<Version>;
const SEMVER_PATTERN =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** A leading "v", missing parts and leading zeros are mended. */
function normalised(text: string): string {
  const [, head = '', tail = ''] = /^v?([0-9.]*)(.*)$/s.exec(text) ?? [];
  const numbers = head.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + tail;
}

function tryVersion(text: string, normalise: boolean): SemverValue | undefined {
  const match = SEMVER_PATTERN.exec(normalise ? normalised(text) : text);
  if (match === null) return undefined;
  const numbers = [match[1], match[2], match[3]].map((part) => BigInt(part ?? '0'));
  const pre = match[4]?.split('.') ?? [];
  return new Opaque(SEMVER, { numbers, pre }, `${numbers.join('.')}-${pre.join('.')}`);
}

function version(text: string, normalise = false): SemverValue {
  const parsed = tryVersion(text, normalise);
  if (parsed === undefined) throw new CelError(text === '' ? 'Version string empty' : 'No Major.Minor.Patch elements found');
  return parsed;
}

function compareVersions({ value: a }: SemverValue, { value: b }: SemverValue): number {
  for (let index = 0; index < 3; index++) {
    const [left = 0n, right = 0n] = [a.numbers[index], b.numbers[index]];
    if (left !== right) return left < right ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (let index = 0; index < Math.min(a.pre.length, b.pre.length); index++) {
    const [left = '', right = ''] = [a.pre[index], b.pre[index]];
    if (left === right) continue;
    const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeft && isRight) return BigInt(left) < BigInt(right) ? -1 : 1;
    if (isLeft !== isRight) return isLeft ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.pre.length - b.pre.length;
}

/** `library.SemverLib(1)`. */
export function semverLibrary(): readonly Overload[] {
  const part = (index: number) => (value: SemverValue) => value.value.numbers[index] ?? 0n;
  return [
    overload(`semver(string): ${SEMVER}`, (text: string) => version(text)),
    overload(`semver(string, bool): ${SEMVER}`, version),
    overload('isSemver(string): bool', (text: string) => tryVersion(text, false) !== undefined),
    overload('isSemver(string, bool): bool', (text: string, normalise: boolean) => tryVersion(text, normalise) !== undefined),
    overload(`${SEMVER}.major(): int`, part(0)),
    overload(`${SEMVER}.minor(): int`, part(1)),
    overload(`${SEMVER}.patch(): int`, part(2)),
    overload(`${SEMVER}.isLessThan(${SEMVER}): bool`, (a: SemverValue, b: SemverValue) => compareVersions(a, b) < 0),
    overload(`${SEMVER}.isGreaterThan(${SEMVER}): bool`, (a: SemverValue, b: SemverValue) => compareVersions(a, b) > 0),
    overload(`${SEMVER}.compareTo(${SEMVER}): int`, (a: SemverValue, b: SemverValue) => sign(compareVersions(a, b))),
  ];
}
