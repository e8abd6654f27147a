/** Tools that read and write text. */
import { read } from '../../../linux/syscalls.ts';
import { complain, immediate, inputs, linesOf, options, pathOf, print, readAll, type Utility } from './io.ts';

const cat: Utility = function* (io) {
  const { operands } = options(io);
  if (operands.length > 0) {
    const { texts, status } = yield* inputs(io, operands);
    for (const { text } of texts) print(io, text);
    return status;
  }
  for (let text = yield* read(io.stdin); text !== ''; text = yield* read(io.stdin)) if (!print(io, text)) return 141;
  return 0;
};

/** "-5" means "-n 5". */
const countOf = (argv: readonly string[], value: string | undefined): number =>
  Math.abs(Number(value ?? argv.find((word) => /^-\d+$/.test(word))?.slice(1) ?? 10));

const head: Utility = function* (io) {
  const { values, operands } = options(io, 'nc');
  if (values.has('c')) {
    const { texts, status } = yield* inputs(io, operands);
    for (const { text } of texts) print(io, text.slice(0, Number(values.get('c'))));
    return status;
  }
  const count = countOf(io.argv, values.get('n'));
  if (operands.length > 0) {
    const { texts, status } = yield* inputs(io, operands);
    for (const { text } of texts) for (const line of linesOf(text).slice(0, count)) print(io, `${line}\n`);
    return status;
  }
  let text = '';
  while (linesOf(text).length < count || !text.endsWith('\n')) {
    const more = yield* read(io.stdin);
    if (more === '') break;
    text += more;
  }
  for (const line of linesOf(text).slice(0, count)) print(io, `${line}\n`);
  return 0;
};

const POLL_MS = 1000;

const tail: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'nc');
  const from = values.get('n')?.startsWith('+') ? Number(values.get('n')) - 1 : undefined;
  const count = countOf(io.argv, values.get('n'));
  const { texts, status } = yield* inputs(io, operands);
  for (const { text } of texts) {
    const lines = linesOf(text);
    for (const line of from === undefined ? (count === 0 ? [] : lines.slice(-count)) : lines.slice(from)) print(io, `${line}\n`);
  }
  if (!flags.has('f') && !flags.has('F')) return status;
  const path = pathOf(io, operands[0] ?? '/dev/null');
  if (path === '/dev/null') while (true) yield { call: 'pause' };
  let shown = io.process.context.fs.read(path)?.length ?? 0;
  for (;;) {
    const signal = yield { call: 'sleep', ms: POLL_MS };
    if (signal !== undefined) return 0;
    const text = io.process.context.fs.read(path) ?? '';
    if (text.length > shown && !print(io, text.slice(shown))) return 141;
    shown = text.length;
  }
};

const grep: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'emABC');
  const pattern = values.get('e') ?? operands.shift() ?? '';
  const source = flags.has('F') ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : flags.has('E') ? pattern : basicPattern(pattern);
  const whole = flags.has('x') ? `^(?:${source})$` : flags.has('w') ? `\\b(?:${source})\\b` : source;
  const expression = new RegExp(whole, flags.has('i') ? 'i' : '');
  const { texts, status } = yield* inputs(io, operands);
  let count = 0;
  for (const { name, text } of texts) {
    const prefix = operands.length > 1 && !flags.has('h') ? `${name}:` : '';
    let own = 0;
    for (const [index, line] of linesOf(text).entries()) {
      if (expression.test(line) === flags.has('v')) continue;
      own++;
      if (flags.has('q') || flags.has('c')) continue;
      const shown = flags.has('o') ? (line.match(new RegExp(whole, flags.has('i') ? 'gi' : 'g')) ?? []).join('\n') : line;
      print(io, `${prefix}${flags.has('n') ? `${index + 1}:` : ''}${shown}\n`);
    }
    if (flags.has('c')) print(io, `${prefix}${own}\n`);
    count += own;
  }
  return count > 0 ? 0 : status === 0 ? 1 : 2;
};

/** A basic regular expression as an extended one: the backslash works the other way round. */
const basicPattern = (pattern: string): string =>
  pattern.replace(/\\([(){}|+?])|([(){}|+?])/g, (_whole, escaped?: string, plain?: string) => escaped ?? `\\${plain ?? ''}`);

