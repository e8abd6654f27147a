/**
 * Walks over values with their schema: which paths a value has, and a value without some of its paths
 * (`structured-merge-diff/v4/typed`: helpers.go, tofieldset.go, remove.go). Lists without a list type, and maps marked
 * so, are atomic: owned as a whole. Unknown objects are maps whose keys are owned one by one.
 */
import { badRequest } from '../status.ts';
import { canonicalJson } from '../safe-encode.ts';
import { isList, isObject } from '../patch/schema.ts';
import { FieldSet } from './field-set.ts';
import type { FieldSchema, Json, JsonObject } from '../patch/schema.ts';
import type { PathElement } from './field-set.ts';

/** The identity of a list item: its keys, or its value in a set. Throws BadRequest when an item lacks all its keys. */
export function elementOf(item: Json, schema: FieldSchema): PathElement {
  if (schema.listType === 'set') return `v:${canonicalJson(item)}`;
  const keys: Record<string, Json> = {};
  for (const key of schema.listMapKeys) {
    const value = isObject(item) && Object.hasOwn(item, key) ? item[key] : schema.lookup(key)?.default;
    if (value !== undefined) keys[key] = value;
  }
  if (Object.keys(keys).length === 0) {
    const names = `[${schema.listMapKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
    throw badRequest(
      `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
    );
  }
  return `k:${canonicalJson(keys)}`;
}

/** True when the value is owned as a whole. */
export function isAtomic(value: Json | undefined, schema: FieldSchema | undefined): boolean {
  return isList(value) ? schema === undefined || schema.listType === 'atomic' : schema?.atomic === true;
}

/** Null, absent, or an object or list without content. */
export function isVoid(value: Json | undefined): boolean {
  if (value === null || value === undefined) return true;
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** Every path that a value sets: what an applier owns (`ToFieldSet`). */
export function toFieldSet(value: Json | undefined, schema: FieldSchema | undefined): FieldSet {
  const set = new FieldSet();
  if (value !== undefined) collect(value, schema, [], set);
  return set;
}

function collect(value: Json, schema: FieldSchema | undefined, path: PathElement[], set: FieldSet): void {
  if ((!isObject(value) && !isList(value)) || isAtomic(value, schema)) {
    set.insert(path);
    return;
  }
  if (isObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const below = [...path, `f:${key}`];
      collect(child, schema?.lookup(key), below, set);
      const emptied = child === null || (isObject(child) && Object.keys(child).length === 0);
      if (emptied || !schema?.names(key)) set.insert(below);
    }
    return;
  }
  if (schema) for (const [element, items] of group(value, schema)) collectItem(items, schema, [...path, element], set);
}

/** An item owns itself and its content; of repeated items only the identity is owned. */
function collectItem(items: readonly Json[], schema: FieldSchema, path: PathElement[], set: FieldSet): void {
  const [item] = items;
  if (items.length === 1 && item !== undefined) collect(item, schema.items(), path, set);
  set.insert(path);
}

/** The items of a list by identity, in order of first appearance; more than one per identity are repetitions. */
export function group(list: readonly Json[], schema: FieldSchema): Map<PathElement, Json[]> {
  const groups = new Map<PathElement, Json[]>();
  for (const item of list) {
    const element = elementOf(item, schema);
    const items = groups.get(element);
    if (items) items.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}

/** `value` without the paths of `set`; what becomes empty turns into null (`RemoveItems`). */
export function removeItems(value: Json, set: FieldSet, schema: FieldSchema | undefined): Json {
  if (!isObject(value) && !isList(value)) return value;
  if (isVoid(value) || isAtomic(value, schema)) return null;
  if (isObject(value)) return removeFields(value, set, schema);
  if (!schema) return value;
  const kept: Json[] = [];
  for (const item of value) {
    const element = elementOf(item, schema);
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    kept.push(below ? removeItems(item, below, schema.items()) : item);
  }
  return kept.length > 0 ? kept : null;
}

function removeFields(value: JsonObject, set: FieldSet, schema: FieldSchema | undefined): Json {
  const kept: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) {
    const element = `f:${key}`;
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    kept[key] = below ? removeItems(child, below, schema?.lookup(key)) : child;
  }
  return Object.keys(kept).length > 0 ? kept : null;
}
