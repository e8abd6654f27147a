/**
 * The kube-proxies of a cluster: the process in the kube-proxy container of a node is that node's `KubeProxy`, which
 * begins when the process does and ends with it. What it wrote stays in the node's kernel until the power goes.
 */
// Differs: kube-proxy reads its ConfigMap with the rights of the cluster itself; upstream reads the mounted file.
import type { Client } from '../client/client.ts';
import { PROXY_MODES, type ProxyMode } from '../kube-proxy/config.ts';
import { KubeProxy, type ModeInKernel } from '../kube-proxy/kube-proxy.ts';
import { conntrackTool, proxyNode } from '../kube-proxy/linux-kernel.ts';
import { modesOf } from '../kube-proxy/modes.ts';
import { KubeProxyShared } from '../kube-proxy/shared.ts';
import { ProxySockets } from '../kube-proxy/sockets.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import type { Message, Reply } from '../linux/net/socket.ts';
import type { Executable, Process } from '../linux/process.ts';
import { PAUSE, sleep, type Program } from '../linux/syscalls.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ClusterNode } from './node.ts';

const STARTUP_MS = 500;
const MEMORY_BYTES = 20 * 1024 * 1024;
const MILLI_CPU = 1;
const METRICS_PORT = 10_249;
const HANDLED = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

type Modes = Readonly<Record<ProxyMode, ModeInKernel>>;

/** Serves all nodes of a cluster. */
export class KubeProxies {
  readonly shared = new KubeProxyShared();
  readonly #scope: TaskScope;
  readonly #nodeOf: (name: string) => ClusterNode | undefined;
  readonly #running = new Map<string, KubeProxy>();
  /** Nodes whose kube-proxy stands still. */
  readonly #suspended = new Set<string>();
  /** By node: modes that have written to its kernel since it booted. */
  readonly #written = new Map<string, Set<ProxyMode>>();

  constructor(scope: TaskScope, nodeOf: (name: string) => ClusterNode | undefined) {
    this.#scope = scope;
    this.#nodeOf = nodeOf;
  }

  /** Follows Services and endpoints as the service account of kube-proxy, and its configuration with `kubarium`. */
  start(kubeProxy: Client, kubarium: Client): void {
    this.shared.start(this.#scope, kubeProxy, kubarium);
  }

  /** The program of the image registry.k8s.io/kube-proxy. */
  get executable(): Executable {
    return (process) => this.#run(process);
  }

  /** The kube-proxy that runs on a node. */
  of(nodeName: string): KubeProxy | undefined {
    return this.#running.get(nodeName);
  }

  /** Stops the process of a node's kube-proxy as SIGSTOP does, or lets it go on: it catches up then. */
  setSuspended(nodeName: string, suspended: boolean): void {
    if (suspended) this.#suspended.add(nodeName);
    else this.#suspended.delete(nodeName);
    const proxy = this.#running.get(nodeName);
    if (suspended) proxy?.stop();
    else proxy?.start();
  }

  /** A node lost its memory, and with it the rules of its kernel. */
  forget(nodeName: string): void {
    this.#written.delete(nodeName);
  }

  *#run(process: Process): Program {
    process.handles = HANDLED;
    process.use({ memoryBytes: MEMORY_BYTES, milliCpu: MILLI_CPU });
    if ((yield* sleep(STARTUP_MS)) !== undefined) return 0;
    const { hostname } = process.machine;
    const node = this.#nodeOf(hostname);
    if (node === undefined || process.context.netns !== process.machine.netns) {
      process.printError(`Failed to start proxier: this is not the network of a node\n`);
      return 1;
    }
    this.#begin(node, process);
    yield PAUSE;
    return 0;
  }

  #begin(node: ClusterNode, process: Process): void {
    const scope = process.machine.scope.child(`kube-proxy/${node.name}`);
    const sockets = new ProxySockets(process);
    const { netns } = node.machine;
    const { shared } = this;
    const proxied = proxyNode(node.name, node.plan.ip, netns);
    const modes = this.#remembering(node.name, modesOf({ scope, shared, node: proxied, netns, ports: sockets }));
    const conntrack = conntrackTool(netfilterOf(netns).conntrack, scope);
    const proxy = new KubeProxy({ scope, node: proxied, shared, modes, conntrack, isConnected: () => node.uplink.connected });
    process.listen(METRICS_PORT, 'TCP', { serve: (_process, message) => metricsReply(message, proxy) });
    this.#running.set(node.name, proxy);
    (process.onExit ??= []).push(() => {
      scope.kill();
      if (this.#running.get(node.name) === proxy) this.#running.delete(node.name);
    });
    sockets.serveHealth(proxy);
    const forget = shared.model.listen({ servicePortChanged: () => sockets.serveHealth(proxy), nodeChanged: () => undefined });
    scope.onKill(forget);
    if (!this.#suspended.has(node.name)) proxy.start();
  }

  /** A new process does not know what older ones have written, so it would clean up after every mode; the kernel knows. */
  #remembering(nodeName: string, modes: Modes): Modes {
    const remember = (mode: ProxyMode): ModeInKernel => ({
      start: (config) => {
        let written = this.#written.get(nodeName);
        if (written === undefined) this.#written.set(nodeName, (written = new Set()));
        written.add(mode);
        return modes[mode].start(config);
      },
      cleanUp: () => {
        if (this.#written.get(nodeName)?.delete(mode) ?? false) modes[mode].cleanUp();
      },
    });
    return Object.fromEntries(PROXY_MODES.map((mode) => [mode, remember(mode)])) as Record<ProxyMode, ModeInKernel>;
  }
}

function metricsReply(message: Message, proxy: KubeProxy): Reply | undefined {
  if (message.kind !== 'http') return undefined;
  const known = message.path === '/proxyMode';
  return { kind: 'http', status: known ? 200 : 404, contentType: 'text/plain', body: known ? (proxy.mode ?? '') : '404 page not found\n' };
}
