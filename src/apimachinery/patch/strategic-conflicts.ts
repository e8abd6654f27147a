/**
 * Whether two strategic merge patches want different things for the same field
 * (`MergingMapsHaveConflicts` in `strategicpatch/patch.go`).
 */
import { deepEqual } from '../freeze.ts';
import { goText } from './errors.ts';
import { isList, isObject } from './schema.ts';
import { deduplicate, itemType, mergeKeyValue, sortScalars } from './strategic-lists.ts';
import type { FieldSchema, Json, JsonObject } from './schema.ts';
import type { List } from './strategic-lists.ts';

/** True when `left` and `right` overlap with different values. Fields that only one of them has never conflict. */
export function conflictsBetween(left: JsonObject, right: JsonObject, schema: FieldSchema | undefined): boolean {
  return valuesConflict(left, right, schema, '');
}

function valuesConflict(left: Json, right: Json | undefined, schema: FieldSchema | undefined, strategy: string): boolean {
  if (isObject(left)) {
    if (!isObject(right) || left['$patch'] !== right['$patch']) return true;
    return strategy !== 'replace' && fieldsConflict(left, right, schema);
  }
  if (isList(left)) return !isList(right) || listsConflict(left, right, schema, strategy);
  return !deepEqual(left, right);
}

function fieldsConflict(left: JsonObject, right: JsonObject, schema: FieldSchema | undefined): boolean {
  return Object.entries(left).some(([key, value]) => {
    const other = right[key];
    if (key === '$patch' || key === '$retainKeys' || other === undefined) return false;
    const field = schema?.lookup(key);
    return valuesConflict(value, other, field, field?.strategy ?? '');
  });
}

function listsConflict(left: List, right: List, schema: FieldSchema | undefined, strategy: string): boolean {
  const objects = itemType(left, right) === 'object';
  if (strategy === 'merge') {
    // Merging lists of scalars cannot conflict by definition.
    if (!objects) return false;
    const mergeKey = schema?.mergeKey ?? '';
    const others = new Map(right.map((item) => [goText(mergeKeyValue(item, mergeKey)), item]));
    return left.some((item) => {
      const other = others.get(goText(mergeKeyValue(item, mergeKey)));
      return other !== undefined && valuesConflict(item, other, schema, '');
    });
  }
  if (left.length !== right.length) return true;
  const [first, second] = objects ? [left, right] : [sortScalars(deduplicate(left)), sortScalars(deduplicate(right))];
  return first.some((item, index) => valuesConflict(item, second[index], schema, ''));
}
