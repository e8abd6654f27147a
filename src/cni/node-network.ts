/**
 * The network of one node's pods: the configuration in /etc/cni/net.d and the plugins in /opt/cni/bin, called as
 * containerd's go-cni does. `NodeNetwork` is what `cluster/` hands to the container runtime.
 */
import type { Machine } from '../linux/machine.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { BridgePlugin } from './bridge/bridge.ts';
import {
  CniError,
  type CniPlugin,
  type CniResult,
  type NetworkConfigList,
  type NetworkContext,
  type PluginConfig,
  type PodRef,
} from './contract.ts';
import { HostLocal } from './host-local/host-local.ts';
import { portmap } from './portmap/portmap.ts';
import type { PortMapping } from '../linux/net/port-maps.ts';
import { type CniCall, describeCalls } from './describe-calls.ts';
import { loopback } from './loopback/loopback.ts';

/** What go-cni says while there is no configuration. */
const NOT_INITIALIZED = 'cni plugin not initialized';

/** Calls the plugins for sandboxes of one machine. */
export class NodeNetwork {
  readonly #machine: Machine;
  readonly #plugins = new Map<string, CniPlugin>();
  readonly #stores = new Map<string, HostLocal>();
  /** Port mappings by sandbox, of those that have any. */
  readonly #mapped = new Map<string, readonly PortMapping[]>();
  #config: NetworkConfigList | undefined = undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.install(portmap);
    this.install(new BridgePlugin((network, subnet) => this.#store(network, subnet)));
  }

  /** Puts a plugin into /opt/cni/bin. */
  install(plugin: CniPlugin): void {
    this.#plugins.set(plugin.type, plugin);
  }

  /** Writes, replaces or (undefined) deletes the configuration in /etc/cni/net.d. */
  configure(config: NetworkConfigList | undefined): void {
    this.#config = config;
  }

  /** Why pods cannot have a network; undefined when they can. */
  get notReady(): string | undefined {
    return this.#config === undefined ? NOT_INITIALIZED : undefined;
  }

  /** ADD for a sandbox: its addresses, or an error in containerd's words. */
  add(
    containerId: string,
    netns: NetworkNamespace,
    ip?: string,
    portMappings?: readonly PortMapping[],
    pod?: PodRef,
  ): { ips: readonly string[] } | { error: string } {
    if (this.#config === undefined) return { error: NOT_INITIALIZED };
    const context = this.#context(this.#config);
    loopback.add({ type: 'loopback' }, { containerId, netns, ifName: 'lo' }, context, undefined);
    if (portMappings !== undefined && portMappings.length > 0) this.#mapped.set(containerId, portMappings);
    let result: CniResult | undefined;
    for (const plugin of this.#config.plugins) {
      try {
        result = context.delegate(plugin).add(plugin, { containerId, netns, ifName: 'eth0', ip, portMappings, pod }, context, result);
      } catch (error) {
        if (!(error instanceof CniError)) throw error;
        return { error: `plugin type="${plugin.type}" failed (add): ${error.message}` };
      }
    }
    return { ips: (result?.ips ?? []).map(({ address }) => address.split('/')[0] ?? '') };
  }

  /** DEL for a sandbox. Does nothing when there is nothing left to delete. */
  remove(containerId: string, netns: NetworkNamespace): void {
    if (this.#config === undefined) return;
    const context = this.#context(this.#config);
    const portMappings = this.#mapped.get(containerId);
    this.#mapped.delete(containerId);
    for (const plugin of [...this.#config.plugins].reverse()) {
      this.#plugins.get(plugin.type)?.del(plugin, { containerId, netns, ifName: 'eth0', portMappings }, context);
    }
  }

  /** What the plugins of CNI were asked when this sandbox got its network, and what the last of them answered. */
  calls(containerId: string, netns: NetworkNamespace, pod: PodRef): readonly CniCall[] {
    const config = this.#config;
    const link = netns.link('eth0');
    if (!config?.cniVersion || link === undefined) return [];
    return describeCalls(config, containerId, link, pod, this.#mapped.get(containerId) ?? []);
  }

  /** The addresses of a network on this machine (/var/lib/cni/networks/NAME). */
  addresses(network: string, subnet: string): HostLocal {
    return this.#store(network, subnet);
  }

  #context({ name, cniVersion }: NetworkConfigList): NetworkContext {
    return {
      machine: this.#machine,
      networkName: name,
      cniVersion,
      delegate: (config: PluginConfig) => {
        const plugin = this.#plugins.get(config.type);
        if (plugin === undefined) throw new CniError(`failed to find plugin "${config.type}" in path [/opt/cni/bin]`);
        return plugin;
      },
    };
  }

  #store(network: string, subnet: string): HostLocal {
    const key = `${network} ${subnet}`;
    let store = this.#stores.get(key);
    if (store === undefined) this.#stores.set(key, (store = new HostLocal(subnet)));
    return store;
  }
}
