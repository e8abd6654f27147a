/**
 * kube-proxy of one node (`cmd/kube-proxy`): keeps the node's kernel in step with Services and endpoints, in the mode
 * that the cluster's configuration names, and changes the mode while it runs. Its rules stay when it stops.
 */
// Differs: whatever the old mode wrote is removed when the mode changes; upstream removes it only to and from nftables, and leaves the rest to a restart of the node.
import type { TaskScope, Timer } from '../sim/task-scope.ts';
import type { ProxyConfig, ProxyMode } from './config.ts';
import { cleanStaleConntrack, type ConntrackTool } from './conntrack.ts';
import { type HealthAnswer, healthCheckAnswer, healthCheckPorts, healthzAnswer } from './health.ts';
import type { ProxyNode, RuleWriter } from './rule-writer.ts';
import type { ServiceModelListener } from './service-model.ts';
import type { KubeProxyShared } from './shared.ts';
import { SyncRunner } from './sync-runner.ts';

/** How a mode is brought to one kernel. */
export interface ModeInKernel {
  /** Makes the writer; called once each time the mode is entered. */
  start(config: ProxyConfig): RuleWriter;
  /** Removes what the mode has ever written. */
  cleanUp(): void;
}

/** What one kube-proxy is made of. */
export interface KubeProxyOptions {
  /** The life of its process. */
  readonly scope: TaskScope;
  readonly node: ProxyNode;
  readonly shared: KubeProxyShared;
  readonly modes: Readonly<Record<ProxyMode, ModeInKernel>>;
  /** Connections that the kernel remembers. */
  readonly conntrack?: ConntrackTool | undefined;
  /** Whether the node reaches the apiserver: if not, kube-proxy hears of nothing. */
  readonly isConnected?: () => boolean;
}

const SYNCED_POLL_MS = 100;
const RECONNECT_POLL_MS = 1000;
/** Runs that may follow each other at once. */
const BURST_SYNCS = 2;
/** Everything is written anew at least so often (`proxyutil.FullSyncPeriod`). */
const FULL_SYNC_PERIOD_MS = 3_600_000;

/** Start it when its container runs; kill its scope (or `stop`) when that ends. */
export class KubeProxy implements ServiceModelListener {
  readonly #options: KubeProxyOptions;
  readonly #pending = new Set<string>();
  #mode: ProxyMode | undefined;
  #writer: RuleWriter | undefined;
  #runner: SyncRunner | undefined;
  #monitor: Timer | undefined;
  #forget: (() => void)[] = [];
  #needsFull = true;
  #lastFull = 0;
  #lastUpdated: number;
  #waitingSince: number | undefined;
  #error: string | undefined;
  #syncs = { full: 0, partial: 0 };

  constructor(options: KubeProxyOptions) {
    this.#options = options;
    this.#lastUpdated = options.scope.now;
    options.scope.onKill(() => this.stop());
  }

  /** The mode in force; undefined before the first lists have arrived. */
  get mode(): ProxyMode | undefined {
    return this.#mode;
  }

  /** Why rules could not be written last time. */
  get error(): string | undefined {
    return this.#error;
  }

  /** How often it has written everything, and how often only changes. */
  get syncs(): { readonly full: number; readonly partial: number } {
    return this.#syncs;
  }

  /** Waits for the first lists, then writes everything. */
  start(): void {
    const { scope, node, shared } = this.#options;
    if (!shared.hasSynced || !this.#connected) {
      scope.after(SYNCED_POLL_MS, 'wait for caches', node.name, () => this.start(), { background: true });
      return;
    }
    this.#forget = [shared.model.listen(this), shared.onConfig(() => this.#reconfigure())];
    this.#reconfigure();
  }

