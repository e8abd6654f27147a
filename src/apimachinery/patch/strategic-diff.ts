/**
 * Makes strategic merge patches: two-way for `kubectl edit`, three-way for client-side `kubectl apply`
 * (`CreateTwoWayMergeMapPatch`, `CreateThreeWayMergePatch` in `strategicpatch/patch.go`).
 */
import { deepEqual } from '../freeze.ts';
import { conflictsBetween } from './strategic-conflicts.ts';
import { fieldOf, isList, isObject } from './schema.ts';
import { deduplicate, itemType, mergeKeyValue, sortByMergeKey, sortByOrder, sortScalars, typeOf } from './strategic-lists.ts';
import { DELETE_FROM_LIST, DIRECTIVE, mergeObjects, RETAIN_KEYS, SET_ELEMENT_ORDER } from './strategic-merge-patch.ts';
import { goText } from './errors.ts';
import type { FieldSchema, Json, JsonObject } from './schema.ts';
import type { List } from './strategic-lists.ts';

interface DiffOptions {
  readonly elementOrder: boolean;
  readonly additions: boolean;
  readonly deletions: boolean;
  readonly retainKeys?: boolean;
}

type Fields = Record<string, Json>;

/** The patch that turns `original` into `modified`. */
export function createTwoWayPatch(original: JsonObject, modified: JsonObject, schema: FieldSchema | undefined): JsonObject {
  return diffObjects(original, modified, schema, { elementOrder: true, additions: true, deletions: true });
}

/** A three-way patch, and whether it touches what was changed on the server since `original`. */
export interface ThreeWayPatch {
  readonly patch: JsonObject;
  /** Upstream refuses such a patch unless told to overwrite, which kubectl always does. */
  readonly conflict: boolean;
}

/**
 * The patch of `kubectl apply`: additions and changes from `current` (live) to `modified` (the file), deletions from
 * `original` (last applied) to `modified`.
 */
export function createThreeWayPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  schema: FieldSchema | undefined,
): ThreeWayPatch {
  const delta = diffObjects(current, modified, schema, { elementOrder: true, additions: true, deletions: false });
  const deletions = diffObjects(original, modified, schema, { elementOrder: true, additions: false, deletions: true });
  const patch = mergeObjects(deletions, delta, schema, { target: 'patch' });
  const changed = diffObjects(original, current, schema, { elementOrder: false, additions: true, deletions: true });
  return { patch, conflict: conflictsBetween(patch, changed, schema) };
}

/** `diffMaps`. */
function diffObjects(original: JsonObject, modified: JsonObject, schema: FieldSchema | undefined, options: DiffOptions): JsonObject {
  const patch: Fields = {};
  const retained: string[] = [];
  for (const [key, value] of Object.entries(modified)) {
    if (options.retainKeys && value !== null) retained.push(key);
    const before = fieldOf(original, key);
    if (before === undefined) {
      if (options.additions) patch[key] = value;
    } else if (key === DIRECTIVE) {
      if (before !== value) patch[key] = value;
    } else if (typeOf(before) !== typeOf(value)) {
      if (options.additions) patch[key] = value;
    } else if (isObject(before) && isObject(value)) diffObjectField(patch, key, before, value, schema, options);
    else if (isList(before) && isList(value)) diffListField(patch, key, before, value, schema, options);
    else if (options.additions && before !== value) patch[key] = value;
  }
  const cleared = Object.keys(original).filter((key) => !Object.hasOwn(modified, key));
  if (options.deletions) for (const key of cleared) patch[key] = null;
  if (retained.length > 0 && (Object.keys(patch).length > 0 || cleared.some((key) => original[key] !== null))) {
    patch[RETAIN_KEYS] = sortScalars(retained);
  }
  return patch;
}

function diffObjectField(
  patch: Fields,
  key: string,
  before: JsonObject,
  value: JsonObject,
  schema: FieldSchema | undefined,
  options: DiffOptions,
): void {
  const field = schema?.lookup(key);
  if (field?.strategy === 'replace') {
    if (options.additions) patch[key] = value;
    return;
  }
  const inner = diffObjects(before, value, field, { ...options, retainKeys: field?.retainKeys ?? false });
  if (Object.keys(inner).length > 0) patch[key] = inner;
}

