/** Running one more command in a container (`ExecSync` and `Exec` of the CRI). */
import { goDuration } from '../apimachinery/durations.ts';
import type { Machine } from '../linux/machine.ts';
import type { Process } from '../linux/process.ts';
import { Pipe, TextInput, TextOutput } from '../linux/streams.ts';
import type { Container } from './container.ts';
import type { ExecResult } from './cri.ts';
import { notExecutable } from './executables.ts';

/** What a caller of `openExec` hears. */
export interface ExecStreams {
  readonly onStdout: (text: string) => void;
  readonly onStderr: (text: string) => void;
  readonly onExit: (exitCode: number) => void;
  /** A terminal: shells show a prompt. */
  readonly tty?: boolean;
}

/** A command with open streams. */
export interface ExecSession {
  /** Feeds standard input. */
  write(text: string): void;
  closeInput(): void;
  /** Ctrl-C. */
  interrupt(): void;
  /** The client has gone: the command is killed. */
  close(): void;
}

const EXEC_ERROR = 'OCI runtime exec failed: exec failed: unable to start container process: ';
/** What `docker exec` and the CRI give for a command that cannot be started. */
const CANNOT_RUN = 126;

function prepare(container: Container | undefined, command: readonly string[]): { error: string } | { container: Container } {
  if (container === undefined) return { error: 'container not found' };
  if (!container.running) return { error: `failed to exec in container: container is in ${container.status().state} state` };
  const name = command[0] ?? '';
  if (container.findExecutable(name) !== undefined) return { container };
  return { error: `failed to exec in container: failed to start exec "${container.id}": ${EXEC_ERROR}${notExecutable(name)}` };
}

/** Runs `command` to its end or to the limit. `done` is called once, at once when the command never blocks. */
export function execute(
  machine: Machine,
  target: Container | undefined,
  command: readonly string[],
  options: { timeoutMs: number; stdin: string },
  done: (result: ExecResult) => void,
): void {
  const prepared = prepare(target, command);
  const executable = 'error' in prepared ? undefined : prepared.container.findExecutable(command[0] ?? '');
  if ('error' in prepared || executable === undefined) {
    done({ exitCode: CANNOT_RUN, stdout: '', stderr: '', error: 'error' in prepared ? prepared.error : '' });
    return;
  }
  const { container } = prepared;
  const [stdout, stderr] = [new TextOutput(), new TextOutput()];
  const process = machine.spawn({ context: container, argv: command, executable, stdin: new TextInput(options.stdin), stdout, stderr });
  const result = (): ExecResult => ({ exitCode: process.exitCode ?? 0, stdout: stdout.text, stderr: stderr.text });
  if (!process.alive) {
    done(result());
    return;
  }
  let timedOut = false;
  const limit =
    options.timeoutMs > 0
      ? machine.scope.after(options.timeoutMs, 'exec times out', container.label, () => {
          timedOut = true;
          machine.exit(process, 137);
        })
      : undefined;
  onExit(process, () => {
    limit?.stop();
    if (!timedOut) return done(result());
    // `ErrCommandTimedOut` of the kubelet's CRI client.
    const error = `command timed out: ${quote(command)} timed out after ${goDuration(options.timeoutMs)}`;
    done({ ...result(), error, isTimeout: true });
  });
}

const quote = (command: readonly string[]): string => JSON.stringify(command.join(' '));

function onExit(process: Process, run: () => void): void {
  if (process.alive) (process.onExit ??= []).push(run);
  else run();
}

/** Runs `command` with streams that stay open. Must not be called from inside a program. */
export function openExec(
  machine: Machine,
  target: Container | undefined,
  command: readonly string[],
  streams: ExecStreams,
): ExecSession | { error: string } {
  const prepared = prepare(target, command);
  if ('error' in prepared) return prepared;
  const executable = prepared.container.findExecutable(command[0] ?? '');
  if (executable === undefined) return { error: EXEC_ERROR };
  const stdin = new Pipe();
  const stdout = { write: (text: string) => streams.onStdout(text) };
  const stderr = { write: (text: string) => streams.onStderr(text) };
  const process = machine.spawn({
    context: prepared.container,
    argv: command,
    executable,
    stdin,
    stdout,
    stderr,
    tty: streams.tty ?? false,
  });
  onExit(process, () => streams.onExit(process.exitCode ?? 0));
  return {
    write: (text) => void stdin.write(text),
    closeInput: () => stdin.close(),
    interrupt: () => machine.signal(process, 'SIGINT'),
    close: () => machine.exit(process, 137),
  };
}

/** Connects to the main process's own streams (`kubectl attach`). Output begins with what is written from now on. */
export function attach(machine: Machine, container: Container | undefined, streams: ExecStreams): ExecSession | { error: string } {
  const main = container?.main;
  if (container === undefined || main === undefined) return { error: 'container is not running' };
  const stop = container.log.tap((stream, text) => (stream === 'stdout' ? streams.onStdout(text) : streams.onStderr(text)));
  onExit(main, () => {
    stop();
    streams.onExit(main.exitCode ?? 0);
  });
  return {
    write: (text) => void container.stdin?.write(text),
    closeInput: () => container.stdin?.close(),
    interrupt: () => machine.signal(main, 'SIGINT'),
    close: stop,
  };
}
