/**
 * Applies a strategic merge patch, kubectl's default patch for built-in kinds
 * (`k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`): lists with a merge key merge item by item. Directives:
 * `$patch: replace | delete`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`.
 * Without `$setElementOrder`, new items come before the live ones. A field the schema does not know replaces lists and
 * merges objects. `strategic-diff.ts` makes such patches.
 */
import { deepEqual } from '../freeze.ts';
import { badArgumentType, badPatchFormat, badPatchType, goText, internalPatchError, noMergeKey } from './errors.ts';
import { fieldOf, isList, isObject, sameFields, sameItems } from './schema.ts';
import { deduplicate, identityOf, isDeletion, itemType, mergeKeyValue, orderMerged, positionOf, typeOf } from './strategic-lists.ts';
import type { FieldSchema, Json, JsonObject } from './schema.ts';
import type { List } from './strategic-lists.ts';

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const SET_ELEMENT_ORDER = '$setElementOrder';
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList';

/** Whether the target is an object (the server), or another patch whose directives must survive (a three-way diff). */
export interface MergeOptions {
  readonly target: 'object' | 'patch';
}

type Fields = Record<string, Json>;

/** `patch` applied to `original`; unchanged parts are shared, and `original` itself is returned when nothing changed. */
export function applyStrategicMergePatch(original: JsonObject, patch: JsonObject, schema: FieldSchema | undefined): JsonObject {
  return mergeObjects(original, patch, schema, { target: 'object' });
}

/** `mergeMap`. */
export function mergeObjects(original: JsonObject, patch: JsonObject, schema: FieldSchema | undefined, options: MergeOptions): JsonObject {
  const directive = fieldOf(patch, DIRECTIVE);
  if (directive !== undefined) {
    if (directive === 'delete') return {};
    if (directive !== 'replace') throw badPatchType(directive, patch);
    const { [DIRECTIVE]: _directive, ...rest } = patch;
    return rest;
  }
  const result: Fields = { ...original };
  const rest: Fields = { ...patch };
  applyRetainKeys(result, rest, options);
  applyElementOrders(result, rest, schema, options);
  for (const [key, value] of Object.entries(rest)) mergeField(result, key, value, schema, options);
  return sameFields(original, result) ? original : result;
}

