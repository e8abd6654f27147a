/** kube-proxy of a simulated machine: all modes, put onto the machine's own network namespace. */
import type { Machine } from '../linux/machine.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { nftablesIn, nftablesOf } from '../linux/nftables/nftables-hook.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ProxyConfig, ProxyMode } from './config.ts';
import { DeferredWriter } from './deferred-writer.ts';
import { cleanUpIptables } from './iptables/cleanup.ts';
import { IptablesProxier } from './iptables/proxier.ts';
import { cleanUpIpvs } from './ipvs/cleanup.ts';
import { IpvsProxier } from './ipvs/proxier.ts';
import { KubeProxy, type ModeInKernel } from './kube-proxy.ts';
import { conntrackTool, ipvsTools, NetfilterIptables, nftTool, proxyNode } from './linux-kernel.ts';
import { cleanUpNftables, NftablesProxier } from './nftables/proxier.ts';
import type { ProxyNode } from './rule-writer.ts';
import type { KubeProxyShared } from './shared.ts';
import { cleanUpUserspace } from './userspace/portal-rules.ts';
import { type PortalPorts, UserspaceProxier } from './userspace/proxier.ts';

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

/** What `KubeProxy` takes as its modes. IPVS and nftables are put into the namespace's hooks when a mode first needs them. */
export function modesOf({ scope, shared, node, netns, ports }: ModesOptions): Readonly<Record<ProxyMode, ModeInKernel>> {
  const netfilter = netfilterOf(netns);
  const iptables = new NetfilterIptables(netfilter);
  const ipvs = ipvsTools(netns, netfilter);
  const { model } = shared;
  const options = (config: ProxyConfig) => ({ node, model, config });
  return {
    iptables: {
      start: (config) =>
        new DeferredWriter(
          netfilter,
          model,
          node.name,
          (view) => new IptablesProxier({ node, config, model: view }, iptables, shared.iptables),
        ),
      cleanUp: () => cleanUpIptables(iptables),
    },
    ipvs: {
      start: (config) => new IpvsProxier(options(config), ipvs, scope),
      cleanUp: () => cleanUpIpvs(ipvs),
    },
    nftables: {
      start: (config) => new NftablesProxier(options(config), nftTool(nftablesOf(netns)), shared.nftables),
      cleanUp: () => {
        const nftables = nftablesIn(netns);
        if (nftables !== undefined) cleanUpNftables(nftTool(nftables));
      },
    },
    userspace: {
      start: (config) => new UserspaceProxier(options(config), iptables, ports, scope),
      cleanUp: () => cleanUpUserspace(iptables),
    },
  };
}
