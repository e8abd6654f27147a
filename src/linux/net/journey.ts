/**
 * A packet under way, and where it is. The stages of a journey (`ip-output.ts`, `ip-input.ts`, `bridge.ts`,
 * `transmit.ts`, `tunnels.ts`) each move it one step and say which stage comes next; `send.ts` runs them. So no stage
 * knows another, and a long way needs no deep stack.
 */
import type { ConntrackEntry } from '../conntrack/entry.ts';
import type { Hook } from '../netfilter/recorder.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';
import type { Mac } from './mac.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Packet } from './packet.ts';
import type { DropReason, VisitEnd, WalkRecorder } from './walk-recorder.ts';

/** What comes next. */
export type Stage =
  | 'local out'
  | 'post routing'
  | 'neighbour'
  | 'transmit'
  | 'receive'
  | 'bridge in'
  | 'bridge out'
  | 'ip receive'
  | 'forward'
  | 'local in'
  | 'not taken'
  | 'wrap'
  | 'virtual server out'
  | 'unwrap'
  | 'deliver'
  | 'done';

/** An ICMP error by its name in `iptables -j REJECT`, and those that routers send. */
export type IcmpError =
  | 'net-unreachable'
  | 'host-unreachable'
  | 'proto-unreachable'
  | 'port-unreachable'
  | 'fragmentation-needed'
  | 'net-prohibited'
  | 'host-prohibited'
  | 'admin-prohibited'
  | 'ttl-exceeded';

/** How a journey ended: handed to a socket's layer of `netns`, or not. */
export type Verdict = 'delivered' | 'dropped';

/** A packet's way through the network, as it goes. Made by `send`. */
export class Journey {
  packet: Packet;
  stage: Stage = 'local out';
  /** Whose IP layer, or whose bridge, has the packet. */
  netns: NetworkNamespace;
  /** The device that the packet came in by, as the IP layer sees it. Undefined: from a socket. */
  input: Link | undefined = undefined;
  output: Link | undefined = undefined;
  /** Where on the link the packet goes next. */
  nextHop: Ipv4 = 0;
  sourceMac: Mac = 0;
  destinationMac: Mac = 0;
  /** A bridge has called PREROUTING for it already. */
  prerouted = false;
  /** Crosses a bridge, below the IP layer. */
  bridged = false;
  verdict: Verdict | undefined = undefined;
  reason: DropReason | undefined = undefined;
  /** What `netns` answers: an ICMP error, or a reset. */
  error: IcmpError | 'tcp-reset' | undefined = undefined;
  /** Whether the error is told to a socket of `netns` itself, not sent. */
  errorIsLocal = false;
  /** Next hop's MTU with fragmentation-needed. */
  mtu = 0;
  /** ms that neighbours were waited for. */
  waitedMs = 0;
  /** Connections that namespaces on the way have begun for the packet. */
  tracked: ConntrackEntry[] | undefined = undefined;
  /** Went over a device that loses frames by chance: another packet may fare otherwise. */
  lossy = false;
  /** Stages gone through: ends loops that the TTL does not. */
  steps = 0;
  readonly recorder: WalkRecorder | undefined;

  constructor(netns: NetworkNamespace, packet: Packet, recorder: WalkRecorder | undefined) {
    this.netns = netns;
    this.packet = packet;
    this.recorder = recorder;
  }

  /** The packet ends here without an answer. */
  drop(reason: DropReason, end: VisitEnd = 'DROP'): void {
    this.verdict = 'dropped';
    this.reason = reason;
    this.stage = 'done';
    this.recorder?.event({ kind: 'leave', netns: this.netns, end, output: undefined, reason, packet: this.packet });
  }

  /** The packet ends here, and its sender is told. What a machine sent itself it is told by the failed call. */
  refuse(reason: DropReason, error: IcmpError | 'tcp-reset', end: VisitEnd = 'DROP'): void {
    this.error = error;
    this.errorIsLocal = this.input === undefined;
    this.drop(reason, end);
  }

  /** The packet is lost between IP layers. */
  lose(link: Link, reason: DropReason): void {
    this.verdict = 'dropped';
    this.reason = reason;
    this.stage = 'done';
    this.recorder?.event({ kind: 'lost', link, reason, packet: this.packet });
  }

  /** The IP layer hands the packet to a device. */
  leave(): void {
    this.recorder?.event({ kind: 'leave', netns: this.netns, end: 'SENT', output: this.output, reason: undefined, packet: this.packet });
  }

  /** Notes the connection that this namespace knows the packet by, before the packet forgets it. */
  noteConnection(): void {
    const { conntrack } = this.packet;
    if (conntrack !== undefined) (this.tracked ??= []).push(conntrack);
  }

  /** Tells of the packet before or after a hook. */
  tell(phase: 'before' | 'after', hook: Hook): void {
    const { netns, input, output, packet } = this;
    this.recorder?.event({ kind: 'hook', phase, netns, hook, input, output, packet });
  }
}

/**
 * Whether a packet does not fit and may not be cut. Linux sets DF on TCP and UDP (path MTU discovery), not on the outer packets of
 * tunnels nor on ICMP; what may be cut passes whole here.
 */
export const isTooBig = (packet: Packet, mtu: number): boolean =>
  packet.length > mtu && packet.inner === undefined && (packet.protocol === 'TCP' || packet.protocol === 'UDP');
