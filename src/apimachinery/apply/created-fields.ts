/**
 * What the creator of an object owns: everything in it. The same as comparing with nothing and writing the difference down, in one walk:
 * every create over HTTP passes here.
 */
import { isList, isObject } from '../patch/schema.ts';
import type { FieldSchema, Json, JsonObject } from '../patch/schema.ts';
import type { FieldsV1, PathElement } from './field-set.ts';
import { group, isAtomic, isVoid } from './typed.ts';

/** Fields of metadata that nobody owns. */
const UNTRACKED_METADATA = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
]);

const LEAF: FieldsV1 = Object.freeze({});

/**
 * One step on the way to a set of fields: sets that were made before are found again, key by key, so that all objects of one shape share
 * one frozen set.
 */
class Shape {
  readonly #parent: Shape | undefined;
  readonly #element: PathElement;
  readonly #below: FieldsV1;
  readonly #next = new Map<PathElement, Map<FieldsV1, Shape>>();
  #fields: FieldsV1 | undefined;

  constructor(parent: Shape | undefined, element: PathElement, below: FieldsV1) {
    this.#parent = parent;
    this.#element = element;
    this.#below = below;
  }

  /** The shape with one more element; elements come in order. */
  with(element: PathElement, below: FieldsV1): Shape {
    let byContent = this.#next.get(element);
    if (byContent === undefined) this.#next.set(element, (byContent = new Map<FieldsV1, Shape>()));
    let next = byContent.get(below);
    if (next === undefined) {
      byContent.set(below, (next = new Shape(this, element, below)));
      shapes++;
    }
    return next;
  }

  #collect(entries: [PathElement, FieldsV1][]): void {
    if (this.#parent === undefined) return;
    this.#parent.#collect(entries);
    entries.push([this.#element, this.#below]);
  }

  get fields(): FieldsV1 {
    if (this.#fields !== undefined) return this.#fields;
    const entries: [PathElement, FieldsV1][] = [];
    this.#collect(entries);
    return (this.#fields = Object.freeze(Object.fromEntries(entries)));
  }
}

/** Keys of labels and of list items are the users', so there is no end of shapes: beyond this many all are forgotten. */
const MAX_SHAPES = 16_384;
let shapes = 0;
let nothing = new Shape(undefined, '', LEAF);
let itself = nothing.with('.', LEAF);
/** "f:" + key, made once for each key: names made anew cost more than looking them up. */
const names = new Map<string, PathElement>();

function forget(): void {
  names.clear();
  shapes = 0;
  nothing = new Shape(undefined, '', LEAF);
  itself = nothing.with('.', LEAF);
}

function nameOf(key: string): PathElement {
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = `f:${key}`));
  return name;
}

/** FieldsV1 of a new object, without identity and what the apiserver fills; keys in order. Frozen, shared by all objects of its shape. */
export function createdFields(object: JsonObject, schema: FieldSchema | undefined): FieldsV1 {
  if (shapes > MAX_SHAPES || names.size > MAX_SHAPES) forget();
  let shape = nothing;
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (key === 'apiVersion' || key === 'kind' || value === undefined) continue;
    if (key === 'metadata' && isObject(value)) {
      const own = withFields(nothing, value, schema?.lookup(key), UNTRACKED_METADATA);
      if (own !== nothing) shape = shape.with('f:metadata', own.fields);
    } else shape = shape.with(nameOf(key), ownedBy(value, schema?.lookup(key)));
  }
  return shape.fields;
}

/** The part of one value, "." in front where something is below. */
function ownedBy(value: Json, schema: FieldSchema | undefined): FieldsV1 {
  if (typeof value !== 'object' || isVoid(value) || isAtomic(value, schema)) return LEAF;
  if (!isList(value)) return withFields(itself, value as JsonObject, schema).fields;
  return schema === undefined ? LEAF : withItems(itself, value, schema).fields;
}

function withFields(shape: Shape, value: JsonObject, schema: FieldSchema | undefined, left?: ReadonlySet<string>): Shape {
  const keys = Object.keys(value);
  if (keys.length > 1) keys.sort();
  let next = shape;
  for (const key of keys) {
    const child = value[key];
    if (child !== undefined && !left?.has(key)) next = next.with(nameOf(key), ownedBy(child, schema?.lookup(key)));
  }
  return next;
}

function withItems(shape: Shape, list: readonly Json[], schema: FieldSchema): Shape {
  const groups = group(list, schema);
  const items = schema.items();
  let next = shape;
  for (const element of [...groups.keys()].sort()) {
    const [item, ...more] = groups.get(element) as Json[];
    next = next.with(element, more.length > 0 || item === undefined ? LEAF : ownedBy(item, items));
  }
  return next;
}
