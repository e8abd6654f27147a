/**
 * IPVS in the way of packets (`ip_vs_core.c`, ip_vs_ops): answers are recognized first, then requests. A request that
 * is handed to another machine leaves by LOCAL_OUT; one for a server on this machine stays.
 */
// Differs: only masquerading takes part in the walk; direct routing and tunnels choose a server but drop the packet.
import type { NetworkNamespace } from '../net/namespace.ts';
import type { Link } from '../net/link.ts';
import type { Packet, PacketProtocol } from '../net/packet.ts';
import type { VirtualServers, VirtualServerVerdict } from '../net/virtual-servers.ts';
import { Ipvs, type IpvsDecision, type IpvsPacket } from './ipvs.ts';
import type { IpvsProtocol, RealServer } from './types.ts';

const PROTOCOLS: Readonly<Partial<Record<PacketProtocol, IpvsProtocol>>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** Give it to a namespace: `netns.configure({ virtualServers })`, or use `ipvsOf`. */
export class IpvsHook implements VirtualServers {
  readonly ipvs: Ipvs;
  /** What was decided for the packet that came last; for those who follow it. */
  last: IpvsDecision | undefined;
  readonly #netns: NetworkNamespace;

  constructor(netns: NetworkNamespace) {
    this.#netns = netns;
    this.ipvs = new Ipvs(netns.machine);
  }

  hook(hook: 'INPUT' | 'FORWARD' | 'OUTPUT', packet: Packet, _input: Link | undefined): VirtualServerVerdict {
    this.last = undefined;
    const protocol = PROTOCOLS[packet.protocol];
    if (protocol === undefined) return 'pass';
    const seen = describe(packet, protocol);
    const answered = this.ipvs.out(seen);
    if (answered !== undefined) {
      packet.source = answered.virtualIp;
      packet.sourcePort = answered.virtualPort;
      return 'pass';
    }
    if (hook === 'FORWARD') return 'pass';
    const decision = this.ipvs.in(seen);
    this.last = decision;
    if (decision === undefined) return 'pass';
    if (decision.verdict !== 'forward') return decision.verdict;
    if (decision.method !== 'masq') return 'drop';
    if (this.ipvs.sysctls.conntrack !== 0) alterReply(packet, decision.realServer);
    packet.destination = decision.realServer.ip;
    packet.destinationPort = decision.realServer.port;
    return this.#netns.isLocal(packet.destination) ? 'pass' : 'output';
  }
}

/** The namespace's IPVS, put into its hooks when first asked for (the module is loaded). */
export function ipvsOf(netns: NetworkNamespace): Ipvs {
  const known = netns.details.virtualServers;
  if (known instanceof IpvsHook) return known.ipvs;
  const virtualServers = new IpvsHook(netns);
  netns.configure({ virtualServers });
  return virtualServers.ipvs;
}

function describe({ source, sourcePort, destination, destinationPort, length, flags }: Packet, protocol: IpvsProtocol): IpvsPacket {
  const tcp = { syn: flags.includes('S'), ack: flags.includes('A'), fin: flags.includes('F'), rst: flags.includes('R') };
  return { protocol, source, sourcePort, destination, destinationPort, bytes: length, flags: tcp };
}

/** The tracked connection expects answers from the real server (`ip_vs_update_conntrack`); only before it is in the table. */
function alterReply({ conntrack, direction }: Packet, { ip, port }: RealServer): void {
  if (conntrack === undefined || conntrack.confirmed || direction !== 'original') return;
  conntrack.reply = { ...conntrack.reply, source: ip, sourcePort: port };
}
