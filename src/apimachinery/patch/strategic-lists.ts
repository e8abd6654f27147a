/**
 * Order and identity of list items in strategic merge patches
 * (helpers of `k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`). Items are told apart by a merge key, scalars by
 * their value.
 */
import { badArgumentType, internalPatchError, noListOfLists, noMergeKey, goText } from './errors.ts';
import { isList, isObject } from './schema.ts';
import type { Json, JsonObject } from './schema.ts';

/** A list of JSON values. */
export type List = readonly Json[];

/** What makes `item` itself: the value of its merge key, or the scalar. */
export function identityOf(item: Json | undefined, mergeKey: string): Json | undefined {
  if (mergeKey === '') return item;
  return isObject(item) ? item[mergeKey] : undefined;
}

/** The item's merge key value; throws when the item is no object or lacks the key. */
export function mergeKeyValue(item: Json | undefined, mergeKey: string): Json {
  if (!isObject(item)) throw badArgumentType('map[string]interface {}', item);
  const value = item[mergeKey];
  if (value === undefined) throw noMergeKey(item, mergeKey);
  return value;
}

/** Position of the item with the same identity, -1 when there is none. */
export function positionOf(list: List, item: Json | undefined, mergeKey: string): number {
  const identity = identityOf(item, mergeKey);
  return list.findIndex((candidate) => identityOf(candidate, mergeKey) === identity);
}

/** Go's type of a value, coarse enough to compare. */
export function typeOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (isList(value)) return 'list';
  return typeof value;
}

/** The common type of all items of the given lists: "object", "string", ... Throws when they differ, and for lists of lists. "null" when there are no items. */
export function itemType(...lists: List[]): string {
  let common: string | undefined;
  for (const item of lists.flat(1)) {
    const type = isList(item) ? 'list' : typeOf(item);
    if (type === 'list') throw noListOfLists();
    if (common !== undefined && common !== type) {
      throw internalPatchError(`list element types are not identical: ${lists.map((list) => goText(list)).join(' ')}`);
    }
    common = type;
  }
  return common ?? 'null';
}

/** True when an item carries `$patch: delete`. */
export const isDeletion = (item: Json): item is JsonObject => isObject(item) && item['$patch'] === 'delete';

/** Sorts by the positions in `order`, stable, deletions last; an item that `order` lacks moves to the front as upstream's insertion sort does. */
export function sortByOrder(list: List, order: List, mergeKey: string, objects: boolean): Json[] {
  if (objects) for (const item of [...list, ...order]) mergeKeyValue(item, mergeKey);
  const deletions = objects ? list.filter(isDeletion) : [];
  const sorted = objects ? list.filter((item) => !isDeletion(item)) : [...list];
  const before = (left: Json | undefined, right: Json | undefined): boolean => {
    const [first, second] = [positionOf(order, left, mergeKey), positionOf(order, right, mergeKey)];
    return first < 0 || second < 0 || first < second;
  };
  for (let end = 1; end < sorted.length; end++) {
    for (let index = end; index > 0 && before(sorted[index], sorted[index - 1]); index--) {
      const [left, right] = [sorted[index - 1] as Json, sorted[index] as Json];
      sorted[index - 1] = right;
      sorted[index] = left;
    }
  }
  return [...sorted, ...deletions];
}

/** Interleaves two sorted lists; an item of `serverOnly` goes before a patch item only where the live order says so. */
function interleave(serverOnly: List, patched: List, liveOrder: List, mergeKey: string): Json[] {
  const result: Json[] = [];
  let [left, right] = [0, 0];
  while (left < serverOnly.length || right < patched.length) {
    let takeLeft = right >= patched.length;
    if (left < serverOnly.length && right < patched.length) {
      const leftPosition = positionOf(liveOrder, serverOnly[left], mergeKey);
      const rightPosition = positionOf(liveOrder, patched[right], mergeKey);
      takeLeft = leftPosition >= 0 && rightPosition >= 0 && leftPosition < rightPosition;
    }
    result.push((takeLeft ? serverOnly[left++] : patched[right++]) as Json);
  }
  return result;
}

/** Enforces the order of a merged list: items named by the patch in the patch's order, the others in the live order. */
export function orderMerged(merged: List, patchOrder: List, liveOrder: List, mergeKey: string, objects: boolean): Json[] {
  if (objects) for (const item of merged) mergeKeyValue(item, mergeKey);
  const named = merged.filter((item) => positionOf(patchOrder, item, mergeKey) >= 0);
  const serverOnly = merged.filter((item) => positionOf(patchOrder, item, mergeKey) < 0);
  const sortedNamed = sortByOrder(named, patchOrder, mergeKey, objects);
  return interleave(sortByOrder(serverOnly, liveOrder, mergeKey, objects), sortedNamed, liveOrder, mergeKey);
}

const byText = (a: Json, b: Json): number => {
  const [left, right] = [goText(a), goText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Sorted by their text, as upstream sorts scalars. */
export const sortScalars = (list: List): Json[] => [...list].sort(byText);

/** Sorted by the text of their merge key. */
export const sortByMergeKey = (list: List, mergeKey: string): Json[] =>
  [...list].sort((a, b) => byText(mergeKeyValue(a, mergeKey), mergeKeyValue(b, mergeKey)));

/** Without repetitions; the last item fills each gap, as upstream does. */
export function deduplicate(list: List): Json[] {
  const result = [...list];
  for (let first = 0; first < result.length - 1; first++) {
    for (let second = first + 1; second < result.length; second++) {
      if (result[first] !== result[second]) continue;
      const last = result.pop() as Json;
      if (second < result.length) result[second--] = last;
    }
  }
  return result;
}
