/**
 * Runs checked expressions (`cel-go/interpreter`): the tree becomes functions once, and each run counts what it costs
 * (`interpreter/runtimecost.go`: 1 for a name, a field, an index or a call, 10 for a list, 30 for a map, and what functions say).
 */
import type { CallExpr, Expr, ListExpr, LiteralExpr, MapExpr, SelectExpr } from './ast.ts';
import { isEqual } from './compare.ts';
import { compileMacro } from './comprehensions.ts';
import { NO_OVERLOAD } from './functions.ts';
import type { FunctionTable, Overload } from './functions.ts';
import { shortCircuit, spend } from './run.ts';
import type { Code, Run } from './run.ts';
import { qualifiedName, resolveCall } from './scope.ts';
import { CelError, CelList, CelMap, CelObject, Optional, TypeValue, Uint, hasType, keyOf, typeNameOf } from './values.ts';
import type { Value } from './values.ts';

/** What the compiler knows. */
export interface CompileContext {
  readonly functions: FunctionTable;
  readonly isVariable: (name: string) => boolean;
}

const LIST_COST = 10;
const MAP_COST = 30;

/** Compiles an expression. */
export function compileExpr(expr: Expr, context: CompileContext, locals: readonly string[]): Code {
  switch (expr.k) {
    case 'literal': {
      const value = literalValue(expr);
      return () => value;
    }
    case 'ident':
      return compileIdent(expr.name, locals);
    case 'select':
      return compileSelect(expr, context, locals);
    case 'call':
      return compileCall(expr, context, locals);
    case 'list':
      return compileList(expr, context, locals);
    case 'map':
      return compileMap(expr, context, locals);
    case 'struct':
      return () => {
        throw new CelError(`unknown type: ${expr.name}`);
      };
    case 'macro':
      return compileMacro(expr, compileExpr(expr.range, context, locals), (names) =>
        expr.args.map((arg) => compileExpr(arg, context, [...names, ...locals])),
      );
  }
}

function literalValue({ value }: LiteralExpr): Value {
  return typeof value === 'object' && value !== null && 'uint' in value ? new Uint(value.uint) : (value as Value);
}

function compileIdent(name: string, locals: readonly string[]): Code {
  if (locals.includes(name)) {
    return (run, scope) => {
      spend(run, 1);
      let at = scope;
      while (at !== undefined && at.name !== name) at = at.outer;
      return at === undefined ? null : at.value;
    };
  }
  return (run) => {
    spend(run, 1);
    const value = run.variables(name);
    if (value !== undefined) return value;
    if (/^(?:int|uint|double|bool|string|bytes|list|map|null_type|type)$/.test(name)) return new TypeValue(name);
    throw new CelError(`no such attribute(s): ${name}`);
  };
}

/** A field of a map or object; undefined when it is not there. */
function fieldOf(value: Value, field: string): Value | undefined {
  if (value instanceof CelMap || value instanceof CelObject) return value.get(field);
  return undefined;
}

function compileSelect(expr: SelectExpr, context: CompileContext, locals: readonly string[]): Code {
  const { operand, field, optional, test } = expr;
  const name = test ? undefined : qualifiedName(expr);
  if (name !== undefined && context.isVariable(name)) return compileIdent(name, []);
  const inner = compileExpr(operand, context, locals);
  return (run, scope) => {
    const outer = inner(run, scope);
    // A test for presence is free.
    if (!test) spend(run, 1);
    const inOptional = outer instanceof Optional;
    const holder = inOptional ? outer.value : outer;
    const value = holder === undefined ? undefined : fieldOf(holder, field);
    if (test) return value !== undefined;
    if (optional || inOptional) return value instanceof Optional ? value : new Optional(value);
    if (value === undefined) throw new CelError(`no such key: ${field}`);
    return value;
  };
}

function compileCall(expr: CallExpr, context: CompileContext, locals: readonly string[]): Code {
  const compile = (part: Expr) => compileExpr(part, context, locals);
  const special = expr.target === undefined ? specialOperator(expr.fn, expr.args, compile) : undefined;
  if (special !== undefined) return special;
  const { fn, overloads = [], args } = resolveCall(expr, context.functions, (name) => locals.includes(name) || context.isVariable(name));
  const candidates = overloads.filter(({ params }) => params.length === args.length);
  const codes = args.map(compile);
  return (run, scope) => {
    const values = codes.map((code) => code(run, scope));
    for (const candidate of candidates) {
      if (candidate.params.every((param, index) => hasType(values[index] ?? null, param))) return applied(run, candidate, values);
    }
    throw new CelError(`${NO_OVERLOAD}: ${fn}(${values.map(typeNameOf).join(', ')})`);
  };
}

