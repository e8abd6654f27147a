/**
 * The modes that a cluster seldom has: ipvs, nftables and userspace. With the kernel's IPVS and nftables they are as large
 * as all the rest of kube-proxy, so they are loaded apart (`installExtras` in cluster/).
 */
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { nftablesIn, nftablesOf } from '../linux/nftables/nftables-hook.ts';
import type { ProxyConfig } from './config.ts';
import { cleanUpIpvs } from './ipvs/cleanup.ts';
import { IpvsProxier } from './ipvs/proxier.ts';
import { NetfilterIptables } from './linux-kernel.ts';
import { installOtherModes, type ModesOptions, type OtherModes } from './modes.ts';
import { cleanUpNftables, NftablesProxier } from './nftables/proxier.ts';
import { nftServiceRules } from './nftables/service-rules.ts';
import { ipvsTools, nftTool } from './other-kernel-tools.ts';
import { cleanUpUserspace } from './userspace/portal-rules.ts';
import { UserspaceProxier } from './userspace/proxier.ts';

/** Puts them in place, for all clusters of this process. */
export function installProxyModes(): void {
  installOtherModes(otherModes);
}

function otherModes({ scope, shared, node, netns, ports }: ModesOptions): OtherModes {
  const netfilter = netfilterOf(netns);
  const iptables = new NetfilterIptables(netfilter);
  const ipvs = ipvsTools(netns, netfilter);
  const options = (config: ProxyConfig) => ({ node, model: shared.model, config });
  return {
    ipvs: {
      start: (config) => new IpvsProxier(options(config), ipvs, scope),
      cleanUp: () => cleanUpIpvs(ipvs),
    },
    nftables: {
      start: (config) => new NftablesProxier(options(config), nftTool(nftablesOf(netns)), shared.nftables(nftServiceRules)),
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
