/**
 * What an expression can cost at most, from how large its data can be: cel-go's coster with Kubernetes' costs of its libraries
 * (`cel-go/checker/cost.go`, `k8s.io/apiserver/pkg/cel/library/cost.go`: EstimateCallCost). Only maxima are kept, because only they are
 * limited. Infinity stands for "as large as can be".
 */
// Differs: of lists that the expression itself makes, the sizes of the items are not followed.
import type { CallExpr, Expr, MacroExpr } from './ast.ts';
import { traversal } from './functions.ts';
import type { Type } from './types.ts';

/** How large values at one place of the data can be. */
export interface SizeNode {
  /** Characters, bytes, items or entries; 0 for what has no size. */
  readonly max: number;
  /** The items of a list, the values of a map. */
  readonly items?: SizeNode;
  readonly keys?: SizeNode;
  /** Fields of an object, by their names in expressions. */
  readonly fields?: ReadonlyMap<string, SizeNode>;
}

interface Size {
  readonly min: number;
  readonly max: number;
}

/** Where a value comes from: a place in the data, nowhere in it (`undefined`), or a place that the schema does not know. */
type Place = SizeNode | 'unknown' | undefined;

/** An expression as far as costs need it. */
interface Part {
  readonly cost: number;
  readonly type: Type;
  readonly size?: Size;
  readonly place?: Place;
}

type Locals = { readonly name: string; readonly place: Place; readonly outer: Locals } | undefined;

const LIST_COST = 10;
const MAP_COST = 30;
const UNKNOWN: Size = { min: 0, max: Infinity };
const ONE: Size = { min: 1, max: 1 };
const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);
const ORDERINGS = new Set(['_<_', '_<=_', '_>_', '_>=_']);

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
const isScalar = (type: Type): boolean => SCALARS.has(type.k) || (type.k === 'optional' && isScalar(type.of));
const may = ({ type }: Part, ...kinds: readonly string[]): boolean => type.k === 'dyn' || kinds.includes(type.k);

/** The largest cost of an expression. `types` are those of its parts; all variables are the data of `root`. */
export function estimatedCost(expr: Expr, types: ReadonlyMap<Expr, Type>, root: SizeNode): number {
  return new Estimate(types, root).of(expr, undefined).cost;
}

class Estimate {
  readonly #types: ReadonlyMap<Expr, Type>;
  readonly #root: SizeNode;

  constructor(types: ReadonlyMap<Expr, Type>, root: SizeNode) {
    this.#types = types;
    this.#root = root;
  }

