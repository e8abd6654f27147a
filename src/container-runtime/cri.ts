/**
 * What a kubelet asks of a container runtime: the shape of the Container Runtime Interface
 * (`k8s.io/cri-api/pkg/apis/runtime/v1/api.proto`), with call-backs where real calls block.
 * Every call-back runs as a task of its own, in virtual time.
 */
import type { PortMapping } from '../linux/net/port-maps.ts';

/** A running sandbox: the pod's pause process with its network namespace. */
export interface PodSandboxStatus {
  id: string;
  podUid: string;
  podName: string;
  podNamespace: string;
  state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY';
  /** Addresses from CNI ADD; the node's own for host-network pods. */
  ips: readonly string[];
  /** ms since the Unix epoch. */
  createdAt: number;
  hostNetwork: boolean;
}

/** Input of `runPodSandbox`. */
export interface PodSandboxConfig {
  podUid: string;
  podName: string;
  podNamespace: string;
  hostname: string;
  hostNetwork: boolean;
  labels: Readonly<Record<string, string>>;
  /** Asks CNI for exactly this address; used only when a cluster is restored from storage. */
  restoreIp?: string;
  /** Ports of the node that lead to the pod. */
  portMappings?: readonly PortMapping[];
}

/** A file or directory that appears inside a container. */
export interface Mount {
  containerPath: string;
  readOnly: boolean;
  /** The volume's tree on the node: path below the mount → content. Shared by all containers that mount it. */
  volume: VolumeTree;
  /** Path below the volume's root that is mounted. */
  subPath?: string;
}

/** The files of one volume on a node. Live: the kubelet swaps `files` when a ConfigMap changes; programs write into it. */
export interface VolumeTree {
  /** "emptyDir", "configMap", "hostPath" … for display. */
  kind: string;
  /** "dir/file" → content. */
  files: Map<string, string>;
}

/** Input of `createContainer`. */
export interface ContainerConfig {
  name: string;
  image: string;
  /** Overrides of the image's entrypoint and arguments, already expanded. */
  command: readonly string[];
  args: readonly string[];
  workingDir: string;
  /** In order; later duplicates have been removed. */
  env: readonly { name: string; value: string }[];
  mounts: readonly Mount[];
  ports: readonly { name: string; containerPort: number; protocol: string }[];
  /** cgroup limits: cpu in milli-CPU, memory in bytes; 0 for none. */
  limits: { milliCpu: number; memoryBytes: number };
  requests: { milliCpu: number; memoryBytes: number };
  /** How often this container was restarted in this pod. */
  attempt: number;
  terminationMessagePath: string;
  tty: boolean;
  stdin: boolean;
}

/** A container's state. */
export interface ContainerStatus {
  id: string;
  sandboxId: string;
  name: string;
  image: string;
  /** "docker.io/library/nginx@sha256:…" */
  imageRef: string;
  attempt: number;
  state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED';
  /** ms since the Unix epoch; undefined where it has not happened. */
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  /** "Completed", "Error", "OOMKilled", "StartError" ("ContainerCannotRun" text in `message`). */
  reason?: string;
  /** What the program wrote to its termination message path. */
  message?: string;
  /** Bytes in use now, of the cgroup. */
  memoryBytes: number;
  /** Current CPU use in milli-CPU. */
  milliCpu: number;
}

/** How a pull ended. `reason` is the kubelet's waiting reason; `message` the runtime's text. */
export type PullResult =
  | { imageRef: string; sizeBytes: number; pullMs: number }
  | {
      reason: 'ErrImagePull' | 'RegistryUnavailable' | 'InvalidImageName';
      message: string;
      /** The gRPC code: the kubelet prints "rpc error: code = NotFound desc = …". */
      code?: 'NotFound' | 'Unknown';
    };

/** How an exec ended. */
export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Set when it could not run at all, or ran into its time limit. */
  error?: string;
  /** It ran into its time limit. */
  isTimeout?: boolean;
}

/** One line of a container's log. */
export interface LogLine {
  /** ms since the Unix epoch. */
  at: number;
  stream: 'stdout' | 'stderr';
  text: string;
}

/** Something happened to a container (the evented PLEG). */
export interface ContainerEvent {
  type: 'started' | 'stopped' | 'oom';
  podUid: string;
  containerId: string;
}

/** An image on a node. */
export interface RuntimeImage {
  names: readonly string[];
  sizeBytes: number;
}

/** The runtime of one node. Failures that a caller must expect come as results, never as exceptions. */
export interface ContainerRuntime {
  readonly name: 'containerd';
  readonly version: string;

  imageStatus(image: string): RuntimeImage | undefined;
  listImages(): readonly RuntimeImage[];
  /** Pulls from the simulated registry: size / bandwidth, serialised per node. */
  pullImage(image: string, done: (result: PullResult) => void): void;

  /** Starts the pause process and runs CNI ADD. Fails with CNI's text when no network is ready. */
  runPodSandbox(config: PodSandboxConfig): { sandboxId: string } | { error: string };
  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined;
  /** Kills what runs in it and runs CNI DEL. */
  stopPodSandbox(sandboxId: string): void;
  removePodSandbox(sandboxId: string): void;

  createContainer(sandboxId: string, config: ContainerConfig): { containerId: string } | { error: string };
  /** Starts the program. An unknown command gives { error } with runc's text, and the container exits with 127 or 128. */
  startContainer(containerId: string): { error?: string };
  /** SIGTERM, then SIGKILL after `timeoutSeconds`; `done` when it has exited. */
  stopContainer(containerId: string, timeoutSeconds: number, done: () => void): void;
  removeContainer(containerId: string): void;
  containerStatus(containerId: string): ContainerStatus | undefined;
  listContainers(sandboxId: string): readonly ContainerStatus[];
  /** `stdin` is what the command can read; nothing by default. */
  exec(containerId: string, command: readonly string[], timeoutMs: number, done: (result: ExecResult) => void, stdin?: string): void;
  logs(containerId: string): readonly LogLine[];
  /** Tells `listener` of each new line until the returned function is called. */
  followLogs(containerId: string, listener: (line: LogLine) => void): () => void;

  /** Probes, from the node's network namespace. `done` gets the outcome in the kubelet's words. */
  httpGet(request: HttpProbe, done: (result: ProbeOutcome) => void): void;
  tcpConnect(target: { ip: string; port: number; timeoutMs: number }, done: (result: ProbeOutcome) => void): void;
  grpcHealth(target: { ip: string; port: number; service: string; timeoutMs: number }, done: (result: ProbeOutcome) => void): void;

  /** Why pods cannot have a network ("cni plugin not initialized"); undefined when they can. For the node's Ready condition. */
  networkNotReady?(): string | undefined;

  /** One listener: the kubelet. */
  onEvent(listener: (event: ContainerEvent) => void): void;

  /**
   * Puts a container that ran before a reload back, with its id, start time and attempt, without a new start.
   * Its program begins anew.
   */
  restoreContainer(sandboxId: string, config: ContainerConfig, previous: { id: string; startedAt: number }): void;
}

/** An HTTP probe or hook. */
export interface HttpProbe {
  scheme: 'HTTP' | 'HTTPS';
  ip: string;
  port: number;
  path: string;
  headers: readonly { name: string; value: string }[];
  timeoutMs: number;
}

/** `output` is the text that goes into events: "HTTP probe failed with statuscode: 500", "connection refused" … */
export interface ProbeOutcome {
  success: boolean;
  output: string;
}
