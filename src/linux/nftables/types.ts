/** Tables of nftables: chains of rules, sets, and maps from what a packet has to what becomes of it (`net/netfilter/nf_tables_api.c`). */
import type { Random } from '../../sim/random.ts';
import type { NetfilterRecorder } from '../netfilter/recorder.ts';
import type { Ipv4 } from '../net/ipv4.ts';

export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A packet, as far as rules look at it. `destination` and `mark` are changed in place. */
export interface NftPacket {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  readonly source: Ipv4;
  readonly sourcePort: number;
  destination: Ipv4;
  destinationPort: number;
  mark: number;
}

/** What rules may ask besides. */
export interface NftContext {
  /** Virtual ms. */
  readonly now: number;
  readonly random: Random;
  /** Whether the packet begins a connection. */
  readonly isNew: boolean;
  /** Told of every rule that is compared. */
  readonly recorder?: NetfilterRecorder | undefined;
  /** fib … type local */
  isLocal(ip: Ipv4): boolean;
}

/** Work done for packets. */
export interface NftCost {
  rules: number;
  /** Look-ups in sets and maps, each one step however many members there are. */
  lookups: number;
}

/** What a rule, or a member of a verdict map, says. */
export interface Verdict {
  readonly kind: 'accept' | 'drop' | 'reject' | 'jump' | 'goto' | 'return';
  /** jump, goto */
  readonly chain?: string;
}

/** What becomes of a packet in the base chains of one hook. */
export interface NftResult {
  readonly verdict: 'accept' | 'drop' | 'reject';
  /** The connection's destination is to be rewritten. */
  readonly dnat?: { readonly ip: Ipv4; readonly port: number };
  /** Its source is to become the address of the outgoing device. */
  readonly masquerade?: boolean;
}

/** While a packet is in the rules. */
export interface NftState {
  readonly packet: NftPacket;
  readonly context: NftContext;
  readonly table: NftTable;
  readonly cost: NftCost;
  dnat?: { readonly ip: Ipv4; readonly port: number };
  masquerade?: boolean;
}

/** One statement or match: a verdict, "no match" (the rule ends), or nothing: go on. */
export type Step = (state: NftState) => Verdict | 'no match' | undefined;

/** A rule, ready to be asked. */
export interface NftRule {
  /** As `nft list` prints it, without its comment. */
  readonly text: string;
  readonly comment: string;
  readonly steps: readonly Step[];
  /** Chains that it leads to. */
  readonly targets: readonly string[];
}

export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: NftHook;
  readonly priority: number;
}

export interface NftChain {
  readonly name: string;
  readonly comment: string;
  readonly base: BaseChain | undefined;
  rules: readonly NftRule[];
  /** Rules and map members that lead here: while there are any, the chain cannot be deleted. */
  references: number;
}

/** A member of a set or map. */
export interface NftElement {
  /** "10.96.0.1 . tcp . 443" */
  readonly key: string;
  readonly comment: string;
  /** Maps only. */
  readonly verdict: Verdict | undefined;
  /** Sets with a timeout: virtual ms. */
  expiresAt?: number;
}

/** A set, or a map to verdicts. */
export interface NftSet {
  readonly name: string;
  readonly isMap: boolean;
  /** "ipv4_addr . inet_proto . inet_service : verdict" */
  readonly type: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly timeoutSeconds: number;
  readonly elements: Map<string, NftElement>;
}

export interface NftTable {
  readonly family: string;
  readonly name: string;
  readonly comment: string;
  readonly chains: Map<string, NftChain>;
  readonly sets: Map<string, NftSet>;
}

/** What nft says when it refuses. */
export class NftError extends Error {}
