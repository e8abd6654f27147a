/**
 * JSON merge patch, RFC 7386 (`--type=merge`; the only merge for custom resources): objects merge, null removes,
 * anything else replaces. Also the two-way and three-way diff that `kubectl apply` uses for custom resources
 * (`k8s.io/apimachinery/pkg/util/jsonmergepatch/patch.go`).
 */
import { deepEqual } from '../freeze.ts';
import { isObject, sameFields } from './schema.ts';
import type { Json, JsonObject } from './schema.ts';

/** `patch` applied to `target`; unchanged parts are shared, and `target` itself is returned when nothing changed. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return deepEqual(target, patch) && target !== undefined ? target : patch;
  const base: JsonObject = isObject(target) ? target : {};
  const result: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(base[key], value);
  }
  return isObject(target) && sameFields(target, result) ? target : result;
}

/** The patch that turns `original` into `modified` (`jsonpatch.CreateMergePatch`). Lists are replaced whole. */
export function createMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const [key, value] of Object.entries(modified)) {
    const before = original[key];
    if (deepEqual(before, value) && before !== undefined) continue;
    patch[key] = isObject(before) && isObject(value) ? createMergePatch(before, value) : value;
  }
  for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) patch[key] = null;
  return patch;
}

/** Keeps the nulls of a patch, or everything but them. */
function filterNulls(patch: JsonObject, keepNulls: boolean): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(patch)) {
    if (isObject(value)) {
      const inner = filterNulls(value, keepNulls);
      if (Object.keys(inner).length > 0 || (!keepNulls && Object.keys(value).length === 0)) result[key] = inner;
    } else if ((value === null) === keepNulls) result[key] = value;
  }
  return result;
}

/** The patch of `kubectl apply`: additions and changes from `current` to `modified`, deletions from `original` to `modified` (`CreateThreeWayJSONMergePatch`). */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const changes = filterNulls(createMergePatch(current, modified), false);
  const deletions = filterNulls(createMergePatch(original, modified), true);
  return combine(deletions, changes);
}

/** Two patches in one, nulls included. */
function combine(first: JsonObject, second: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = first[key];
    result[key] = isObject(before) && isObject(value) ? combine(before, value) : value;
  }
  return result;
}
