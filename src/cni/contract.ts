/**
 * The Container Network Interface: what a plugin is asked, and what it answers (CNI specification 1.0.0). Plugins run
 * inside the process here, so a namespace is handed over itself, not as a path.
 */
import type { Machine } from '../linux/machine.ts';
import type { PortMapping } from '../linux/net/port-maps.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';

/** A network configuration list, as in /etc/cni/net.d/10-flannel.conflist. */
export interface NetworkConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginConfig[];
}

/** One plugin's part of the list; plugins read keys of their own. */
export interface PluginConfig {
  readonly type: string;
  readonly ipam?: IpamConfig;
  readonly delegate?: Readonly<Record<string, unknown>>;
  /** bridge: the device's name. */
  readonly bridge?: string;
  /** bridge: make the bridge the pods' default gateway. */
  readonly isDefaultGateway?: boolean;
  /** bridge: frames may go back by the port that they came in by, so that a pod reaches itself through a Service. */
  readonly hairpinMode?: boolean;
  /** bridge: the MTU of the veth pair and the bridge. */
  readonly mtu?: number;
}

/** Address management, as host-local reads it. */
export interface IpamConfig {
  readonly type: 'host-local' | 'calico-ipam';
  /** "10.244.1.0/24" */
  readonly subnet?: string;
}

/** Whose sandbox it is. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

/** The environment of a call. */
export interface CniArguments {
  readonly containerId: string;
  readonly netns: NetworkNamespace;
  readonly ifName: string;
  /** CNI_ARGS K8S_POD_NAMESPACE=…;K8S_POD_NAME=… */
  readonly pod?: PodRef | undefined;
  /** CNI_ARGS IP=…: this address and no other. */
  readonly ip?: string | undefined;
  /** runtimeConfig.portMappings */
  readonly portMappings?: readonly PortMapping[] | undefined;
}

/** What ADD prints. */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[];
  readonly ips: readonly { readonly address: string; readonly gateway: string; readonly interface: number }[];
  readonly routes: readonly { readonly dst: string; readonly gw?: string }[];
}

/** A network plugin on one machine. Expected failures are thrown as `CniError`. */
export interface CniPlugin {
  readonly type: string;
  add(config: PluginConfig, call: CniArguments, network: NetworkContext, previous: CniResult | undefined): CniResult;
  del(config: PluginConfig, call: CniArguments, network: NetworkContext): void;
}

/** Where a call happens. */
export interface NetworkContext {
  readonly machine: Machine;
  /** The list's name: where host-local keeps its addresses. */
  readonly networkName: string;
  readonly cniVersion: string;
  /** Calls another plugin on behalf of this one. */
  delegate(config: PluginConfig): CniPlugin;
}

/** A plugin's error, in its own words. */
export class CniError extends Error {
  override readonly name = 'CniError';
}
