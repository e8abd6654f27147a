/** All tools, and the program that runs one of them. */
import type { Executable, Process } from '../../../linux/process.ts';
import type { Steps } from '../../../linux/syscalls.ts';
import { DNS_UTILITIES } from './dns.ts';
import { FILE_UTILITIES } from './files.ts';
import type { Utility } from './io.ts';
import { NETWORK_UTILITIES } from './network.ts';
import { PROCESS_UTILITIES } from './processes.ts';
import { tar } from './tar.ts';
import { TEXT_UTILITIES } from './text.ts';

/** Name → tool. */
export const UTILITIES: ReadonlyMap<string, Utility> = new Map(
  Object.entries({ ...TEXT_UTILITIES, ...FILE_UTILITIES, ...PROCESS_UTILITIES, ...NETWORK_UTILITIES, ...DNS_UTILITIES, tar }),
);

/** The tool that `argv[0]` names, as a process of its own. */
export const utilityProgram: Executable = (process) => runUtility(process, process.argv);

function* runUtility(process: Process, argv: readonly string[]): Steps<number> {
  const name = (argv[0] ?? '').replace(/^.*\//, '');
  const utility = UTILITIES.get(name === 'busybox' ? (argv[1] ?? '') : name);
  if (utility === undefined) return 127;
  const { context, stdin, stdout, stderr } = process;
  const run = function* (inner: readonly string[]): Steps<number> {
    const executable = context.findExecutable(inner[0] ?? '');
    if (executable === undefined) {
      stderr.write(`${name}: can't execute '${inner[0] ?? ''}': No such file or directory\n`);
      return 127;
    }
    process.argv = inner;
    return yield* executable(process);
  };
  return yield* utility({
    process,
    argv,
    stdin,
    stdout,
    stderr,
    cwd: context.workingDir,
    environment: () => context.environment(),
    caught: [],
    run,
  });
}
