/**
 * A tracked connection (`struct nf_conn`): the tuple of its first packet, the tuple that its answers will have, and
 * what is remembered of it. NAT is nothing but a reply tuple that is not the mirror of the original one.
 */
import type { PacketProtocol } from '../net/packet.ts';
import type { Ipv4 } from '../net/ipv4.ts';

/** What the conntrack match calls a packet's relation to its connection. */
export type ConntrackState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** Whether a packet goes the way of the first one. */
export type ConntrackDirection = 'original' | 'reply';

/** TCP states as `conntrack -L` prints them. */
export type TcpState =
  'NONE' | 'SYN_SENT' | 'SYN_RECV' | 'ESTABLISHED' | 'FIN_WAIT' | 'CLOSE_WAIT' | 'LAST_ACK' | 'TIME_WAIT' | 'CLOSE' | 'SYN_SENT2';

/** All TCP states: their numbers are their places. */
export const TCP_STATES: readonly TcpState[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

/**
 * Both ends of one direction. Ports of ICMP echoes: `sourcePort` is the id, `destinationPort` is type * 256 + code.
 */
export interface Tuple {
  readonly protocol: PacketProtocol;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
}

/** One connection of a namespace. */
export class ConntrackEntry {
  original: Tuple;
  reply: Tuple;
  /** In the table (IPS_CONFIRMED): its first packet got through. */
  confirmed = false;
  /** A packet went each way (IPS_SEEN_REPLY). */
  seenReply = false;
  /** Not to be dropped early (IPS_ASSURED). */
  assured = false;
  /** The NAT rules have been asked, for source and destination (IPS_SRC_NAT_DONE, IPS_DST_NAT_DONE). */
  sourceNatDone = false;
  destinationNatDone = false;
  /** Source or destination is translated (IPS_SRC_NAT, IPS_DST_NAT). */
  sourceNat = false;
  destinationNat = false;
  /** The connection that this one belongs to (RELATED). */
  master: ConntrackEntry | undefined = undefined;
  tcp: TcpState = 'NONE';
  /** connmark */
  mark = 0;
  /** Virtual ms when the entry ends unless another packet comes. */
  expiresAt = 0;
  /** Grows with each entry that gets into the table, and its place in the table's list. */
  serial = 0;
  older: ConntrackEntry | undefined = undefined;
  newer: ConntrackEntry | undefined = undefined;
  /** Virtual ms of the first packet. */
  readonly createdAt: number;

  constructor(original: Tuple, reply: Tuple, now: number) {
    this.original = original;
    this.reply = reply;
    this.createdAt = now;
  }
}

/** The tuple with its ends exchanged; `ports`: those of the answer to an ICMP echo differ. */
export function invertTuple(tuple: Tuple): Tuple {
  const { protocol, source, sourcePort, destination, destinationPort } = tuple;
  if (protocol === 'ICMP')
    return { protocol, source: destination, sourcePort, destination: source, destinationPort: invertIcmp(destinationPort) };
  return { protocol, source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
}

/** Echo request and reply, timestamp, info and address mask request and reply (`nf_conntrack_proto_icmp.c`, invmap). */
const ICMP_ANSWERS: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };

function invertIcmp(typeAndCode: number): number {
  const type = typeAndCode >>> 8;
  return ((ICMP_ANSWERS[type] ?? type) << 8) | (typeAndCode & 255);
}
