/** All modes of kube-proxy, put onto the kernel of one node. */
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import type { Netfilter } from '../linux/netfilter/netfilter.ts';
import type { Nftables } from '../linux/nftables/nftables.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ProxyConfig, ProxyMode } from './config.ts';
import { cleanUpIptables } from './iptables/cleanup.ts';
import { IptablesProxier } from './iptables/proxier.ts';
import { cleanUpIpvs } from './ipvs/cleanup.ts';
import { IpvsProxier } from './ipvs/proxier.ts';
import type { ModeInKernel } from './kube-proxy.ts';
import { ipvsTools, NetfilterIptables, nftTool } from './linux-kernel.ts';
import { cleanUpNftables, NftablesProxier } from './nftables/proxier.ts';
import type { ProxyNode } from './rule-writer.ts';
import type { KubeProxyShared } from './shared.ts';
import { cleanUpUserspace } from './userspace/portal-rules.ts';
import { type PortalPorts, UserspaceProxier } from './userspace/proxier.ts';

/** The kernel and the process that modes work with. */
export interface ModesOptions {
  readonly scope: TaskScope;
  readonly shared: KubeProxyShared;
  readonly node: ProxyNode;
  /** The machine's own namespace. */
  readonly netns: NetworkNamespace;
  readonly netfilter: Netfilter;
  /** Made when mode nftables first needs it, or first cleans up. */
  readonly nftables: () => Nftables;
  /** Sockets of kube-proxy's process, for mode userspace. */
  readonly ports: PortalPorts;
}

/** What `KubeProxy` takes as its modes. */
export function modesOf({
  scope,
  shared,
  node,
  netns,
  netfilter,
  nftables,
  ports,
}: ModesOptions): Readonly<Record<ProxyMode, ModeInKernel>> {
  const iptables = new NetfilterIptables(netfilter);
  const ipvs = ipvsTools(netns, netfilter);
  const { model } = shared;
  const options = (config: ProxyConfig) => ({ node, model, config });
  return {
    iptables: {
      start: (config) => new IptablesProxier(options(config), iptables, shared.iptables),
      cleanUp: () => cleanUpIptables(iptables),
    },
    ipvs: {
      start: (config) => new IpvsProxier(options(config), ipvs, scope),
      cleanUp: () => cleanUpIpvs(ipvs),
    },
    nftables: {
      start: (config) => new NftablesProxier(options(config), nftTool(nftables()), shared.nftables),
      cleanUp: () => cleanUpNftables(nftTool(nftables())),
    },
    userspace: {
      start: (config) => new UserspaceProxier(options(config), iptables, ports, scope),
      cleanUp: () => cleanUpUserspace(iptables),
    },
  };
}