function diffListField(patch: Fields, key: string, before: List, value: List, schema: FieldSchema | undefined, options: DiffOptions): void {
  const field = schema?.lookup(key);
  if (field?.strategy !== 'merge') {
    if (options.additions && !deepEqual(before, value)) patch[key] = value;
    return;
  }
  const { changes, removed, order } = diffLists(before, value, field, { ...options, retainKeys: field.retainKeys });
  if (changes.length > 0) patch[key] = changes;
  if (removed.length > 0) patch[`${DELETE_FROM_LIST}/${key}`] = removed;
  if (order.length > 0) patch[`${SET_ELEMENT_ORDER}/${key}`] = order;
}

interface ListDiff {
  /** Additions, changes and `$patch: delete` items. */
  readonly changes: List;
  /** Scalars to delete. */
  readonly removed: List;
  readonly order: List;
}

function diffLists(original: List, modified: List, field: FieldSchema, options: DiffOptions): ListDiff {
  if (original.length === 0) return { changes: options.additions ? modified : [], removed: [], order: [] };
  const { mergeKey } = field;
  if (itemType(original, modified) !== 'object') {
    const { added, removed } = diffScalars(original, modified, options);
    const ordered =
      options.elementOrder && ((options.deletions && removed.length > 0) || (options.additions && !deepEqual(original, modified)));
    return { changes: sortByOrder(added, modified, '', false), removed, order: ordered ? modified : [] };
  }
  const { changed, deleted } = diffItems(original, modified, field, options);
  const changes = [...sortByOrder(changed, modified, mergeKey, true), ...deleted];
  const sameOrder =
    original.length === modified.length &&
    modified.every((item, index) => mergeKeyValue(original[index], mergeKey) === mergeKeyValue(item, mergeKey));
  const ordered =
    options.elementOrder && ((options.additions && (changes.length > 0 || !sameOrder)) || (options.deletions && changes.length > 0));
  return { changes, removed: [], order: ordered ? modified.map((item) => ({ [mergeKey]: mergeKeyValue(item, mergeKey) })) : [] };
}

/** Walks both lists in text order, like a merge of sorted lists; repeated scalars count. */
function diffScalars(original: List, modified: List, options: DiffOptions): { added: Json[]; removed: Json[] } {
  const [before, after] = [sortScalars(original), sortScalars(modified)];
  const [added, removed]: [Json[], Json[]] = [[], []];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const [old, fresh] = [before[left], after[right]];
    const [oldText, freshText] = [goText(old), goText(fresh)];
    if (old !== undefined && fresh !== undefined && oldText === freshText) {
      left++;
      right++;
    } else if (old === undefined || (fresh !== undefined && oldText > freshText)) {
      if (options.additions) added.push(fresh as Json);
      right++;
    } else {
      if (options.deletions) removed.push(old);
      left++;
    }
  }
  return { added, removed: deduplicate(removed) };
}

function diffItems(original: List, modified: List, field: FieldSchema, options: DiffOptions): { changed: Json[]; deleted: Json[] } {
  const { mergeKey } = field;
  const [before, after] = [sortByMergeKey(original, mergeKey), sortByMergeKey(modified, mergeKey)];
  const [changed, deleted]: [Json[], Json[]] = [[], []];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const [old, fresh] = [before[left], after[right]];
    const oldText = old === undefined ? undefined : goText(mergeKeyValue(old, mergeKey));
    const freshText = fresh === undefined ? undefined : goText(mergeKeyValue(fresh, mergeKey));
    if (oldText !== undefined && oldText === freshText) {
      const inner = diffObjects(old as JsonObject, fresh as JsonObject, field, options);
      if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: mergeKeyValue(fresh, mergeKey) });
      left++;
      right++;
    } else if (oldText === undefined || (freshText !== undefined && oldText > freshText)) {
      if (options.additions) changed.push(fresh as Json);
      right++;
    } else {
      if (options.deletions) deleted.push({ [mergeKey]: mergeKeyValue(old, mergeKey), [DIRECTIVE]: 'delete' });
      left++;
    }
  }
  return { changed, deleted };
}
