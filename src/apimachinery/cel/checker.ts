/** The type check of an expression (`cel-go/checker/checker.go`), with cel-go's findings. */
import { ownEntry } from '../own-entry.ts';
import type { CallExpr, Expr, ListExpr, LiteralExpr, MacroExpr, MapExpr, SelectExpr } from './ast.ts';
import type { FunctionTable } from './functions.ts';
import type { Issue } from './issue.ts';
import { lookUp, qualifiedName, resolveCall } from './scope.ts';
import type { Scope } from './scope.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  NULL,
  STRING,
  UINT,
  isAssignable,
  joined,
  listOf,
  mapOf,
  optionalOf,
  parseType,
  substituted,
  typeText,
} from './types.ts';
import type { Substitution, Type } from './types.ts';

/** The outcome. */
export interface Checked {
  readonly type: Type;
  readonly issues: readonly Issue[];
}

const TYPE_NAMES = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]);
const A = parseType('A');
const B = parseType('B');
const OPTIONAL_A = optionalOf(A);
const OPTIONAL_B = optionalOf(B);

/** Operators that the interpreter does itself. */
const OPERATORS: Readonly<Record<string, readonly { params: readonly Type[]; result: Type }[]>> = {
  '_&&_': [{ params: [BOOL, BOOL], result: BOOL }],
  '_||_': [{ params: [BOOL, BOOL], result: BOOL }],
  '_?_:_': [{ params: [BOOL, A, A], result: A }],
  '_==_': [{ params: [A, A], result: BOOL }],
  '_!=_': [{ params: [A, A], result: BOOL }],
  '_[_]': [
    { params: [listOf(A), INT], result: A },
    { params: [mapOf(A, B), A], result: B },
    { params: [optionalOf(listOf(A)), INT], result: OPTIONAL_A },
    { params: [optionalOf(mapOf(A, B)), A], result: OPTIONAL_B },
  ],
  '_[?_]': [
    { params: [listOf(A), INT], result: OPTIONAL_A },
    { params: [mapOf(A, B), A], result: OPTIONAL_B },
    { params: [optionalOf(listOf(A)), INT], result: OPTIONAL_A },
    { params: [optionalOf(mapOf(A, B)), A], result: OPTIONAL_B },
  ],
};

/** Checks an expression against declared variables and functions. `types` takes the type of each part. */
export function check(expr: Expr, variables: ReadonlyMap<string, Type>, functions: FunctionTable, types?: Map<Expr, Type>): Checked {
  const checker = new Checker(variables, functions, types);
  const type = checker.type(expr, undefined);
  return { type, issues: checker.issues };
}

type TypeScope = Scope<Type> | undefined;

class Checker {
  readonly issues: Issue[] = [];
  readonly #variables: ReadonlyMap<string, Type>;
  readonly #functions: FunctionTable;
  readonly #types: Map<Expr, Type> | undefined;

  constructor(variables: ReadonlyMap<string, Type>, functions: FunctionTable, types: Map<Expr, Type> | undefined) {
    this.#variables = variables;
    this.#functions = functions;
    this.#types = types;
  }

  type(expr: Expr, scope: TypeScope): Type {
    const type = this.#typeOf(expr, scope);
    this.#types?.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr, scope: TypeScope): Type {
    switch (expr.k) {
      case 'literal':
        return literalType(expr);
      case 'ident':
        return (
          this.#variable(expr.name, scope) ?? (TYPE_NAMES.has(expr.name) ? { k: 'type', of: DYN } : this.#undeclared(expr.at, expr.name))
        );
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#undeclared(expr.at, expr.name);
      case 'macro':
        return this.#macro(expr, scope);
    }
  }

