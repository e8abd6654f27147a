/**
 * Processes: a program (coroutine) with an identity, a context and resources. The context is what the process sees:
 * root file system, namespaces, control group, environment. All processes of a container share one.
 */
import type { Cgroup } from './cgroup.ts';
import type { FileSystem } from './fs/file-system.ts';
import type { Machine } from './machine.ts';
import type { NetworkNamespace } from './net/namespace.ts';
import type { Protocol, Service } from './net/socket.ts';
import type { Signal } from './signals.ts';
import type { Input, Output } from './streams.ts';
import type { Program } from './syscalls.ts';
import type { Timer } from '../sim/task-scope.ts';

/** Starts a program in a process. */
export type Executable = (process: Process) => Program;

/** Shared by all contexts in which nothing runs. */
export const NO_PROCESSES: readonly Process[] = [];

/** What a set of processes sees and shares. */
export interface ProcessContext {
  /** "container/web" and the like: labels the tasks of its processes. */
  readonly label: string;
  readonly fs: FileSystem;
  readonly netns: NetworkNamespace;
  readonly cgroup: Cgroup;
  readonly hostname: string;
  readonly workingDir: string;
  /** The environment that new processes start with. */
  environment(): Map<string, string>;
  /** The program for `argv[0]`: a path, or a name that is looked for in $PATH. */
  findExecutable(name: string): Executable | undefined;
  /** Running processes of this PID namespace, oldest first; the first is PID 1. Replaced by the kernel with each change. */
  processes: readonly Process[];
  /** The next PID in this PID namespace. */
  nextPid(): number;
  /** A process of this context has ended. */
  processExited(process: Process): void;
  /** The kernel killed a process because the control group ran out of memory. */
  outOfMemory(process: Process): void;
}

/** How to start a process. */
export interface SpawnOptions {
  context: ProcessContext;
  argv: readonly string[];
  executable: Executable;
  parent?: Process | undefined;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  /** Its end is the end of these pipes' writing or reading; streams of others stay open. */
  ownsStdin?: boolean;
  ownsStdout?: boolean;
  /** A person sits at the other end. */
  tty?: boolean;
}

/** A running or ended process. Made by `Machine.spawn`. */
export class Process {
  readonly machine: Machine;
  readonly context: ProcessContext;
  /** PID on the machine. */
  readonly pid: number;
  /** PID in its own namespace. */
  readonly nsPid: number;
  readonly parent: Process | undefined;
  argv: readonly string[];
  /** Virtual ms since the Unix epoch. */
  readonly startedAt: number;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  /** Undefined while it runs; 128 + n when signal n ended it. */
  exitCode: number | undefined = undefined;
  /** Signals it handles itself; a shared array. */
  handles: readonly Signal[] | undefined = undefined;
  memoryBytes = 0;
  milliCpu = 0;
  readonly ownsStdin: boolean;
  readonly ownsStdout: boolean;
  readonly tty: boolean;

  /** The rest is the runner's. */
  program: Program | undefined = undefined;
  timer: Timer | undefined = undefined;
  waiters: Process[] | undefined = undefined;
  /** Told when it has ended; for those outside of the simulated machine. */
  onExit: (() => void)[] | undefined = undefined;
  pendingSignal: Signal | undefined = undefined;
  /** What it waits in; 'ready' when it is about to run. */
  blockedIn: 'sleep' | 'pause' | 'read' | 'wait' | 'network' | 'ready' | undefined = undefined;

  constructor(machine: Machine, pid: number, options: SpawnOptions) {
    this.machine = machine;
    this.context = options.context;
    this.pid = pid;
    this.nsPid = options.context.nextPid();
    this.parent = options.parent;
    this.argv = options.argv;
    this.startedAt = machine.now;
    this.stdin = options.stdin;
    this.stdout = options.stdout;
    this.stderr = options.stderr;
    this.ownsStdin = options.ownsStdin ?? false;
    this.ownsStdout = options.ownsStdout ?? false;
    this.tty = options.tty ?? false;
  }

  get alive(): boolean {
    return this.exitCode === undefined;
  }

  get now(): number {
    return this.machine.now;
  }

  /** Writes to standard output. */
  print(text: string): void {
    this.#write(this.stdout, text);
  }

  /** Writes to standard error. */
  printError(text: string): void {
    this.#write(this.stderr, text);
  }

  #write(output: Output, text: string): void {
    if (output.write(text) === false) this.machine.signal(this, 'SIGPIPE');
  }

  /** Listens on all addresses. False when the port is taken (EADDRINUSE). */
  listen(port: number, protocol: Protocol, service: Service): boolean {
    return this.context.netns.listen({ protocol, ip: 0, port, process: this, service });
  }

  /** Sets what it uses from now on. Too much memory for its control group kills it. */
  use(resources: { memoryBytes?: number; milliCpu?: number }): void {
    if (!this.alive) return;
    const { memoryBytes = this.memoryBytes, milliCpu = this.milliCpu } = resources;
    const over = this.context.cgroup.charge(memoryBytes - this.memoryBytes, milliCpu - this.milliCpu);
    this.memoryBytes = memoryBytes;
    this.milliCpu = milliCpu;
    if (over !== undefined) this.machine.outOfMemory(this);
  }
}
