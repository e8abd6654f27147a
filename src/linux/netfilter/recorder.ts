/**
 * What netfilter tells to somebody who follows a packet. Whoever does not follow passes nothing and pays nothing.
 * Comparisons and look-ups are told one by one, in the order in which the kernel makes them.
 */
import type { ConntrackEntry, ConntrackState } from '../conntrack/entry.ts';
import type { Packet } from '../net/packet.ts';
import type { Random } from '../../sim/random.ts';
import type { Rule } from './rule.ts';

/** The five places where the kernel asks. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** Tables, each for one purpose. */
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** Follows one packet through netfilter. */
export interface NetfilterRecorder {
  /** A table's built-in chain is entered at a hook. */
  tableEntered?(table: TableName, hook: Hook, packet: Packet): void;
  /** A jump or goto leads into a user's chain. */
  chainEntered?(table: TableName, chain: string): void;
  /** A rule was compared. `number` counts from 1 as in `iptables -L --line-numbers`. */
  ruleCompared?(table: TableName, chain: string, number: number, rule: Rule, matched: boolean): void;
  /**
   * What a rule that matched does: "ACCEPT", "DROP", "REJECT", "RETURN", "jump KUBE-SVC-…", "goto X", "DNAT", "MARK",
   * "" for a rule without target. `number` 0: the policy of a built-in chain, `rule` is undefined then.
   */
  targetTaken?(table: TableName, chain: string, number: number, rule: Rule | undefined, action: string, packet: Packet): void;
  /** A user's chain ended, by RETURN or by its last rule. */
  chainLeft?(table: TableName, chain: string): void;
  /** The connection of a packet was looked up (or begun: NEW). undefined: no entry (INVALID, UNTRACKED). */
  conntrackFound?(state: ConntrackState, entry: ConntrackEntry | undefined, packet: Packet): void;
  /** The connection got into the table of connections, or had no room there. */
  conntrackConfirmed?(entry: ConntrackEntry, confirmed: boolean): void;
  /** A nat rule bound the connection to another source or destination. */
  natBound?(kind: 'source' | 'destination', entry: ConntrackEntry, rule: Rule | undefined): void;
  /** An address or port of the packet was rewritten from the binding of its connection. */
  natRewritten?(kind: 'source' | 'destination', packet: Packet): void;
  /** One look-up in an ipset, in constant time whatever it holds. */
  setLookedUp?(set: string, found: boolean): void;
  /**
   * `statistic --mode random` threw dice: it matches when the lower 31 bits of `random`'s next number are below `threshold`.
   * Or NAT took a number to begin its search for a port with: all are below 2^31.
   */
  chanceTaken?(random: Random, threshold: number, inverted: boolean, matched: boolean): void;
  /** IPVS looked into its tables. Told before the packet is rewritten. */
  virtualServerLookedUp?(found: VirtualServerLookup): void;
  /** A rule of nftables was compared. `verdict`: "goto service-…", "dnat to …", "" when it did not match or goes on. */
  nftRuleCompared?(rule: NftComparison): void;
}

/** What IPVS did for a packet. */
export interface VirtualServerLookup {
  /** "TCP 10.96.0.1:80"; undefined: no virtual server has this address. */
  readonly service: string | undefined;
  readonly scheduler: string;
  /** "10.244.1.5:80", in the kernel's order. */
  readonly servers: readonly string[];
  readonly chosen: string | undefined;
  /** Found in the table of connections: the scheduler was not asked. */
  readonly known: boolean;
  readonly lookups: number;
  readonly comparisons: number;
}

/** What nftables did with a packet at one rule. */
export interface NftComparison {
  /** "ip kube-proxy" */
  readonly table: string;
  readonly chain: string;
  /** From 1. */
  readonly number: number;
  /** As `nft list` prints it. */
  readonly text: string;
  readonly comment: string;
  readonly matched: boolean;
  readonly verdict: string;
  /** Look-ups in sets and maps that it made. */
  readonly lookups: number;
}

/** What it cost: plain counters for whoever needs no more than sums. */
export interface NetfilterCost {
  comparisons: number;
  setLookups: number;
  conntrackLookups: number;
}
