/** Programs that a shell starts, and waiting for their end. */
import type { Process } from '../../linux/process.ts';
import { wait, type Steps } from '../../linux/syscalls.ts';
import type { Shell } from './shell.ts';
import { UTILITIES, utilityProgram } from './utilities/table.ts';

/** Waits for a child; signals that are caught meanwhile are kept for their traps. */
export function* waitFor(shell: Shell, process: Process): Steps<number> {
  for (;;) {
    const result = yield* wait(process);
    if (typeof result === 'number') return result;
    shell.caught.push(result);
    if (result === 'SIGINT') process.machine.signal(process, 'SIGINT');
  }
}

/** A tool runs in this process; other programs in a child. `replaces`: in this one, as `exec` does. */
export function* runProgram(
  shell: Shell,
  words: readonly string[],
  assignments: ReadonlyMap<string, string>,
  replaces = false,
): Steps<number> {
  const { process } = shell;
  const name = words[0] ?? '';
  const executable = process.context.findExecutable(name.includes('/') ? shell.path(name) : name);
  if (executable === undefined) {
    shell.complain(
      `${name}: ${shell.name === 'bash' ? (name.includes('/') ? 'No such file or directory' : 'command not found') : 'not found'}`,
    );
    return 127;
  }
  const utility = executable === utilityProgram ? UTILITIES.get(name.slice(name.lastIndexOf('/') + 1)) : undefined;
  if (utility !== undefined) {
    const environment = () => new Map([...shell.environment(), ...assignments]);
    return yield* utility({
      process,
      argv: words,
      ...shell.streams,
      cwd: shell.cwd,
      environment,
      caught: shell.caught,
      run: (inner) => runProgram(shell, inner, assignments),
    });
  }
  if (replaces) {
    process.argv = words;
    process.handles = undefined;
    return yield* executable(process);
  }
  const { stdin, stdout, stderr } = shell.streams;
  return yield* waitFor(
    shell,
    process.machine.spawn({ context: process.context, argv: words, executable, parent: process, stdin, stdout, stderr }),
  );
}
