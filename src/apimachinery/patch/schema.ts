/**
 * What patches must know about a field: its strategic merge strategy and its list type for apply
 * (`strategicpatch.LookupPatchMeta`, `structured-merge-diff/schema`). The generated facts of `api/` fit `FieldFacts`
 * structurally; this room itself knows no kind.
 */
import { ownEntry } from '../own-entry.ts';

/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object. */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
/** True for a JSON list. */
export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** The value of a key that may be absent. */
export const fieldOf = (object: JsonObject, key: string): Json | undefined => object[key];

/** One field, or the items of one list or map. */
export interface FieldSchema {
  /** Strategic merge: "merge" for lists with identity; absent or "replace" replaces. */
  readonly strategy: string;
  /** Strategic merge: the field that tells list items apart, "" when there is none. */
  readonly mergeKey: string;
  /** Strategic merge: a union; keys that the patch's `$retainKeys` does not list are cleared. */
  readonly retainKeys: boolean;
  /** Apply: how a list is owned. Absent is atomic. */
  readonly listType: 'map' | 'set' | 'atomic';
  /** Apply: the keys of a list of type map. */
  readonly listMapKeys: readonly string[];
  /** Apply: owned as a whole although it is a map or an object. */
  readonly atomic: boolean;
  /** The default of a list map key such as `protocol`. */
  readonly default: Json | undefined;
  /** The schema of a field of this object, of a value of this map, or of a field of this list's items. */
  lookup(field: string): FieldSchema | undefined;
  /** True when the type itself names the field; false for the keys of maps and for unknown fields. */
  names(field: string): boolean;
  /** The schema of this list's items themselves. */
  items(): FieldSchema | undefined;
}

/** The facts of one field as the generator writes them (`FieldFact` of the generated field facts). */
export interface FieldFacts {
  readonly type: string;
  readonly ref?: string;
  readonly items?: FieldFacts;
  readonly list?: 'map' | 'set' | 'atomic';
  readonly keys?: readonly string[];
  readonly atomic?: boolean;
  readonly patchMergeKey?: string;
  readonly patchStrategy?: string;
  readonly default?: Json;
}

/** Fields by name, by type name. */
export type TypeTable = Readonly<Record<string, Readonly<Record<string, FieldFacts>>>>;

class FactSchema implements FieldSchema {
  readonly strategy: string;
  readonly mergeKey: string;
  readonly retainKeys: boolean;
  readonly listType: 'map' | 'set' | 'atomic';
  readonly listMapKeys: readonly string[];
  readonly atomic: boolean;
  readonly default: Json | undefined;
  readonly #types: TypeTable;
  readonly #facts: FieldFacts;
  readonly #fields = new Map<string, FieldSchema | undefined>();
  #items: FieldSchema | undefined;

  constructor(types: TypeTable, facts: FieldFacts) {
    const strategies = (facts.patchStrategy ?? '').split(',');
    this.#types = types;
    this.#facts = facts;
    this.strategy = strategies.find((strategy) => strategy !== 'retainKeys') ?? '';
    this.mergeKey = facts.patchMergeKey ?? '';
    this.retainKeys = strategies.includes('retainKeys');
    this.listType = facts.list ?? 'atomic';
    this.listMapKeys = facts.keys ?? [];
    this.atomic = facts.atomic === true;
    this.default = facts.default;
  }

  lookup(field: string): FieldSchema | undefined {
    if (this.#facts.type === 'array') return this.items()?.lookup(field);
    if (!this.#fields.has(field)) {
      const fields = this.#facts.ref === undefined ? undefined : this.#types[this.#facts.ref];
      const facts = this.#facts.type === 'map' ? this.#facts.items : fields && ownEntry(fields, field);
      // A map's keys are the user's: one schema serves all, so nothing is remembered per key.
      if (this.#facts.type === 'map') return this.items();
      this.#fields.set(field, facts && new FactSchema(this.#types, facts));
    }
    return this.#fields.get(field);
  }

  names(field: string): boolean {
    return this.#facts.type !== 'map' && this.lookup(field) !== undefined;
  }

  items(): FieldSchema | undefined {
    if (!this.#items && this.#facts.items) this.#items = new FactSchema(this.#types, this.#facts.items);
    return this.#items;
  }
}

const roots = new WeakMap<TypeTable, Map<string, FieldSchema>>();

/** The schema of objects of the given type; made once per type, fields when first asked for. Undefined for an unknown type. */
export function schemaOfType(types: TypeTable, typeName: string): FieldSchema | undefined {
  if (!Object.hasOwn(types, typeName)) return undefined;
  let table = roots.get(types);
  if (!table) roots.set(types, (table = new Map()));
  let schema = table.get(typeName);
  if (!schema) table.set(typeName, (schema = new FactSchema(types, { type: 'object', ref: typeName })));
  return schema;
}

/** True when both objects have the same keys with identical values: then the old one is kept, for sharing. */
export function sameFields(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

/** True when both lists hold identical items. */
export const sameItems = (a: readonly Json[], b: readonly Json[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