  #variable(name: string, scope: TypeScope): Type | undefined {
    return lookUp(scope, name) ?? this.#variables.get(name);
  }

  #issue(at: number, message: string): Type {
    this.issues.push({ at, message });
    return ERROR;
  }

  #undeclared(at: number, name: string): Type {
    return this.#issue(at, `undeclared reference to '${name}' (in container '')`);
  }

  #select(expr: SelectExpr, scope: TypeScope): Type {
    // A variable may have a dot in its name: "authorizer.requestResource".
    const declared = expr.test ? undefined : this.#variables.get(qualifiedName(expr) ?? '');
    if (declared !== undefined) return declared;
    const outer = this.type(expr.operand, scope);
    const inOptional = outer.k === 'optional';
    const field = this.#field(inOptional ? outer.of : outer, expr);
    if (expr.test) return BOOL;
    return (expr.optional || inOptional) && field.k !== 'optional' ? optionalOf(field) : field;
  }

  #field(outer: Type, { field, at }: SelectExpr): Type {
    switch (outer.k) {
      case 'dyn':
      case 'error':
      case 'param':
        return outer.k === 'error' ? ERROR : DYN;
      case 'map':
        return outer.value;
      case 'object':
        return outer.field(field) ?? this.#issue(at, `undefined field '${field}'`);
      default:
        return this.#issue(at, `type '${typeText(outer)}' does not support field selection`);
    }
  }

  #call(expr: CallExpr, scope: TypeScope): Type {
    const own = ownEntry(OPERATORS, expr.fn);
    if (own !== undefined && expr.target === undefined) {
      const types = expr.args.map((arg) => this.type(arg, scope));
      return this.#resolve(expr.at, expr.fn, false, own, types);
    }
    const { fn, member, overloads, args } = resolveCall(expr, this.#functions, (name) => this.#variable(name, scope) !== undefined);
    const types = args.map((arg) => this.type(arg, scope));
    if (overloads === undefined || overloads.length === 0) {
      const anything = this.#functions.get(fn);
      return anything === undefined ? this.#undeclared(expr.at, fn) : this.#noOverload(expr.at, fn, member, types);
    }
    return this.#resolve(expr.at, fn, member, overloads, types);
  }

  #resolve(
    at: number,
    fn: string,
    member: boolean,
    overloads: readonly { params: readonly Type[]; result: Type }[],
    types: readonly Type[],
  ): Type {
    let result: Type | undefined;
    for (const { params, result: declared } of overloads) {
      if (params.length !== types.length) continue;
      const bound: Substitution = new Map();
      if (!params.every((param, index) => isAssignable(param, types[index] ?? DYN, bound))) continue;
      const own = substituted(declared, bound);
      // Several fit when an argument is dyn.
      result = result === undefined || typeText(result) === typeText(own) ? own : DYN;
    }
    return result ?? (types.some(({ k }) => k === 'error') ? ERROR : this.#noOverload(at, fn, member, types));
  }

  #noOverload(at: number, fn: string, member: boolean, types: readonly Type[]): Type {
    const [first = DYN, ...rest] = types.map(typeText);
    const applied = member ? `${String(first)}.(${rest.join(', ')})` : `(${types.map(typeText).join(', ')})`;
    return this.#issue(at, `found no matching overload for '${fn}' applied to '${applied}'`);
  }

  #list({ items }: ListExpr, scope: TypeScope): Type {
    let of: Type | undefined;
    for (const { value, optional } of items) {
      let type = this.type(value, scope);
      if (optional) type = type.k === 'optional' ? type.of : DYN;
      of = this.#same(of, type, value.at);
    }
    return listOf(of ?? A);
  }

  #map({ entries }: MapExpr, scope: TypeScope): Type {
    let [key, value]: [Type | undefined, Type | undefined] = [undefined, undefined];
    for (const entry of entries) {
      key = this.#same(key, this.type(entry.key, scope), entry.key.at);
      let type = this.type(entry.value, scope);
      if (entry.optional) type = type.k === 'optional' ? type.of : DYN;
      value = this.#same(value, type, entry.value.at);
    }
    return mapOf(key ?? A, value ?? B);
  }

  /** Literals hold one type; with dyn among them, anything. */
  #same(known: Type | undefined, type: Type, at: number): Type {
    if (known === undefined) return type;
    const both = joined(known, type);
    if (both.k !== 'dyn' || known.k === 'dyn' || type.k === 'dyn') return both;
    this.#issue(at, `expected type '${typeText(known)}' but found '${typeText(type)}'`);
    return known;
  }

  #macro(expr: MacroExpr, scope: TypeScope): Type {
    const range = this.type(expr.range, scope);
    if (expr.macro === 'optMap' || expr.macro === 'optFlatMap') return this.#optionalMacro(expr, range, scope);
    const inner = this.#declared(expr, range, scope);
    const [first, last] = [expr.args[0] as Expr, expr.args.at(-1) as Expr];
    if (expr.macro === 'transformMap' || expr.macro === 'transformMapEntry' || expr.macro === 'transformList' || expr.macro === 'map') {
      if (expr.args.length === 2) this.#bool(first, inner);
      const value = this.type(last, inner);
      if (expr.macro === 'map' || expr.macro === 'transformList') return listOf(value);
      if (expr.macro === 'transformMap') return mapOf(range.k === 'map' ? range.key : range.k === 'list' ? INT : DYN, value);
      return value.k === 'map' || value.k === 'dyn'
        ? value
        : this.#issue(last.at, `expected type 'map(dyn, dyn)' but found '${typeText(value)}'`);
    }
    this.#bool(first, inner);
    if (expr.macro !== 'filter') return BOOL;
    return range.k === 'list' ? range : listOf(lookUp(inner, expr.variables[0] ?? '') ?? DYN);
  }

  #optionalMacro({ macro, variables, args, range: { at } }: MacroExpr, range: Type, scope: TypeScope): Type {
    if (range.k !== 'optional' && range.k !== 'dyn' && range.k !== 'error')
      return this.#issue(at, `found no matching overload for '${macro}' applied to '${typeText(range)}'`);
    const of = range.k === 'optional' ? range.of : DYN;
    const result = this.type(args[0] as Expr, { name: variables[0] ?? '', value: of, outer: scope });
    return macro === 'optFlatMap' ? result : optionalOf(result);
  }

  /** The scope with the macro's variables. */
  #declared({ range: { at }, variables }: MacroExpr, range: Type, scope: TypeScope): TypeScope {
    let types: [Type, Type] = [DYN, DYN];
    if (range.k === 'list') types = variables.length === 1 ? [range.of, DYN] : [INT, range.of];
    else if (range.k === 'map') types = [range.key, range.value];
    else if (range.k !== 'dyn' && range.k !== 'error')
      this.#issue(at, `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    return variables.reduce<TypeScope>((outer, name, index) => ({ name, value: types[index] ?? DYN, outer }), scope);
  }

  #bool(expr: Expr, scope: TypeScope): void {
    const type = this.type(expr, scope);
    if (!isAssignable(BOOL, type, new Map())) this.#issue(expr.at, `expected type 'bool' but found '${typeText(type)}'`);
  }
}

function literalType({ value }: LiteralExpr): Type {
  if (value === null) return NULL;
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    default:
      return value instanceof Uint8Array ? BYTES : UINT;
  }
}
