/** Tools for processes, time and the machine. */
import { parseSignal } from '../../../linux/signals.ts';
import { wait } from '../../../linux/syscalls.ts';
import { formatPrintf } from '../printf.ts';
import { testUtility } from './test-utility.ts';
import { complain, immediate, type Io, options, print, sleepThrough, type Utility } from './io.ts';
import { formatDate } from './date.ts';

const UNIT_MS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Longer sleeps end after this: 100 years. */
const MAX_SLEEP_MS = 100 * 365 * 86_400_000;

/** "1.5", "2m" or "infinity" in ms; undefined for what is no duration. */
function durationMs(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Infinity;
  const match = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 1000);
}

const sleepUtility: Utility = function* (io) {
  let total = 0;
  for (const word of io.argv.slice(1)) {
    const ms = durationMs(word);
    if (ms === undefined) return complain(io, `invalid number '${word}'`);
    total += ms;
  }
  if (io.argv.length === 1) return complain(io, 'missing operand');
  return (yield* sleepThrough(io, Math.min(total, MAX_SLEEP_MS))) ? 0 : 130;
};

function kill(io: Io): number {
  const words = io.argv.slice(1);
  if (words[0] === '-l') return Number(!print(io, 'HUP INT QUIT KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD WINCH\n'));
  const named = words[0] === '-s' ? words[1] : /^-./.test(words[0] ?? '') ? words[0]?.slice(1) : undefined;
  const signal = parseSignal(named ?? 'TERM');
  const isProbe = named === '0';
  if (signal === undefined && !isProbe) return complain(io, `bad signal name '${named ?? ''}'`);
  let status = 0;
  for (const pid of words.slice(named === undefined ? 0 : words[0] === '-s' ? 2 : 1)) {
    const target = io.process.context.processes.find((process) => process.nsPid === Number(pid));
    if (target === undefined) status = complain(io, `can't kill pid ${pid}: No such process`);
    else if (signal !== undefined) sendInside(io, target, signal);
  }
  return status;
}

/** From inside of its PID namespace, PID 1 gets nothing that it does not handle, not even SIGKILL. */
function sendInside(io: Io, target: Io['process'], signal: NonNullable<ReturnType<typeof parseSignal>>): void {
  if (target.nsPid === 1 && !target.handles?.includes(signal)) return;
  io.process.machine.signal(target, signal);
}

function ps(io: Io): number {
  print(io, 'PID   USER     TIME  COMMAND\n');
  for (const { nsPid, argv } of io.process.context.processes) print(io, `${String(nsPid).padStart(5)} root      0:00 ${argv.join(' ')}\n`);
  return 0;
}

function expr(io: Io): number {
  const words = io.argv.slice(1);
  const value = sum(words, 0).value;
  print(io, `${value}\n`);
  return value === '' || value === '0' ? 1 : 0;
}

