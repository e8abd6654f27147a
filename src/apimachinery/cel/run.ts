/** One run of a compiled expression: variables, costs, and logic that looks past errors (`cel-go/interpreter/{interpretable,runtimecost}.go`). */
import { NO_OVERLOAD } from './functions.ts';
import type { Scope } from './scope.ts';
import { CelError } from './values.ts';
import type { Value } from './values.ts';

/** Stops a run for good: no `||` gets past it. */
export class CostError extends CelError {}

/** One run: variables and what it has cost. */
export interface Run {
  readonly variables: (name: string) => Value | undefined;
  cost: number;
  readonly limit: number;
}

/** The innermost variables of comprehensions. */
export type Locals = Scope<Value> | undefined;
/** A compiled expression. Throws `CelError`. */
export type Code = (run: Run, locals: Locals) => Value;

/** Counts a cost. Throws `CostError` above the limit. */
export function spend(run: Run, cost: number): void {
  run.cost += cost;
  if (run.cost > run.limit) throw new CostError('operation cancelled: actual cost limit exceeded');
}

/** `&&` and `||`: the side that decides wins, even when the other one fails. */
export function shortCircuit(first: Code, second: Code, decides: boolean): Code {
  return (run, scope) => {
    const left = attempt(first, run, scope);
    if (left === decides) return decides;
    const right = attempt(second, run, scope);
    if (right === decides) return decides;
    for (const side of [left, right]) if (side instanceof CelError) throw side;
    return !decides;
  };
}

/** A truth value, or the error in its place. Throws `CostError`. */
export function attempt(code: Code, run: Run, scope: Locals): boolean | CelError {
  try {
    const value = code(run, scope);
    return typeof value === 'boolean' ? value : new CelError(NO_OVERLOAD);
  } catch (error) {
    if (!(error instanceof CelError) || error instanceof CostError) throw error;
    return error;
  }
}
