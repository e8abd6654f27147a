/**
 * Server-side apply: who owns which field after an apply or an update
 * (`structured-merge-diff/v4/merge/update.go`). Pure; `managed-fields.ts` reads and writes `metadata.managedFields`.
 */
import { isList, isObject } from '../patch/schema.ts';
import { compareTyped } from './compare-typed.ts';
import { FieldSet } from './field-set.ts';
import { mergeTyped } from './merge-typed.ts';
import { removeItems, toFieldSet } from './typed.ts';
import type { FieldSchema, Json } from '../patch/schema.ts';
import type { PathElement } from './field-set.ts';

/** Sets by manager. A key stands for one entry of `managedFields`. */
export type Managers = ReadonlyMap<string, FieldSet>;

/** A field that another manager owns with another value. */
export interface FieldConflict {
  readonly manager: string;
  readonly path: readonly PathElement[];
}

/** What an apply comes to. With conflicts, `object` and `managers` must not be stored. */
export interface ApplyResult {
  readonly object: Json;
  readonly managers: Managers;
  readonly conflicts: readonly FieldConflict[];
}

function withoutEmpty(managers: Iterable<[string, FieldSet]>): Managers {
  return new Map([...managers].filter(([, set]) => !set.empty));
}

/** Takes changed and removed fields from all managers but the acting one. */
function takeOver(live: Json, next: Json, managers: Managers, actor: string, schema: FieldSchema | undefined) {
  const comparison = compareTyped(live, next, schema);
  const touched = comparison.modified.union(comparison.added);
  const conflicts: FieldConflict[] = [];
  const result = new Map<string, FieldSet>();
  for (const [manager, set] of [...managers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const taken = manager === actor ? new FieldSet() : set.intersection(touched);
    conflicts.push(...taken.leaves().map((path) => ({ manager, path })));
    result.set(manager, manager === actor ? set : set.difference(taken).difference(comparison.removed));
  }
  return { comparison, conflicts, managers: result };
}

/**
 * The managers after `actor` replaced `live` by `next` with a create, update or patch (`Updater.Update`). The actor
 * gains what it changed or added; nobody is asked.
 */
export function updateManagers(live: Json, next: Json, managers: Managers, actor: string, schema: FieldSchema | undefined): Managers {
  const { comparison, managers: others } = takeOver(live, next, managers, actor, schema);
  const own = others.get(actor) ?? new FieldSet();
  const gained = own.difference(comparison.removed).union(comparison.modified).union(comparison.added);
  return withoutEmpty([...others, [actor, gained]]);
}

/**
 * Applies `config` for `actor` (`Updater.Apply`): its fields are set, and fields it applied before but no longer
 * mentions are removed where nobody else owns them. Without `force`, fields of others that would change are conflicts.
 */
export function applyConfiguration(
  live: Json,
  config: Json,
  managers: Managers,
  actor: string,
  schema: FieldSchema | undefined,
  force: boolean,
): ApplyResult {
  const merged = mergeTyped(live, config, schema) ?? null;
  const claimed = new Map(managers).set(actor, toFieldSet(config, schema));
  const object = prune(merged, claimed, managers.get(actor), schema);
  const { conflicts, managers: next } = takeOver(live, object, claimed, actor, schema);
  return { object, managers: withoutEmpty(next), conflicts: force ? [] : conflicts };
}

/** Removes what the applier owned last time, then brings back what somebody owns or what was never the applier's. */
function prune(merged: Json, managers: Managers, last: FieldSet | undefined, schema: FieldSchema | undefined): Json {
  if (!last || last.empty) return merged;
  const lastSet = last.withNamedFields(schema);
  const mergedSet = toFieldSet(merged, schema).withNamedFields(schema);
  const bare = removeItems(merged, lastSet, schema);
  const owned = [...managers.values()].reduce((union, set) => union.union(set), new FieldSet()).withNamedFields(schema);
  const bareSet = toFieldSet(bare, schema).withNamedFields(schema);
  const withOwned = removeItems(merged, mergedSet.difference(bareSet.union(owned)), schema);
  const ownedSet = toFieldSet(withOwned, schema).withNamedFields(schema);
  // Items that vanished only because a parent did, and that the applier never had, come back here.
  const result = removeItems(merged, mergedSet.difference(ownedSet).intersection(lastSet), schema);
  return dropEmptied(result, merged);
}

/**
 * Drops the nulls that removal left behind, but not those which were null before.
 * Differs: after a field is taken out of a configuration, nulls are dropped here; upstream does so when it decodes the result.
 */
function dropEmptied(value: Json, before: Json | undefined): Json {
  if (isList(value)) return value.filter((item) => item !== null);
  if (!isObject(value) || !isObject(before) || value === before) return value;
  const result: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) {
    if (child === null && before[key] !== null) continue;
    result[key] = dropEmptied(child, before[key]);
  }
  return result;
}
