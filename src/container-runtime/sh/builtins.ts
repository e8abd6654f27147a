/** Commands that change the shell itself, and so cannot be programs (POSIX, special built-in utilities, and those that ash adds). */
import type { Process } from '../../linux/process.ts';
import { parseSignal, type Signal, signalNumber } from '../../linux/signals.ts';
import { immediately, read, type Steps } from '../../linux/syscalls.ts';
import type { Input } from '../../linux/streams.ts';
import { formatPrintf, unescape } from './printf.ts';
import { ExitShell, LeaveLoop, ReturnFunction, type Shell } from './shell.ts';
import { testExpression } from './test.ts';

/** What builtins need of the interpreter. */
export interface Interpreter {
  runText(shell: Shell, text: string): Steps<number>;
  invoke(shell: Shell, words: readonly string[], assignments: ReadonlyMap<string, string>): Steps<number>;
  waitFor(shell: Shell, process: Process): Steps<number>;
  runProgram(shell: Shell, words: readonly string[], assignments: ReadonlyMap<string, string>, replaces?: boolean): Steps<number>;
}

type Builtin = (shell: Shell, words: readonly string[], interpreter: Interpreter) => Steps<number>;

const NONE: ReadonlyMap<string, string> = new Map();

/** A builtin that never blocks. */
const immediate =
  (run: (shell: Shell, words: readonly string[]) => number): Builtin =>
  (shell, words) =>
    immediately(() => run(shell, words));

const numberOr = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;

function echo(shell: Shell, words: readonly string[]): number {
  let rest = words.slice(1);
  let newline = true;
  let escapes = false;
  while (/^-[neE]+$/.test(rest[0] ?? '')) {
    if (rest[0]?.includes('n')) newline = false;
    if (rest[0]?.includes('e')) escapes = true;
    rest = rest.slice(1);
  }
  const text = rest.join(' ');
  shell.print((escapes ? unescape(text) : text) + (newline ? '\n' : ''));
  return 0;
}

function set(shell: Shell, words: readonly string[]): number {
  if (words.length === 1) for (const [name, value] of [...shell.variables].sort()) shell.print(`${name}='${value}'\n`);
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      shell.parameters = words.slice(index + 1);
      return 0;
    }
    if (word === '-o' || word === '+o') {
      const long: Readonly<Record<string, string>> = { errexit: 'e', nounset: 'u', xtrace: 'x', noglob: 'f' };
      const option = long[words[++index] ?? ''];
      if (option !== undefined) setOption(shell, option, word === '-o');
    } else if (/^[-+][a-z]+$/.test(word)) for (const option of word.slice(1)) setOption(shell, option, word.startsWith('-'));
    else {
      shell.parameters = words.slice(index);
      return 0;
    }
  }
  return 0;
}

function setOption(shell: Shell, option: string, on: boolean): void {
  if (on) shell.options.add(option);
  else shell.options.delete(option);
}

function exportVariables(shell: Shell, words: readonly string[]): number {
  if (words.length === 1 || words[1] === '-p') for (const [name, value] of shell.environment()) shell.print(`export ${name}='${value}'\n`);
  for (const word of words.slice(1)) {
    if (word.startsWith('-')) continue;
    const [name = '', ...value] = word.split('=');
    if (word.includes('=')) shell.variables.set(name, value.join('='));
    shell.exported.add(name);
  }
  return 0;
}

function assign(shell: Shell, words: readonly string[]): number {
  for (const word of words.slice(1)) {
    const [name = '', ...value] = word.split('=');
    if (!word.startsWith('-') && word.includes('=')) shell.variables.set(name, value.join('='));
  }
  return 0;
}

