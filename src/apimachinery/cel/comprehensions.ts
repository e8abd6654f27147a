/** Macros at run time: loops over lists and the keys of maps, and what maps an optional (`cel-go/parser/macro.go`, `ext/comprehensions.go`). */
import type { MacroExpr } from './ast.ts';
import { NO_OVERLOAD } from './functions.ts';
import { attempt, spend } from './run.ts';
import type { Code, Locals, Run } from './run.ts';
import { CelError, CelList, CelMap, Optional, keyOf } from './values.ts';
import type { Value } from './values.ts';

/** Compiles a macro. `bodies` compiles its arguments with these names in sight. */
export function compileMacro(expr: MacroExpr, range: Code, bodies: (names: readonly string[]) => Code[]): Code {
  const { macro, variables } = expr;
  const args = bodies(variables);
  const [first, last] = [args[0] as Code, args.at(-1) as Code];
  const filter = args.length === 2 ? first : undefined;
  switch (macro) {
    case 'all':
      return search(range, variables, first, false);
    case 'exists':
      return search(range, variables, first, true);
    case 'existsOne':
      return (run, scope) => {
        let count = 0;
        for (const local of steps(range(run, scope), variables, run, scope)) if (truth(first(run, local))) count++;
        return count === 1;
      };
    case 'filter':
      return (run, scope) => {
        const found: Value[] = [];
        for (const local of steps(range(run, scope), variables, run, scope)) if (truth(first(run, local))) found.push(local.value);
        return new CelList(found);
      };
    case 'map':
    case 'transformList':
      return (run, scope) => {
        const made: Value[] = [];
        for (const local of steps(range(run, scope), variables, run, scope)) {
          if (filter === undefined || truth(filter(run, local))) made.push(last(run, local));
        }
        return new CelList(made);
      };
    case 'transformMap':
    case 'transformMapEntry':
      return transformMap(range, variables, filter, last, macro === 'transformMapEntry');
    case 'optMap':
    case 'optFlatMap':
      return optional(range, variables[0] ?? '', first, macro === 'optFlatMap');
  }
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw new CelError(NO_OVERLOAD);
  return value;
}

type Local = Exclude<Locals, undefined>;

/** One scope for each step. With two variables the first is the index or key. */
function* steps(range: Value, [first = '', second]: readonly string[], run: Run, outer: Locals): Generator<Local> {
  if (range instanceof CelList) {
    for (let index = 0; index < range.size; index++) {
      spend(run, 1);
      if (second === undefined) yield { name: first, value: range.at(index), outer };
      else yield { name: second, value: range.at(index), outer: { name: first, value: BigInt(index), outer } };
    }
  } else if (range instanceof CelMap) {
    for (const key of range.keys()) {
      spend(run, 1);
      if (second === undefined) yield { name: first, value: key, outer };
      else yield { name: second, value: range.get(key) ?? null, outer: { name: first, value: key, outer } };
    }
  } else throw new CelError(NO_OVERLOAD);
}

/** `all` and `exists`: the first step that decides ends it; an error counts only when none does. */
function search(range: Code, variables: readonly string[], body: Code, decides: boolean): Code {
  return (run, scope) => {
    let failure: CelError | undefined;
    for (const local of steps(range(run, scope), variables, run, scope)) {
      const outcome = attempt(body, run, local);
      if (outcome === decides) return decides;
      if (outcome instanceof CelError) failure ??= outcome;
    }
    if (failure !== undefined) throw failure;
    return !decides;
  };
}

function transformMap(range: Code, variables: readonly string[], filter: Code | undefined, body: Code, entries: boolean): Code {
  return (run, scope) => {
    const pairs = new Map<string, readonly [Value, Value]>();
    for (const local of steps(range(run, scope), variables, run, scope)) {
      if (filter !== undefined && !truth(filter(run, local))) continue;
      const made = body(run, local);
      if (!entries) {
        const key = local.outer?.value ?? null;
        pairs.set(keyOf(key), [key, made]);
      } else if (made instanceof CelMap) {
        for (const key of made.keys()) {
          if (pairs.has(keyOf(key))) throw new CelError(`insert failed: key ${keyOf(key).slice(1)} already exists`);
          pairs.set(keyOf(key), [key, made.get(key) ?? null]);
        }
      } else throw new CelError(NO_OVERLOAD);
    }
    return new CelMap(pairs);
  };
}

function optional(range: Code, name: string, body: Code, flat: boolean): Code {
  return (run, scope) => {
    const holder = range(run, scope);
    if (!(holder instanceof Optional)) throw new CelError(NO_OVERLOAD);
    if (holder.value === undefined) return holder;
    const made = body(run, { name, value: holder.value, outer: scope });
    return flat ? made : new Optional(made);
  };
}
