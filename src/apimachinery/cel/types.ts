/** Static types of expressions (`cel-go/common/types/types.go`, `cel-go/checker/{types,format}.go`). */

/** A type that has no parts. */
export type PrimitiveName =
  'dyn' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null_type' | 'timestamp' | 'duration' | 'error';

/** A static type. */
export type Type =
  | { readonly k: PrimitiveName }
  | { readonly k: 'list'; readonly of: Type; readonly listType?: 'set' | 'map'; readonly mapKeys?: readonly string[] }
  | { readonly k: 'map'; readonly key: Type; readonly value: Type }
  | ObjectType
  | { readonly k: 'opaque'; readonly name: string }
  | { readonly k: 'optional'; readonly of: Type }
  | { readonly k: 'type'; readonly of: Type }
  | { readonly k: 'param'; readonly name: string };

/** An object with declared fields. */
export interface ObjectType {
  readonly k: 'object';
  readonly name: string;
  /** The field's type under its name in expressions; undefined when there is none. */
  field(name: string): Type | undefined;
  /** The name of the field in JSON, for a name in expressions (which may be escaped). */
  jsonName(name: string): string;
}

export const DYN: Type = { k: 'dyn' };
export const BOOL: Type = { k: 'bool' };
export const INT: Type = { k: 'int' };
export const UINT: Type = { k: 'uint' };
export const DOUBLE: Type = { k: 'double' };
export const STRING: Type = { k: 'string' };
export const BYTES: Type = { k: 'bytes' };
export const NULL: Type = { k: 'null_type' };
export const TIMESTAMP: Type = { k: 'timestamp' };
export const DURATION: Type = { k: 'duration' };
export const ERROR: Type = { k: 'error' };
export const listOf = (of: Type): Type => ({ k: 'list', of });
export const mapOf = (key: Type, value: Type): Type => ({ k: 'map', key, value });
export const optionalOf = (of: Type): Type => ({ k: 'optional', of });

/** A type as messages name it: "list(string)". */
export function typeText(type: Type): string {
  switch (type.k) {
    case 'list':
      return `list(${typeText(type.of)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    case 'null_type':
      return 'null';
    case 'error':
      return '!error!';
    case 'timestamp':
      return 'timestamp';
    default:
      return type.k;
  }
}

/** What the type parameters of one call stand for. */
export type Substitution = Map<string, Type>;

const isLoose = ({ k }: Type): boolean => k === 'dyn' || k === 'error';

/**
 * Whether a value of type `from` may stand where `to` is wanted; binds the parameters in `to`. Anything goes with dyn
 * (`checker.isAssignable`).
 */
export function isAssignable(to: Type, from: Type, bound: Substitution): boolean {
  if (to.k === 'param') {
    const known = bound.get(to.name);
    if (known === undefined) {
      if (from.k !== 'param') bound.set(to.name, from);
      return true;
    }
    if (isLoose(known) || isLoose(from)) {
      bound.set(to.name, DYN);
      return true;
    }
    if (known.k === 'null_type' && isNullable(from)) {
      bound.set(to.name, from);
      return true;
    }
    return isAssignable(known, from, bound) || refine(to.name, known, from, bound);
  }
  if (isLoose(to) || isLoose(from) || from.k === 'param') return true;
  if (from.k === 'null_type') return isNullable(to);
  if (to.k === 'list') return from.k === 'list' && isAssignable(to.of, from.of, bound);
  if (to.k === 'map') return from.k === 'map' && isAssignable(to.key, from.key, bound) && isAssignable(to.value, from.value, bound);
  if (to.k === 'optional') return from.k === 'optional' && isAssignable(to.of, from.of, bound);
  if (to.k === 'type') return from.k === 'type';
  if (to.k === 'object' || to.k === 'opaque') return from.k === to.k && from.name === to.name;
  return from.k === to.k;
}

/** A parameter bound to "list of anything" takes the first list that says more. */
function refine(name: string, known: Type, from: Type, bound: Substitution): boolean {
  if (!isAssignable(from, known, new Map())) return false;
  bound.set(name, from);
  return true;
}

function isNullable({ k }: Type): boolean {
  return k === 'null_type' || k === 'object' || k === 'opaque' || k === 'timestamp' || k === 'duration' || k === 'optional';
}

/** `type` with its parameters replaced; a parameter that nothing bound is dyn, which fits everything. */
export function substituted(type: Type, bound: Substitution): Type {
  switch (type.k) {
    case 'param':
      return bound.get(type.name) ?? DYN;
    case 'list':
      return { ...type, of: substituted(type.of, bound) };
    case 'map':
      return mapOf(substituted(type.key, bound), substituted(type.value, bound));
    case 'optional':
      return optionalOf(substituted(type.of, bound));
    case 'type':
      return { k: 'type', of: substituted(type.of, bound) };
    default:
      return type;
  }
}

/** The type of both, dyn when they differ. */
export function joined(a: Type, b: Type): Type {
  if (isAssignable(a, b, new Map())) return isLoose(b) ? b : a;
  return isAssignable(b, a, new Map()) ? b : DYN;
}

const PRIMITIVES = new Set<string>(['dyn', 'bool', 'int', 'uint', 'double', 'string', 'bytes', 'null_type', 'timestamp', 'duration']);

/** Reads a type as signatures write it: "list<string>", "map<A, B>", "optional<A>", "net.IP"; single capitals are parameters. */
export function parseType(text: string): Type {
  const trimmed = text.trim();
  const open = trimmed.indexOf('<');
  if (open < 0) {
    if (PRIMITIVES.has(trimmed)) return { k: trimmed as PrimitiveName };
    if (/^[A-Z]$/.test(trimmed)) return { k: 'param', name: trimmed };
    return trimmed === 'type' ? { k: 'type', of: DYN } : { k: 'opaque', name: trimmed };
  }
  const parts = splitTop(trimmed.slice(open + 1, -1)).map(parseType);
  const [first = DYN, second = DYN] = parts;
  const head = trimmed.slice(0, open);
  if (head === 'list') return listOf(first);
  return head === 'map' ? mapOf(first, second) : optionalOf(first);
}

/** Splits at commas that are not inside angle brackets. */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '<') depth++;
    else if (text[index] === '>') depth--;
    else if (text[index] === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  if (text.slice(start).trim() !== '') parts.push(text.slice(start));
  return parts;
}
