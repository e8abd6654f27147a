/** kube-proxy's tools on a simulated machine: each command goes to the kernel of one network namespace, as text where the real one is text. */
import type { Conntrack } from '../linux/conntrack/conntrack.ts';
import { ipvsOf } from '../linux/ipvs/ipvs-hook.ts';
import { formatIpv4, parseIpv4 } from '../linux/net/ipv4.ts';
import { addLink, deleteLink, setHostAddresses } from '../linux/net/link.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import type { Netfilter } from '../linux/netfilter/netfilter.ts';
import type { Nftables } from '../linux/nftables/nftables.ts';
import type { ConntrackTool } from './conntrack.ts';
import type { IptablesTable, IptablesTool } from './iptables-tool.ts';
import type { AddressDevice, IpvsTools } from './ipvs/tools.ts';
import type { NftTool } from './nftables/proxier.ts';
import type { ProxyNode } from './rule-writer.ts';

/** The dummy device of mode ipvs. */
const IPVS_DEVICE = 'kube-ipvs0';

/** What a tool prints when it fails becomes an Error. */
function run(result: { readonly exitCode: number; readonly stderr: string }): void {
  if (result.exitCode !== 0) throw new Error(result.stderr.trim());
}

/** "-m comment --comment "a b" -j X" as words. */
const wordsOf = (rule: string): string[] => [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

/** iptables(8) and iptables-restore(8). */
export class NetfilterIptables implements IptablesTool {
  readonly #netfilter: Netfilter;

  constructor(netfilter: Netfilter) {
    this.#netfilter = netfilter;
  }

  restore(text: string): void {
    run(this.#netfilter.restore(text, { noflush: true, counters: true }));
  }

  chains(table: IptablesTable): Iterable<string> {
    return this.#netfilter.chains(table);
  }

  hasChain(table: IptablesTable, chain: string): boolean {
    return this.#netfilter.hasChain(table, chain);
  }

  ensureChain(table: IptablesTable, chain: string): void {
    if (!this.hasChain(table, chain)) run(this.#netfilter.command(['-t', table, '-N', chain]));
  }

  ensureRule(position: 'prepend' | 'append', table: IptablesTable, chain: string, rule: string): void {
    const words = wordsOf(rule);
    if (this.#netfilter.command(['-t', table, '-C', chain, ...words]).exitCode === 0) return;
    run(this.#netfilter.command(['-t', table, position === 'prepend' ? '-I' : '-A', chain, ...words]));
  }

  deleteRule(table: IptablesTable, chain: string, rule: string): void {
    const words = wordsOf(rule);
    if (this.#netfilter.command(['-t', table, '-C', chain, ...words]).exitCode !== 0) return;
    run(this.#netfilter.command(['-t', table, '-D', chain, ...words]));
  }

  deleteChain(table: IptablesTable, chain: string): void {
    if (!this.hasChain(table, chain)) return;
    run(this.#netfilter.command(['-t', table, '-F', chain]));
    run(this.#netfilter.command(['-t', table, '-X', chain]));
  }
}

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

/** conntrack(8). */
export function conntrackTool(conntrack: Conntrack, clock: { readonly now: number }): ConntrackTool {
  return {
    deleteUdp: (isStale) => {
      conntrack.delete(clock.now, ({ original, reply }) => {
        if (original.protocol !== 'UDP') return false;
        return isStale({
          destination: formatIpv4(original.destination),
          destinationPort: original.destinationPort,
          replySource: formatIpv4(reply.source),
          replySourcePort: reply.sourcePort,
        });
      });
    },
  };
}

/** The node of a namespace: its addresses are those that were there before kube-ipvs0. */
export function proxyNode(name: string, ip: string, netns: NetworkNamespace): ProxyNode {
  return {
    name,
    ip,
    addresses: () =>
      netns.links
        .filter((link) => link.name !== IPVS_DEVICE && link.kind !== 'loopback')
        .flatMap((link) => link.addresses.map((address) => formatIpv4(address.ip))),
    setSysctl: (key, value) => netns.setSysctl(key, Number(value)),
  };
}
