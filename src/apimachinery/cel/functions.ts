/** Functions that expressions may call: overloads under a name, with their types, code and cost (`cel-go/common/decls`). */
import { parseType, splitTop } from './types.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** One overload. */
export interface Overload {
  readonly fn: string;
  /** Called on its first argument: `a.fn(b)`. */
  readonly member: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  /** Gets values of the parameters' types. Throws `CelError`. */
  readonly run: (...args: never[]) => Value;
  /** What a call costs beyond its arguments; default 1. */
  readonly cost?: (...args: never[]) => number;
}

/** Declares an overload: "string.contains(string): bool" for a member, "size(list<A>): int" for a function, "_+_(int, int): int" for an operator. */
export function overload(signature: string, run: Overload['run'], cost?: Overload['cost']): Overload {
  const open = signature.indexOf('(');
  const close = signature.lastIndexOf(')');
  const head = signature.slice(0, open);
  const params = splitTop(signature.slice(open + 1, close)).map(parseType);
  const result = parseType(signature.slice(close + 2));
  // "map<A, B>.size" has its receiver before the last dot; "sets::contains" is one name.
  const dot = head.lastIndexOf('.');
  if (dot < 0) return { fn: head.replaceAll('::', '.'), member: false, params, result, run, ...(cost && { cost }) };
  const receiver = parseType(head.slice(0, dot).replaceAll('::', '.'));
  return { fn: head.slice(dot + 1), member: true, params: [receiver, ...params], result, run, ...(cost && { cost }) };
}

/** A set of overloads; made when first asked for. */
export type Library = () => readonly Overload[];

/** Overloads by name. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/** Puts libraries together. */
export function functionTable(libraries: readonly Library[]): FunctionTable {
  const table = new Map<string, Overload[]>();
  for (const library of libraries) {
    for (const entry of library()) {
      const known = table.get(entry.fn);
      if (known === undefined) table.set(entry.fn, [entry]);
      else known.push(entry);
    }
  }
  return table;
}

/** Cost of going through a text or list of this length: a tenth, rounded up (`common.StringTraversalCostFactor`). */
export const traversal = (length: number): number => Math.ceil(length * 0.1);

/** The error of Go's type dispatch. */
export const NO_OVERLOAD = 'no such overload';
