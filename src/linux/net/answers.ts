/** What a machine answers to a packet that it did not want: ICMP errors (`net/ipv4/icmp.c`) and TCP resets. */
import type { Ipv4 } from './ipv4.ts';
import type { IcmpError, Journey } from './journey.ts';
import type { NetworkNamespace } from './namespace.ts';
import { ICMP_DEST_UNREACHABLE, ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, ICMP_TIME_EXCEEDED, Packet } from './packet.ts';
import { sourceAddress } from './routing.ts';

const CODES: Readonly<Record<Exclude<IcmpError, 'ttl-exceeded'>, number>> = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'proto-unreachable': 2,
  'port-unreachable': 3,
  'fragmentation-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};
const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code, name as IcmpError]));
/** An IPv4 and an ICMP header before the quoted packet. */
const ICMP_HEADERS = 28;
/** `icmp_send` quotes as much as fits into 576 bytes. */
const MAX_ERROR = 576;
const RESET_LENGTH = 40;

/** The answer to the packet that a journey ended with; undefined when there is none (never about another ICMP error). */
export function answerOf({ netns, packet, error, errorIsLocal, mtu }: Journey): Packet | undefined {
  if (error === undefined || errorIsLocal || packet.inner !== undefined) return undefined;
  if (error !== 'tcp-reset') return icmpErrorFor(netns, packet, error, mtu);
  const reset = resetFor(packet);
  return reset && related(reset, packet);
}

/** A reset. Nothing is reset in answer to a reset. */
export function resetFor(packet: Packet): Packet | undefined {
  if (packet.protocol !== 'TCP' || packet.flags.includes('R')) return undefined;
  const { source, destination, sourcePort, destinationPort } = packet;
  const ends = { source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
  return new Packet({ protocol: 'TCP', ...ends, flags: 'RA', length: RESET_LENGTH });
}

/** An ICMP error about `packet`, from the address that it was sent to, or from the one nearest to its sender. */
export function icmpErrorFor(netns: NetworkNamespace, packet: Packet, error: IcmpError, mtu = 0): Packet | undefined {
  const { protocol, icmp } = packet;
  if (protocol === 'ICMP' && icmp?.type !== ICMP_ECHO_REQUEST && icmp?.type !== ICMP_ECHO_REPLY) return undefined;
  const source = netns.isLocal(packet.destination) ? packet.destination : sourceAddress(netns, packet.source);
  if (source === undefined) return undefined;
  const header = error === 'ttl-exceeded' ? { type: ICMP_TIME_EXCEEDED, code: 0 } : { type: ICMP_DEST_UNREACHABLE, code: CODES[error] };
  const answer = new Packet({
    protocol: 'ICMP',
    source,
    destination: packet.source,
    length: Math.min(ICMP_HEADERS + packet.length, MAX_ERROR),
    icmp: { ...header, ...(mtu > 0 && { mtu }), quoted: packet.clone() },
  });
  return related(answer, packet);
}

/** What the packet filter or a router says belongs to the connection of what caused it (`nf_ct_attach`), in the other direction. */
function related(answer: Packet, { conntrack, direction }: Packet): Packet {
  if (conntrack === undefined) return answer;
  answer.conntrack = conntrack;
  answer.direction = direction === 'original' ? 'reply' : 'original';
  answer.ctState = 'RELATED';
  return answer;
}

/** What an ICMP message says; undefined when it is no error. */
export function errorOf({ icmp }: Packet): IcmpError | undefined {
  if (icmp?.type === ICMP_TIME_EXCEEDED) return 'ttl-exceeded';
  return icmp?.type === ICMP_DEST_UNREACHABLE ? NAMES.get(icmp.code) : undefined;
}

/** Whether an ICMP error is about a packet that was sent with these ends. */
export function isAbout({ icmp }: Packet, source: Ipv4, sourcePort: number, destination: Ipv4, destinationPort: number): boolean {
  const quoted = icmp?.quoted;
  if (quoted === undefined) return false;
  const ports = quoted.sourcePort === sourcePort && quoted.destinationPort === destinationPort;
  return ports && quoted.source === source && quoted.destination === destination;
}

/** The answer to an echo request. */
export function echoReply(request: Packet): Packet {
  const { source, destination, length, icmp } = request;
  const header = { ...icmp, type: ICMP_ECHO_REPLY, code: 0 };
  return new Packet({ protocol: 'ICMP', source: destination, destination: source, length, icmp: header });
}
