/** etcdctl's command line: `--name=value`, `--name value`, `--flag`, `-w json`, in any order with the arguments. */

/** A command line that etcdctl does not take. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 128) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The flags of a command line. */
export interface Flags {
  flag(name: string): boolean;
  text(name: string, otherwise: string): string;
  number(name: string, otherwise: number): number;
}

const SWITCHES = new Set([
  'prefix',
  'from-key',
  'keys-only',
  'count-only',
  'print-value-only',
  'prev-kv',
  'ignore-value',
  'ignore-lease',
  'keys',
  'physical',
  'hex',
  'cluster',
  'interactive',
  'once',
]);
const WITH_VALUE = new Set([
  'rev',
  'limit',
  'order',
  'sort-by',
  'lease',
  'write-out',
  'endpoints',
  'cacert',
  'cert',
  'key',
  'consistency',
  'command-timeout',
]);
const SHORT: Readonly<Record<string, string>> = { w: 'write-out', i: 'interactive' };

/** Splits a command line. Throws `UsageError` for flags that etcdctl does not have. */
export function flagsOf(words: readonly string[]): { args: string[]; flags: Flags } {
  const args: string[] = [];
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--') {
      args.push(...words.slice(index + 1));
      break;
    }
    if (!/^-./.test(word)) {
      args.push(word);
      continue;
    }
    const [head = '', inline] = splitOnce(word.replace(/^--?/, ''));
    const name = word.startsWith('--') ? head : (SHORT[head] ?? head);
    if (SWITCHES.has(name)) values.set(name, inline ?? 'true');
    else if (!WITH_VALUE.has(name)) throw new UsageError(`unknown flag: ${word.split('=', 1)[0] ?? ''}`, 1);
    else {
      const value = inline ?? words[++index];
      if (value === undefined) throw new UsageError(`flag needs an argument: ${word}`, 1);
      values.set(name, value);
    }
  }
  return { args, flags: flagsIn(values) };
}

function splitOnce(text: string): [string, string?] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function flagsIn(values: ReadonlyMap<string, string>): Flags {
  return {
    flag: (name) => values.get(name) === 'true',
    text: (name, otherwise) => values.get(name) ?? otherwise,
    number(name, otherwise) {
      const text = values.get(name);
      if (text === undefined) return otherwise;
      if (!/^-?\d+$/.test(text))
        throw new UsageError(
          `invalid argument ${JSON.stringify(text)} for "--${name}" flag: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
          1,
        );
      return Number(text);
    },
  };
}
