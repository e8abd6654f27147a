/**
 * Reads a Corefile (`coredns/caddy` caddyfile: lexer, parser): server blocks, each with its zones and directives.
 * Left out: snippets and `import`.
 */

/** One line of a block: its words, and the lines of its own block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[];
  /** 1 for the first line of the file. */
  readonly line: number;
}

/** One server block. */
export interface ServerBlock {
  /** A full name in lower case, and a port: ".:53", "cluster.local:5353". */
  readonly keys: readonly { readonly zone: string; readonly port: number }[];
  readonly directives: readonly Directive[];
}

/** What is wrong with a Corefile, in CoreDNS's words but for the file's path. */
export class CorefileError extends Error {}

interface Token {
  readonly text: string;
  readonly line: number;
}

/** "word "two words" # comment" as words with their lines. An opening or closing brace stands for itself. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const [word] of line.matchAll(/"((?:[^"\\]|\\.)*)"|#.*|[^\s]+/g)) {
      if (word.startsWith('#')) break;
      found.push({ text: word.startsWith('"') ? word.slice(1, -1).replaceAll('\\"', '"') : word, line: index + 1 });
    }
  }
  return found;
}

/** The server blocks of a Corefile. Throws a `CorefileError`. */
export function parseCorefile(text: string, file = 'Corefile'): ServerBlock[] {
  const reader = new Reader(tokens(text), file);
  const blocks: ServerBlock[] = [];
  while (!reader.atEnd) blocks.push(reader.serverBlock());
  return blocks;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #at = 0;

  constructor(all: readonly Token[], file: string) {
    this.#tokens = all;
    this.#file = file;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  serverBlock(): ServerBlock {
    const keys: { zone: string; port: number }[] = [];
    const first = this.#tokens[this.#at]?.line ?? 0;
    while (!this.atEnd && this.#tokens[this.#at]?.text !== '{') keys.push(this.#key(this.#next()));
    if (this.atEnd) throw this.#error(first, "Unexpected EOF, expecting '{'");
    this.#at++;
    return { keys, directives: this.#block() };
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? { text: '', line: 0 };
  }

  #key({ text, line }: Token): { zone: string; port: number } {
    const plain = text.replace(/,$/, '').replace(/^dns:\/\//, '');
    const [, zone = '', port] = /^(.*?)(?::(\d+))?$/.exec(plain) ?? [];
    if (/^\w+:\/\//.test(plain)) throw this.#error(line, `unsupported transport: ${plain}`);
    const lower = zone.toLowerCase();
    return {
      zone: lower === '' || lower === '.' ? '.' : lower.endsWith('.') ? lower : `${lower}.`,
      port: port === undefined ? 53 : Number(port),
    };
  }

  /** The lines up to the closing brace. */
  #block(): Directive[] {
    const directives: Directive[] = [];
    for (;;) {
      if (this.atEnd) throw this.#error(this.#tokens.at(-1)?.line ?? 0, "Unexpected EOF, expecting '}'");
      const { text, line } = this.#next();
      if (text === '}') return directives;
      if (text === '{') throw this.#error(line, "Unexpected '{'");
      const args: string[] = [];
      let block: Directive[] = [];
      while (!this.atEnd && this.#tokens[this.#at]?.line === line) {
        const word = this.#tokens[this.#at]?.text ?? '';
        if (word === '}') break;
        this.#at++;
        if (word === '{') {
          block = this.#block();
          break;
        }
        args.push(word);
      }
      directives.push({ name: text, args, block, line });
    }
  }

  #error(line: number, message: string): CorefileError {
    return new CorefileError(`${this.#file}:${line} - Error during parsing: ${message}`);
  }
}