interface Parsed {
  value: string;
  next: number;
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** expr's grammar in three levels: comparison, sum, product. */
function sum(words: readonly string[], from: number): Parsed {
  let left = additive(words, from);
  for (let operator = words[left.next]; operator !== undefined && operator in COMPARE; operator = words[left.next]) {
    const right = additive(words, left.next + 1);
    const numeric = !Number.isNaN(Number(left.value)) && !Number.isNaN(Number(right.value));
    const [a, b] = numeric
      ? [Number(left.value), Number(right.value)]
      : left.value < right.value
        ? [0, 1]
        : left.value > right.value
          ? [1, 0]
          : [0, 0];
    left = { value: String(Number(COMPARE[operator]?.(a, b) ?? false)), next: right.next };
  }
  return left;
}

function additive(words: readonly string[], from: number): Parsed {
  let left = product(words, from);
  for (let operator = words[left.next]; operator === '+' || operator === '-'; operator = words[left.next]) {
    const right = product(words, left.next + 1);
    left = { value: String(Number(left.value) + (operator === '+' ? 1 : -1) * Number(right.value)), next: right.next };
  }
  return left;
}

function product(words: readonly string[], from: number): Parsed {
  let left: Parsed = { value: words[from] ?? '', next: from + 1 };
  if (left.value === 'length') left = { value: String((words[from + 1] ?? '').length), next: from + 2 };
  for (let operator = words[left.next]; operator === '*' || operator === '/' || operator === '%'; operator = words[left.next]) {
    const [a, b] = [Number(left.value), Number(words[left.next + 1])];
    left = { value: String(operator === '*' ? a * b : operator === '/' ? Math.trunc(a / b) : a % b), next: left.next + 2 };
  }
  return left;
}

function env(io: Io): number {
  for (const [name, value] of io.environment()) print(io, `${name}=${value}\n`);
  return 0;
}

const envUtility: Utility = function* (io) {
  const operands = io.argv.slice(1).filter((word) => !/^(-i|[A-Za-z_]\w*=.*)$/.test(word));
  return operands.length === 0 ? env(io) : yield* io.run(operands);
};

function printenv(io: Io): number {
  const names = options(io).operands;
  if (names.length === 0) return env(io);
  const environment = io.environment();
  for (const name of names) print(io, environment.has(name) ? `${environment.get(name) ?? ''}\n` : '');
  return names.every((name) => environment.has(name)) ? 0 : 1;
}

function uname(io: Io): number {
  const { flags } = options(io);
  const host = io.process.context.hostname;
  print(
    io,
    flags.has('a')
      ? `Linux ${host} 6.12.0 #1 SMP x86_64 GNU/Linux\n`
      : flags.has('r')
        ? '6.12.0\n'
        : flags.has('m')
          ? 'x86_64\n'
          : flags.has('n')
            ? `${host}\n`
            : 'Linux\n',
  );
  return 0;
}

/** Runs the command as a child, and ends it with SIGTERM when the time is over. */
const timeout: Utility = function* (io) {
  const { values, operands } = options(io, 'sk');
  const [limit = '', ...command] = operands;
  const ms = durationMs(limit);
  const { process, stdin, stdout, stderr } = io;
  const executable = process.context.findExecutable(command[0] ?? '');
  if (ms === undefined) return complain(io, `invalid number '${limit}'`);
  if (executable === undefined) return complain(io, `can't execute '${command[0] ?? ''}': No such file or directory`, 127);
  const child = process.machine.spawn({ context: process.context, argv: command, executable, parent: process, stdin, stdout, stderr });
  const signal = parseSignal(values.get('s') ?? 'TERM') ?? 'SIGTERM';
  const timer =
    ms > 0 && child.alive
      ? process.machine.scope.after(ms, 'timeout', process.context.label, () => process.machine.signal(child, signal))
      : undefined;
  for (;;) {
    const result = yield* wait(child);
    if (typeof result === 'string') io.caught.push(result);
    else {
      timer?.stop();
      return result;
    }
  }
};

const yes: Utility = function* (io) {
  const text = `${io.argv.slice(1).join(' ') || 'y'}\n`;
  for (;;) {
    for (let lines = 0; lines < 100; lines++) if (!print(io, text)) return 141;
    io.process.use({ milliCpu: 1000 });
    if (!(yield* sleepThrough(io, 1000))) return 130;
  }
};

/** A text that never changes. */
const fixed = (text: string): Utility =>
  immediate((io) => {
    print(io, text);
    return 0;
  });

/** Tools by name. */
export const PROCESS_UTILITIES: Readonly<Record<string, Utility>> = {
  sleep: sleepUtility,
  kill: immediate(kill),
  ps: immediate(ps),
  expr: immediate(expr),
  env: envUtility,
  printenv: immediate(printenv),
  uname: immediate(uname),
  timeout,
  yes,
  true: immediate(() => 0),
  false: immediate(() => 1),
  test: immediate(testUtility),
  '[': immediate(testUtility),
  id: fixed('uid=0(root) gid=0(root) groups=0(root)\n'),
  whoami: fixed('root\n'),
  hostname: immediate((io) => {
    print(io, `${io.process.context.hostname}\n`);
    return 0;
  }),
  nproc: immediate((io) => {
    print(io, `${Math.ceil(io.process.machine.milliCpu / 1000)}\n`);
    return 0;
  }),
  pwd: immediate((io) => {
    print(io, `${io.cwd}\n`);
    return 0;
  }),
  echo: immediate((io) => {
    const words = io.argv.slice(1);
    const bare = words[0] === '-n';
    print(io, words.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n'));
    return 0;
  }),
  printf: immediate((io) => {
    print(io, formatPrintf(io.argv[1] ?? '', io.argv.slice(2)));
    return 0;
  }),
  date: immediate((io) => {
    print(io, `${formatDate(io.argv.slice(1), io.process.now)}\n`);
    return 0;
  }),
};
