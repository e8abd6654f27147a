/** A pod's sandbox: the pause process, which holds the namespaces that the pod's containers share. */
import type { Cgroup } from '../linux/cgroup.ts';
import { FileSystem } from '../linux/fs/file-system.ts';
import type { Machine } from '../linux/machine.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { type Executable, NO_PROCESSES, type Process, type ProcessContext } from '../linux/process.ts';
import { PAUSE, type Program } from '../linux/syscalls.ts';
import type { Container } from './container.ts';
import type { PodSandboxConfig, PodSandboxStatus } from './cri.ts';

const EMPTY_ROOT = new FileSystem(new Map());
const NO_IPS: readonly string[] = [];
const NO_CONTAINERS: readonly Container[] = [];
const HANDLED = ['SIGTERM', 'SIGINT'] as const;

/** Holds the namespaces until it is told to end (`build/pause/linux/pause.c`). */
export function* pauseProgram(process: Process): Program {
  process.handles = HANDLED;
  yield PAUSE;
  return 0;
}

/** A sandbox. */
export class Sandbox implements ProcessContext {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly netns: NetworkNamespace;
  readonly createdAt: number;
  containers: readonly Container[] = NO_CONTAINERS;
  processes = NO_PROCESSES;
  ips: readonly string[] = NO_IPS;
  ready = true;
  readonly #machine: Machine;

  constructor(machine: Machine, id: string, config: PodSandboxConfig, netns: NetworkNamespace) {
    this.#machine = machine;
    this.id = id;
    this.config = config;
    this.netns = netns;
    this.createdAt = machine.now;
  }

  get label(): string {
    return `pods/${this.config.podNamespace}/${this.config.podName}`;
  }

  get hostname(): string {
    return this.config.hostname;
  }

  get fs(): FileSystem {
    return EMPTY_ROOT;
  }

  get cgroup(): Cgroup {
    return this.#machine.cgroup;
  }

  get workingDir(): string {
    return '/';
  }

  environment(): Map<string, string> {
    return new Map();
  }

  findExecutable(): Executable | undefined {
    return undefined;
  }

  nextPid(): number {
    return 1;
  }

  /** The namespaces end with pause: so do all containers. */
  processExited(): void {
    this.ready = false;
    for (const container of this.containers) container.kill();
  }

  outOfMemory(): void {
    // pause has no limit.
  }

  status(): PodSandboxStatus {
    const { podUid, podName, podNamespace, hostNetwork } = this.config;
    const state = this.ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY';
    return { id: this.id, podUid, podName, podNamespace, state, ips: this.ips, createdAt: this.createdAt, hostNetwork };
  }
}
