/**
 * The syntax tree of an expression in CEL, the Common Expression Language (`cel-go/common/ast`). Comprehensions stay macros: they are
 * checked and run as such.
 */

/** Where something begins, in UTF-16 units from the start of the expression. */
export interface Position {
  readonly at: number;
}

/** One macro that loops or binds. */
export type MacroName =
  'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry' | 'optMap' | 'optFlatMap';

/** A value written out. */
export interface LiteralExpr extends Position {
  readonly k: 'literal';
  readonly value: null | boolean | bigint | number | string | Uint8Array | { readonly uint: bigint };
}
export interface IdentExpr extends Position {
  readonly k: 'ident';
  readonly name: string;
}
/** `operand.field`, `operand.?field`, or `has(operand.field)`. */
export interface SelectExpr extends Position {
  readonly k: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly optional?: boolean;
  readonly test?: boolean;
}
/** A function, or an operator under its internal name ("_+_"). */
export interface CallExpr extends Position {
  readonly k: 'call';
  readonly fn: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}
export interface ListExpr extends Position {
  readonly k: 'list';
  readonly items: readonly { readonly value: Expr; readonly optional: boolean }[];
}
export interface MapExpr extends Position {
  readonly k: 'map';
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[];
}
/** A message literal, `Type{field: value}`: no type of Kubernetes' environments can be made so. */
export interface StructExpr extends Position {
  readonly k: 'struct';
  readonly name: string;
}
/** `range.macro(variables…, args…)`. */
export interface MacroExpr extends Position {
  readonly k: 'macro';
  readonly macro: MacroName;
  readonly range: Expr;
  readonly variables: readonly string[];
  readonly args: readonly Expr[];
}

export type Expr = LiteralExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | StructExpr | MacroExpr;