const cut: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'dfc');
  const list = values.get('f') ?? values.get('c') ?? '';
  const delimiter = values.get('d') ?? '\t';
  const { texts, status } = yield* inputs(io, operands);
  for (const { text } of texts) {
    for (const line of linesOf(text)) {
      if (values.has('c')) print(io, `${select([...line], list).join('')}\n`);
      else if (line.includes(delimiter)) print(io, `${select(line.split(delimiter), list).join(delimiter)}\n`);
      else if (!flags.has('s')) print(io, `${line}\n`);
    }
  }
  return status;
};

/** Items by a list such as "1,3-5,7-". */
function select(items: readonly string[], list: string): string[] {
  const ranges = list.split(',').map((part) => {
    const [from = '', to] = part.split('-');
    return { from: Number(from || 1), to: to === undefined ? Number(from) : to === '' ? Infinity : Number(to) };
  });
  return items.filter((_item, index) => ranges.some(({ from, to }) => index + 1 >= from && index + 1 <= to));
}

const CLASSES: Readonly<Record<string, string>> = {
  '[:lower:]': 'a-z',
  '[:upper:]': 'A-Z',
  '[:digit:]': '0-9',
  '[:space:]': ' \t\n\r',
  '[:alpha:]': 'A-Za-z',
  '[:alnum:]': 'A-Za-z0-9',
};

function characters(set: string): string {
  let text = set
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name)
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\r', '\r');
  text = text.replace(/(.)-(.)/g, (_whole, from: string, to: string) => {
    let range = '';
    for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) range += String.fromCharCode(code);
    return range;
  });
  return text;
}

const tr: Utility = function* (io) {
  const { flags, operands } = options(io);
  const from = characters(operands[0] ?? '');
  const to = characters(operands[1] ?? '');
  const inSet = (char: string) => from.includes(char) !== (flags.has('c') || flags.has('C'));
  let result = '';
  for (const char of yield* readAll(io)) {
    if (!inSet(char)) result += char;
    else if (flags.has('d')) continue;
    else {
      const next = to === '' ? char : (to[Math.min(Math.max(0, from.indexOf(char)), to.length - 1)] ?? char);
      if (!flags.has('s') || result.at(-1) !== next) result += next;
    }
  }
  print(io, result);
  return 0;
};

const sed: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'e');
  const script = values.get('e') ?? operands.shift() ?? '';
  const substitutions: ((line: string) => string)[] = [];
  for (const part of script.split(/;(?=\s*s)|\n/)) {
    const match = /^\s*s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gIip]*)\s*$/.exec(part);
    if (match === null) return complain(io, `"${part}" is not simulated: only s/…/…/ is`, 2);
    const source = flags.has('E') || flags.has('r') ? (match[2] ?? '') : basicPattern(match[2] ?? '');
    const expression = new RegExp(source, `${match[4]?.includes('g') ? 'g' : ''}${/i/i.test(match[4] ?? '') ? 'i' : ''}`);
    const replacement = (match[3] ?? '')
      .replaceAll('$', '$$$$')
      .replace(/\\(\d)|\\(.)|&/g, (_whole, group?: string, char?: string) => (group === undefined ? (char ?? '$&') : `$${group}`));
    substitutions.push((line) => line.replace(expression, replacement));
  }
  const { texts, status } = yield* inputs(io, operands);
  for (const { name, text } of texts) {
    const changed = linesOf(text)
      .map((line) => `${substitutions.reduce((result, change) => change(result), line)}\n`)
      .join('');
    if (flags.has('i')) io.process.context.fs.write(pathOf(io, name), changed);
    else print(io, changed);
  }
  return status;
};

const wc: Utility = function* (io) {
  const { flags, operands } = options(io);
  const { texts, status } = yield* inputs(io, operands);
  for (const { name, text } of texts) {
    const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter(Boolean).length, c: text.length };
    const wanted = (['l', 'w', 'c'] as const).filter((key) => flags.size === 0 || flags.has(key));
    const numbers = wanted.map((key) => counts[key]);
    const shown = numbers.length === 1 ? String(numbers[0]) : numbers.map((number) => String(number).padStart(9)).join(' ');
    print(io, `${shown}${name === '-' ? '' : ` ${name}`}\n`);
  }
  return status;
};

