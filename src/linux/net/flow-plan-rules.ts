/** Which rules a flow plan can stand for: those that decide by what is the same for every connection of the plan. */
import type { IpSet } from '../ipset/ip-set.ts';
import type { IpSets } from '../ipset/ip-sets.ts';
import type { Match, Rule, Target } from '../netfilter/rule.ts';
import { PROTOCOL_NUMBERS, type Packet } from './packet.ts';

/** Ports that a plan's variables may take: clients' and tunnels'. */
const FIRST_VARIABLE = 32768;
const LAST_VARIABLE = 60999;

/** Matches that see addresses, devices, marks and sizes only. */
const CONSTANT = new Set(['addrtype', 'mark', 'physdev', 'ttl', 'length', 'iprange', 'state']);

/** Whether all ports named lie on one side of each variable port, or the variable ports within them. */
function isApart(text: string): boolean {
  for (const [, low = '', high = low] of text.matchAll(/(\d+)(?::(\d+))?/g)) {
    const from = Number(low);
    const to = Number(high);
    const apart = to < FIRST_VARIABLE || from > LAST_VARIABLE;
    if (!apart && (from > FIRST_VARIABLE || to < LAST_VARIABLE)) return false;
  }
  return true;
}

/** What the packet meets the rule with. */
export interface Meeting {
  readonly packet: Packet;
  readonly sets: IpSets;
  /** Whether a port is another one in each connection of the plan. */
  isVariable(port: number): boolean;
}

/** Whether the set is asked for addresses only, and nothing in it ends or counts. */
function isConstantSet(set: IpSet | undefined): boolean {
  if (set === undefined || set.options.timeout !== undefined || set.options.counters) return false;
  return set.type.dimensions.every((dimension) => dimension === 'ip' || dimension === 'net');
}

function isPlannableMatch({ name, text, set }: Match, meeting: Meeting): boolean {
  switch (name) {
    case 'tcp':
    case 'udp':
    case 'multiport': {
      const onlyDestination = !/--(sport|ports)/.test(text);
      return (onlyDestination && !meeting.isVariable(meeting.packet.destinationPort)) || isApart(text);
    }
    case 'conntrack':
      return /^ -m conntrack(?: !)? --ctstate [A-Z,]+$/.test(text);
    case 'statistic':
      return text.includes('--mode random');
    case 'set':
      return set !== undefined && isConstantSet(meeting.sets.get(set));
    default:
      return CONSTANT.has(name);
  }
}

/** Whether the rule's matches are asked at all: the header comes first. */
function asksMatches(rule: Rule, packet: Packet): boolean {
  if ((((packet.destination ^ rule.destination) & rule.destinationMask) === 0) === rule.destinationInverted) return false;
  if ((((packet.source ^ rule.source) & rule.sourceMask) === 0) === rule.sourceInverted) return false;
  return rule.protocol === 0 || (rule.protocol === PROTOCOL_NUMBERS[packet.protocol]) !== rule.protocolInverted;
}

/** Whether what the rule says to this packet is what it says to all of the plan. */
export const isPlannableRule = (rule: Rule, meeting: Meeting): boolean =>
  rule.asked.length === 0 || !asksMatches(rule, meeting.packet) || rule.asked.every((match) => isPlannableMatch(match, meeting));

/** Whether what a rule does is the same each time, and leaves nothing behind but the entry of its connection. */
export function isPlannableTarget({ kind, name, text }: Target): boolean {
  if (kind !== 'extension' || name === 'MARK') return true;
  return name === 'DNAT' && /^ -j DNAT --to-destination [\d.]+:\d+$/.test(text);
}
