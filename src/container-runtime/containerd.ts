/**
 * containerd with its CRI plugin on one machine: images, sandboxes, containers and what runs in them
 * (`internal/cri/server` of containerd 2.0). Left out: checkpoints, runtime classes, user namespaces, image garbage
 * collection (the kubelet asks for that), seccomp and AppArmor.
 */
import type { Machine } from '../linux/machine.ts';
import { formatIpv4 } from '../linux/net/ipv4.ts';
import { NetworkNamespace } from '../linux/net/namespace.ts';
import { EMPTY_INPUT } from '../linux/streams.ts';
import { Container, type ContainerOwner } from './container.ts';
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
} from './cri.ts';
import { notExecutable } from './executables.ts';
import { attach, execute, type ExecStreams, type ExecSession, openExec } from './exec.ts';
import type { Catalogue } from './images/catalogue.ts';
import { ImageStore } from './images/store.ts';
import type { PodNetwork } from './network.ts';
import { setFault } from './programs/fault.ts';
import { grpcProbe, httpProbe, type Probe, tcpProbe } from './probes.ts';
import { pauseProgram, Sandbox } from './sandbox.ts';

/** What a node's containerd is made of. */
export interface ContainerdOptions {
  readonly machine: Machine;
  readonly catalogue: Catalogue;
  readonly network: PodNetwork;
  /** Of pulls, bytes per second. Default 50 MB/s. */
  readonly bandwidth?: number;
}

const START_ERROR =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ';
/** `errorStartExitCode` and `errorStartReason` of containerd. */
const START_ERROR_CODE = 128;
const SANDBOX_NAMESPACE_LENGTH = 12;

/** The runtime of one node. */
export class Containerd implements ContainerRuntime, ContainerOwner {
  readonly name = 'containerd';
  readonly version = '2.0.5';
  readonly images: ImageStore;
  readonly #machine: Machine;
  readonly #network: PodNetwork;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #containers = new Map<string, Container>();
  #listener: ((event: ContainerEvent) => void) | undefined = undefined;

  constructor(options: ContainerdOptions) {
    this.#machine = options.machine;
    this.#network = options.network;
    this.images = new ImageStore(options.catalogue, () => this.#machine.scope);
    if (options.bandwidth !== undefined) this.images.bandwidth = options.bandwidth;
  }

  imageStatus(image: string): RuntimeImage | undefined {
    return this.images.status(image);
  }

  listImages(): readonly RuntimeImage[] {
    return this.images.list();
  }

  pullImage(image: string, done: (result: PullResult) => void): void {
    this.images.pull(image, done);
  }

  networkNotReady(): string | undefined {
    return this.#network.notReady;
  }

  runPodSandbox(config: PodSandboxConfig): { sandboxId: string } | { error: string } {
    const id = this.#newId();
    const { hostNetwork } = config;
    const netns = hostNetwork ? this.#machine.netns : new NetworkNamespace(this.#machine, `cni-${id.slice(0, SANDBOX_NAMESPACE_LENGTH)}`);
    const sandbox = new Sandbox(this.#machine, id, config, netns);
    if (hostNetwork) sandbox.ips = this.#hostIps();
    else {
      const added = this.#network.add(id, netns, config.restoreIp, config.portMappings, {
        namespace: config.podNamespace,
        name: config.podName,
      });
      if ('error' in added) {
        this.#network.remove(id, netns);
        return { error: `failed to setup network for sandbox "${id}": ${added.error}` };
      }
      sandbox.ips = added.ips;
    }
    this.#sandboxes.set(id, sandbox);
    const [stdout, stderr] = [DISCARD, DISCARD];
    this.#machine.spawn({ context: sandbox, argv: PAUSE_ARGV, executable: pauseProgram, stdin: EMPTY_INPUT, stdout, stderr });
    return { sandboxId: id };
  }

  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined {
    return this.#sandboxes.get(sandboxId)?.status();
  }

