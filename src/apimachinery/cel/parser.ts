/** From tokens to the syntax tree (`cel-go/parser/{parser,macro}.go`). Places in errors are those that cel-go reports. */
import { ownEntry } from '../own-entry.ts';
import type { Expr, MacroName } from './ast.ts';
import { CelSyntaxError } from './issue.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';

const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while in'.split(' '),
);
const EXPECTED = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
/** As cel-go's default limit on recursion. */
const MAX_DEPTH = 250;
/** Variables and arguments that each macro takes: [name, variables, arguments]. */
const MACROS: readonly (readonly [string, MacroName, number, number])[] = [
  ['all', 'all', 1, 1],
  ['all', 'all', 2, 1],
  ['exists', 'exists', 1, 1],
  ['exists', 'exists', 2, 1],
  ['exists_one', 'existsOne', 1, 1],
  ['existsOne', 'existsOne', 1, 1],
  ['existsOne', 'existsOne', 2, 1],
  ['map', 'map', 1, 1],
  ['map', 'map', 1, 2],
  ['filter', 'filter', 1, 1],
  ['transformList', 'transformList', 2, 1],
  ['transformList', 'transformList', 2, 2],
  ['transformMap', 'transformMap', 2, 1],
  ['transformMap', 'transformMap', 2, 2],
  ['transformMapEntry', 'transformMapEntry', 2, 1],
  ['transformMapEntry', 'transformMapEntry', 2, 2],
  ['optMap', 'optMap', 1, 1],
  ['optFlatMap', 'optFlatMap', 1, 1],
];
const RELATIONS: Readonly<Record<string, string>> = {
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  '==': '_==_',
  '!=': '_!=_',
};

