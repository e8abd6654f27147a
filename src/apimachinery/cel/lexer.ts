/** From text to tokens (`cel-go/parser/gen/CEL.g4`, `parser/unescape.go`). */
import { forEachUtf8Byte } from '../utf8.ts';
import { CelSyntaxError } from './issue.ts';

/** One token. `value` is what a literal stands for. */
export interface Token {
  readonly kind: 'ident' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'op' | 'end';
  readonly text: string;
  readonly at: number;
  readonly value?: bigint | number | string | Uint8Array;
}

const SPACE = /(?:[\t\r\n\f ]|\/\/[^\n]*)+/y;
const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED_IDENT = /`[A-Za-z0-9_.\-/ ]+`/y;
const STRING_START = /([rR][bB]|[bB][rR]|[rR]|[bB])?("""|'''|"|')/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||\.\?|\[\?|[-+*/%<>!?:.,()[\]{}]/y;
const MAX_INT = 9_223_372_036_854_775_807n;
const MAX_UINT = 18_446_744_073_709_551_615n;

/** All tokens, with an `end` last. Throws `CelSyntaxError`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const space = matchAt(SPACE, source, at);
    if (space !== undefined) {
      at += space[0].length;
      continue;
    }
    const token = nextToken(source, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

function nextToken(source: string, at: number): Token {
  const string = matchAt(STRING_START, source, at);
  if (string !== undefined) return stringToken(source, at, string[0].length, (string[1] ?? '').toLowerCase(), string[2] ?? '');
  const number = matchAt(NUMBER, source, at);
  if (number !== undefined) return numberToken(number[0], at);
  const ident = matchAt(IDENT, source, at) ?? matchAt(QUOTED_IDENT, source, at);
  if (ident !== undefined) return { kind: 'ident', text: ident[0], at };
  const operator = matchAt(OPERATOR, source, at);
  if (operator !== undefined) return { kind: 'op', text: operator[0], at };
  throw new CelSyntaxError(at, `Syntax error: token recognition error at: '${source.slice(at, at + 1)}'`);
}

function numberToken(text: string, at: number): Token {
  if (/^0x/i.test(text) ? false : /[.eE]/.test(text)) return { kind: 'double', text, at, value: Number(text) };
  if (/[uU]$/.test(text)) {
    const value = BigInt(text.slice(0, -1));
    if (value > MAX_UINT) throw new CelSyntaxError(at, 'Syntax error: invalid uint literal');
    return { kind: 'uint', text, at, value };
  }
  const value = BigInt(text);
  // The smallest number is written with a minus before it.
  if (value > MAX_INT + 1n) throw new CelSyntaxError(at, 'Syntax error: invalid int literal');
  return { kind: 'int', text, at, value };
}

function stringToken(source: string, at: number, prefix: number, flags: string, quote: string): Token {
  const raw = flags.includes('r');
  const bytes = flags.includes('b');
  let end = at + prefix;
  for (;;) {
    if (end >= source.length || (quote.length === 1 && source[end] === '\n'))
      throw new CelSyntaxError(at, `Syntax error: token recognition error at: '${source.slice(at).split('\n', 1)[0] ?? ''}'`);
    if (source.startsWith(quote, end)) break;
    end += source[end] === '\\' && !raw ? 2 : 1;
  }
  const text = source.slice(at, end + quote.length);
  const body = source.slice(at + prefix, end).replaceAll('\r\n', '\n');
  if (!bytes) return { kind: 'string', text, at, value: raw ? body : unescape(body, at) };
  return { kind: 'bytes', text, at, value: raw ? utf8(body) : unescapeBytes(body, at) };
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};
const ESCAPE = /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.?))/gs;

function unescape(body: string, at: number): string {
  return body.replace(ESCAPE, (_whole, simple?: string, x?: string, u?: string, long?: string, octal?: string) => {
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    const hex = x ?? u ?? long;
    const code = hex !== undefined ? parseInt(hex, 16) : octal !== undefined ? parseInt(octal, 8) : -1;
    if (code < 0 || code > 0x10ffff) throw new CelSyntaxError(at, 'Syntax error: unable to unescape string');
    return String.fromCodePoint(code);
  });
}

function unescapeBytes(body: string, at: number): Uint8Array {
  const bytes: number[] = [];
  let last = 0;
  for (const match of body.matchAll(ESCAPE)) {
    bytes.push(...utf8(body.slice(last, match.index)));
    const [, , x, , , octal] = match;
    if (x !== undefined) bytes.push(parseInt(x, 16));
    else if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else bytes.push(...utf8(unescape(match[0], at)));
    last = match.index + match[0].length;
  }
  bytes.push(...utf8(body.slice(last)));
  return Uint8Array.from(bytes);
}

/** The UTF-8 form of a text. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  forEachUtf8Byte(text, (byte) => bytes.push(byte));
  return Uint8Array.from(bytes);
}