  /** All sandboxes, oldest first (`crictl pods`). */
  listSandboxes(): readonly PodSandboxStatus[] {
    return [...this.#sandboxes.values()].map((sandbox) => sandbox.status());
  }

  /** The sandbox itself: for node tools, which look into its namespaces. */
  sandbox(sandboxId: string): Sandbox | undefined {
    return this.#sandboxes.get(sandboxId);
  }

  /** The container itself: for node tools and faults. */
  container(containerId: string): Container | undefined {
    return this.#containers.get(containerId);
  }

  stopPodSandbox(sandboxId: string): void {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox === undefined) return;
    for (const container of [...sandbox.containers]) container.kill();
    for (const process of [...sandbox.processes]) this.#machine.exit(process, 0);
    sandbox.ready = false;
    if (!sandbox.config.hostNetwork) this.#network.remove(sandboxId, sandbox.netns);
  }

  removePodSandbox(sandboxId: string): void {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox === undefined) return;
    this.stopPodSandbox(sandboxId);
    for (const container of [...sandbox.containers]) this.removeContainer(container.id);
    this.#sandboxes.delete(sandboxId);
  }

  createContainer(sandboxId: string, config: ContainerConfig): { containerId: string } | { error: string } {
    return this.#create(sandboxId, config, this.#newId());
  }

  #create(sandboxId: string, config: ContainerConfig, id: string): { containerId: string } | { error: string } {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox === undefined)
      return { error: `failed to find sandbox id "${sandboxId}": an error occurred when try to find sandbox: not found` };
    if (!sandbox.ready) return { error: `failed to create containerd container: sandbox container "${sandboxId}" is not running` };
    const image = this.images.find(config.image);
    if (image === undefined) return { error: `failed to resolve image "${config.image}": image "${config.image}": not found` };
    const container = new Container(this.#machine, this, sandbox, id, config, image);
    if (container.argv.length === 0) {
      return { error: `failed to generate container "${id}" spec: failed to generate spec: no command specified` };
    }
    sandbox.containers = sandbox.containers.concat(container);
    this.#containers.set(id, container);
    return { containerId: id };
  }

  startContainer(containerId: string): { error?: string } {
    const container = this.#containers.get(containerId);
    if (container === undefined) return { error: `an error occurred when try to find container "${containerId}": not found` };
    const { argv } = container;
    const name = argv[0] ?? '';
    const executable = container.findExecutable(name);
    if (executable === undefined) {
      const error = START_ERROR + notExecutable(name);
      container.fail(START_ERROR_CODE, 'StartError', error);
      return { error };
    }
    this.#emit('started', container); // before the program's first step, which may be its last
    container.start(executable, argv);
    return {};
  }

  restoreContainer(sandboxId: string, config: ContainerConfig, previous: { id: string; startedAt: number }): void {
    const created = this.#create(sandboxId, config, previous.id);
    const container = this.#containers.get(previous.id);
    if ('error' in created || container === undefined) return;
    container.startedAt = previous.startedAt;
    this.startContainer(previous.id);
  }

  stopContainer(containerId: string, timeoutSeconds: number, done: () => void): void {
    const { scope } = this.#machine;
    const container = this.#containers.get(containerId);
    if (container === undefined || !container.running) {
      scope.post('container stopped', container?.label ?? containerId, done);
      return;
    }
    (container.stopWaiters ??= []).push(done);
    if (timeoutSeconds > 0) container.signal(container.image.spec.stopSignal ?? 'SIGTERM');
    if (!container.running) return;
    if (timeoutSeconds <= 0) container.kill();
    else {
      const killer = scope.after(timeoutSeconds * 1000, 'grace period ends', container.label, () => container.kill());
      container.stopWaiters.push(() => killer.stop());
    }
  }

  removeContainer(containerId: string): void {
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    container.kill();
    this.#containers.delete(containerId);
    const { sandbox } = container;
    sandbox.containers = sandbox.containers.filter((other) => other !== container);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    return this.#containers.get(containerId)?.status();
  }

  listContainers(sandboxId: string): readonly ContainerStatus[] {
    return (this.#sandboxes.get(sandboxId)?.containers ?? []).map((container) => container.status());
  }

  /** Runs a command. `done` is a task of its own, at this instant when the command never blocks. */
  exec(containerId: string, command: readonly string[], timeoutMs: number, done: (result: ExecResult) => void, stdin = ''): void {
    const report = (result: ExecResult) => this.#machine.scope.post('exec ends', containerId, () => done(result));
    execute(this.#machine, this.#containers.get(containerId), command, { timeoutMs, stdin }, report);
  }

  /** Runs a command with its streams open, as `kubectl exec -it` does. */
  openExec(containerId: string, command: readonly string[], streams: ExecStreams): ExecSession | { error: string } {
    return openExec(this.#machine, this.#containers.get(containerId), command, streams);
  }

  /** Connects to a container's main process, as `kubectl attach` does. */
  attach(containerId: string, streams: ExecStreams): ExecSession | { error: string } {
    return attach(this.#machine, this.#containers.get(containerId), streams);
  }

  logs(containerId: string): readonly LogLine[] {
    return this.#containers.get(containerId)?.log.lines() ?? [];
  }

  followLogs(containerId: string, listener: (line: LogLine) => void): () => void {
    return this.#containers.get(containerId)?.log.follow(listener) ?? (() => undefined);
  }

  httpGet(request: HttpProbe, done: (result: ProbeOutcome) => void): void {
    this.#probe(httpProbe(this.#machine.netns, request), done);
  }

  tcpConnect(target: { ip: string; port: number; timeoutMs: number }, done: (result: ProbeOutcome) => void): void {
    this.#probe(tcpProbe(this.#machine.netns, target), done);
  }

  grpcHealth(target: { ip: string; port: number; service: string; timeoutMs: number }, done: (result: ProbeOutcome) => void): void {
    this.#probe(grpcProbe(this.#machine.netns, target), done);
  }

  #probe({ outcome, afterMs }: Probe, done: (result: ProbeOutcome) => void): void {
    this.#machine.scope.after(afterMs, 'probe answered', '', () => done(outcome), { background: true });
  }

  onEvent(listener: (event: ContainerEvent) => void): void {
    this.#listener = listener;
  }

  containerExited(container: Container): void {
    this.#emit('stopped', container);
    const waiters = container.stopWaiters ?? [];
    container.stopWaiters = undefined;
    for (const waiter of waiters) this.#machine.scope.post('container stopped', container.label, waiter);
  }

  containerOutOfMemory(container: Container): void {
    this.#emit('oom', container);
  }

  /** A fault: the main process exits with this code. */
  crash(containerId: string, exitCode: number): void {
    this.#containers.get(containerId)?.kill(exitCode);
  }

  /** A fault: the container's HTTP servers answer everything with this status; undefined ends it. */
  setHttpFault(containerId: string, status: number | undefined): void {
    const container = this.#containers.get(containerId);
    for (const socket of container?.netns.listeners ?? []) if (socket.process.context === container) setFault(socket, status);
  }

  /** A fault: no registry answers this node. */
  setRegistryDown(down: boolean): void {
    this.images.registryDown = down;
  }

  /** After the machine was off: sandboxes are not ready, what ran is lost, pulls are forgotten. Call it after `Machine.powerOn`. */
  recover(): void {
    this.images.reset();
    for (const sandbox of this.#sandboxes.values()) sandbox.ready = false;
    for (const container of this.#containers.values()) container.lost();
  }

  #hostIps(): readonly string[] {
    return (this.#machine.netns.link('eth0')?.addresses ?? []).map(({ ip }) => formatIpv4(ip));
  }

  #emit(type: ContainerEvent['type'], container: Container): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const { podUid } = container.sandbox.config;
    this.#machine.scope.post(`container ${type}`, container.label, () => listener({ type, podUid, containerId: container.id }));
  }

  #newId(): string {
    const { random } = this.#machine;
    for (;;) {
      const words = Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, '0'));
      const id = words.join('');
      // Restored containers keep ids that this stream gave in an earlier life.
      if (!this.#sandboxes.has(id) && !this.#containers.has(id)) return id;
    }
  }
}

const PAUSE_ARGV: readonly string[] = ['/pause'];
const DISCARD = { write: () => true };
