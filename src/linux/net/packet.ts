/**
 * A packet on its way (`struct sk_buff` with its IPv4 and transport headers). One object travels the whole path and is
 * changed in place by NAT, marks and hops; `clone` keeps a picture of it. Payload is whatever the sender put in; only
 * its length matters to the network.
 */
import type { ConntrackDirection, ConntrackEntry, ConntrackState } from '../conntrack/entry.ts';
import { formatIpv4, type Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';

/** Names of the IP protocols that are told apart; their numbers are in /etc/protocols. */
export type PacketProtocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'IPIP' | 'GRE' | 'ESP';

/** Protocol numbers (`include/uapi/linux/in.h`). */
export const PROTOCOL_NUMBERS: Readonly<Record<PacketProtocol, number>> = {
  ICMP: 1,
  IPIP: 4,
  TCP: 6,
  UDP: 17,
  GRE: 47,
  ESP: 50,
  SCTP: 132,
};

/** Types of ICMP messages. */
export const ICMP_ECHO_REPLY = 0;
export const ICMP_DEST_UNREACHABLE = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;

/** The ICMP header; `id` for echoes, `quoted` (the packet that caused it, as it arrived there) and `mtu` for errors. */
export interface IcmpHeader {
  readonly type: number;
  readonly code: number;
  readonly id?: number;
  readonly sequence?: number;
  readonly mtu?: number;
  readonly quoted?: Packet;
}

/** How a packet is made; what is left out gets the kernel's usual value. */
export interface PacketInit {
  readonly protocol: PacketProtocol;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly ttl?: number;
  readonly mark?: number;
  readonly length?: number;
  readonly flags?: string;
  readonly icmp?: IcmpHeader;
  readonly mss?: number;
  readonly inner?: Packet;
  readonly payload?: unknown;
}

const DEFAULT_TTL = 64;
/** An IPv4 and a TCP header with the options that Linux puts in a SYN. */
const DEFAULT_LENGTH = 60;

/** One IPv4 packet. */
export class Packet {
  protocol: PacketProtocol;
  source: Ipv4;
  destination: Ipv4;
  /** 0 where the protocol has no ports. */
  sourcePort: number;
  destinationPort: number;
  ttl: number;
  /** skb->mark: belongs to the packet only inside one namespace. */
  mark: number;
  /** Bytes of the IP packet with its header. */
  length: number;
  /** TCP flags as tcpdump writes them: "S" SYN, "SA", "A", "F", "R", "P", "U". */
  flags: string;
  icmp: IcmpHeader | undefined;
  /** Maximum segment size that a SYN offers. */
  mss: number | undefined;
  /** The packet inside of a tunnel's packet. */
  inner: Packet | undefined;
  payload: unknown;
  /** skb->_nfct: the connection that this namespace has found for the packet, and the packet's direction in it. */
  conntrack: ConntrackEntry | undefined = undefined;
  direction: ConntrackDirection = 'original';
  /** undefined: not looked at yet. */
  ctState: ConntrackState | undefined = undefined;
  /** The bridge ports that br_netfilter remembers (the physdev match). */
  physIn: Link | undefined = undefined;
  physOut: Link | undefined = undefined;

  constructor(init: PacketInit) {
    this.protocol = init.protocol;
    this.source = init.source;
    this.destination = init.destination;
    this.sourcePort = init.sourcePort ?? 0;
    this.destinationPort = init.destinationPort ?? 0;
    this.ttl = init.ttl ?? DEFAULT_TTL;
    this.mark = init.mark ?? 0;
    this.length = init.length ?? DEFAULT_LENGTH;
    this.flags = init.flags ?? '';
    this.icmp = init.icmp;
    this.mss = init.mss;
    this.inner = init.inner;
    this.payload = init.payload;
  }

  /** A copy of headers and state as they are now. */
  clone(): Packet {
    const copy = new Packet(this);
    copy.conntrack = this.conntrack;
    copy.direction = this.direction;
    copy.ctState = this.ctState;
    copy.physIn = this.physIn;
    copy.physOut = this.physOut;
    return copy;
  }

  /** What a packet loses when it crosses into another namespace (`skb_scrub_packet`): mark, connection, bridge ports. */
  scrub(): void {
    this.mark = 0;
    this.conntrack = undefined;
    this.direction = 'original';
    this.ctState = undefined;
    this.physIn = undefined;
    this.physOut = undefined;
  }

  /** "TCP 10.244.1.2:40000 -> 10.96.0.10:53". */
  toString(): string {
    const ports = this.sourcePort !== 0 || this.destinationPort !== 0;
    const end = (ip: Ipv4, port: number) => (ports ? `${formatIpv4(ip)}:${port}` : formatIpv4(ip));
    return `${this.protocol} ${end(this.source, this.sourcePort)} -> ${end(this.destination, this.destinationPort)}`;
  }
}