/** `local`: the variables get their old values back when the function ends. */
function local(shell: Shell, words: readonly string[]): number {
  if (shell.functionDepth === 0) {
    shell.complain('local: not in a function');
    return 1;
  }
  const locals = (shell.locals ??= new Map());
  for (const word of words.slice(1)) {
    const name = word.split('=')[0] ?? '';
    if (!locals.has(name)) locals.set(name, shell.variables.get(name));
    if (!word.includes('=')) shell.variables.delete(name);
  }
  return assign(shell, words);
}

function changeDirectory(shell: Shell, words: readonly string[]): number {
  const target = words[1] === '-' ? (shell.variables.get('OLDPWD') ?? shell.cwd) : (words[1] ?? shell.variables.get('HOME') ?? '/');
  const path = shell.path(target);
  if (!shell.process.context.fs.isDirectory(path)) {
    shell.complain(`cd: can't cd to ${target}: No such file or directory`);
    return 2;
  }
  shell.variables.set('OLDPWD', shell.cwd);
  shell.cwd = path;
  shell.variables.set('PWD', path);
  return 0;
}

function trap(shell: Shell, words: readonly string[]): number {
  if (words.length === 1) for (const [signal, action] of shell.traps) shell.print(`trap -- '${action}' ${signal.replace(/^SIG/, '')}\n`);
  const [action = '', ...signals] = words.slice(1);
  for (const name of signals) {
    const signal = name === 'EXIT' || name === '0' ? 'EXIT' : parseSignal(name);
    if (signal === undefined) {
      shell.complain(`trap: ${name}: invalid signal specification`);
      return 1;
    }
    if (action === '-') shell.traps.delete(signal);
    else shell.traps.set(signal, action);
  }
  shell.process.handles = [...shell.traps.keys()].filter((name): name is Signal => name !== 'EXIT');
  return 0;
}

/** One line of input, without its newline; undefined at the end. */
function* readLine(input: Input): Steps<string | undefined> {
  let line = '';
  for (;;) {
    const text = yield* read(input);
    if (text === '') return line === '' ? undefined : line;
    line += text;
    const end = line.indexOf('\n');
    if (end < 0) continue;
    if (end + 1 < line.length) input.unread?.(line.slice(end + 1));
    return line.slice(0, end);
  }
}

const readBuiltin: Builtin = function* (shell, words) {
  const names = words.slice(1).filter((word) => !word.startsWith('-'));
  const line = yield* readLine(shell.streams.stdin);
  const fields = (line ?? '').trim().split(/\s+/);
  const last = names.length - 1;
  names.forEach((name, index) => {
    const rest = (line ?? '').trim().replace(new RegExp(`^(?:\\S+\\s+){${index}}`), '');
    shell.variables.set(name, index < last ? (fields[index] ?? '') : index < fields.length ? rest : '');
  });
  if (names.length === 0) shell.variables.set('REPLY', line ?? '');
  return line === undefined ? 1 : 0;
};

const waitBuiltin: Builtin = function* (shell, words, { waitFor }) {
  const wanted = words.slice(1).map(Number);
  const jobs = wanted.length === 0 ? [...shell.jobs] : shell.jobs.filter((job) => wanted.includes(job.nsPid));
  let status = 0;
  for (const job of jobs) {
    const before = shell.caught.length;
    status = yield* interruptible(shell, job, waitFor);
    if (shell.caught.length > before) return status;
  }
  shell.jobs = shell.jobs.filter((job) => job.alive);
  return wanted.length === 0 ? 0 : status;
};

/** `wait` returns at once when a signal is caught; the trap follows. */
function* interruptible(shell: Shell, job: Process, waitFor: Interpreter['waitFor']): Steps<number> {
  const steps = waitFor(shell, job);
  let next = steps.next();
  while (!next.done) {
    const value = yield next.value;
    if (typeof value === 'string') {
      shell.caught.push(value as Signal);
      return 128 + signalNumber(value as Signal);
    }
    next = steps.next(value);
  }
  return next.value;
}

