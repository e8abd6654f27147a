/** Names in sight, and which function a call means: shared by checker and interpreter. */
import type { CallExpr, Expr } from './ast.ts';
import type { FunctionTable, Overload } from './functions.ts';

/** A chain of declared names; the innermost first. */
export interface Scope<T> {
  readonly name: string;
  readonly value: T;
  readonly outer: Scope<T> | undefined;
}

/** The declaration of a name. */
export function lookUp<T>(scope: Scope<T> | undefined, name: string): T | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.name === name) return at.value;
  return undefined;
}

/** "a.b" for a chain of selections that begins with a name. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.k === 'ident') return expr.name;
  if (expr.k !== 'select' || expr.test || expr.optional) return undefined;
  const outer = qualifiedName(expr.operand);
  return outer && `${outer}.${expr.field}`;
}

/** What a call means: overloads that could take it, and its arguments with the receiver first. */
export interface ResolvedCall {
  readonly fn: string;
  readonly member: boolean;
  /** Undefined when no function has this name. */
  readonly overloads: readonly Overload[] | undefined;
  readonly args: readonly Expr[];
}

/** Tells `sets.contains(a, b)` from `text.contains(b)`. */
export function resolveCall({ fn, target, args }: CallExpr, table: FunctionTable, isVariable: (name: string) => boolean): ResolvedCall {
  if (target === undefined) return { fn, member: false, overloads: table.get(fn)?.filter(({ member }) => !member), args };
  const prefix = qualifiedName(target);
  if (prefix !== undefined && !isVariable(prefix.split('.', 1)[0] ?? '')) {
    const overloads = table.get(`${prefix}.${fn}`);
    if (overloads !== undefined) return { fn: `${prefix}.${fn}`, member: false, overloads, args };
  }
  return { fn, member: true, overloads: table.get(fn)?.filter(({ member }) => member), args: [target, ...args] };
}
