/** nftables in the way of packets: base chains at their priorities, translations through conntrack like those of iptables (`nft_chain_nat.c`). */
// Differs: base chains run only at the priorities that kube-proxy gives them.
import type { Evaluation } from '../netfilter/evaluation.ts';
import { bindNat, bindNothing, isBound, rewrite, type NatKind } from '../netfilter/nat.ts';
import type { HookVerdict, Netfilter } from '../netfilter/netfilter.ts';
import type { Hook } from '../netfilter/recorder.ts';
import type { NetworkNamespace } from '../net/namespace.ts';
import { netfilterOf } from '../net/netfilter-of.ts';
import type { Packet, PacketProtocol } from '../net/packet.ts';
import { Nftables } from './nftables.ts';
import type { NftContext, NftHook, NftPacket, NftResult } from './types.ts';

const PROTOCOLS: Readonly<Partial<Record<PacketProtocol, NftPacket['protocol']>>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp', ICMP: 'icmp' };
type Place = readonly [Hook, number];
/** Where base chains may be. */
const PLACES: readonly Place[] = [
  ['PREROUTING', -110],
  ['PREROUTING', -100],
  ['INPUT', -110],
  ['FORWARD', -110],
  ['OUTPUT', -110],
  ['OUTPUT', -100],
  ['OUTPUT', -90],
  ['POSTROUTING', 100],
  ['INPUT', 100],
];
/** Which end of a connection is translated there, as far as nat chains may be there. */
const NAT_KINDS: Readonly<Record<string, NatKind>> = {
  'PREROUTING -100': 'destination',
  'OUTPUT -100': 'destination',
  'POSTROUTING 100': 'source',
  'INPUT 100': 'source',
};

const known = new WeakMap<Netfilter, Nftables>();

/** The namespace's nftables; undefined while nobody has asked for it. */
export const nftablesIn = ({ netfilter }: NetworkNamespace): Nftables | undefined => netfilter && known.get(netfilter);

/** The namespace's nftables, put into its hooks when first asked for. */
export function nftablesOf(netns: NetworkNamespace): Nftables {
  const netfilter = netfilterOf(netns);
  const found = known.get(netfilter);
  if (found !== undefined) return found;
  const nftables = new Nftables();
  netfilter.conntrack.enabled = true;
  const hasIptables = () => netfilter.table('nat') !== undefined;
  for (const place of PLACES) {
    const [hook, priority] = place;
    netfilter.register(hook, { priority, run: (packet, evaluation) => runChains(nftables, place, packet, evaluation, hasIptables) });
  }
  known.set(netfilter, nftables);
  return nftables;
}

function runChains(
  nftables: Nftables,
  [hook, priority]: Place,
  packet: Packet,
  evaluation: Evaluation,
  shared: () => boolean,
): HookVerdict {
  const protocol = PROTOCOLS[packet.protocol];
  if (protocol === undefined) return 'accept';
  const kind = NAT_KINDS[`${hook} ${priority}`];
  const entry = packet.conntrack;
  if (kind !== undefined && entry === undefined) return 'accept';
  const asks = kind === undefined || (entry !== undefined && packet.ctState === 'NEW' && !isBound(kind, entry));
  for (const chain of asks ? nftables.hooked(hook.toLowerCase() as NftHook) : []) {
    if (chain.priority !== priority) continue;
    const { source, sourcePort, destination, destinationPort, mark } = packet;
    const seen: NftPacket = { protocol, source, sourcePort, destination, destinationPort, mark };
    const result = chain.run(seen, contextOf(packet, evaluation));
    packet.mark = seen.mark;
    if (result.verdict === 'drop') return 'drop';
    if (result.verdict === 'reject') return { reject: 'icmp-port-unreachable' };
    if (!bindResult(result, packet, evaluation)) return 'drop';
  }
  if (kind !== undefined && entry !== undefined) {
    // The chains of iptables at the same place are asked next; without them nobody else would say "as it is".
    if (asks && !shared()) bindNothing(kind, entry, evaluation);
    rewrite(kind, packet, evaluation);
  }
  return 'accept';
}

/** Writes a translation into the connection. False when there is no address to masquerade with. */
function bindResult({ dnat, masquerade }: NftResult, packet: Packet, evaluation: Evaluation): boolean {
  if (dnat !== undefined) bindNat('destination', packet, { ips: [dnat.ip, dnat.ip], ports: [dnat.port, dnat.port] }, evaluation);
  if (!masquerade) return true;
  const { output, context } = evaluation;
  const address = output === undefined ? undefined : context.primaryAddress(output, packet.destination);
  if (address !== undefined) bindNat('source', packet, { ips: [address, address], randomFully: true }, evaluation);
  return address !== undefined;
}

function contextOf(packet: Packet, { context, recorder }: Evaluation): NftContext {
  const { now, random } = context;
  return { now, random, recorder, isNew: packet.ctState === 'NEW', isLocal: (ip) => context.addressType(ip) === 'LOCAL' };
}