const sort: Utility = function* (io) {
  const { flags, operands } = options(io, 'kt');
  const { texts, status } = yield* inputs(io, operands);
  let lines = texts.flatMap(({ text }) => linesOf(text));
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  lines.sort(flags.has('n') ? (a, b) => parseFloat(a) - parseFloat(b) || order(a, b) : order);
  if (flags.has('r')) lines.reverse();
  if (flags.has('u')) lines = [...new Set(lines)];
  print(io, lines.map((line) => `${line}\n`).join(''));
  return status;
};

const uniq: Utility = function* (io) {
  const { flags, operands } = options(io);
  const { texts, status } = yield* inputs(io, operands);
  const groups: { line: string; count: number }[] = [];
  for (const line of texts.flatMap(({ text }) => linesOf(text))) {
    const last = groups.at(-1);
    if (last?.line === line) last.count++;
    else groups.push({ line, count: 1 });
  }
  for (const { line, count } of groups)
    if (!flags.has('d') || count > 1) print(io, flags.has('c') ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`);
  return status;
};

const tee: Utility = function* (io) {
  const { flags, operands } = options(io);
  const { fs } = io.process.context;
  if (!flags.has('a')) for (const name of operands) fs.write(pathOf(io, name), '');
  for (let text = yield* read(io.stdin); text !== ''; text = yield* read(io.stdin)) {
    print(io, text);
    for (const name of operands) fs.append(pathOf(io, name), text);
  }
  return 0;
};

const xargs: Utility = function* (io) {
  const { values, operands } = options(io, 'nI');
  const words = (yield* readAll(io)).split(/\s+/).filter(Boolean);
  const size = values.has('I') ? 1 : Number(values.get('n') ?? (words.length || 1));
  let status = 0;
  for (let from = 0; from < words.length; from += size) {
    const group = words.slice(from, from + size);
    const argv = values.has('I')
      ? operands.map((word) => word.replaceAll(values.get('I') ?? '{}', group[0] ?? ''))
      : [...(operands.length > 0 ? operands : ['echo']), ...group];
    if ((yield* io.run(argv)) !== 0) status = 123;
  }
  return status;
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Differs: base64 takes characters beyond U+00FF as one byte, the lowest; a real one sees their UTF-8 bytes. */
function encodeBase64(text: string): string {
  let result = '';
  for (let index = 0; index < text.length; index += 3) {
    const bytes = [0, 1, 2].map((offset) => text.charCodeAt(index + offset) & 255);
    const bits = ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0);
    const given = Math.min(3, text.length - index);
    for (let digit = 0; digit < 4; digit++) result += digit <= given ? (BASE64[(bits >> (18 - 6 * digit)) & 63] ?? '') : '=';
  }
  return result;
}

function decodeBase64(text: string): string {
  let result = '';
  let bits = 0;
  let length = 0;
  for (const char of text) {
    const digit = BASE64.indexOf(char);
    if (digit < 0) continue;
    bits = (bits << 6) | digit;
    length += 6;
    if (length >= 8) {
      length -= 8;
      result += String.fromCharCode((bits >> length) & 255);
    }
  }
  return result;
}

const base64: Utility = function* (io) {
  const { flags, operands } = options(io, 'w');
  const { texts, status } = yield* inputs(io, operands);
  for (const { text } of texts) print(io, flags.has('d') ? decodeBase64(text) : `${encodeBase64(text)}\n`);
  return status;
};

const seq = immediate((io) => {
  const numbers = options(io).operands.map(Number);
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0] ?? 0]
      : numbers.length === 2
        ? [numbers[0] ?? 1, 1, numbers[1] ?? 0]
        : [numbers[0] ?? 1, numbers[1] ?? 1, numbers[2] ?? 0];
  const lines: string[] = [];
  for (let number = first; step > 0 ? number <= last : step < 0 && number >= last; number += step) lines.push(`${number}\n`);
  print(io, lines.join(''));
  return 0;
});

/** Tools by name. */
export const TEXT_UTILITIES: Readonly<Record<string, Utility>> = {
  cat,
  head,
  tail,
  grep,
  egrep: grep,
  cut,
  tr,
  sed,
  wc,
  sort,
  uniq,
  tee,
  xargs,
  base64,
  seq,
};
