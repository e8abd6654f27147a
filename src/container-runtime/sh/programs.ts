/** Programs that are shells or tools. */
import type { Executable, Process } from '../../linux/process.ts';
import { sleep, type Program } from '../../linux/syscalls.ts';

function* simple(process: Process, words: readonly string[]): Program {
  const [name, ...rest] = words;
  if (name === 'echo') process.print(`${rest.join(' ')}\n`);
  if (name === 'sleep') yield* sleep(Number(rest[0]) * 1000);
  return name === 'false' ? 1 : 0;
}

function* script(process: Process): Program {
  let status = 0;
  for (const command of (process.argv[2] ?? '').split(';')) {
    const words = command.trim().split(/\s+/);
    if (words[0] === 'exit') return Number(words[1] ?? status);
    status = yield* simple(process, words);
  }
  return status;
}

/** `sh`. */
export const shellProgram: Executable = script;

/** A tool, by `argv[0]`. */
export const utilityProgram: Executable = (process) => simple(process, process.argv);

/** A script. */
export const scriptProgram = (_path: string): Executable => shellProgram;
