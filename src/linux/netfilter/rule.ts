/**
 * A compiled rule. Rules are frozen and shared by all namespaces of all machines that hold the same text; what differs
 * between them (counters, the state of `statistic` or `limit`) lies in the chain.
 */
import type { Packet } from '../net/packet.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Evaluation } from './evaluation.ts';

/** One `-m` of a rule. */
export interface Match {
  /** "tcp", "conntrack" ... */
  readonly name: string;
  /** As iptables-save prints it, with a blank before: " -m tcp --dport 80". */
  readonly text: string;
  /** As `iptables -L` prints it: "tcp dpt:80". */
  listing(): string;
  matches(packet: Packet, evaluation: Evaluation): boolean;
  /** Makes what each rule that is loaded remembers, in `evaluation.state` (statistic's nth, limit's credit). */
  readonly newState?: () => object;
  /** Always true: comment. Such matches are not asked. */
  readonly always?: boolean;
  /** The protocol that the rule must name. */
  readonly protocol?: number;
  /** Names an ipset, which must exist and may not be destroyed. */
  readonly set?: string;
  /** Looks at connections, so that the namespace tracks them from now on. */
  readonly needsConntrack?: boolean;
}

/** Verdicts of `-j`. */
export type Verdict = 'ACCEPT' | 'DROP' | 'RETURN';

/** What a rule does with packets that match. */
export interface Target {
  /** "ACCEPT", "DNAT", or the name of a chain; "" without -j. */
  readonly name: string;
  readonly kind: 'verdict' | 'jump' | 'goto' | 'extension' | 'none';
  /** As iptables-save prints it, with a blank before: " -j DNAT --to-destination 10.0.0.1:80"; "" without -j. */
  readonly text: string;
  /** What `iptables -L` prints at the end of the line: "to:10.0.0.1:80". */
  listing(): string;
  /** Tables and built-in chains in which the kernel takes it; undefined: all. */
  readonly tables?: readonly string[];
  readonly hooks?: readonly string[];
  /** An extension's work. undefined: go on with the next rule (XT_CONTINUE). */
  run?(packet: Packet, evaluation: Evaluation): TargetResult | undefined;
  /** The protocol that the rule must name. */
  readonly protocol?: number;
  /** The name that `iptables -L` prints, if another. */
  readonly listedName?: string;
  readonly set?: string;
  readonly needsConntrack?: boolean;
}

/** What an extension may say instead of going on. */
export type TargetResult = 'accept' | 'drop' | Reject;

/** What a rejected packet's sender is told. */
export type RejectType =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'tcp-reset';

/** The verdict of REJECT: drop, and tell the sender. */
export interface Reject {
  readonly reject: RejectType;
}

/** The name of an interface; "eth+" has `prefix` "eth". */
export interface InterfaceMatch {
  readonly name: string;
  readonly prefix: string | undefined;
  readonly inverted: boolean;
}

/** What a rule consists of. */
export interface RuleParts {
  readonly source: Ipv4;
  readonly sourceMask: number;
  readonly sourceInverted: boolean;
  readonly destination: Ipv4;
  readonly destinationMask: number;
  readonly destinationInverted: boolean;
  readonly input: InterfaceMatch | undefined;
  readonly output: InterfaceMatch | undefined;
  readonly protocol: number;
  readonly protocolInverted: boolean;
  readonly fragment: boolean | undefined;
  readonly matches: readonly Match[];
  readonly target: Target;
}

const ALL_ONES = 0xffffffff;

/** A rule as it is compared: the IP header first (`ip_packet_match`), then the matches in order. */
export class Rule {
  /** Without "-A CHAIN": " -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-…", as iptables-save prints it. */
  readonly text: string;
  readonly source: Ipv4;
  readonly sourceMask: number;
  readonly sourceInverted: boolean;
  readonly destination: Ipv4;
  readonly destinationMask: number;
  readonly destinationInverted: boolean;
  readonly input: InterfaceMatch | undefined;
  readonly output: InterfaceMatch | undefined;
  /** IP protocol number; 0: any. */
  readonly protocol: number;
  readonly protocolInverted: boolean;
  /** Only later fragments, or only others. No packet here is a fragment. */
  readonly fragment: boolean | undefined;
  /** All matches, comments too, in order. */
  readonly matches: readonly Match[];
  /** Those that must be asked. */
  readonly asked: readonly Match[];
  readonly target: Target;

  constructor(text: string, parts: RuleParts) {
    this.text = text;
    this.source = parts.source;
    this.sourceMask = parts.sourceMask;
    this.sourceInverted = parts.sourceInverted;
    this.destination = parts.destination;
    this.destinationMask = parts.destinationMask;
    this.destinationInverted = parts.destinationInverted;
    this.input = parts.input;
    this.output = parts.output;
    this.protocol = parts.protocol;
    this.protocolInverted = parts.protocolInverted;
    this.fragment = parts.fragment;
    this.matches = parts.matches;
    this.asked = parts.matches.some(({ always }) => always) ? parts.matches.filter(({ always }) => !always) : parts.matches;
    this.target = parts.target;
    Object.freeze(this);
  }

  /** The one destination address that this rule is for, if it is for one. */
  get exactDestination(): Ipv4 | undefined {
    return this.destinationMask === ALL_ONES && !this.destinationInverted ? this.destination : undefined;
  }

  /** The same rule; its text is another string with the same letters. */
  withText(text: string): Rule {
    return text === this.text ? new Rule(text, this) : this;
  }

  /** The same rule with another chain to go to. */
  jumpingTo(chain: string): Rule {
    const { target } = this;
    const text = `${target.kind === 'goto' ? ' -g' : ' -j'} ${chain}`;
    const head = this.text.slice(0, this.text.length - target.text.length);
    return new Rule(head + text, { ...this, target: { ...target, name: chain, text } });
  }

  get needsConntrack(): boolean {
    return this.target.needsConntrack === true || this.matches.some(({ needsConntrack }) => needsConntrack);
  }
}
