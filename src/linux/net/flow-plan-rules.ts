/** Which rules a flow plan can stand for: those that decide by what is the same for every connection of the plan. */
import type { Match, Rule, Target } from '../netfilter/rule.ts';
import { PROTOCOL_NUMBERS, type Packet } from '../net/packet.ts';

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

function isPlannableMatch({ name, text }: Match, packet: Packet, isVariable: (port: number) => boolean): boolean {
  switch (name) {
    case 'tcp':
    case 'udp':
    case 'multiport': {
      const onlyDestination = !/--(sport|ports)/.test(text);
      return (onlyDestination && !isVariable(packet.destinationPort)) || isApart(text);
    }
    case 'conntrack':
      return /^ -m conntrack(?: !)? --ctstate [A-Z,]+$/.test(text);
    case 'statistic':
      return text.includes('--mode random');
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
export const isPlannableRule = (rule: Rule, packet: Packet, isVariable: (port: number) => boolean): boolean =>
  rule.asked.length === 0 || !asksMatches(rule, packet) || rule.asked.every((match) => isPlannableMatch(match, packet, isVariable));

/** Whether what a rule does is the same each time, and leaves nothing behind but the entry of its connection. */
export function isPlannableTarget({ kind, name, text }: Target): boolean {
  if (kind !== 'extension' || name === 'MARK') return true;
  return name === 'DNAT' && /^ -j DNAT --to-destination [\d.]+:\d+$/.test(text);
}
