/**
 * The text form of label selectors, as in `kubectl get -l` and the `labelSelector` query parameter
 * (`Parser` and `Lexer` in `k8s.io/apimachinery/pkg/labels/selector.go`).
 *
 *     selector    = [requirement {"," requirement}]
 *     requirement = key | "!" key | key ("=" | "==" | "!=" | ">" | "<") value | key ("in" | "notin") "(" values ")"
 */
import { badRequest, invalidValue } from './status.ts';
import { aggregateText, newRequirement, selectorOf } from './labels.ts';
import { isQualifiedName } from './names.ts';
import type { Requirement, Selector } from './labels.ts';

type TokenKind = 'end' | 'identifier' | 'error' | ')' | '(' | ',' | '!' | '==' | '=' | '!=' | '>' | '<' | 'in' | 'notin';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const SYMBOLS = ['==', '!=', ')', '(', ',', '!', '=', '>', '<'] as const;
const SYMBOL = /^[=!(),><]/;

function symbolAt(text: string): Token {
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate));
  return symbol ? { kind: symbol, text: symbol } : { kind: 'error', text: '' };
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let rest = text.replace(/^[ \t\r\n]+/, '');
  while (rest !== '') {
    let token: Token;
    if (SYMBOL.test(rest)) token = symbolAt(rest);
    else {
      const word = /^[^=!(),><\s]+/.exec(rest)?.[0] ?? rest.charAt(0);
      token = { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
    }
    tokens.push(token);
    rest = rest.slice(token.text.length).replace(/^[ \t\r\n]+/, '');
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const END: Token = { kind: 'end', text: '' };

class Parser {
  readonly #tokens: Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** The next token where a key or value may stand: there "in" and "notin" are ordinary words. */
  #peek(): Token {
    const token = this.#tokens[this.#position] ?? END;
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const start = this.#peek();
      if (start.kind === 'end') return requirements;
      if (start.kind !== 'identifier' && start.kind !== '!') {
        throw badRequest(`found '${start.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.kind === 'end') return requirements;
      if (next.kind !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.kind !== '!') throw badRequest(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    let token = this.#take();
    const negated = token.kind === '!';
    if (negated) token = this.#take();
    if (token.kind !== 'identifier') throw this.#error(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const messages = isQualifiedName(key);
    // The parser has no field path; Go prints the missing path as "<nil>".
    if (messages.length > 0) throw this.#error(aggregateText([invalidValue('<nil>', key, messages.join('; '))]));
    if (negated) return this.#build(key, '!', []);
    const next = this.#peek().kind;
    if (next === 'end' || next === ',') return this.#build(key, 'exists', []);
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const { kind, text } = this.#tokens[this.#position++] ?? END;
    switch (kind) {
      case 'in':
      case 'notin':
        return this.#build(key, kind, this.#values());
      case '=':
      case '==':
      case '!=':
        return this.#build(key, kind, [this.#exactValue()]);
      case '>':
      case '<':
        return this.#build(key, kind === '>' ? 'gt' : 'lt', [this.#exactValue()]);
      default:
        throw this.#error(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #exactValue(): string {
    const next = this.#peek().kind;
    if (next === 'end' || next === ',') return '';
    const token = this.#take();
    if (token.kind !== 'identifier') throw this.#error(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** "(a,b)", sorted and without repetitions; an empty place between commas is the value "". */
  #values(): string[] {
    const open = this.#take();
    if (open.kind !== '(') throw this.#error(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    let expectValue = true;
    for (;;) {
      const token = this.#take();
      if (token.kind === 'identifier' && expectValue) {
        values.add(token.text);
        expectValue = false;
      } else if (token.kind === ',' || token.kind === ')') {
        if (expectValue) values.add('');
        if (token.kind === ')') return [...values].sort();
        expectValue = true;
      } else throw this.#error(`found '${token.text}', expected: ${expectValue ? "',', ')' or identifier" : "',' or ')'"}`);
    }
  }

  #build(key: string, operator: string, values: string[]): Requirement {
    try {
      return newRequirement(key, operator, values);
    } catch (error) {
      throw this.#error((error as Error).message);
    }
  }

  #error(text: string): Error {
    return badRequest(`unable to parse requirement: ${text}`);
  }
}

/** Reads a selector (`labels.Parse`). The empty text selects everything. Throws BadRequest with upstream's text. */
export function parseSelector(text: string): Selector {
  return selectorOf(new Parser(text).parse());
}
