/** kube-proxy's tools on a simulated machine: each command goes to the kernel of one network namespace, as text where the real one is text. */
import type { Conntrack } from '../linux/conntrack/conntrack.ts';
import { formatIpv4 } from '../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import type { Netfilter } from '../linux/netfilter/netfilter.ts';
import type { ConntrackTool } from './conntrack.ts';
import type { IptablesTable, IptablesTool } from './iptables-tool.ts';
import type { ProxyNode } from './rule-writer.ts';

/** The dummy device of mode ipvs. */
export const IPVS_DEVICE = 'kube-ipvs0';

/** What a tool prints when it fails becomes an Error. */
export function run(result: { readonly exitCode: number; readonly stderr: string }): void {
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
