/** Shells and tools as programs of processes. */
import type { Executable, Process } from '../../linux/process.ts';
import { immediately, read, type Program, type Steps } from '../../linux/syscalls.ts';
import { runText, runToExit } from './interpreter.ts';
import { BUILTINS } from './builtins.ts';
import { parseScript } from './parse.ts';
import { Interrupted, ReturnFunction, Shell } from './shell.ts';

const SIGINT_ONLY = ['SIGINT'] as const;

/** `sh -c script name args…`, `sh file args…`, or `sh` reading its input. */
export const shellProgram: Executable = (process) => {
  const { argv } = process;
  const name = baseName(argv[0] ?? 'sh');
  let index = 1;
  const options = new Set<string>();
  for (; /^[-+]/.test(argv[index] ?? ''); index++) {
    const word = argv[index] ?? '';
    if (word === '-o') index++;
    else if (!word.startsWith('--')) for (const option of word.slice(1)) options.add(option);
  }
  const isCommand = options.delete('c');
  const operands = argv.slice(index);
  if (isCommand) {
    const only = options.size === 0 ? onlyCommand(operands[0] ?? '') : undefined;
    const tool = only === undefined || BUILTINS.has(only[0] ?? '') ? undefined : process.context.findExecutable(only[0] ?? '');
    if (only !== undefined && tool !== undefined) {
      process.argv = only;
      return tool(process);
    }
    const shell = new Shell(process, operands[1] ?? name, operands.slice(2));
    return start(shell, options, runText(shell, operands[0] ?? ''));
  }
  if (operands[0] !== undefined && !options.has('s')) return scriptFile(process, name, operands, options);
  const shell = new Shell(process, name, operands);
  return start(shell, options, interactive(shell));
};

/** The words of a script that is one plain command: the shell lets it take its place, as bash and dash do. */
function onlyCommand(text: string): readonly string[] | undefined {
  return /^\s*[\w./-]+(?:\s+[\w./:=-]+)*\s*$/.test(text) ? text.trim().split(/\s+/) : undefined;
}

function start(shell: Shell, options: ReadonlySet<string>, body: Steps<number>): Program {
  for (const option of options) if (option === 'e' || option === 'u' || option === 'x' || option === 'f') shell.options.add(option);
  return runToExit(shell, body);
}

function scriptFile(process: Process, name: string, operands: readonly string[], options: ReadonlySet<string>): Program {
  const shell = new Shell(process, name, operands.slice(1));
  const text = process.context.fs.read(shell.path(operands[0] ?? ''));
  if (text !== undefined) {
    shell.name = operands[0] ?? name;
    return start(shell, options, runText(shell, text));
  }
  return immediately(() => {
    shell.complain(`can't open '${operands[0] ?? ''}': No such file or directory`);
    return 2;
  });
}

/** A script file that is run by its name. */
export const scriptProgram =
  (path: string): Executable =>
  (process) =>
    scriptFile(process, baseName(process.argv[0] ?? 'sh'), [path, ...process.argv.slice(1)], new Set());

/** Reads commands line by line; with a terminal it shows a prompt. Ctrl-C gives up the line. */
function* interactive(shell: Shell): Steps<number> {
  const { process } = shell;
  if (process.tty) process.handles = SIGINT_ONLY;
  const prompt = () => {
    if (process.tty)
      shell.streams.stderr.write(shell.name === 'bash' ? `root@${process.context.hostname}:${shell.cwd}# ` : `${shell.cwd} # `);
  };
  let text = '';
  prompt();
  for (;;) {
    const more = yield* read(process.stdin);
    if (more === '') return text.trim() === '' ? shell.status : yield* runText(shell, text);
    text += more;
    let end = text.indexOf('\n');
    while (end >= 0) {
      const unfinished = (parseScript(text.slice(0, end + 1)).errors ?? []).some(({ message }) =>
        /unterminated|expected|end of/.test(message),
      );
      if (unfinished) {
        end = text.indexOf('\n', end + 1);
        continue;
      }
      const line = text.slice(0, end + 1);
      text = text.slice(end + 1);
      yield* runLine(shell, line);
      process.pendingSignal = undefined;
      prompt();
      end = text.indexOf('\n');
    }
  }
}

function* runLine(shell: Shell, line: string): Steps<void> {
  try {
    yield* runText(shell, line);
  } catch (left) {
    if (!(left instanceof ReturnFunction || left instanceof Interrupted)) throw left;
    shell.status = left.status;
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '');