const source: Builtin = function* (shell, words, { runText }) {
  const content = shell.process.context.fs.read(shell.path(words[1] ?? ''));
  if (content === undefined) {
    shell.complain(`can't open '${words[1] ?? ''}': No such file or directory`);
    return 2;
  }
  return yield* runText(shell, content);
};

const exec: Builtin = function* (shell, words, { runProgram }) {
  if (words.length === 1) return 0;
  throw new ExitShell(yield* runProgram(shell, words.slice(1), NONE, true));
};

const command: Builtin = function* (shell, words, { runProgram }) {
  if (words[1] !== '-v' && words[1] !== '-V') {
    const builtin = BUILTINS.get(words[1] ?? '');
    return builtin === undefined
      ? yield* runProgram(shell, words.slice(1), NONE)
      : yield* builtin(shell, words.slice(1), withoutFunctions(runProgram));
  }
  return which(shell, words[2] ?? '');
};

/** `command` never leads back into functions. */
const withoutFunctions = (runProgram: Interpreter['runProgram']): Interpreter => ({
  runProgram,
  runText: () => immediately(() => 2),
  invoke: () => immediately(() => 127),
  waitFor: () => immediately(() => 127),
});

function which(shell: Shell, name: string): number {
  if (BUILTINS.has(name) || shell.functions.has(name)) shell.print(`${name}\n`);
  else if (shell.process.context.findExecutable(name) === undefined) return 127;
  else shell.print(`${name.includes('/') ? name : `/bin/${name}`}\n`);
  return 0;
}

/** Throws, as leaving commands do. */
const leave =
  (make: (shell: Shell, words: readonly string[]) => unknown): Builtin =>
  (shell, words) =>
    immediately(() => {
      throw make(shell, words);
    });

/** Name → command. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', immediate(() => 0)],
  ['true', immediate(() => 0)],
  ['false', immediate(() => 1)],
  ['echo', immediate(echo)],
  [
    'printf',
    immediate((shell, words) => {
      shell.print(formatPrintf(words[1] ?? '', words.slice(2)));
      return 0;
    }),
  ],
  ['test', immediate((shell, words) => testExpression(shell, words.slice(1)))],
  ['[', immediate((shell, words) => testExpression(shell, words.slice(1, -1)))],
  ['set', immediate(set)],
  ['export', immediate(exportVariables)],
  ['readonly', immediate(assign)],
  ['local', immediate(local)],
  ['declare', immediate(assign)],
  [
    'unset',
    immediate((shell, words) => {
      for (const name of words.slice(1)) {
        shell.variables.delete(name);
        shell.functions.delete(name);
      }
      return 0;
    }),
  ],
  ['cd', immediate(changeDirectory)],
  [
    'pwd',
    immediate((shell) => {
      shell.print(`${shell.cwd}\n`);
      return 0;
    }),
  ],
  ['trap', immediate(trap)],
  ['umask', immediate(() => 0)],
  ['ulimit', immediate(() => 0)],
  ['jobs', immediate(() => 0)],
  ['hash', immediate(() => 0)],
  [
    'shift',
    immediate((shell, words) => {
      shell.parameters = shell.parameters.slice(numberOr(words[1], 1));
      return 0;
    }),
  ],
  ['type', immediate((shell, words) => which(shell, words[1] ?? ''))],
  ['exit', leave((shell, words) => new ExitShell(numberOr(words[1], shell.status) & 255))],
  ['return', leave((shell, words) => new ReturnFunction(numberOr(words[1], shell.status) & 255))],
  ['break', leave((_shell, words) => new LeaveLoop('break', numberOr(words[1], 1)))],
  ['continue', leave((_shell, words) => new LeaveLoop('continue', numberOr(words[1], 1)))],
  ['read', readBuiltin],
  ['wait', waitBuiltin],
  ['.', source],
  ['source', source],
  ['exec', exec],
  ['command', command],
  [
    'eval',
    function* (shell, words, { runText }) {
      return yield* runText(shell, words.slice(1).join(' '));
    },
  ],
]);
