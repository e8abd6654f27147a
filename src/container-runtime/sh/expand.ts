/**
 * Expansion of words: parameters, commands, arithmetic; then field splitting, path names and quote removal (POSIX,
 * Shell Command Language 2.6).
 */
import type { CommandExpansionPart, DoubleQuotedChild, ParameterExpansionPart, ParsedScript, Word, WordPart } from 'unbash';
import { TextOutput } from '../../linux/streams.ts';
import type { Steps } from '../../linux/syscalls.ts';
import { evaluate } from './arithmetic.ts';
import { escapePattern, matches, patternSource } from './pattern.ts';
import { ExitShell, type Shell } from './shell.ts';

/** Runs a script in a subshell; handed in, because running needs expansion itself. */
export type RunScript = (shell: Shell, script: ParsedScript) => Steps<number>;

const MAX_SUBSTITUTIONS = 64;

/** A field in the making: its text, the pattern it is, and whether it has to stay even when empty. */
interface Field {
  text: string;
  pattern: string;
  globs: boolean;
  keep: boolean;
}

const newField = (): Field => ({ text: '', pattern: '', globs: false, keep: false });

/** Expands words. One per interpreter. */
export class Expander {
  readonly #run: RunScript;
  #depth = 0;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /** Words of a command: any number of fields each. */
  *fields(shell: Shell, words: readonly Word[]): Steps<string[]> {
    const result: string[] = [];
    for (const word of words) {
      if (word.parts === undefined) result.push(tilde(shell, word));
      else if (word.parts.every((part) => part.type === 'Literal' || part.type === 'BraceExpansion')) result.push(...braces(word.text));
      else for (const field of yield* this.#split(shell, word)) result.push(...paths(shell, field));
    }
    return result;
  }

  /** One text, without splitting: assignments, redirections, `case`. */
  *text(shell: Shell, word: Word | undefined): Steps<string> {
    if (word === undefined) return '';
    if (word.parts === undefined) return tilde(shell, word);
    return yield* this.parts(shell, word.parts);
  }

  /** The texts of parts joined. */
  *parts(shell: Shell, parts: readonly WordPart[]): Steps<string> {
    let text = '';
    for (const part of parts) text += yield* this.#value(shell, part);
    return text;
  }

  /** A pattern's regular expression; what is quoted stands for itself. */
  *pattern(shell: Shell, word: Word): Steps<string> {
    if (word.parts === undefined) return word.text.includes('\\') ? escapePattern(word.value) : patternSource(word.value);
    let source = '';
    for (const part of word.parts) {
      const text = yield* this.#value(shell, part);
      const quoted = part.type === 'SingleQuoted' || part.type === 'DoubleQuoted' || part.type === 'AnsiCQuoted' || part.type === 'Literal';
      source += quoted ? escapePattern(text) : patternSource(text);
    }
    return source;
  }

  *#split(shell: Shell, word: Word): Steps<Field[]> {
    const fields: Field[] = [];
    let current = newField();
    const finish = () => {
      if (current.text !== '' || current.keep) fields.push(current);
      current = newField();
    };
    const append = (text: string, quoted: boolean) => {
      current.text += text;
      current.pattern += quoted ? escapePattern(text) : patternSource(text, false);
      if (quoted) current.keep = true;
      else if (/[*?[]/.test(text)) current.globs = true;
    };
    const appendSplit = (text: string) => {
      const pieces = splitFields(text, shell.variables.get('IFS') ?? ' \t\n');
      pieces.forEach((piece, index) => {
        if (index > 0) finish();
        append(piece, false);
      });
    };
    for (const part of word.parts ?? []) {
      if (part.type === 'Literal') {
        current.text += part === word.parts?.[0] ? tildeText(shell, part.value) : part.value;
        current.pattern += escapePattern(part.value);
      } else if (part.type === 'Glob') append(yield* this.#value(shell, part), false);
      else if (isList(part)) {
        shell.parameters.forEach((parameter, index) => {
          if (index > 0) finish();
          append(parameter, true);
        });
      } else if (part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted' || part.type === 'DoubleQuoted')
        append(yield* this.#value(shell, part), true);
      else if (part.type === 'BraceExpansion') appendSplit(braces(part.text).join(' '));
      else appendSplit(yield* this.#value(shell, part));
    }
    finish();
    return fields;
  }

  *#value(shell: Shell, part: WordPart | DoubleQuotedChild): Steps<string> {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return part.value;
      case 'Glob':
        return part.kind === 'bracket' ? `[${yield* this.parts(shell, part.parts)}]` : part.value;
      case 'DoubleQuoted':
      case 'LocaleString':
        return yield* this.parts(shell, part.parts);
      case 'SimpleExpansion':
        return this.#parameter(shell, part.text.slice(1));
      case 'ParameterExpansion':
        return yield* this.#parameterExpansion(shell, part);
      case 'CommandExpansion':
        return yield* this.#substitute(shell, part);
      case 'ArithmeticExpansion':
        return String(evaluate(shell, part.expression, operandText));
      default:
        return part.text;
    }
  }

  #parameter(shell: Shell, name: string): string {
    const value = parameter(shell, name);
    if (value !== undefined) return value;
    if (shell.options.has('u') && !['@', '*', '!'].includes(name)) {
      shell.complain(`${name}: parameter not set`);
      throw new ExitShell(2);
    }
    return '';
  }

  *#parameterExpansion(shell: Shell, part: ParameterExpansionPart): Steps<string> {
    const { operation, prefix } = part;
    const name = prefix === '!' ? (parameter(shell, part.parameter) ?? '') : part.parameter;
    if (operation === undefined) return prefix === '#' ? String(this.#parameter(shell, name).length) : this.#parameter(shell, name);
    const value = parameter(shell, name);
    switch (operation.type) {
      case 'Default':
        return yield* this.#default(shell, name, value, operation.operator, operation.operand);
      case 'Remove':
        return remove(value ?? '', operation.operator, yield* this.pattern(shell, operation.operand));
      case 'Replace': {
        const source = yield* this.pattern(shell, operation.pattern);
        const anchored = operation.operator === '/#' ? `^(?:${source})` : operation.operator === '/%' ? `(?:${source})$` : source;
        const replacement = yield* this.text(shell, operation.replacement);
        return (value ?? '').replace(new RegExp(anchored, operation.operator === '//' ? 'g' : ''), () => replacement);
      }
      case 'Slice': {
        const offset = Number(yield* this.text(shell, operation.offset));
        const from = offset < 0 ? (value ?? '').length + offset : offset;
        const length = operation.length === undefined ? undefined : Number(yield* this.text(shell, operation.length));
        return (value ?? '').slice(from, length === undefined ? undefined : length < 0 ? length : from + length);
      }
      case 'CaseModification': {
        const upper = operation.operator.startsWith('^');
        const change = (text: string) => (upper ? text.toUpperCase() : text.toLowerCase());
        return operation.operator.length === 2 ? change(value ?? '') : change((value ?? '').slice(0, 1)) + (value ?? '').slice(1);
      }
      default:
        shell.complain('bad substitution');
        throw new ExitShell(2);
    }
  }

  *#default(shell: Shell, name: string, value: string | undefined, operator: string, operand: Word): Steps<string> {
    const missing = value === undefined || (operator.startsWith(':') && value === '');
    if (operator.endsWith('+')) return missing ? '' : yield* this.text(shell, operand);
    if (!missing) return value;
    const text = yield* this.text(shell, operand);
    if (operator.endsWith('=')) shell.variables.set(name, text);
    if (operator.endsWith('?')) {
      shell.complain(`${name}: ${text || 'parameter null or not set'}`);
      throw new ExitShell(2);
    }
    return text;
  }

  *#substitute(shell: Shell, { script }: CommandExpansionPart): Steps<string> {
    if (script === undefined) return '';
    if (this.#depth >= MAX_SUBSTITUTIONS) throw new ExitShell(2);
    const output = new TextOutput();
    const inner = shell.subshell();
    inner.streams.stdout = output;
    this.#depth++;
    try {
      shell.status = yield* this.#run(inner, script);
    } finally {
      this.#depth--;
    }
    return output.text.replace(/\n+$/, '');
  }
}

/** Differs: inside of `$((…))` only plain parameters are expanded, not commands. */
function operandText(shell: Shell, word: { value: string; parts?: readonly WordPart[] | undefined }): string {
  return word.value.replace(
    /\$(?:\{(\w+)\}|([a-zA-Z_]\w*|[0-9#?$!]))/g,
    (_whole, braced?: string, bare?: string) => parameter(shell, braced ?? bare ?? '') ?? '',
  );
}

/** "$@" keeps its parameters apart. */
function isList(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted')
    return part.parts.length === 1 && part.parts[0]?.type === 'SimpleExpansion' && part.parts[0].text === '$@';
  return false;
}

/** A variable, a positional or a special parameter; undefined when not set. */
function parameter(shell: Shell, name: string): string | undefined {
  if (/^\d+$/.test(name)) return name === '0' ? shell.name : shell.parameters[Number(name) - 1];
  switch (name) {
    case '?':
      return String(shell.status);
    case '#':
      return String(shell.parameters.length);
    case '$':
      return String(shell.process.nsPid);
    case '!':
      return shell.lastJob === undefined ? undefined : String(shell.lastJob);
    case '@':
    case '*':
      return shell.parameters.join(' ');
    case '-':
      return [...shell.options].join('');
    case 'RANDOM':
      return String(shell.process.machine.random.int(32768));
    case 'PPID':
      return String(shell.process.parent?.nsPid ?? 0);
    default:
      return shell.variables.get(name);
  }
}

/** Fields of an unquoted expansion. White space at the ends makes no fields, but separates from what stands beside it. */
function splitFields(text: string, ifs: string): string[] {
  if (ifs === '' || text === '') return [text];
  const set = `[${ifs.replace(/[\\\]^-]/g, '\\$&')}]`;
  const onlySpace = /^\s*$/.test(ifs);
  return text.split(new RegExp(onlySpace ? `${set}+` : `[ \\t\\n]*${set}[ \\t\\n]*`));
}

function remove(value: string, operator: string, source: string): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  const longestFirst = operator.length === 2;
  const order = longestFirst ? lengths.reverse() : lengths;
  const isPrefix = operator.startsWith('#');
  for (const length of order) {
    const part = isPrefix ? value.slice(0, length) : value.slice(value.length - length);
    if (matches(source, part)) return isPrefix ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

/** "{1..5}" and "{a,b}". */
function braces(text: string): string[] {
  const range = /^(.*)\{(-?\d+)\.\.(-?\d+)\}(.*)$/.exec(text);
  if (range !== null) {
    const [from, to] = [Number(range[2]), Number(range[3])];
    const step = from <= to ? 1 : -1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => `${range[1] ?? ''}${from + index * step}${range[4] ?? ''}`);
  }
  const list = /^(.*)\{([^{}]*,[^{}]*)\}(.*)$/.exec(text);
  return list === null ? [text] : (list[2] ?? '').split(',').map((item) => `${list[1] ?? ''}${item}${list[3] ?? ''}`);
}

const tilde = (shell: Shell, word: Word): string => (word.text.startsWith('~') ? tildeText(shell, word.value) : word.value);

const tildeText = (shell: Shell, text: string): string =>
  text === '~' || text.startsWith('~/') ? (shell.variables.get('HOME') ?? '/root') + text.slice(1) : text;

/** Path names that a field's pattern matches; the field itself when there are none. */
function paths(shell: Shell, field: Field): readonly string[] {
  if (!field.globs || shell.options.has('f')) return [field.text];
  const { fs } = shell.process.context;
  const slash = field.text.lastIndexOf('/');
  const directory = slash < 0 ? '' : field.text.slice(0, slash + 1);
  if (/[*?[]/.test(directory)) return [field.text];
  const source = field.pattern.slice(field.pattern.lastIndexOf('\\/') + (slash < 0 ? 1 : 2));
  const hidden = field.text.slice(slash + 1).startsWith('.');
  const names = (fs.list(shell.path(directory || '.')) ?? []).filter((name) => (hidden || !name.startsWith('.')) && matches(source, name));
  return names.length > 0 ? names.map((name) => directory + name) : [field.text];
}
