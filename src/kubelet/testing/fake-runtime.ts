/** A container runtime without machines: containers do what the test says of their image. */
import type {
  ContainerConfig,
  ContainerEvent,
  ContainerRuntime,
  ContainerStatus,
  ExecResult,
  HttpProbe,
  LogLine,
  PodSandboxConfig,
  PodSandboxStatus,
  ProbeOutcome,
  PullResult,
  RuntimeImage,
} from '../../container-runtime/cri.ts';
import type { Simulation } from '../../sim/simulation.ts';

/** How containers of an image behave. */
export interface FakeImage {
  present?: boolean;
  pullMs?: number;
  pullError?: string;
  /** Exits by itself after this time, ms. */
  exitAfterMs?: number;
  exitCode?: number;
  reason?: string;
  startError?: string;
  /** How long the program takes to end after SIGTERM, ms; Infinity: it ignores the signal. */
  stopMs?: number;
  memoryBytes?: number;
}

interface FakeContainer extends ContainerStatus {
  config: ContainerConfig;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** See the file's head. */
export class FakeRuntime implements ContainerRuntime {
  readonly name = 'containerd';
  readonly version = '2.0.5';
  readonly images = new Map<string, FakeImage>();
  readonly containers = new Map<string, FakeContainer>();
  readonly sandboxes = new Map<string, Mutable<PodSandboxStatus>>();
  /** What probes answer. */
  probe: (containerOrIp: string) => ProbeOutcome = () => ({ success: true, output: '' });
  execResult: (command: readonly string[]) => ExecResult = () => ({ exitCode: 0, stdout: '', stderr: '' });
  sandboxError: string | undefined;
  /** Every call that changes something, in order. */
  readonly calls: string[] = [];
  readonly #sim: Simulation;
  #listener: (event: ContainerEvent) => void = () => undefined;
  #count = 0;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  imageStatus(image: string): RuntimeImage | undefined {
    return this.images.get(image)?.present ? { names: [image], sizeBytes: 1000 } : undefined;
  }

  listImages(): readonly RuntimeImage[] {
    return [...this.images].filter(([, { present }]) => present).map(([name]) => ({ names: [name], sizeBytes: 1000 }));
  }

