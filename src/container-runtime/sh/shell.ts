/** The state of one shell: variables, functions, options, streams; and how a command leaves the normal flow. */
import type { CompoundCommand, Redirected, CompoundList } from 'unbash';
import { normalisePath } from '../../linux/fs/file-system.ts';
import type { Process } from '../../linux/process.ts';
import type { Signal } from '../../linux/signals.ts';
import type { Input, Output } from '../../linux/streams.ts';
import { sleep, type Steps } from '../../linux/syscalls.ts';

/** `exit`, or an error that ends the shell. */
export class ExitShell {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** `break` and `continue`. */
export class LeaveLoop {
  readonly how: 'break' | 'continue';
  levels: number;
  constructor(how: 'break' | 'continue', levels: number) {
    this.how = how;
    this.levels = levels;
  }
}

/** `return`. */
export class ReturnFunction {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** Ctrl-C: an interactive shell gives up the line. */
export class Interrupted {
  readonly status = 130;
}

/** What a function's name stands for. */
export type FunctionBody = CompoundCommand | Redirected | CompoundList;

/** A command's streams. */
export interface Streams {
  stdin: Input;
  stdout: Output;
  stderr: Output;
}

/** Commands within one instant before the program is made to use up time. */
const STEPS_PER_INSTANT = 10_000;
/** A program that never waits costs at most this much virtual time per batch of steps. */
const MAX_PENALTY_MS = 1000;
const BUSY_MILLI_CPU = 1000;

/** Counts steps, so that an endless loop uses virtual time instead of stopping the world. One per process. */
class Budget {
  #steps = 0;
  #instant = -1;
  #penaltyMs = 1;

  *step(process: Process): Steps<void> {
    if (process.now !== this.#instant) {
      this.#instant = process.now;
      this.#steps = 0;
    }
    if (++this.#steps < STEPS_PER_INSTANT) return;
    const { milliCpu } = process;
    process.use({ milliCpu: BUSY_MILLI_CPU });
    const signal = yield* sleep(this.#penaltyMs);
    if (signal !== undefined) process.pendingSignal = signal;
    process.use({ milliCpu });
    this.#penaltyMs = Math.min(MAX_PENALTY_MS, this.#penaltyMs * 2);
  }
}

/** A shell, or a subshell of one in the same process. */
export class Shell {
  readonly process: Process;
  readonly budget: Budget;
  streams: Streams;
  /** $0, for messages. */
  name: string;
  variables: Map<string, string>;
  exported: Set<string>;
  functions: Map<string, FunctionBody>;
  traps = new Map<string, string>();
  parameters: readonly string[];
  cwd: string;
  status = 0;
  /** Signals caught while a command ran; their traps come after it. */
  readonly caught: Signal[] = [];
  /** "e" (errexit), "u" (nounset), "x" (xtrace), "f" (noglob). */
  options: Set<string>;
  /** Above 0 where a failure does not count for `set -e`. */
  conditions = 0;
  functionDepth = 0;
  /** Variables that the running function made local, with what they were before. */
  locals: Map<string, string | undefined> | undefined = undefined;
  loopDepth = 0;
  jobs: Process[] = [];
  lastJob: number | undefined = undefined;
  /** Whether a child process is this shell's last act, so that it may take the shell's place. */
  isSubshell = false;

  constructor(process: Process, name: string, parameters: readonly string[], from?: Shell) {
    this.process = process;
    this.name = name;
    this.parameters = parameters;
    this.streams = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
    this.budget = from?.process === process ? from.budget : new Budget();
    this.variables = from === undefined ? process.context.environment() : new Map(from.variables);
    this.exported = new Set(from === undefined ? this.variables.keys() : from.exported);
    this.functions = new Map(from?.functions ?? []);
    this.options = new Set(from?.options ?? []);
    this.cwd = from?.cwd ?? process.context.workingDir;
    this.status = from?.status ?? 0;
    if (from === undefined) this.variables.set('PWD', this.cwd);
  }

  /** A copy whose changes do not come back: `( … )`, `$( … )`, a part of a pipeline. */
  subshell(process: Process = this.process): Shell {
    const copy = new Shell(process, this.name, this.parameters, this);
    if (process === this.process) copy.streams = { ...this.streams };
    copy.conditions = this.conditions;
    copy.functionDepth = this.functionDepth;
    copy.lastJob = this.lastJob;
    copy.isSubshell = true;
    return copy;
  }

  print(text: string): void {
    this.#write(this.streams.stdout, text);
  }

  /** "sh: message" on stderr. */
  complain(message: string): void {
    this.#write(this.streams.stderr, `${this.name}: ${this.name === 'bash' ? 'line 1: ' : ''}${message}\n`);
  }

  #write(output: Output, text: string): void {
    if (output.write(text) === false) this.process.machine.signal(this.process, 'SIGPIPE');
  }

  /** A path as commands of this shell mean it. */
  path(text: string): string {
    return normalisePath(text, this.cwd);
  }

  /** The environment of commands: exported variables. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const name of this.exported) {
      const value = this.variables.get(name);
      if (value !== undefined) environment.set(name, value);
    }
    return environment;
  }
}
