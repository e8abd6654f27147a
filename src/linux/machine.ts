/**
 * A machine: hardware sizes, one kernel, processes, and a network namespace of its own. It knows nothing of what it
 * is used for.
 */
import type { Random } from '../sim/random.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { Cgroup } from './cgroup.ts';
import { FileSystem } from './fs/file-system.ts';
import { NetworkNamespace } from './net/namespace.ts';
import { NO_PROCESSES, Process, type Executable, type ProcessContext, type SpawnOptions } from './process.ts';
import { Runner } from './runner.ts';
import { isIgnoredByDefault, type Signal, signalNumber } from './signals.ts';

/** A machine's sizes. */
export interface MachineOptions {
  readonly hostname: string;
  readonly milliCpu: number;
  readonly memoryBytes: number;
}

const FIRST_FREE_PID = 1000;

/** A computer that can be switched on and off. */
export class Machine {
  readonly hostname: string;
  readonly milliCpu: number;
  readonly memoryBytes: number;
  /** The machine's own network namespace. */
  readonly netns: NetworkNamespace;
  /** The root control group: use of the whole machine. */
  cgroup = new Cgroup(undefined);
  readonly runner = new Runner();
  /** The machine's own stream of chance; goes on after a reboot. */
  readonly random: Random;
  /** What processes of the machine itself see. */
  readonly context: ProcessContext;
  /** Running processes by PID. */
  readonly processes = new Map<number, Process>();
  powered = true;
  /** All tasks of the machine's processes; dies when the power is cut. */
  scope: TaskScope;

  readonly #parentScope: TaskScope;
  #nextPid = FIRST_FREE_PID;
  #nextLinkIndex = 2;

  /** `scope` is the machine's life: tasks are labelled with its hostname. */
  constructor(scope: TaskScope, options: MachineOptions) {
    this.#parentScope = scope;
    this.scope = scope.child(options.hostname);
    this.random = this.scope.random;
    this.hostname = options.hostname;
    this.milliCpu = options.milliCpu;
    this.memoryBytes = options.memoryBytes;
    this.netns = new NetworkNamespace(this, 'host');
    this.netns.forwards = true;
    this.netns.bringLoopbackUp();
    this.context = new HostContext(this);
  }

  /** Virtual time, ms since the Unix epoch. */
  get now(): number {
    return this.scope.now;
  }

  nextLinkIndex(): number {
    return this.#nextLinkIndex++;
  }

  /** Starts a process, and runs it until it first blocks. */
  spawn(options: SpawnOptions): Process {
    const process = new Process(this, this.#nextPid++, options);
    this.processes.set(process.pid, process);
    // concat makes a list as long as it is, where spread and push hold seventeen places.
    options.context.processes = options.context.processes.concat(process);
    process.program = options.executable(process);
    this.runner.wake(process, undefined);
    return process;
  }

  /**
   * Sends a signal. PID 1 of a namespace ignores what it does not handle, unless the signal is SIGKILL from outside
   * (`kernel/signal.c`, SIGNAL_UNKILLABLE).
   */
  signal(process: Process, signal: Signal): void {
    if (!process.alive) return;
    if (signal !== 'SIGKILL' && process.handles?.includes(signal)) {
      const interruptible = process.blockedIn === 'sleep' || process.blockedIn === 'pause' || process.blockedIn === 'wait';
      if (interruptible) this.runner.wake(process, signal);
      else process.pendingSignal = signal;
      return;
    }
    if (isIgnoredByDefault(signal) || (process.nsPid === 1 && signal !== 'SIGKILL')) return;
    this.exit(process, 128 + signalNumber(signal));
  }

  /** Ends a process: frees what it holds, tells who waits for it and its context. */
  exit(process: Process, exitCode: number): void {
    if (!process.alive) return;
    process.use({ memoryBytes: 0, milliCpu: 0 });
    process.exitCode = exitCode;
    process.program = undefined;
    process.timer?.stop();
    process.timer = undefined;
    this.processes.delete(process.pid);
    const { context } = process;
    const others = context.processes.filter((other) => other !== process);
    context.processes = others.length === 0 ? NO_PROCESSES : others;
    const { netns } = context;
    for (const socket of netns.listeners) if (socket.process === process) netns.close(socket);
    if (process.ownsStdin) process.stdin.closeReading?.();
    if (process.ownsStdout) process.stdout.close?.();
    for (const waiter of process.waiters ?? []) if (waiter.blockedIn === 'wait') this.runner.wake(waiter, exitCode);
    process.waiters = undefined;
    for (const tell of process.onExit ?? []) tell();
    process.onExit = undefined;
    process.context.processExited(process);
  }

  /** The kernel's answer to a control group beyond its limit: the whole group dies (memory.oom.group). */
  outOfMemory(process: Process): void {
    process.context.outOfMemory(process);
    for (const victim of [...process.context.processes].reverse()) this.exit(victim, 128 + signalNumber('SIGKILL'));
  }

  /** Cuts the power: all processes vanish without a word. */
  powerOff(): void {
    this.powered = false;
    this.scope.kill();
    for (const process of this.processes.values()) {
      process.exitCode = 128 + signalNumber('SIGKILL');
      process.program = undefined;
      process.timer = undefined;
      process.context.processes = NO_PROCESSES;
      for (const socket of process.context.netns.listeners) process.context.netns.close(socket);
    }
    this.processes.clear();
    this.netns.reboot();
    this.cgroup = new Cgroup(undefined);
  }

  /** Boots: an empty machine with the network configuration it had. */
  powerOn(): void {
    if (this.powered) return;
    this.powered = true;
    this.scope = this.#parentScope.child(this.hostname);
  }
}

/** What processes of the machine itself see. */
class HostContext implements ProcessContext {
  readonly label: string;
  readonly fs = new FileSystem(new Map());
  processes = NO_PROCESSES;
  readonly workingDir = '/';
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.label = machine.hostname;
  }

  get netns(): NetworkNamespace {
    return this.#machine.netns;
  }

  get cgroup(): Cgroup {
    return this.#machine.cgroup;
  }

  get hostname(): string {
    return this.#machine.hostname;
  }

  environment(): Map<string, string> {
    return new Map([['PATH', '/usr/sbin:/usr/bin:/sbin:/bin']]);
  }

  findExecutable(): Executable | undefined {
    return undefined;
  }

  #pids = FIRST_FREE_PID;
  nextPid(): number {
    return this.#pids++;
  }

  processExited(): void {
    // Nobody supervises the machine's own processes.
  }

  outOfMemory(): void {
    // The root control group has no limit.
  }
}
