/** A pod's sandbox: pause process, network namespace and addresses (`pkg/kubelet/kuberuntime/kuberuntime_sandbox.go`). */
import type { Pod, PodSpec } from '../api/generated/types.ts';
import type { Mount } from '../container-runtime/cri.ts';
import { parseIpv4 } from '../linux/net/ipv4.ts';
import type { PortMapping } from '../linux/net/port-maps.ts';
import { BACK_OFF_PERIOD_MS } from './backoff.ts';
import { podObject } from './container-starter.ts';
import type { Host } from './host.ts';

/** Time that a sandbox takes, ms. */
const SANDBOX_MS = 400;
/** A network that is not ready is asked again after this, ms. Differs: upstream asks every second or so. */
const NETWORK_RETRY_MS = 5000;

/** A host name of at most 63 characters: spec.hostname or the pod's name (`GeneratePodHostNameAndDomain`). */
export function hostnameOf({ metadata, spec }: Pod): string {
  const name = spec.hostname || metadata.name;
  return name.length <= 63 ? name : name.slice(0, 63).replace(/[-.]+$/, '');
}

/** Ports of the node that lead to the pod's containers (`hostPort`). */
function portMappingsOf({ initContainers = [], containers }: PodSpec): PortMapping[] {
  return [...initContainers, ...containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, containerPort, hostIP, protocol }) => {
      if (!hostPort || protocol === 'SCTP') return [];
      return [{ hostPort, containerPort, protocol: protocol === 'UDP' ? 'UDP' : 'TCP', hostIp: parseIpv4(hostIP ?? '') || undefined }];
    }),
  );
}

/** The sandbox of one pod. */
export class PodSandbox {
  readonly #host: Host;
  readonly #pod: Pod;
  id = '';
  /** Kept after the sandbox has stopped, as the status keeps them. */
  ips: readonly string[] = [];
  #ready = false;
  #etcMounts: readonly Mount[] | undefined;

  constructor(host: Host, pod: Pod) {
    this.#host = host;
    this.#pod = pod;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** /etc/hosts and /etc/resolv.conf of the pod's containers. */
  etcMounts(): readonly Mount[] {
    const { etc, options } = this.#host;
    const hostname = this.#pod.spec.hostNetwork ? options.nodeName : hostnameOf(this.#pod);
    return (this.#etcMounts ??= [etc.hosts(this.#pod, hostname, this.ips), etc.resolvConf(this.#pod).mount]);
  }

  /** Makes the sandbox. `done` gets nothing on success, else after how many ms to try again. */
  run(done: (retryMs?: number) => void): void {
    const { recorder, scope } = this.#host;
    const notReady = this.#pod.spec.hostNetwork ? undefined : this.#host.networkNotReady();
    if (notReady !== undefined) {
      recorder.event(this.#pod, 'Warning', 'NetworkNotReady', `network is not ready: ${notReady}`);
      return done(NETWORK_RETRY_MS);
    }
    const error = this.create();
    if (error !== undefined) {
      recorder.event(
        this.#pod,
        'Warning',
        'FailedCreatePodSandBox',
        `Failed to create pod sandbox: rpc error: code = Unknown desc = ${error}`,
      );
      return done(BACK_OFF_PERIOD_MS);
    }
    for (const message of this.#host.etc.resolvConf(this.#pod).exceeded) recorder.event(this.#pod, 'Warning', 'DNSConfigForming', message);
    scope.after(SANDBOX_MS, 'sandbox ready', podObject(this.#pod), () => done());
  }

  /** Asks the runtime for the sandbox; the error's text when it refuses. `restoreIp`: see `PodSandboxConfig`. */
  create(restoreIp?: string): string | undefined {
    const { runtime, options } = this.#host;
    const { metadata, spec } = this.#pod;
    const hostNetwork = spec.hostNetwork ?? false;
    const portMappings = hostNetwork ? [] : portMappingsOf(spec);
    const made = runtime.runPodSandbox({
      podUid: metadata.uid,
      podName: metadata.name,
      podNamespace: metadata.namespace ?? '',
      hostname: hostNetwork ? options.nodeName : hostnameOf(this.#pod),
      hostNetwork,
      labels: metadata.labels ?? {},
      ...(restoreIp && { restoreIp }),
      ...(portMappings.length > 0 && { portMappings }),
    });
    if ('error' in made) return made.error;
    this.adopt(made.sandboxId);
    return undefined;
  }

  /** Takes over a sandbox that runs already. */
  adopt(id: string): void {
    this.id = id;
    this.#ready = true;
    this.#etcMounts = undefined;
    const status = this.#host.runtime.podSandboxStatus(id);
    this.ips = this.#pod.spec.hostNetwork ? [this.#host.options.nodeIp] : (status?.ips ?? []);
  }

  /** Kills it and gives its address back. */
  stop(): void {
    if (!this.#ready) return;
    this.#ready = false;
    this.#host.runtime.stopPodSandbox(this.id);
  }

  /** Removes what is left of it. */
  remove(): void {
    if (this.id === '') return;
    this.stop();
    this.#host.runtime.removePodSandbox(this.id);
    this.id = '';
  }
}
