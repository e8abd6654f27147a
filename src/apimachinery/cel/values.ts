/**
 * Values at run time (`cel-go/common/types`). int is a bigint, uint a `Uint`, double a number; strings, booleans, null and bytes
 * are JavaScript's. JSON stays as it is inside `CelList`, `CelMap` and `CelObject`, and becomes a value where it is read.
 */
import type { ObjectType, Type } from './types.ts';
import { DYN } from './types.ts';

/** A value. Opaque values of libraries are `Opaque`. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | CelList
  | CelMap
  | CelObject
  | Optional
  | TypeValue
  | Opaque;

/** An error at run time; its message is cel-go's. */
export class CelError extends Error {}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since the epoch. */
export class Timestamp {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

/** Nanoseconds. */
export class Duration {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

/** `optional.of(x)`, or none when `value` is undefined. */
export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** What `type(x)` gives. */
export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value that only its library looks into. `key` is equal for equal values. */
export class Opaque<T = unknown> {
  readonly typeName: string;
  readonly value: T;
  readonly key: string;
  constructor(typeName: string, value: T, key: string) {
    this.typeName = typeName;
    this.value = value;
    this.key = key;
  }
}

/** A list: of JSON values with the type of its items, or of values when `of` is undefined. */
export class CelList {
  readonly raw: readonly unknown[];
  readonly type: (Type & { k: 'list' }) | undefined;
  constructor(raw: readonly unknown[], type?: Type & { k: 'list' }) {
    this.raw = raw;
    this.type = type;
  }
  get size(): number {
    return this.raw.length;
  }
  at(index: number): Value {
    const item = this.raw[index];
    return this.type === undefined ? (item as Value) : adapt(item, this.type.of);
  }
  *[Symbol.iterator](): Generator<Value> {
    for (let index = 0; index < this.raw.length; index++) yield this.at(index);
  }
}

/** A map: a JSON object, or pairs under their `keyOf`. */
export class CelMap {
  readonly #json: Readonly<Record<string, unknown>> | undefined;
  readonly #pairs: ReadonlyMap<string, readonly [Value, Value]>;
  readonly #of: Type;
  constructor(raw: Readonly<Record<string, unknown>> | ReadonlyMap<string, readonly [Value, Value]>, of: Type = DYN) {
    const isPairs = raw instanceof Map;
    this.#json = isPairs ? undefined : (raw as Readonly<Record<string, unknown>>);
    this.#pairs = isPairs ? (raw as ReadonlyMap<string, readonly [Value, Value]>) : new Map();
    this.#of = of;
  }
  get size(): number {
    return this.#json === undefined ? this.#pairs.size : Object.keys(this.#json).length;
  }
  /** Undefined when the key is not there. */
  get(key: Value): Value | undefined {
    if (this.#json === undefined) return this.#pairs.get(keyOf(key))?.[1];
    if (typeof key !== 'string' || !Object.hasOwn(this.#json, key) || this.#json[key] === undefined) return undefined;
    return adapt(this.#json[key], this.#of);
  }
  *keys(): Generator<Value> {
    if (this.#json === undefined) for (const [key] of this.#pairs.values()) yield key;
    else for (const [key, value] of Object.entries(this.#json)) if (value !== undefined) yield key;
  }
}

/** A JSON object with declared fields. */
export class CelObject {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly type: ObjectType;
  constructor(raw: Readonly<Record<string, unknown>>, type: ObjectType) {
    this.raw = raw;
    this.type = type;
  }
  /** Undefined when the field is not set, or not declared. */
  get(field: string): Value | undefined {
    const type = this.type.field(field);
    const name = this.type.jsonName(field);
    if (type === undefined || !Object.hasOwn(this.raw, name)) return undefined;
    const value = this.raw[name];
    return value === undefined ? undefined : adapt(value, type);
  }
}

/** A JSON value as a value of the type; without a type, whole numbers are ints. */
export function adapt(raw: unknown, type: Type = DYN): Value {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'number') {
    if (type.k === 'double' || !Number.isInteger(raw)) return raw;
    return BigInt(raw);
  }
  if (typeof raw === 'string') return adaptText(raw, type);
  if (typeof raw !== 'object') return raw as Value;
  if (Array.isArray(raw)) return new CelList(raw, type.k === 'list' ? type : { k: 'list', of: DYN });
  if (!isPlain(raw)) return raw as Value;
  const fields = raw as Readonly<Record<string, unknown>>;
  if (type.k === 'object') return new CelObject(fields, type);
  return new CelMap(fields, type.k === 'map' ? type.value : DYN);
}

function isPlain(raw: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

/** Set by time.ts and encoding: texts that stand for other values in schemas. */
const textAdapters = new Map<string, (text: string) => Value | undefined>();

/** Declares how texts become values of a type. */
export function adaptTextsOf(kind: Type['k'], read: (text: string) => Value | undefined): void {
  textAdapters.set(kind, read);
}

function adaptText(text: string, type: Type): Value {
  return textAdapters.get(type.k)?.(text) ?? text;
}

/** A text that is equal for values that are equal as keys: 1, 1u and 1.0 are. */
export function keyOf(value: Value): string {
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `d${value}`;
  if (value instanceof Uint) return `n${value.value}`;
  if (typeof value === 'boolean') return `b${value}`;
  return `s${String(value)}`;
}

/** The name that `type()` and messages give. */
export function typeNameOf(value: Value): string {
  if (value === null) return 'null_type';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof CelObject) return value.type.name;
  if (value instanceof Optional) return 'optional_type';
  return value instanceof TypeValue ? 'type' : value.typeName;
}

/** Whether a value may stand where the type is wanted; parameters and dyn take all. */
export function hasType(value: Value, type: Type): boolean {
  switch (type.k) {
    case 'dyn':
    case 'param':
    case 'error':
      return true;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'map':
      return value instanceof CelMap;
    case 'list':
      // One look at the first item tells a list of numbers from one of texts.
      return value instanceof CelList && (value.size === 0 || hasType(value.at(0), type.of));
    case 'optional':
      return value instanceof Optional;
    case 'type':
      return value instanceof TypeValue;
    case 'object':
      return value instanceof CelObject;
    case 'opaque':
      return value instanceof Opaque && value.typeName === type.name;
    default:
      return typeNameOf(value) === type.k;
  }
}