/** Parses an expression. Throws `CelSyntaxError`. */
export function parse(source: string): Expr {
  return new Parser(tokenize(source)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expr {
    const expr = this.#expr();
    const { kind, text, at } = this.#peek();
    if (kind !== 'end') throw new CelSyntaxError(at, `Syntax error: extraneous input '${text}' expecting <EOF>`);
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  /** Takes an operator if it comes next. */
  #accept(text: string): Token | undefined {
    const token = this.#peek();
    return token.kind === 'op' && token.text === text ? this.#take() : undefined;
  }

  #expect(text: string): Token {
    const token = this.#accept(text);
    if (token !== undefined) return token;
    const { text: found, at } = this.#peek();
    throw new CelSyntaxError(
      at,
      found === '<EOF>' ? `Syntax error: missing '${text}' at '<EOF>'` : `Syntax error: mismatched input '${found}' expecting '${text}'`,
    );
  }

  #expr(): Expr {
    if (++this.#depth > MAX_DEPTH) throw new CelSyntaxError(this.#peek().at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const condition = this.#or();
    const question = this.#accept('?');
    if (question === undefined) {
      this.#depth--;
      return condition;
    }
    const yes = this.#or();
    this.#expect(':');
    const no = this.#expr();
    this.#depth--;
    return { k: 'call', fn: '_?_:_', args: [condition, yes, no], at: question.at };
  }

  #or(): Expr {
    return this.#leftToRight({ '||': '_||_' }, () => this.#and());
  }

  #and(): Expr {
    return this.#leftToRight({ '&&': '_&&_' }, () => this.#relation());
  }

  #relation(): Expr {
    let left = this.#addition();
    for (;;) {
      const { kind, text, at } = this.#peek();
      const fn = kind === 'op' ? RELATIONS[text] : kind === 'ident' && text === 'in' ? '@in' : undefined;
      if (fn === undefined) return left;
      this.#take();
      left = { k: 'call', fn, args: [left, this.#addition()], at };
    }
  }

  #addition(): Expr {
    return this.#leftToRight({ '+': '_+_', '-': '_-_' }, () => this.#multiplication());
  }

  #multiplication(): Expr {
    return this.#leftToRight({ '*': '_*_', '/': '_/_', '%': '_%_' }, () => this.#unary());
  }

  #leftToRight(operators: Readonly<Record<string, string>>, part: () => Expr): Expr {
    let left = part();
    for (;;) {
      const { kind, text, at } = this.#peek();
      const fn = kind === 'op' ? ownEntry(operators, text) : undefined;
      if (fn === undefined) return left;
      this.#take();
      left = { k: 'call', fn, args: [left, part()], at };
    }
  }

  #unary(): Expr {
    const { kind, text, at } = this.#peek();
    if (kind !== 'op' || (text !== '!' && text !== '-')) return this.#member();
    const signs: Token[] = [];
    while (this.#peek().kind === 'op' && this.#peek().text === text) signs.push(this.#take());
    const number = this.#peek();
    if (text === '-' && signs.length === 1 && (number.kind === 'int' || number.kind === 'double') && number.at === at + 1) {
      this.#take();
      const value = number.kind === 'int' ? -(number.value as bigint) : -(number.value as number);
      return this.#members({ k: 'literal', value, at });
    }
    const operand = this.#member();
    // An even number of signs cancels out.
    return signs.length % 2 === 0 ? operand : { k: 'call', fn: text === '!' ? '!_' : '-_', args: [operand], at };
  }

  #member(): Expr {
    return this.#members(this.#primary());
  }

  #members(first: Expr): Expr {
    let expr = first;
    for (;;) {
      const { kind, text, at } = this.#peek();
      if (kind !== 'op') return expr;
      if (text === '.' || text === '.?') {
        this.#take();
        const field = this.#fieldName();
        const open = text === '.' ? this.#accept('(') : undefined;
        if (open === undefined) expr = { k: 'select', operand: expr, field, at, ...(text === '.?' && { optional: true }) };
        else expr = this.#memberCall(expr, field, open);
      } else if (text === '[' || text === '[?') {
        this.#take();
        const index = this.#expr();
        this.#expect(']');
        expr = { k: 'call', fn: text === '[' ? '_[_]' : '_[?_]', args: [expr, index], at };
      } else return expr;
    }
  }

  #fieldName(): string {
    const { kind, text, at } = this.#take();
    if (kind !== 'ident') throw new CelSyntaxError(at, `Syntax error: no viable alternative at input '.${text === '<EOF>' ? '' : text}'`);
    return text.startsWith('`') ? text.slice(1, -1) : text;
  }

  #memberCall(target: Expr, fn: string, { at }: Token): Expr {
    const args = this.#arguments(')');
    const macro = MACROS.find(([name, , variables, count]) => name === fn && variables + count === args.length);
    if (macro === undefined) return { k: 'call', fn, target, args, at };
    const [, name, variables] = macro;
    const names = args.slice(0, variables).map((argument) => {
      if (argument.k !== 'ident') throw new CelSyntaxError(argument.at, 'argument must be a simple name');
      return argument.name;
    });
    return { k: 'macro', macro: name, range: target, variables: names, args: args.slice(variables), at };
  }

  #arguments(close: string): Expr[] {
    const args: Expr[] = [];
    if (this.#accept(close)) return args;
    do args.push(this.#expr());
    while (this.#accept(','));
    this.#expect(close);
    return args;
  }

  #primary(): Expr {
    const token = this.#take();
    const { kind, text, at, value } = token;
    switch (kind) {
      case 'int':
        if (value === 9_223_372_036_854_775_808n) throw new CelSyntaxError(at, 'Syntax error: invalid int literal');
        return { k: 'literal', value: value as bigint, at };
      case 'uint':
        return { k: 'literal', value: { uint: value as bigint }, at };
      case 'double':
      case 'string':
      case 'bytes':
        return { k: 'literal', value: value as number | string | Uint8Array, at };
      case 'ident':
        return this.#identifier(text, at);
      case 'op':
        return this.#bracketed(token);
      case 'end':
        throw new CelSyntaxError(at, `Syntax error: mismatched input '<EOF>' expecting ${EXPECTED}`);
    }
  }

  #identifier(text: string, at: number): Expr {
    if (text === 'true' || text === 'false') return { k: 'literal', value: text === 'true', at };
    if (text === 'null') return { k: 'literal', value: null, at };
    if (text.startsWith('`')) throw new CelSyntaxError(at, `Syntax error: mismatched input '${text}' expecting ${EXPECTED}`);
    if (RESERVED.has(text)) throw new CelSyntaxError(at, `Syntax error: reserved identifier: ${text}`);
    const open = this.#accept('(');
    if (open !== undefined) return this.#globalCall(text, open);
    if (this.#peek().text === '{' && this.#peek().kind === 'op') {
      this.#skipStruct();
      return { k: 'struct', name: text, at };
    }
    return { k: 'ident', name: text, at };
  }

  #skipStruct(): void {
    this.#expect('{');
    while (!this.#accept('}')) {
      this.#fieldName();
      this.#expect(':');
      this.#expr();
      if (!this.#accept(',')) {
        this.#expect('}');
        return;
      }
    }
  }

  #globalCall(fn: string, { at }: Token): Expr {
    const args = this.#arguments(')');
    if (fn !== 'has' || args.length !== 1) return { k: 'call', fn, args, at };
    const [operand] = args;
    if (operand?.k !== 'select' || operand.test) throw new CelSyntaxError(operand?.at ?? at, 'invalid argument to has() macro');
    return { ...operand, test: true, at };
  }

  #bracketed({ text, at }: Token): Expr {
    if (text === '(') {
      const inner = this.#expr();
      this.#expect(')');
      return inner;
    }
    if (text === '[' || text === '[?') return this.#list(at, text === '[?');
    if (text === '{') return this.#map(at);
    if (text === '.') return this.#identifier(this.#fieldName(), at);
    throw new CelSyntaxError(at, `Syntax error: mismatched input '${text}' expecting ${EXPECTED}`);
  }

  #list(at: number, firstOptional: boolean): Expr {
    const items: { value: Expr; optional: boolean }[] = [];
    let optional = firstOptional;
    while (optional || !this.#accept(']')) {
      optional = optional || this.#accept('?') !== undefined;
      items.push({ value: this.#expr(), optional });
      optional = false;
      if (!this.#accept(',')) {
        this.#expect(']');
        break;
      }
    }
    return { k: 'list', items, at };
  }

  #map(at: number): Expr {
    const entries: { key: Expr; value: Expr; optional: boolean }[] = [];
    while (!this.#accept('}')) {
      const optional = this.#accept('?') !== undefined;
      const key = this.#expr();
      this.#expect(':');
      entries.push({ key, value: this.#expr(), optional });
      if (!this.#accept(',')) {
        this.#expect('}');
        break;
      }
    }
    return { k: 'map', entries, at };
  }
}
