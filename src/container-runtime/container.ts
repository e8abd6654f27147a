/** One container: an image's files with a writable layer, a control group, a PID namespace, and the main process. */
import { Cgroup } from '../linux/cgroup.ts';
import { FileSystem, type MountPoint, normalisePath } from '../linux/fs/file-system.ts';
import type { Machine } from '../linux/machine.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { type Executable, NO_PROCESSES, type Process, type ProcessContext } from '../linux/process.ts';
import type { Signal } from '../linux/signals.ts';
import { EMPTY_INPUT, Pipe } from '../linux/streams.ts';
import { ContainerLog } from './container-log.ts';
import type { ContainerConfig, ContainerStatus } from './cri.ts';
import { findProgram } from './executables.ts';
import type { Image } from './images/image.ts';
import type { Sandbox } from './sandbox.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** terminationMessagePath keeps this much (`kubecontainer.MaxContainerTerminationMessageLength`). */
const MAX_MESSAGE = 4096;
/** What a shell or tool uses. */
const IDLE_MEMORY = 512 * 1024;

/** Who hears of a container's end. */
export interface ContainerOwner {
  containerExited(container: Container): void;
  containerOutOfMemory(container: Container): void;
}

/** A container. */
export class Container implements ProcessContext {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly cgroup: Cgroup;
  processes = NO_PROCESSES;
  readonly createdAt: number;
  readonly log: ContainerLog;
  startedAt: number | undefined = undefined;
  finishedAt: number | undefined = undefined;
  exitCode: number | undefined = undefined;
  reason: string | undefined = undefined;
  message: string | undefined = undefined;
  main: Process | undefined = undefined;
  /** Standard input, when the container keeps it open. */
  stdin: Pipe | undefined = undefined;
  /** Told when the container has ended. */
  stopWaiters: (() => void)[] | undefined = undefined;
  readonly #machine: Machine;
  readonly #owner: ContainerOwner;
  #fs: FileSystem | undefined = undefined;
  #pids = 0;

  constructor(machine: Machine, owner: ContainerOwner, sandbox: Sandbox, id: string, config: ContainerConfig, image: Image) {
    this.#machine = machine;
    this.#owner = owner;
    this.id = id;
    this.sandbox = sandbox;
    this.config = config;
    this.image = image;
    this.cgroup = new Cgroup(machine.cgroup, config.limits.memoryBytes, config.limits.milliCpu);
    this.createdAt = machine.now;
    this.log = new ContainerLog(machine);
  }

  get label(): string {
    return `${this.sandbox.label}/${this.config.name}`;
  }

  get hostname(): string {
    return this.sandbox.hostname;
  }

  get netns(): NetworkNamespace {
    return this.sandbox.netns;
  }

  get running(): boolean {
    return this.main !== undefined && this.exitCode === undefined;
  }

  get workingDir(): string {
    return this.config.workingDir || this.image.spec.workingDir || '/';
  }

  /** The container's files; made when first asked for, because most containers never do. */
  get fs(): FileSystem {
    this.#fs ??= new FileSystem(this.image.files, [...this.config.mounts.map(toMountPoint), systemFiles(this)]);
    return this.#fs;
  }

  environment(): Map<string, string> {
    const environment = new Map([
      ['PATH', DEFAULT_PATH],
      ['HOSTNAME', this.hostname],
    ]);
    for (const [name, value] of Object.entries(this.image.spec.env ?? {})) environment.set(name, value.replace('{tag}', this.image.tag));
    for (const { name, value } of this.config.env) environment.set(name, value);
    if (!environment.has('HOME')) environment.set('HOME', '/root');
    return environment;
  }

  findExecutable(name: string): Executable | undefined {
    return findProgram(this, name);
  }

  /** Command and arguments: the pod's, or the image's. */
  get argv(): readonly string[] {
    const { command, args } = this.config;
    if (command.length > 0) return args.length > 0 ? command.concat(args) : command;
    const { entrypoint = [], cmd = [] } = this.image.spec;
    return entrypoint.concat(args.length > 0 ? args : cmd);
  }

  nextPid(): number {
    return ++this.#pids;
  }

  /** Starts the main process. */
  start(executable: Executable, argv: readonly string[]): void {
    this.startedAt ??= this.#machine.now;
    const stdout = this.log.output('stdout');
    const stderr = this.config.tty ? stdout : this.log.output('stderr');
    if (this.config.stdin) this.stdin = new Pipe();
    const stdin = this.stdin ?? EMPTY_INPUT;
    const main = this.#machine.spawn({ context: this, argv, executable, stdin, stdout, stderr, tty: this.config.tty });
    if (!main.alive) return;
    this.main = main;
    if (main.memoryBytes === 0) main.use({ memoryBytes: IDLE_MEMORY });
  }

  /** Could not start: the container ends without having run. */
  fail(exitCode: number, reason: string, message: string): void {
    this.exitCode = exitCode;
    this.reason = reason;
    this.message = message;
    this.finishedAt = this.#machine.now;
  }

  signal(signal: Signal): void {
    if (this.main !== undefined) this.#machine.signal(this.main, signal);
  }

  /** SIGKILL to the main process; the rest dies with it. */
  kill(exitCode = 137): void {
    if (this.main !== undefined) this.#machine.exit(this.main, exitCode);
  }

  /** The machine lost its power while this ran. */
  lost(): void {
    if (this.exitCode !== undefined || this.startedAt === undefined) return;
    this.fail(255, 'Unknown', '');
    this.main = undefined;
  }

  processExited(process: Process): void {
    if (process.nsPid !== 1 || this.exitCode !== undefined) return;
    for (const other of [...this.processes].reverse()) this.#machine.exit(other, 137);
    const exitCode = process.exitCode ?? 0;
    this.exitCode = exitCode;
    this.finishedAt = this.#machine.now;
    this.reason ??= exitCode === 0 ? 'Completed' : 'Error';
    this.message = this.#terminationMessage();
    this.main = undefined;
    this.log.flush();
    this.#owner.containerExited(this);
  }

  outOfMemory(): void {
    this.reason = 'OOMKilled';
    this.#owner.containerOutOfMemory(this);
  }

  #terminationMessage(): string | undefined {
    if (this.#fs === undefined || this.config.terminationMessagePath === '') return undefined;
    return this.#fs.read(normalisePath(this.config.terminationMessagePath))?.slice(0, MAX_MESSAGE);
  }

  status(): ContainerStatus {
    const { id, sandbox, config, image, createdAt, startedAt, finishedAt, exitCode, reason, message, cgroup } = this;
    const state = exitCode !== undefined ? 'CONTAINER_EXITED' : startedAt === undefined ? 'CONTAINER_CREATED' : 'CONTAINER_RUNNING';
    return {
      id,
      sandboxId: sandbox.id,
      name: config.name,
      image: config.image,
      imageRef: image.imageRef,
      attempt: config.attempt,
      state,
      createdAt,
      startedAt,
      finishedAt,
      exitCode,
      reason: exitCode === undefined ? undefined : reason,
      message,
      memoryBytes: cgroup.memoryBytes,
      milliCpu: cgroup.milliCpu,
    };
  }
}

const toMountPoint = ({ containerPath, readOnly, volume, subPath }: ContainerConfig['mounts'][number]): MountPoint => ({
  path: normalisePath(containerPath),
  readOnly,
  volume,
  subPath,
});

/** Files that the runtime makes for a container, unless something else is mounted there. */
function systemFiles({ hostname }: Container): MountPoint {
  return { path: '/etc/hostname', readOnly: false, subPath: 'hostname', volume: { files: new Map([['hostname', `${hostname}\n`]]) } };
}
