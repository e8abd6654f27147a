/** What happened at a step, in one short sentence of facts. */
import type { PacketTraceHop, PacketTraceRule, TracedPacket } from '../../api/kubarium/packet-trace.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import { formatMac } from '../../linux/net/mac.ts';
import { errorOf } from '../../linux/net/answers.ts';
import type { Packet } from '../../linux/net/packet.ts';
import { formatRoute } from '../../linux/net/routes.ts';
import type { DropReason, WalkEvent } from '../../linux/net/walk-recorder.ts';
import { endText } from './packets.ts';

const REASONS: Readonly<Partial<Record<DropReason, string>>> = {
  netfilter: 'dropped',
  rejected: 'rejected: the sender is told',
  'not forwarding': 'dropped: this machine does not forward packets (net.ipv4.ip_forward is 0)',
  'no route': 'no route leads there',
  blackhole: 'dropped by a blackhole route',
  unreachable: 'an unreachable route: the sender is told',
  prohibited: 'a prohibit route: the sender is told',
  'martian source': 'dropped: no packet from outside may have this source',
  'martian destination': 'dropped: no packet from outside may go there',
  rp_filter: 'dropped by rp_filter: the way back to the source is another device',
  'ttl exceeded': 'the time to live is over',
  'too big': 'too long for the way on, and may not be cut',
  'neighbour failed': 'nobody answered for the next hop',
  'link down': 'the device is down',
  lost: 'lost on the way',
  'not taken': 'nobody took the frame',
  'hairpin off': 'the bridge does not send a frame back by the port it came from (hairpin mode is off)',
  'no tunnel entry': 'the tunnel does not know where to send it',
  'not for this host': 'the frame is for another hardware address',
  loop: 'the packet goes round in circles',
};

/** Why a packet ended here. */
export function dropText(reason: DropReason, rule: PacketTraceRule | undefined): string {
  const text = REASONS[reason] ?? reason;
  if (rule === undefined) return text;
  const where = rule.number === 0 ? `the policy of ${rule.chain}` : `rule ${rule.number} of ${rule.chain}`;
  return `${text} by ${where} in table ${rule.table}`.replace('rejected: the sender is told by', 'rejected, and the sender told, by');
}

export function routeText({ destination, route }: WalkEvent & { kind: 'route' }): string {
  if (route === 'local') return `${formatIpv4(destination)} is a local address here`;
  return route === undefined ? `no route to ${formatIpv4(destination)}` : `routed by ${formatRoute(route)}`;
}

export function neighbourText({ ip, mac, asked }: WalkEvent & { kind: 'neighbour' }): string {
  if (mac === undefined) return `nobody answers the ARP request for ${formatIpv4(ip)}`;
  return `${formatIpv4(ip)} is at ${formatMac(mac)}${asked ? ', says ARP' : ''}`;
}

export function bridgeText({ from, to, flooded }: WalkEvent & { kind: 'bridge' }): string {
  if (to === undefined) return 'no port leads to this hardware address';
  const way = from === undefined ? `out by port ${to.name}` : `from port ${from.name} to port ${to.name}`;
  return flooded ? `${way}, flooded` : way;
}

export function sendText(packet: Packet, role: 'request' | 'reply' | 'error'): string {
  const { protocol, flags } = packet;
  if (role === 'error')
    return protocol === 'TCP' ? 'the kernel answers with a TCP reset' : `the kernel answers with ICMP ${errorOf(packet) ?? 'error'}`;
  if (protocol === 'ICMP') return role === 'request' ? 'sends an ICMP echo request' : 'answers with an ICMP echo reply';
  if (protocol !== 'TCP') return role === 'request' ? `sends a ${protocol} datagram` : `answers with a ${protocol} datagram`;
  if (flags.includes('P')) return role === 'request' ? 'sends data' : 'answers with data';
  return role === 'request' ? 'sends a TCP SYN' : 'answers with SYN-ACK';
}

/** What a hook did to the packet, or how much it looked at. */
export function hookText(
  before: TracedPacket,
  after: TracedPacket,
  { comparisons = 0, lookups = 0, conntrack }: Partial<PacketTraceHop>,
): string {
  const changes: string[] = [];
  const end = (packet: TracedPacket, which: 'source' | 'destination') =>
    endText(packet[which], which === 'source' ? packet.sourcePort : packet.destinationPort);
  for (const which of ['destination', 'source'] as const)
    if (end(before, which) !== end(after, which)) changes.push(`${which} ${end(before, which)} → ${end(after, which)}`);
  if (before.mark !== after.mark) changes.push(`mark ${after.mark ?? '0'}`);
  const work: string[] = [];
  if (comparisons > 0) work.push(`${comparisons} ${comparisons === 1 ? 'rule' : 'rules'} compared`);
  if (lookups > 0) work.push(`${lookups} ${lookups === 1 ? 'look-up' : 'look-ups'}`);
  if (changes.length > 0) return [changes.join(', '), ...work].join('; ');
  if (work.length > 0) return work.join(', ');
  return conntrack === undefined ? 'passes' : `connection ${conntrack.state}`;
}