  of(expr: Expr, locals: Locals): Part {
    const type = this.#types.get(expr) ?? { k: 'dyn' };
    switch (expr.k) {
      case 'literal':
        return { cost: 0, type, size: literalSize(expr.value) };
      case 'ident':
        return { cost: 1, type, place: this.#placeOf(expr.name, locals) };
      case 'select': {
        const operand = this.of(expr.operand, locals);
        if (expr.test) return { cost: operand.cost, type };
        if (expr.optional) return { cost: operand.cost + 1, type };
        const isLookUp = operand.type.k === 'map' || operand.type.k === 'object' || operand.type.k === 'param';
        return { cost: operand.cost + (isLookUp ? 1 : 0), type, place: this.#below(operand.place, expr.field) };
      }
      case 'list': {
        const cost = expr.items.reduce((sum, { value }) => sum + this.of(value, locals).cost, LIST_COST);
        return { cost, type, size: { min: expr.items.length, max: expr.items.length } };
      }
      case 'map': {
        const costs = expr.entries.map(({ key, value }) => this.of(key, locals).cost + this.of(value, locals).cost);
        return { cost: costs.reduce((sum, cost) => sum + cost, MAP_COST), type, size: { min: costs.length, max: costs.length } };
      }
      case 'struct':
        return { cost: 0, type };
      case 'call':
        return { type, ...this.#call(expr, locals) };
      case 'macro':
        return { type, ...this.#macro(expr, locals) };
    }
  }

  #placeOf(name: string, locals: Locals): Place {
    for (let at = locals; at !== undefined; at = at.outer) if (at.name === name) return at.place;
    return this.#root;
  }

  /** One step down. What was made by the expression is taken for the root, as cel-go's paths begin after their first name. */
  #below(place: Place, step: string): Place {
    if (place === undefined) return this.#root;
    if (place === 'unknown') return place;
    const next = step === '@items' ? place.items : step === '@keys' ? place.keys : place.fields?.get(step);
    return next ?? 'unknown';
  }

  #size({ size, place, type }: Part): Size {
    if (size !== undefined) return size;
    if (place !== undefined && place !== 'unknown') return { min: 0, max: place.max };
    return isScalar(type) ? ONE : UNKNOWN;
  }

  #call(expr: CallExpr, locals: Locals): Omit<Part, 'type'> {
    const args = expr.args.map((arg) => this.of(arg, locals));
    const [first, second, third] = args;
    const spent = args.reduce((sum, { cost }) => sum + cost, 0);
    const { fn } = expr;
    // A namespace before a function's name is not a value.
    const isMember = expr.target !== undefined && this.#types.has(expr.target);
    if (isMember && expr.target !== undefined) {
      const target = this.of(expr.target, locals);
      const { cost, size } = this.#method(fn, target, args);
      return { cost: target.cost + spent + cost, ...(size && { size }) };
    }
    if (first === undefined) return { cost: 1 };
    if (fn === '_&&_' || fn === '_||_') return { cost: spent };
    if (fn === '_?_:_' && second !== undefined && third !== undefined) {
      const size = union(this.#size(second), this.#size(third));
      return { cost: first.cost + Math.max(second.cost, third.cost), size };
    }
    if (fn === '_[_]') return { cost: spent + 1, place: this.#below(first.place, '@items') };
    if (fn === 'dyn') return { cost: spent + 1, size: this.#size(first) };
    const { cost, size } = second === undefined ? this.#unary(fn, first) : this.#binary(expr, first, second);
    return { cost: spent + cost, ...(size && { size }) };
  }

  #unary(fn: string, arg: Part): { cost: number; size?: Size } {
    const { min, max } = this.#size(arg);
    if (fn === 'url') return { cost: traversal(max) };
    if (fn === 'bytes' && may(arg, 'string')) return { cost: traversal(max), size: { min, max: max * 4 } };
    if (fn === 'string' && may(arg, 'bytes')) return { cost: traversal(max), size: { min: Math.floor(min / 4), max } };
    if (fn === 'quote') return { cost: traversal(max), size: { min: min + 2, max: max * 2 + 2 } };
    return { cost: 1 };
  }

  #binary({ fn, target }: CallExpr, left: Part, right: Part): { cost: number; size?: Size } {
    const [a, b] = [this.#size(left), this.#size(right)];
    const smaller = traversal(Math.min(a.max, b.max));
    if (fn === '_==_' || fn === '_!=_') return { cost: smaller };
    if (ORDERINGS.has(fn)) {
      const isText = may(left, 'string', 'bytes') && may(right, 'string', 'bytes');
      return { cost: isText ? (left.type.k === 'dyn' ? Math.max(1, smaller) : smaller) : 1 };
    }
    if (fn === '_+_') {
      const size = { min: a.min + b.min, max: a.max + b.max };
      if (may(left, 'string', 'bytes') && may(right, 'string', 'bytes')) return { cost: traversal(size.max), size };
      return may(left, 'list') && may(right, 'list') ? { cost: 1, size } : { cost: 1 };
    }
    if (fn === '@in') return { cost: may(right, 'list') ? b.max : 1 };
    if (target?.k === 'ident' && target.name === 'sets') return { cost: 1 + times(a.max, b.max) * (fn === 'equivalent' ? 2 : 1) };
    return { cost: 1 };
  }

  #method(fn: string, target: Part, args: readonly Part[]): { cost: number; size?: Size } {
    const [first, second] = args;
    const own = this.#size(target);
    const through = traversal(own.max);
    const argument = first === undefined ? UNKNOWN : this.#size(first);
    switch (fn) {
      case 'startsWith':
      case 'endsWith':
        return { cost: traversal(argument.max) };
      case 'contains':
        return { cost: times(through, traversal(argument.max)) };
      case 'matches':
      case 'find':
      case 'findAll': {
        const cost = times(traversal(own.max + 1), Math.ceil(argument.max * 0.25));
        return fn === 'matches' ? { cost } : { cost, size: { min: 0, max: own.max } };
      }
      case 'lowerAscii':
      case 'upperAscii':
      case 'substring':
      case 'trim':
        return { cost: through, size: own };
      case 'replace':
        return { cost: traversal(own.max * 2), size: replaced(own, argument, second === undefined ? UNKNOWN : this.#size(second)) };
      case 'split':
        return { cost: traversal(own.max * 2), size: { min: 0, max: own.max } };
      case 'join':
        return this.#join(target, own, first && argument);
      case 'isSorted':
      case 'sum':
      case 'max':
      case 'min':
      case 'indexOf':
      case 'lastIndexOf':
        return { cost: target.type.k === 'list' ? times(own.max, 1 + this.#itemTraversal(target, target.type.of)) : through };
      case 'format':
        return { cost: target.type.k === 'string' ? through : 1 };
      case 'containsIP':
        return { cost: 4 + (first?.type.k === 'string' ? traversal(argument.max) : 0) };
      case 'containsCIDR':
        return { cost: 7 + (first?.type.k === 'string' ? traversal(argument.max) : 0) };
      case 'check':
        return { cost: 350_000 };
      default:
        return { cost: 1 };
    }
  }

  /** Going through one item of a list; nothing where items have no length. */
  #itemTraversal(list: Part, type: Type): number {
    return type.k === 'string' || type.k === 'bytes' ? traversal(this.#itemSize(list, type).max) : 0;
  }

  /** Items of what the expression made can be of any size. */
  #itemSize(list: Part, type: Type): Size {
    return list.place === undefined ? UNKNOWN : { ...this.#size({ cost: 0, type, place: this.#below(list.place, '@items') }) };
  }

  #join(list: Part, own: Size, separator: Size | undefined): { cost: number; size: Size } {
    const item = list.type.k === 'list' ? this.#itemSize(list, list.type.of) : { min: 0, max: 0 };
    const between = times(separator?.max ?? 0, Math.max(0, own.max - 1));
    const size = { min: times(own.min, item.min), max: times(own.max, item.max) + between };
    return { cost: traversal(size.max), size };
  }

  /** The loops that macros stand for (`cel-go/parser/macro.go`): the condition and the step of each round, then the result. */
  #macro({ macro, range, variables, args }: MacroExpr, locals: Locals): Omit<Part, 'type'> {
    const over = this.of(range, locals);
    const body = (inner: Locals) => args.map((arg) => this.of(arg, inner).cost);
    if (macro === 'optMap' || macro === 'optFlatMap') {
      // `o.hasValue() ? optional.of(bind(x, o.value(), f)) : optional.none()`
      const [f = 0] = body({ name: variables[0] ?? '', place: undefined, outer: locals });
      return { cost: over.cost + 1 + LIST_COST + over.cost + 1 + f + (macro === 'optMap' ? 1 : 0) };
    }
    const isList = over.type.k === 'list';
    const value = this.#below(over.place, '@items');
    const places = variables.length > 1 ? ['unknown' as const, value] : [isList ? value : this.#below(over.place, '@keys')];
    const inner = variables.reduce<Locals>((outer, name, index) => ({ name, place: places[index], outer }), locals);
    const costs = body(inner);
    const [first = 0] = costs;
    const last = costs.at(-1) ?? 0;
    const { max } = this.#size(over);
    const filtered = (step: number) => (costs.length > 1 ? first + Math.max(step, 1) : step);
    const rounds = (step: number, start: number, result = 1) => over.cost + start + times(max, step) + result;
    const size = { min: 0, max };
    switch (macro) {
      case 'all':
        return { cost: rounds(3 + first, 0), size: ONE };
      case 'exists':
        return { cost: rounds(4 + first, 0), size: ONE };
      case 'existsOne':
        return { cost: rounds(2 + first, 0, 2), size: ONE };
      case 'filter':
        return { cost: rounds(first + 13, LIST_COST), size };
      case 'map':
      case 'transformList':
        return { cost: rounds(filtered(last + LIST_COST + 2), LIST_COST), size };
      case 'transformMap':
        return { cost: rounds(filtered(last + 3), MAP_COST), size };
      case 'transformMapEntry':
        return { cost: rounds(filtered(last + 2), MAP_COST), size };
    }
  }
}

const union = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** The longest text that replacing can make. */
function replaced(own: Size, from: Size, to: Size): Size {
  if (from.min === 0) return { min: 0, max: times(own.max + 1, to.max) + own.max };
  if (to.max <= from.min) return { min: 0, max: own.max };
  return { min: 0, max: times(Math.ceil(own.max / from.min), to.max) };
}

function literalSize(value: unknown): Size {
  const length = typeof value === 'string' ? [...value].length : value instanceof Uint8Array ? value.length : 1;
  return { min: length, max: length };
}
