/** kube-proxy of a simulated machine: all modes, put onto the machine's own network namespace. */
import { assert } from '../apimachinery/assert.ts';
import type { Machine } from '../linux/machine.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ProxyMode } from './config.ts';
import { DeferredWriter } from './deferred-writer.ts';
import { cleanUpIptables } from './iptables/cleanup.ts';
import { IptablesProxier } from './iptables/proxier.ts';
import { KubeProxy, type ModeInKernel } from './kube-proxy.ts';
import { conntrackTool, NetfilterIptables, proxyNode } from './linux-kernel.ts';
import type { ProxyNode } from './rule-writer.ts';
import type { KubeProxyShared } from './shared.ts';
import type { PortalPorts } from './userspace/proxier.ts';

/** What one kube-proxy of a cluster is made of. */
export interface MachineProxyOptions {
  /** The life of its process: kill it when the container ends. */
  readonly scope: TaskScope;
  readonly shared: KubeProxyShared;
  readonly machine: Machine;
  readonly nodeName: string;
  /** The node's InternalIP. */
  readonly nodeIp: string;
  /** Sockets of its process (`ProxySockets`), for mode userspace. */
  readonly ports: PortalPorts;
  /** Whether the node reaches the apiserver. */
  readonly isConnected?: () => boolean;
}

/** kube-proxy of a machine; call `start` on it. */
export function newKubeProxy({ scope, shared, machine, nodeName, nodeIp, ports, isConnected }: MachineProxyOptions): KubeProxy {
  const { netns } = machine;
  const node = proxyNode(nodeName, nodeIp, netns);
  const modes = modesOf({ scope, shared, node, netns, ports });
  const conntrack = conntrackTool(netfilterOf(netns).conntrack, machine);
  return new KubeProxy({ scope, node, shared, modes, conntrack, ...(isConnected === undefined ? {} : { isConnected }) });
}

/** What modes work with. */
export interface ModesOptions {
  readonly scope: TaskScope;
  readonly shared: KubeProxyShared;
  readonly node: ProxyNode;
  readonly netns: NetworkNamespace;
  readonly ports: PortalPorts;
}

/** All modes but iptables. */
export type OtherModes = Readonly<Record<Exclude<ProxyMode, 'iptables'>, ModeInKernel>>;

let makeOthers: ((options: ModesOptions) => OtherModes) | undefined;

/** Puts the other modes in place, for all clusters of this process: see `other-modes.ts`. */
export function installOtherModes(make: (options: ModesOptions) => OtherModes): void {
  makeOthers = make;
}

/** What `KubeProxy` takes as its modes. IPVS and nftables are put into the namespace's hooks when a mode first needs them. */
export function modesOf(options: ModesOptions): Readonly<Record<ProxyMode, ModeInKernel>> {
  const { shared, node, netns } = options;
  const netfilter = netfilterOf(netns);
  const iptables = new NetfilterIptables(netfilter);
  let others: OtherModes | undefined;
  const other = (mode: keyof OtherModes): ModeInKernel => ({
    start: (config) => {
      assert(makeOthers !== undefined, `mode ${mode} has not been installed: call installExtras() before users send requests`);
      others ??= makeOthers(options);
      return others[mode].start(config);
    },
    // What is not there has written nothing.
    cleanUp: () => (others ??= makeOthers?.(options))?.[mode].cleanUp(),
  });
  return {
    iptables: {
      start: (config) =>
        new DeferredWriter(
          netfilter,
          shared.model,
          node.name,
          (view) => new IptablesProxier({ node, config, model: view }, iptables, shared.iptables),
        ),
      cleanUp: () => cleanUpIptables(iptables),
    },
    ipvs: other('ipvs'),
    nftables: other('nftables'),
    userspace: other('userspace'),
  };
}