  pullImage(image: string, done: (result: PullResult) => void): void {
    const fake = this.images.get(image) ?? {};
    const { pullMs = 1000, pullError } = fake;
    this.#later(pullMs, () => {
      if (pullError !== undefined) return done({ reason: 'ErrImagePull', message: pullError });
      this.images.set(image, { ...fake, present: true });
      done({ imageRef: `${image}@sha256:0`, sizeBytes: 123, pullMs });
    });
  }

  runPodSandbox({ podUid, podName, podNamespace, hostNetwork, restoreIp }: PodSandboxConfig): { sandboxId: string } | { error: string } {
    if (this.sandboxError !== undefined) return { error: this.sandboxError };
    const id = `sandbox-${++this.#count}`;
    this.calls.push(`run sandbox ${podName}`);
    const ips = [restoreIp ?? `10.244.0.${this.#count + 1}`];
    this.sandboxes.set(id, { id, podUid, podName, podNamespace, state: 'SANDBOX_READY', ips, createdAt: this.#sim.now, hostNetwork });
    return { sandboxId: id };
  }

  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined {
    return this.sandboxes.get(sandboxId);
  }

  stopPodSandbox(sandboxId: string): void {
    const sandbox = this.sandboxes.get(sandboxId);
    if (sandbox) sandbox.state = 'SANDBOX_NOTREADY';
    this.calls.push(`stop sandbox ${sandbox?.podName}`);
  }

  removePodSandbox(sandboxId: string): void {
    this.sandboxes.delete(sandboxId);
  }

  createContainer(sandboxId: string, config: ContainerConfig): { containerId: string } | { error: string } {
    const id = `container-${++this.#count}`;
    const { name, image, attempt } = config;
    this.containers.set(id, {
      id,
      sandboxId,
      name,
      image,
      imageRef: `${image}@sha256:0`,
      attempt,
      config,
      state: 'CONTAINER_CREATED',
      createdAt: this.#sim.now,
      memoryBytes: this.images.get(image)?.memoryBytes ?? 0,
      milliCpu: 0,
    });
    return { containerId: id };
  }

  startContainer(containerId: string): { error?: string } {
    const container = this.#get(containerId);
    const { startError, exitAfterMs, exitCode = 0, reason } = this.images.get(container.image) ?? {};
    if (startError !== undefined) return { error: startError };
    this.calls.push(`start ${container.name}`);
    container.state = 'CONTAINER_RUNNING';
    container.startedAt = this.#sim.now;
    if (exitAfterMs !== undefined) this.#later(exitAfterMs, () => this.exit(containerId, exitCode, reason));
    return {};
  }

  stopContainer(containerId: string, timeoutSeconds: number, done: () => void): void {
    const container = this.#get(containerId);
    this.calls.push(`stop ${container.name} ${timeoutSeconds}`);
    const { stopMs = 100 } = this.images.get(container.image) ?? {};
    const killed = stopMs > timeoutSeconds * 1000;
    this.#later(killed ? timeoutSeconds * 1000 : stopMs, () => {
      this.exit(containerId, killed ? 137 : 0);
      done();
    });
  }

  removeContainer(containerId: string): void {
    this.containers.delete(containerId);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    return this.containers.get(containerId);
  }

  listContainers(sandboxId: string): readonly ContainerStatus[] {
    return [...this.containers.values()].filter((container) => container.sandboxId === sandboxId);
  }

  exec(_containerId: string, command: readonly string[], _timeoutMs: number, done: (result: ExecResult) => void): void {
    this.calls.push(`exec ${command.join(' ')}`);
    this.#later(0, () => done(this.execResult(command)));
  }

  logs(containerId: string): readonly LogLine[] {
    return [{ at: this.#sim.now, stream: 'stdout', text: `hello from ${containerId}` }];
  }

  followLogs(): () => void {
    return () => undefined;
  }

  httpGet({ ip }: HttpProbe, done: (result: ProbeOutcome) => void): void {
    this.#later(0, () => done(this.probe(ip)));
  }

  tcpConnect({ ip }: { ip: string }, done: (result: ProbeOutcome) => void): void {
    this.#later(0, () => done(this.probe(ip)));
  }

  grpcHealth({ ip }: { ip: string }, done: (result: ProbeOutcome) => void): void {
    this.#later(0, () => done(this.probe(ip)));
  }

  onEvent(listener: (event: ContainerEvent) => void): void {
    this.#listener = listener;
  }

  restoreContainer(sandboxId: string, config: ContainerConfig, previous: { id: string; startedAt: number }): void {
    const made = this.createContainer(sandboxId, config);
    if ('error' in made) return;
    const container = this.#get(made.containerId);
    this.containers.delete(made.containerId);
    this.containers.set(previous.id, { ...container, id: previous.id, state: 'CONTAINER_RUNNING', startedAt: previous.startedAt });
    this.calls.push(`restore ${config.name}`);
  }

  /** The container's program ends. */
  exit(containerId: string, exitCode: number, reason?: string): void {
    const container = this.containers.get(containerId);
    if (container?.state !== 'CONTAINER_RUNNING') return;
    container.state = 'CONTAINER_EXITED';
    container.finishedAt = this.#sim.now;
    container.exitCode = exitCode;
    container.reason = reason ?? (exitCode === 0 ? 'Completed' : 'Error');
    this.#listener({ type: 'stopped', podUid: this.sandboxes.get(container.sandboxId)?.podUid ?? '', containerId });
  }

  /** The newest container of the given name. */
  named(name: string): FakeContainer {
    const found = [...this.containers.values()].filter((container) => container.name === name).at(-1);
    if (found === undefined) throw new Error(`no container ${name}`);
    return found;
  }

  #get(id: string): FakeContainer {
    const container = this.containers.get(id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  }

  #later(delayMs: number, run: () => void): void {
    this.#sim.schedule(delayMs, 'runtime', 'step', '', run);
  }
}