  /** The process ends; the kernel keeps what it was given. */
  stop(): void {
    for (const forget of this.#forget) forget();
    this.#forget = [];
    this.#runner?.stop();
    this.#monitor?.stop();
    this.#writer?.stop?.();
  }

  servicePortChanged(name: string): void {
    this.#pending.add(name);
    this.#request();
  }

  nodeChanged(nodeName: string): void {
    if (nodeName !== this.#options.node.name) return;
    this.#needsFull = true;
    this.#request();
  }

  /** GET :10256/healthz. `nodeEligible`: false while the node is being deleted or drained by an autoscaler. */
  healthz(nodeEligible = true): HealthAnswer {
    return healthzAnswer({ healthy: this.#healthy, lastUpdatedMs: this.#lastUpdated, nowMs: this.#options.scope.now, nodeEligible });
  }

  /** Ports that answer health checks of load balancers, with the Service ("namespace/name") of each. */
  healthCheckPorts(): Map<number, string> {
    return healthCheckPorts(this.#options.shared.model);
  }

  /** GET / at a health check node port. */
  healthCheck(service: string): HealthAnswer {
    return healthCheckAnswer(this.#options.shared.model, service, this.#options.node.name, this.#healthy);
  }

  get #healthy(): boolean {
    const { scope, shared } = this.#options;
    return this.#waitingSince === undefined || scope.now - this.#waitingSince <= 2 * shared.config.syncPeriodMs;
  }

  get #connected(): boolean {
    return this.#options.isConnected?.() ?? true;
  }

  /** Takes up the configuration: another mode begins where the old one's rules have gone. */
  #reconfigure(): void {
    const { scope, node, shared, modes } = this.#options;
    const { config } = shared;
    for (const mode of Object.keys(modes) as ProxyMode[]) if (mode !== config.mode && this.#mayHaveWritten(mode)) modes[mode].cleanUp();
    this.#writer?.stop?.();
    this.#mode = config.mode;
    this.#writer = modes[config.mode].start(config);
    this.#runner?.stop();
    this.#monitor?.stop();
    const pace = { minIntervalMs: config.minSyncPeriodMs, burst: BURST_SYNCS, maxIntervalMs: FULL_SYNC_PERIOD_MS };
    this.#runner = new SyncRunner(scope, node.name, pace, () => this.#sync());
    this.#monitor = scope.every(config.syncPeriodMs, 'check rules', node.name, () => this.#check());
    this.#needsFull = true;
    this.#request();
  }

  /** A new process cannot know what one before it has written. */
  #mayHaveWritten(mode: ProxyMode): boolean {
    return this.#mode === undefined || this.#mode === mode;
  }

  #request(): void {
    this.#waitingSince ??= this.#options.scope.now;
    this.#runner?.request();
  }

  #check(): void {
    if (this.#writer?.isIntact() ?? true) return;
    this.#needsFull = true;
    this.#request();
  }

  #sync(): void {
    const { scope, shared, conntrack } = this.#options;
    if (!this.#connected) {
      this.#runner?.retryAfter(RECONNECT_POLL_MS);
      return;
    }
    const full = this.#needsFull || scope.now - this.#lastFull >= FULL_SYNC_PERIOD_MS;
    if (!full && this.#pending.size === 0) return this.#done();
    try {
      this.#writer?.write(full ? undefined : this.#pending);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#error = error.message;
      this.#needsFull = true;
      this.#runner?.retryAfter(shared.config.syncPeriodMs);
      return;
    }
    if (full) this.#lastFull = scope.now;
    this.#syncs = full ? { ...this.#syncs, full: this.#syncs.full + 1 } : { ...this.#syncs, partial: this.#syncs.partial + 1 };
    if (conntrack !== undefined) cleanStaleConntrack(conntrack, shared.model, full ? undefined : this.#pending);
    this.#pending.clear();
    this.#needsFull = false;
    this.#error = undefined;
    this.#done();
  }

  #done(): void {
    this.#lastUpdated = this.#options.scope.now;
    this.#waitingSince = undefined;
  }
}
