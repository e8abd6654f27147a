/**
 * CEL as Kubernetes 1.33 sets it up (`k8s.io/apiserver/pkg/cel/environment/base.go`): declared variables, all libraries, a limit on the
 * cost of each run. An own evaluator: it gives cel-go's findings and counts costs as cel-go does, which clients see.
 */
import type { Expr } from './ast.ts';
import { check } from './checker.ts';
import { functionTable } from './functions.ts';
import type { FunctionTable, Library } from './functions.ts';
import { compileExpr } from './interpreter.ts';
import { CelSyntaxError, issuesText } from './issue.ts';
import { formatLibrary, listsLibrary, quantityLibrary, regexLibrary, semverLibrary } from './kubernetes-library.ts';
import { addressLibrary, urlLibrary } from './network-library.ts';
import { parse } from './parser.ts';
import type { Run } from './run.ts';
import { standardLibrary } from './standard.ts';
import { setsLibrary, stringsLibrary } from './strings-library.ts';
import { timeLibrary } from './time.ts';
import { typeText } from './types.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** What one run of one expression may cost (`celconfig.PerCallLimit`). */
export const PER_CALL_LIMIT = 1_000_000;
/** What all expressions of one policy or object may cost together (`celconfig.RuntimeCELCostBudget`). */
export const RUNTIME_BUDGET = 10_000_000;

/** An expression that can be run. */
export interface Program {
  readonly source: string;
  readonly type: Type;
  readonly expr: Expr;
  /** Runs it; throws `CelError`. `cost` is told what was spent, also when it fails. */
  run(variables: (name: string) => Value | undefined, cost?: (spent: number) => void): Value;
}

/** The outcome of compiling: a program, or cel-go's text about what is wrong. */
export type Compiled = { readonly program: Program; readonly error?: undefined } | { readonly program?: undefined; readonly error: string };

const LIBRARIES: readonly Library[] = [
  standardLibrary,
  timeLibrary,
  stringsLibrary,
  setsLibrary,
  listsLibrary,
  regexLibrary,
  quantityLibrary,
  formatLibrary,
  semverLibrary,
  addressLibrary,
  urlLibrary,
];

let standardTable: FunctionTable | undefined;

/** Functions and variables that expressions may use. */
export class Environment {
  readonly #variables: ReadonlyMap<string, Type>;
  readonly #functions: FunctionTable;

  constructor(variables: ReadonlyMap<string, Type>, more: readonly Library[] = []) {
    this.#variables = variables;
    standardTable ??= functionTable(LIBRARIES);
    this.#functions = more.length === 0 ? standardTable : functionTable([...LIBRARIES, ...more]);
  }

  /** Parses and checks; `wanted` are the types that the result may have. */
  compile(source: string, wanted: readonly Type[] = []): Compiled {
    let expr: Expr;
    try {
      expr = parse(source);
    } catch (error) {
      if (!(error instanceof CelSyntaxError)) throw error;
      return { error: `compilation failed: ${issuesText(source, [{ at: error.at, message: error.message }])}` };
    }
    const { type, issues } = check(expr, this.#variables, this.#functions);
    if (issues.length > 0) return { error: `compilation failed: ${issuesText(source, issues)}` };
    if (wanted.length > 0 && !wanted.some((one) => typeText(one) === typeText(type))) {
      const [only] = wanted;
      return {
        error:
          wanted.length === 1 && only
            ? `must evaluate to ${typeText(only)}`
            : `must evaluate to one of the types: [${wanted.map(typeText).join(' ')}]`,
      };
    }
    return { program: this.#program(source, expr, type) };
  }

  /** The types of all parts of an expression that compiles here. */
  typesOf(expr: Expr): ReadonlyMap<Expr, Type> {
    const types = new Map<Expr, Type>();
    check(expr, this.#variables, this.#functions, types);
    return types;
  }

  #program(source: string, expr: Expr, type: Type): Program {
    const code = compileExpr(expr, { functions: this.#functions, isVariable: (name) => this.#variables.has(name) }, []);
    return {
      source,
      type,
      expr,
      run(variables, cost) {
        const run: Run = { variables, cost: 0, limit: PER_CALL_LIMIT };
        try {
          return code(run, undefined);
        } finally {
          cost?.(run.cost);
        }
      },
    };
  }
}

/** Whether an expression names a variable, outside of macros that declare it anew. */
export function usesVariable(expr: Expr, name: string): boolean {
  const uses = (part: Expr): boolean => usesVariable(part, name);
  switch (expr.k) {
    case 'literal':
    case 'struct':
      return false;
    case 'ident':
      return expr.name === name;
    case 'select':
      return uses(expr.operand);
    case 'call':
      return (expr.target !== undefined && uses(expr.target)) || expr.args.some(uses);
    case 'list':
      return expr.items.some(({ value }) => uses(value));
    case 'map':
      return expr.entries.some(({ key, value }) => uses(key) || uses(value));
    case 'macro':
      return uses(expr.range) || (!expr.variables.includes(name) && expr.args.some(uses));
  }
}
