/**
 * Merges an applied configuration into the live object (`structured-merge-diff/v4/typed/merge.go`). The configuration
 * wins; items of lists with identity merge one by one, in the order of the configuration where it names them.
 */
import { badRequest } from '../status.ts';
import { isList, isObject, sameFields, sameItems } from '../patch/schema.ts';
import { elementOf, group, isAtomic, isVoid } from './typed.ts';
import { pathText } from './field-set.ts';
import type { FieldSchema, Json, JsonObject } from '../patch/schema.ts';
import type { PathElement } from './field-set.ts';

/** `config` over `live`; parts that stay are shared with `live`. Undefined stands for an absent side. */
export function mergeTyped(live: Json | undefined, config: Json | undefined, schema: FieldSchema | undefined): Json | undefined {
  if (config === undefined) return live;
  if (live === undefined && !isObject(config) && !isList(config)) return config;
  const shape = isVoid(config) && config === null ? live : config;
  if ((isVoid(live) && isVoid(config)) || isAtomic(shape, schema)) return config;
  if (isObject(shape)) return mergeFields(isObject(live) ? live : {}, isObject(config) ? config : {}, schema, live);
  if (isList(shape) && schema) {
    const merged = mergeItems(isList(live) ? live : [], isList(config) ? config : [], schema);
    return isList(live) && sameItems(live, merged) ? live : merged;
  }
  return config;
}

function mergeFields(live: JsonObject, config: JsonObject, schema: FieldSchema | undefined, original: Json | undefined): Json {
  const result: Record<string, Json> = { ...live };
  for (const [key, value] of Object.entries(config)) {
    const merged = mergeTyped(live[key], value, schema?.lookup(key));
    if (merged !== undefined) result[key] = merged;
  }
  return original === live && sameFields(live, result) ? live : result;
}

/** The single item of each identity; undefined for a repeated one, which is replaced instead of merged. */
function single(groups: ReadonlyMap<PathElement, Json[]>, element: PathElement): Json | undefined {
  const items = groups.get(element);
  return items?.length === 1 ? items[0] : undefined;
}

/** Two pointers over both lists; items that only one side has keep their neighbours. */
function mergeItems(live: readonly Json[], config: readonly Json[], schema: FieldSchema): Json[] {
  const [liveGroups, configGroups] = [group(live, schema), group(config, schema)];
  for (const [element, items] of configGroups) if (items.length > 1) throw badRequest(`duplicate entries for key ${pathText([element])}`);
  const liveElements = live.map((item) => elementOf(item, schema));
  const configElements = [...configGroups.keys()];
  const shared = configElements.filter((element) => liveGroups.has(element));
  const done = new Set<PathElement>();
  const result: Json[] = [];
  const take = (element: PathElement): void => {
    done.add(element);
    if (shared[0] === element) shared.shift();
    const merged = mergeTyped(single(liveGroups, element), configGroups.get(element)?.[0], schema.items());
    if (merged !== undefined) result.push(merged);
  };
  let [left, right] = [0, 0];
  while (left < live.length || right < configElements.length) {
    const mine = liveElements[left];
    const theirs = configElements[right];
    if (mine !== undefined && mine === theirs) {
      take(mine);
      left++;
      right++;
    } else if (mine !== undefined && theirs !== undefined && configGroups.has(mine) && shared.length > 0 && shared[0] !== mine) left++;
    else if (mine !== undefined && !configGroups.has(mine)) result.push(live[left++] as Json);
    else {
      if (mine !== undefined && done.has(mine)) left++;
      if (theirs !== undefined) {
        take(theirs);
        right++;
      }
    }
  }
  return result;
}
