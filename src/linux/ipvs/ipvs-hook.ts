/**
 * IPVS in the way of packets (`ip_vs_core.c`, ip_vs_ops): answers are recognized first, then requests. A request that
 * is handed to another machine leaves by LOCAL_OUT; one for a server on this machine stays.
 */
// Differs: only masquerading takes part in the walk; direct routing and tunnels choose a server but drop the packet.
import type { NetworkNamespace } from '../net/namespace.ts';
import { netfilterOf } from '../net/netfilter-of.ts';
import type { Packet, PacketProtocol } from '../net/packet.ts';
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import type { HookVerdict, Netfilter } from '../netfilter/netfilter.ts';
import type { NetfilterRecorder, VirtualServerLookup } from '../netfilter/recorder.ts';
import { Ipvs, type IpvsCost, type IpvsDecision, type IpvsPacket } from './ipvs.ts';
import type { IpvsProtocol, RealServer } from './types.ts';

const PROTOCOLS: Readonly<Partial<Record<PacketProtocol, IpvsProtocol>>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** nf_hook_ops of IPVS: after the filter and before nat at INPUT, after nat at OUTPUT, before nat's end of the way at FORWARD. */
const PRIORITIES = { INPUT: 99, FORWARD: 99, OUTPUT: -98 } as const;

/** IPVS of one namespace, in its hooks. */
export class IpvsHook {
  readonly ipvs: Ipvs;
  /** What was decided for the packet that came last; for those who follow it. */
  last: IpvsDecision | undefined;
  readonly #netns: NetworkNamespace;

  constructor(netns: NetworkNamespace) {
    this.#netns = netns;
    this.ipvs = new Ipvs(netns.machine);
    const netfilter = netfilterOf(netns);
    netfilter.conntrack.enabled = true;
    for (const hook of ['INPUT', 'FORWARD', 'OUTPUT'] as const) {
      netfilter.register(hook, { priority: PRIORITIES[hook], run: (packet, { recorder }) => this.#see(hook, packet, recorder) });
    }
  }

  #see(hook: keyof typeof PRIORITIES, packet: Packet, recorder: NetfilterRecorder | undefined): HookVerdict {
    this.last = undefined;
    const protocol = PROTOCOLS[packet.protocol];
    if (protocol === undefined) return 'accept';
    const seen = describe(packet, protocol);
    const answered = this.ipvs.out(seen);
    if (answered !== undefined) {
      packet.source = answered.virtualIp;
      packet.sourcePort = answered.virtualPort;
      return 'accept';
    }
    if (hook === 'FORWARD') return 'accept';
    const cost = { lookups: 0, comparisons: 0, servers: 0 };
    const decision = this.ipvs.in(seen, cost);
    this.last = decision;
    if (cost.lookups > 0) recorder?.virtualServerLookedUp?.(describeLookup(decision, cost));
    if (decision === undefined) return 'accept';
    if (decision.verdict === 'unreachable') return { reject: 'icmp-port-unreachable' };
    if (decision.verdict === 'drop' || decision.method !== 'masq') return 'drop';
    if (this.ipvs.sysctls.conntrack !== 0) alterReply(packet, decision.realServer);
    packet.destination = decision.realServer.ip;
    packet.destinationPort = decision.realServer.port;
    return this.#netns.isLocal(packet.destination) ? 'accept' : 'stolen';
  }
}

const hooks = new WeakMap<Netfilter, IpvsHook>();

/** The namespace's IPVS, put into its hooks when first asked for (the module is loaded). */
export function ipvsOf(netns: NetworkNamespace): Ipvs {
  const netfilter = netfilterOf(netns);
  let hook = hooks.get(netfilter);
  if (hook === undefined) hooks.set(netfilter, (hook = new IpvsHook(netns)));
  return hook.ipvs;
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

/** A look-up as those see it who follow the packet. */
function describeLookup(decision: IpvsDecision | undefined, { lookups, comparisons, servers }: IpvsCost): VirtualServerLookup {
  const cost = { lookups, comparisons: comparisons + servers };
  if (decision === undefined) return { service: undefined, scheduler: '', servers: [], chosen: undefined, known: false, ...cost };
  const chosen = decision.verdict === 'forward' ? decision.realServer : undefined;
  const service = decision.verdict === 'forward' ? decision.connection.service : decision.service;
  return {
    service: `${service.protocol.toUpperCase()} ${endText(service)}`,
    scheduler: service.schedulerName,
    servers: service.servers.map(endText),
    chosen: chosen && endText(chosen),
    known: decision.verdict === 'forward' && !decision.isNew,
    ...cost,
  };
}

const endText = ({ ip, port }: { readonly ip: Ipv4; readonly port: number }): string => `${formatIpv4(ip)}:${port}`;
