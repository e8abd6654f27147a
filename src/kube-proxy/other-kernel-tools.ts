/** The tools of modes ipvs and nftables on a simulated machine, beside those of `linux-kernel.ts`. */
import { ipvsOf } from '../linux/ipvs/ipvs-hook.ts';
import { formatIpv4, parseIpv4 } from '../linux/net/ipv4.ts';
import { addLink, deleteLink, setHostAddresses } from '../linux/net/link.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import type { Netfilter } from '../linux/netfilter/netfilter.ts';
import type { Nftables } from '../linux/nftables/nftables.ts';
import type { AddressDevice, IpvsTools } from './ipvs/tools.ts';
import { IPVS_DEVICE, NetfilterIptables, run } from './linux-kernel.ts';
import type { NftTool } from './nftables/proxier.ts';

/** ip(8) on kube-ipvs0. */
class IpvsDevice implements AddressDevice {
  readonly #netns: NetworkNamespace;
  readonly #ips = new Set<string>();

  constructor(netns: NetworkNamespace) {
    this.#netns = netns;
    for (const { ip } of netns.link(IPVS_DEVICE)?.addresses ?? []) this.#ips.add(formatIpv4(ip));
  }

  get exists(): boolean {
    return this.#netns.link(IPVS_DEVICE) !== undefined;
  }

  ensure(): void {
    if (this.exists) return;
    this.#ips.clear();
    addLink(this.#netns, IPVS_DEVICE, 'dummy');
  }

  addresses(): Iterable<string> {
    return this.#ips;
  }

  add(ips: readonly string[]): void {
    for (const ip of ips) this.#ips.add(ip);
    this.#write();
  }

  remove(ips: readonly string[]): void {
    for (const ip of ips) this.#ips.delete(ip);
    this.#write();
  }

  delete(): void {
    const link = this.#netns.link(IPVS_DEVICE);
    if (link !== undefined) deleteLink(link);
    this.#ips.clear();
  }

  #write(): void {
    const link = this.#netns.link(IPVS_DEVICE);
    if (link !== undefined)
      setHostAddresses(
        link,
        [...this.#ips].map((ip) => parseIpv4(ip) ?? 0),
      );
  }
}

/** All that mode ipvs uses. IPVS is put into the namespace's hooks when it is first asked for. */
export function ipvsTools(netns: NetworkNamespace, netfilter: Netfilter): IpvsTools {
  return {
    get ipvs() {
      return ipvsOf(netns);
    },
    ipset: {
      restore: (text) => run(netfilter.sets.restore(text, { exist: true })),
      has: (name) => netfilter.sets.has(name),
    },
    iptables: new NetfilterIptables(netfilter),
    device: new IpvsDevice(netns),
  };
}

/** nft(8). */
export function nftTool(nftables: Nftables): NftTool {
  return {
    run: (script) => run(nftables.run(script)),
    hasTable: (name) => nftables.table(name) !== undefined,
    chains: (name) => nftables.table(name)?.chains.keys() ?? [],
    sets: (name) => nftables.table(name)?.sets.keys() ?? [],
  };
}
