/**
 * A compiled rule. Rules are frozen and shared by all namespaces of all machines that hold the same text; what differs
 * between them (counters, the state of `statistic` or `limit`) lies in the chain.
 */
import type { Packet } from '../net/packet.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Evaluation } from './evaluation.ts';
import { formatAddressMask, formatProtocol, not } from './values.ts';

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

const NOTHING: readonly Match[] = Object.freeze([]);
/** Lists of one match, which thousands of rules have in common. */
const ALONE = new WeakMap<Match, readonly Match[]>();

function askedOf(matches: readonly Match[]): readonly Match[] {
  const asked = matches.filter(({ always }) => always !== true);
  const [only] = asked;
  if (only === undefined) return NOTHING;
  if (asked.length > 1) return asked.length === matches.length ? matches : asked;
  let alone = ALONE.get(only);
  if (alone === undefined) ALONE.set(only, (alone = Object.freeze([only])));
  return alone;
}

const ALL_ONES = 0xffffffff;

/** A rule as it is compared: the IP header first (`ip_packet_match`), then the matches in order. */
export class Rule {
  #text: string | undefined = undefined;
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

  constructor(parts: RuleParts) {
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
    this.asked = askedOf(parts.matches);
    this.target = parts.target;
  }

  /** Without "-A CHAIN": " -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-…", as iptables-save prints it. */
  get text(): string {
    return (this.#text ??= ruleText(this));
  }

  /** The one destination address that this rule is for, if it is for one. */
  get exactDestination(): Ipv4 | undefined {
    return this.destinationMask === ALL_ONES && !this.destinationInverted ? this.destination : undefined;
  }

  /** The same rule with another chain to go to. */
  jumpingTo(chain: string): Rule {
    const { kind } = this.target;
    const text = `${kind === 'goto' ? ' -g' : ' -j'} ${chain}`;
    return new Rule({ ...this, target: { name: chain, kind, text, listing: () => '' } });
  }

  get needsConntrack(): boolean {
    return this.target.needsConntrack === true || this.matches.some(({ needsConntrack }) => needsConntrack);
  }
}

const addressText = (option: string, address: Ipv4, mask: number, inverted: boolean): string =>
  mask === 0 && !inverted ? '' : `${not(inverted)} ${option} ${formatAddressMask({ address, mask })}`;

const deviceText = (option: string, match: InterfaceMatch | undefined): string =>
  match === undefined ? '' : `${not(match.inverted)} ${option} ${match.name}`;

function ruleText(rule: Rule): string {
  const { input, output, protocol, fragment } = rule;
  return [
    addressText('-s', rule.source, rule.sourceMask, rule.sourceInverted),
    addressText('-d', rule.destination, rule.destinationMask, rule.destinationInverted),
    deviceText('-i', input),
    deviceText('-o', output),
    protocol === 0 ? '' : `${not(rule.protocolInverted)} -p ${formatProtocol(protocol)}`,
    fragment === undefined ? '' : `${not(!fragment)} -f`,
    ...rule.matches.map(({ text }) => text),
    rule.target.text,
  ].join('');
}