function applyRetainKeys(result: Fields, rest: Fields, { target }: MergeOptions): void {
  const retained = rest[RETAIN_KEYS];
  if (retained === undefined) return;
  delete rest[RETAIN_KEYS];
  if (target === 'patch') {
    const before = result[RETAIN_KEYS];
    if (before !== undefined && !deepEqual(before, retained)) {
      throw internalPatchError(
        `${goText(before)} and ${goText(retained)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    }
    result[RETAIN_KEYS] = retained;
    return;
  }
  if (!isList(retained)) throw badPatchFormat('retainKeys');
  for (const [key, value] of Object.entries(rest)) {
    const parallel = key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ELEMENT_ORDER);
    if (value !== null && !parallel && !retained.includes(key)) throw badPatchFormat('retainKeys');
  }
  for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
}

/** The list a parallel list such as "$setElementOrder/containers" is about. */
function listKeyOf(key: string, prefix: string, what: 'setElementOrder list' | 'primitive list'): string {
  if (!key.startsWith(`${prefix}/`)) throw badPatchFormat(what);
  return key.slice(prefix.length + 1);
}

function asList(value: Json | undefined): List {
  if (value === undefined) return [];
  if (!isList(value)) throw badArgumentType('[]interface {}', value);
  return value;
}

/** Merges every list that has a `$setElementOrder`, and takes both out of `rest`. */
function applyElementOrders(result: Fields, rest: Fields, schema: FieldSchema | undefined, options: MergeOptions): void {
  for (const key of Object.keys(rest)) {
    if (!key.startsWith(SET_ELEMENT_ORDER)) continue;
    const order = rest[key];
    delete rest[key];
    if (options.target === 'patch') {
      if (result[key] !== undefined && !deepEqual(result[key], order)) throw badPatchFormat('setElementOrder list');
      result[key] = order as Json;
    }
    if (!isList(order)) throw badArgumentType('[]interface {}', order);
    const listKey = listKeyOf(key, SET_ELEMENT_ORDER, 'setElementOrder list');
    const [live, patched] = [result[listKey], rest[listKey]];
    const [liveList, patchedList] = [asList(live), asList(patched)];
    const field = schema?.lookup(listKey);
    const mergeKey = field?.mergeKey ?? '';
    checkOrder(patchedList, order, mergeKey);
    if (live === undefined && patched === undefined) continue;
    let merged = live === undefined ? asList(withoutDirectives(patchedList, options)) : liveList;
    if (live !== undefined && patched !== undefined) merged = mergeLists(liveList, patchedList, field, false, options);
    const objects = itemType(liveList, patchedList) === 'object';
    const ordered = orderMerged(merged, order, objects ? reusedOrder(liveList, merged, mergeKey) : liveList, mergeKey, objects);
    result[listKey] = live !== undefined && sameItems(liveList, ordered) ? live : ordered;
    delete rest[listKey];
  }
}

/**
 * The live order that upstream sees after merging: it deletes and appends in one Go slice, so new items move into the
 * places that deletions freed. Live [1, 2, 4], patch deletes 1 and adds 3: the order is [2, 4, 3] (its tests pin that).
 */
function reusedOrder(live: List, merged: List, mergeKey: string): List {
  const kept = live.filter((item) => positionOf(merged, item, mergeKey) >= 0);
  const added = merged.filter((item) => positionOf(live, item, mergeKey) < 0);
  return [...kept, ...added.slice(0, live.length - kept.length)];
}

/** The items of the patch must stand in the order that `$setElementOrder` gives, and all be in it. */
function checkOrder(patched: List, order: List, mergeKey: string): void {
  if (order.length === 0 || patched.length === 0) return;
  const items = mergeKey === '' ? patched : patched.filter((item) => !isDeletion(item));
  let next = 0;
  for (const place of order) {
    while (isObject(items[next]) && Object.hasOwn(items[next] as object, DIRECTIVE)) next++;
    if (next >= items.length) return;
    const same = mergeKey === '' ? items[next] === place : mergeKeyValue(items[next], mergeKey) === mergeKeyValue(place, mergeKey);
    if (same) next++;
  }
  if (next < items.length) {
    throw internalPatchError(`The order in patch list:\n${goText(patched)}\n doesn't match ${SET_ELEMENT_ORDER} list:\n${goText(order)}\n`);
  }
}

function mergeField(result: Fields, patchKey: string, value: Json, schema: FieldSchema | undefined, options: MergeOptions): void {
  const deleting = patchKey.startsWith(DELETE_FROM_LIST);
  if (deleting && options.target === 'patch') {
    result[patchKey] = value;
    return;
  }
  const key = deleting ? listKeyOf(patchKey, DELETE_FROM_LIST, 'primitive list') : patchKey;
  if (value === null) {
    delete result[key];
    if (options.target === 'object') return;
  }
  const live = result[key];
  if (live === undefined || typeOf(live) !== typeOf(value)) {
    if (deleting) return;
    const taken = withoutDirectives(value, options);
    if (taken === undefined) delete result[key];
    else result[key] = taken;
    return;
  }
  const field = schema?.lookup(key);
  if (isObject(live) && isObject(value)) {
    result[key] = field?.strategy === 'replace' ? value : mergeObjects(live, value, field, options);
  } else if (isList(live) && isList(value)) {
    const merged = mergeLists(live, value, field, deleting, options);
    result[key] = sameItems(live, merged) || deepEqual(live, merged) ? live : merged;
  } else result[key] = value;
}

/**
 * A value that only the patch has, without its directives: an object with `$patch` disappears (undefined), and for a
 * real object nulls do too.
 * Differs: `$retainKeys` and parallel lists inside a new value are dropped; upstream leaves them to the decoder.
 */
function withoutDirectives(value: Json, options: MergeOptions): Json | undefined {
  if (isList(value)) {
    const items = value.map((item) => withoutDirectives(item, options));
    const kept = items.filter((item) => item !== undefined);
    return sameItems(value, kept) ? value : kept;
  }
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const result: Fields = {};
  for (const [key, item] of Object.entries(value)) {
    if (options.target === 'object' && (item === null || key.startsWith('$'))) continue;
    const kept = withoutDirectives(item, options);
    if (kept !== undefined) result[key] = kept;
  }
  return sameFields(value, result) ? value : result;
}

/** `mergeSliceHandler` and `mergeSlice`. */
function mergeLists(live: List, patch: List, field: FieldSchema | undefined, deleting: boolean, options: MergeOptions): List {
  if (field?.strategy !== 'merge' && !deleting) return patch;
  if (live.length === 0 && patch.length === 0) return live;
  const mergeKey = field?.mergeKey ?? '';
  if (itemType(live, patch) !== 'object') {
    if (deleting) return live.filter((item) => !patch.includes(item));
    return orderMerged(deduplicate([...live, ...patch]), patch, live, '', false);
  }
  if (mergeKey === '') throw internalPatchError('cannot merge lists without merge key for type struct');
  const { kept, changes } = applyListDirectives(live, patch, mergeKey);
  const merged = mergeItems(kept, changes, field, mergeKey, options);
  return orderMerged(merged, changes, kept, mergeKey, true);
}

/** Handles items with `$patch`: deletions take effect on `kept`; a replace makes the rest of the patch the whole list. */
function applyListDirectives(live: List, patch: List, mergeKey: string): { kept: List; changes: List } {
  let kept = live;
  let replace = false;
  const changes: Json[] = [];
  for (const item of patch) {
    const directive = isObject(item) ? fieldOf(item, DIRECTIVE) : undefined;
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') {
      const identity = mergeKeyValue(item, mergeKey);
      kept = kept.filter((candidate) => identityOf(candidate, mergeKey) !== identity);
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw internalPatchError('merging lists cannot yet be specified in the patch');
    else throw badPatchType(directive, item);
  }
  return replace ? { kept: changes, changes: [] } : { kept, changes };
}

function mergeItems(kept: List, changes: List, field: FieldSchema | undefined, mergeKey: string, options: MergeOptions): Json[] {
  const merged = [...kept];
  for (const change of changes) {
    if (!isObject(change)) throw badArgumentType('map[string]interface {}', change);
    if (fieldOf(change, mergeKey) === undefined) throw noMergeKey(change, mergeKey);
    const position = positionOf(merged, change, mergeKey);
    const current = merged[position];
    if (isObject(current)) merged[position] = mergeObjects(current, change, field, options);
    else {
      const added = withoutDirectives(change, options);
      if (added !== undefined) merged.push(added);
    }
  }
  return merged;
}
