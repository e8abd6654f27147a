/** Equality and order of values (`cel-go/common/types/{util,compare}.go`; sets and maps of schemas: `apiserver/pkg/cel/common/values.go`). */
import { CelList, CelMap, CelObject, Duration, Opaque, Optional, Timestamp, TypeValue, Uint } from './values.ts';
import type { Value } from './values.ts';

const numeric = (value: Value): bigint | number | undefined => {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof Uint ? value.value : undefined;
};

/** `a == b`. Numbers of different types are equal when they are the same number; values of other different types are not equal. */
export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return left <= right && left >= right;
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap || a instanceof CelObject) return (b instanceof CelMap || b instanceof CelObject) && equalMaps(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.ns === b.ns;
  if (a instanceof Duration) return b instanceof Duration && a.ns === b.ns;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.length === b.length && a.every((byte, index) => byte === b[index]);
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Opaque) return b instanceof Opaque && a.typeName === b.typeName && a.key === b.key;
  if (!(a instanceof Optional) || !(b instanceof Optional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return isEqual(a.value, b.value);
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  // Lists that are sets or maps have no order.
  if (a.type?.listType !== undefined) return [...a].every((item) => [...b].some((other) => isEqual(item, other)));
  for (let index = 0; index < a.size; index++) if (!isEqual(a.at(index), b.at(index))) return false;
  return true;
}

type Fields = CelMap | CelObject;
const keysOf = (value: Fields): Value[] => (value instanceof CelMap ? [...value.keys()] : Object.keys(value.raw));
const fieldOf = (value: Fields, key: Value): Value | undefined =>
  value instanceof CelMap ? value.get(key) : typeof key === 'string' ? value.get(key) : undefined;

function equalMaps(a: Fields, b: Fields): boolean {
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) => {
    const [left, right] = [fieldOf(a, key), fieldOf(b, key)];
    return left !== undefined && right !== undefined && isEqual(left, right);
  });
}

/** Negative, 0 or positive; undefined when the two have no order. */
export function compare(a: Value, b: Value): number | undefined {
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : left <= right ? 0 : undefined;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0;
  if (a instanceof Duration && b instanceof Duration) return a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return undefined;
}

/** By code points, as Go compares UTF-8: UTF-16 units differ above U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
