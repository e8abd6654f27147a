/**
 * Sets of field paths, as `managedFields` records who owns what (`structured-merge-diff/v4/fieldpath`). A path is a
 * list of elements in the notation of FieldsV1: `f:name`, `k:{"name":"web"}`, `v:"x"`, `i:0`.
 */
import type { FieldSchema } from '../patch/schema.ts';

/** One step of a path, in FieldsV1's notation. */
export type PathElement = string;

/** FieldsV1: nested objects; "." marks an element that has children and belongs to the set itself. */
export interface FieldsV1 {
  readonly [element: string]: FieldsV1;
}

/** A set of paths. Built with `insert`; the set operations make new sets. */
export class FieldSet {
  readonly members = new Set<PathElement>();
  readonly children = new Map<PathElement, FieldSet>();

  /** The set of one FieldsV1 value. */
  static fromFieldsV1(fields: FieldsV1): FieldSet {
    const set = new FieldSet();
    for (const [element, below] of Object.entries(fields)) {
      if (element === '.') continue;
      const child = FieldSet.fromFieldsV1(below);
      if (child.empty || Object.hasOwn(below, '.')) set.members.add(element);
      set.#adopt(element, child);
    }
    return set;
  }

  /** FieldsV1, elements in order of their text. */
  toFieldsV1(): FieldsV1 {
    const result: Record<string, FieldsV1> = {};
    for (const element of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const child = this.children.get(element);
      result[element] = { ...(child && this.members.has(element) && { '.': {} }), ...child?.toFieldsV1() };
    }
    return result;
  }

  get empty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  /** Adds one path; the empty path is ignored. */
  insert(path: readonly PathElement[]): void {
    const [element, ...rest] = path;
    if (element === undefined) return;
    if (rest.length === 0) {
      this.members.add(element);
      return;
    }
    let child = this.children.get(element);
    if (!child) this.children.set(element, (child = new FieldSet()));
    child.insert(rest);
  }

  #adopt(element: PathElement, child: FieldSet): void {
    if (!child.empty) this.children.set(element, child);
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of [...this.members, ...other.members]) result.members.add(member);
    for (const element of [...this.children.keys(), ...other.children.keys()]) {
      if (result.children.has(element)) continue;
      const [mine, theirs] = [this.children.get(element), other.children.get(element)];
      result.#adopt(element, mine && theirs ? mine.union(theirs) : (mine ?? theirs ?? new FieldSet()));
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs) result.#adopt(element, child.intersection(theirs));
    }
    return result;
  }

  /** The paths of this set that the other lacks. A path in the other does not take its children along. */
  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (!other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      result.#adopt(element, theirs ? child.difference(theirs) : child);
    }
    return result;
  }

  /** All paths whose extensions are not in the set. */
  leaves(prefix: readonly PathElement[] = []): PathElement[][] {
    const result: PathElement[][] = [];
    for (const element of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const child = this.children.get(element);
      if (child) result.push(...child.leaves([...prefix, element]));
      else result.push([...prefix, element]);
    }
    return result;
  }

  /** Adds the fields a type names wherever something below them is in the set (`EnsureNamedFieldsAreMembers`). */
  withNamedFields(schema: FieldSchema | undefined): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) result.members.add(member);
    for (const [element, child] of this.children) {
      const field = element.startsWith('f:') ? element.slice(2) : undefined;
      if (field !== undefined && schema?.names(field)) result.members.add(element);
      result.#adopt(element, child.withNamedFields(field === undefined ? schema?.items() : schema?.lookup(field)));
    }
    return result;
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).empty && other.difference(this).empty;
  }
}

/** A path as conflicts print it: `.spec.containers[name="web"].image` (`fieldpath.Path.String`). */
export function pathText(path: readonly PathElement[]): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      if (element.startsWith('i:')) return `[${rest}]`;
      const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
