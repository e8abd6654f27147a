/**
 * Connecting from one namespace to a socket somewhere: address translation by the machine's hook, the walk there, the
 * socket, and the walk back, because without a way back no handshake ends.
 */
import type { Ipv4 } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { ListeningSocket, Peer, Protocol } from './socket.ts';
import { sourceAddress, walk } from './walk.ts';

/** A connection to be. Ports and addresses as the packet has them. */
export interface Flow {
  readonly protocol: Protocol;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
}

/** What the machine's address translation makes of a new flow: another flow, nothing, or its end. */
export type NatHook = (netns: NetworkNamespace, flow: Flow) => Flow | undefined | 'drop' | 'reject';

/** How a connection attempt ended, and after how many ms the caller learns of it. */
export type ConnectOutcome =
  | { readonly state: 'connected'; readonly socket: ListeningSocket; readonly peer: Peer; readonly afterMs: number }
  | { readonly state: 'refused' | 'network unreachable' | 'host unreachable' | 'timeout'; readonly afterMs: number };

/** Three ARP requests, one a second (`net.ipv4.neigh.default.mcast_solicit`). */
const ARP_GIVES_UP_MS = 3000;
/** tcp_syn_retries 6: 127 s. Callers have shorter limits of their own. */
const SYN_GIVES_UP_MS = 127_000;

const REFUSED: ConnectOutcome = { state: 'refused', afterMs: 0 };
const TIMEOUT: ConnectOutcome = { state: 'timeout', afterMs: SYN_GIVES_UP_MS };
const NO_NETWORK: ConnectOutcome = { state: 'network unreachable', afterMs: 0 };
const NO_HOST: ConnectOutcome = { state: 'host unreachable', afterMs: ARP_GIVES_UP_MS };

/** Tries to connect to `ip`:`port`. Changes nothing but the source port counter. */
export function connect(netns: NetworkNamespace, ip: Ipv4, port: number, protocol: Protocol): ConnectOutcome {
  const source = sourceAddress(netns, ip);
  if (source === undefined) return NO_NETWORK;
  const flow: Flow = { protocol, source, sourcePort: netns.ephemeralPort(), destination: ip, destinationPort: port };
  const translated = netns.machine.natHook?.(netns, flow) ?? flow;
  if (translated === 'drop') return TIMEOUT;
  if (translated === 'reject') return REFUSED;
  return arrive(netns, translated);
}

/** `from`: where the packet is now, on its way from `netns`. */
function arrive(netns: NetworkNamespace, flow: Flow, from = netns): ConnectOutcome {
  const there = walk(from, flow.destination);
  if (there.verdict === 'no route') return there.netns === netns ? NO_NETWORK : NO_HOST;
  if (there.verdict === 'host unreachable') return NO_HOST;
  if (there.verdict === 'dropped') return TIMEOUT;
  const { machine } = there.netns;
  const mapped = there.netns === machine.netns ? machine.portMaps.find(flow.destination, flow.destinationPort, flow.protocol) : undefined;
  if (mapped !== undefined) return arrive(netns, { ...flow, destination: mapped.ip, destinationPort: mapped.containerPort }, there.netns);
  if (there.netns !== netns && walk(there.netns, flow.source).netns !== netns) return TIMEOUT;
  const socket = there.netns.listener(flow.destination, flow.destinationPort, flow.protocol);
  if (socket === undefined) return REFUSED;
  return { state: 'connected', socket, peer: { ip: flow.source, port: flow.sourcePort }, afterMs: 0 };
}
