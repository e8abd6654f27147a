/**
 * Which paths differ between two versions of an object (`structured-merge-diff/v4/typed/compare.go`).
 */
import { deepEqual } from '../freeze.ts';
import { isList, isObject } from '../patch/schema.ts';
import { FieldSet } from './field-set.ts';
import { group, isAtomic, isVoid } from './typed.ts';
import type { FieldSchema, Json } from '../patch/schema.ts';
import type { PathElement } from './field-set.ts';

/** The difference of two values. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares `before` with `after`; undefined stands for an absent side. Shared references are skipped at once. */
export function compareTyped(before: Json | undefined, after: Json | undefined, schema: FieldSchema | undefined): Comparison {
  const result: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compare(before, after, schema, [], result);
  return result;
}

/** Notes a path as added or removed when one side lacks it, else as modified. */
function note(before: Json | undefined, after: Json | undefined, path: PathElement[], { added, modified, removed }: Comparison): void {
  const set = before === undefined ? added : after === undefined ? removed : modified;
  set.insert(path);
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  schema: FieldSchema | undefined,
  path: PathElement[],
  result: Comparison,
): void {
  if (before === after) return;
  const shape = isObject(after) || isList(after) ? after : before;
  const sameShape = (value: Json | undefined): boolean =>
    value === undefined || value === null || (isList(shape) ? isList(value) : isObject(value));
  const composite = (isObject(shape) || isList(shape)) && sameShape(before) && sameShape(after);
  if (!composite || (isVoid(before) && isVoid(after)) || isAtomic(shape, schema)) {
    if (before === undefined || after === undefined || !deepEqual(before, after)) note(before, after, path, result);
    return;
  }
  if (isObject(shape)) compareFields(before, after, schema, path, result);
  else if (schema) compareItems(before, after, schema, path, result);
  if (before === undefined || after === undefined) note(before, after, path, result);
}

function compareFields(
  before: Json | undefined,
  after: Json | undefined,
  schema: FieldSchema | undefined,
  path: PathElement[],
  result: Comparison,
): void {
  const [left, right] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    compare(left[key], right[key], schema?.lookup(key), [...path, `f:${key}`], result);
  }
}

function compareItems(
  before: Json | undefined,
  after: Json | undefined,
  schema: FieldSchema,
  path: PathElement[],
  result: Comparison,
): void {
  const left = group(isList(before) ? before : [], schema);
  const right = group(isList(after) ? after : [], schema);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const [mine, theirs] = [left.get(element), right.get(element)];
    const below = [...path, element];
    if ((mine?.length ?? 0) <= 1 && (theirs?.length ?? 0) <= 1) compare(mine?.[0], theirs?.[0], schema.items(), below, result);
    else if (!deepEqual(mine, theirs)) note(mine, theirs, below, result);
  }
}