function applied(run: Run, { cost, run: call }: Overload, values: readonly Value[]): Value {
  spend(run, cost === undefined ? 1 : Math.max(1, cost(...(values as never[]))));
  return call(...(values as never[]));
}

type Compile = (expr: Expr) => Code;

/** Operators that do not evaluate all they are given, or take anything. */
function specialOperator(fn: string, args: readonly Expr[], compile: Compile): Code | undefined {
  const [first, second, third] = args.map(compile) as [Code, Code, Code];
  switch (fn) {
    case '_&&_':
      return shortCircuit(first, second, false);
    case '_||_':
      return shortCircuit(first, second, true);
    case '_?_:_':
      return (run, scope) => {
        const condition = first(run, scope);
        if (typeof condition !== 'boolean') throw new CelError(NO_OVERLOAD);
        return condition ? second(run, scope) : third(run, scope);
      };
    case '_==_':
    case '_!=_':
      return (run, scope) => {
        const [left, right] = [first(run, scope), second(run, scope)];
        spend(run, Math.max(1, Math.min(sizeOf(left), sizeOf(right))));
        return isEqual(left, right) === (fn === '_==_');
      };
    case '_[_]':
    case '_[?_]':
      return indexing(first, second, fn === '_[?_]');
    default:
      return undefined;
  }
}

const sizeOf = (value: Value): number => {
  if (typeof value === 'string') return Math.ceil(value.length / 10);
  return value instanceof CelList || value instanceof CelMap ? value.size : 1;
};

function indexing(operand: Code, index: Code, optional: boolean): Code {
  return (run, scope) => {
    const outer = operand(run, scope);
    const key = index(run, scope);
    spend(run, 1);
    const inOptional = outer instanceof Optional;
    const holder = inOptional ? outer.value : outer;
    if (optional || inOptional) return new Optional(holder === undefined ? undefined : itemAt(holder, key));
    const item = itemAt(outer, key);
    if (item !== undefined) return item;
    throw new CelError(outer instanceof CelList ? `index out of bounds: ${keyText(key)}` : `no such key: ${keyText(key)}`);
  };
}

const keyText = (key: Value): string => keyOf(key).slice(1);

function itemAt(holder: Value, key: Value): Value | undefined {
  if (holder instanceof CelMap) return holder.get(key);
  if (holder instanceof CelObject && typeof key === 'string') return holder.get(key);
  if (!(holder instanceof CelList)) throw new CelError(NO_OVERLOAD);
  const number = typeof key === 'bigint' ? Number(key) : key instanceof Uint ? Number(key.value) : key;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
  return number < 0 || number >= holder.size ? undefined : holder.at(number);
}

/** An optional item or entry: left out when there is none. */
function unwrapped(value: Value, optional: boolean): Value | undefined {
  if (!optional) return value;
  if (!(value instanceof Optional))
    throw new CelError(`cannot initialize optional list element from non-optional value ${typeNameOf(value)}`);
  return value.value;
}

function compileList({ items }: ListExpr, context: CompileContext, locals: readonly string[]): Code {
  const codes = items.map(({ value, optional }) => ({ code: compileExpr(value, context, locals), optional }));
  return (run, scope) => {
    spend(run, LIST_COST);
    const values = codes.map(({ code, optional }) => unwrapped(code(run, scope), optional));
    return new CelList(values.filter((value) => value !== undefined));
  };
}

function compileMap({ entries }: MapExpr, context: CompileContext, locals: readonly string[]): Code {
  const codes = entries.map(({ key, value, optional }) => ({
    key: compileExpr(key, context, locals),
    value: compileExpr(value, context, locals),
    optional,
  }));
  return (run, scope) => {
    spend(run, MAP_COST);
    const pairs = new Map<string, readonly [Value, Value]>();
    for (const { key, value, optional } of codes) {
      const name = key(run, scope);
      const content = unwrapped(value(run, scope), optional);
      if (pairs.has(keyOf(name))) throw new CelError(`Failed with repeated key: ${keyText(name)}`);
      if (content !== undefined) pairs.set(keyOf(name), [name, content]);
    }
    return new CelMap(pairs);
  };
}
