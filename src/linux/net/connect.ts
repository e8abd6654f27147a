/**
 * Connections of programs: the first packets of each, walked through the network one by one, as the client's and the
 * server's kernels send them. TCP: SYN, SYN-ACK, ACK. UDP: a datagram and its answer. ICMP: echo and reply.
 */
import type { ConntrackDirection } from '../conntrack/entry.ts';
import { tcpPacket } from '../conntrack/tcp.ts';
import { answerOf, echoReply, errorOf, icmpErrorFor, isAbout, resetFor } from './answers.ts';
import { flowPlans } from './flow-late.ts';
import type { Ipv4 } from './ipv4.ts';
import type { IcmpError, Journey } from './journey.ts';
import type { NetworkNamespace } from './namespace.ts';
import { ICMP_ECHO_REQUEST, Packet } from './packet.ts';
import { sourceAddress } from './routing.ts';
import { send } from './send.ts';
import type { ListeningSocket, Peer, Protocol } from './socket.ts';
import type { Connection } from './transfer.ts';
import type { WalkRecorder } from './walk-recorder.ts';

/** A connection to be. Ports and addresses as the packet has them. */
export interface Flow {
  readonly protocol: Protocol;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
}

/** How a connection attempt ended, and after how many ms the caller learns of it. */
export type ConnectOutcome =
  | {
      readonly state: 'connected';
      readonly socket: ListeningSocket;
      readonly peer: Peer;
      readonly connection: Connection;
      readonly afterMs: number;
    }
  | { readonly state: 'refused' | 'network unreachable' | 'host unreachable' | 'timeout'; readonly afterMs: number };

/** What a connection may be given besides its destination. */
export interface ConnectOptions {
  /** Listens to every packet of the connection. */
  readonly recorder?: WalkRecorder | undefined;
  /** The source, instead of the one that routing and chance choose. */
  readonly source?: Ipv4 | undefined;
  readonly sourcePort?: number | undefined;
}

/** tcp_syn_retries 6: seven SYNs, 1, 2, 4 … s apart, then the last wait. Callers have shorter limits of their own. */
const SYN_RETRIES = 6;
const FIRST_RETRANSMISSION_MS = 1000;
const SYN_GIVES_UP_MS = 127_000;
/** A SYN with Linux's options; a datagram with a few bytes; an echo of 56 bytes. */
const SYN_LENGTH = 60;
const DATAGRAM_LENGTH = 64;
const ECHO_LENGTH = 84;

const ANYWHERE = { protocol: 'TCP', source: 0, destination: 0 } as const;
const ACK = new Packet({ ...ANYWHERE, flags: 'A' });
const FIN = new Packet({ ...ANYWHERE, flags: 'FA' });
/** The rest of a connection: ACK, FIN, FIN of the server, ACK. */
const CONCLUSION: readonly (readonly [Packet, ConntrackDirection])[] = [
  [ACK, 'original'],
  [FIN, 'original'],
  [FIN, 'reply'],
  [ACK, 'original'],
];

const REFUSED: ConnectOutcome = { state: 'refused', afterMs: 0 };
const TIMEOUT: ConnectOutcome = { state: 'timeout', afterMs: SYN_GIVES_UP_MS };
const NO_NETWORK: ConnectOutcome = { state: 'network unreachable', afterMs: 0 };

/** Tries to connect to `ip`:`port`. */
export function connect(netns: NetworkNamespace, ip: Ipv4, port: number, protocol: Protocol, options?: ConnectOptions): ConnectOutcome {
  const plan = options === undefined ? flowPlans.planFor?.(netns, ip, port, protocol) : undefined;
  const source = plan !== undefined ? plan.source : (options?.source ?? sourceAddress(netns, ip));
  if (source === undefined) return NO_NETWORK;
  const sourcePort = options?.sourcePort ?? netns.ephemeralPort();
  const planned = plan?.replay(sourcePort);
  if (planned !== undefined) return planned;
  const flow: Flow = { protocol, source, sourcePort, destination: ip, destinationPort: port };
  const watching = plan?.recorder(sourcePort, port);
  if (watching === undefined) return attempts(netns, flow, options?.recorder);
  const outcome = attempts(netns, flow, watching);
  plan?.learn(watching, outcome);
  return outcome;
}

/** The first packet, again and again when it is lost. */
function attempts(netns: NetworkNamespace, flow: Flow, recorder: WalkRecorder | undefined): ConnectOutcome {
  for (let attempt = 0, afterMs = 0; ; attempt++) {
    const outcome = attemptOnce(netns, flow, recorder);
    if (outcome !== 'lost') return afterMs === 0 ? outcome : { ...outcome, afterMs: outcome.afterMs + afterMs };
    if (flow.protocol !== 'TCP' || attempt === SYN_RETRIES) return TIMEOUT;
    afterMs += FIRST_RETRANSMISSION_MS * 2 ** attempt;
  }
}

/** One packet there and one back. 'lost': chance took one of them, and the sender will try again. */
function attemptOnce(netns: NetworkNamespace, flow: Flow, recorder: WalkRecorder | undefined): ConnectOutcome | 'lost' {
  const isTcp = flow.protocol === 'TCP';
  const packet = new Packet({ ...flow, flags: isTcp ? 'S' : '', length: isTcp ? SYN_LENGTH : DATAGRAM_LENGTH });
  const there = walkOne(netns, packet, 'request', recorder);
  if (there.reason === 'lost') return 'lost';
  if (there.verdict !== 'delivered') return failure(netns, flow, there, recorder);
  return arrived(netns, flow, there, recorder);
}

function walkOne(
  netns: NetworkNamespace,
  packet: Packet,
  role: 'request' | 'reply' | 'error',
  recorder: WalkRecorder | undefined,
): Journey {
  recorder?.event({ kind: 'send', netns, packet, role });
  return send(netns, packet, recorder);
}

/** The first packet is where it was sent to: a socket answers, or the kernel. */
function arrived(netns: NetworkNamespace, flow: Flow, there: Journey, recorder: WalkRecorder | undefined): ConnectOutcome | 'lost' {
  const { netns: server, packet } = there;
  const { destination, destinationPort, source, sourcePort } = packet;
  const socket = server.listener(destination, destinationPort, flow.protocol);
  if (socket === undefined) return refused(netns, flow, there, recorder);
  const isTcp = flow.protocol === 'TCP';
  const ends = { source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
  const length = isTcp ? SYN_LENGTH : DATAGRAM_LENGTH;
  const answer: Flow = { protocol: flow.protocol, ...ends };
  const reply = new Packet({ ...answer, flags: isTcp ? 'SA' : '', length });
  const back = walkOne(server, reply, 'reply', recorder);
  if (back.reason === 'lost') return 'lost';
  if (!answers(back, netns, flow)) return TIMEOUT;
  if (isTcp) concludeTcp(there);
  const connection = { client: netns, server, request: flow, reply: answer };
  return { state: 'connected', socket, peer: { ip: source, port: sourcePort }, connection, afterMs: there.waitedMs + back.waitedMs };
}

/**
 * What follows the handshake takes the same ways: the ACK, and the FINs of both sides. The namespaces that track the
 * connection are told, without a walk for each.
 * Differs: a connection ends at the moment it began, for requests and replies take no time on the wire.
 */
function concludeTcp({ tracked, netns }: Journey): void {
  if (tracked === undefined) return;
  const { now } = netns.machine;
  for (const entry of tracked) {
    // Tunnels' packets are of another connection.
    if (entry.original.protocol !== 'TCP') continue;
    for (const [packet, direction] of CONCLUSION) tcpPacket(packet, entry, direction, now);
  }
}

/** Whether a packet came back to the client's socket, with the addresses that the client knows. */
function answers({ verdict, netns: at, packet }: Journey, netns: NetworkNamespace, flow: Flow): boolean {
  if (verdict !== 'delivered' || at !== netns) return false;
  const { source, sourcePort, destination, destinationPort } = packet;
  const own = destination === flow.source && destinationPort === flow.sourcePort;
  return own && source === flow.destination && sourcePort === flow.destinationPort;
}

/** Nothing listens: TCP resets, UDP gets an ICMP error. The client knows once that has come back to it. */
function refused(netns: NetworkNamespace, flow: Flow, there: Journey, recorder: WalkRecorder | undefined): ConnectOutcome {
  const { netns: server, packet } = there;
  const answer = flow.protocol === 'TCP' ? resetFor(packet) : icmpErrorFor(server, packet, 'port-unreachable');
  return answer === undefined ? TIMEOUT : told(netns, flow, walkOne(server, answer, 'error', recorder), there.waitedMs);
}

/** The first packet ended on its way. */
function failure(netns: NetworkNamespace, flow: Flow, there: Journey, recorder: WalkRecorder | undefined): ConnectOutcome {
  const { error, errorIsLocal, waitedMs } = there;
  if (error === undefined) return TIMEOUT;
  if (errorIsLocal) return there.netns === netns ? outcomeOf(error, waitedMs) : TIMEOUT;
  const answer = answerOf(there);
  return answer === undefined ? TIMEOUT : told(netns, flow, walkOne(there.netns, answer, 'error', recorder), waitedMs);
}

/** What the client makes of an answer that says no, if it gets there. */
function told(netns: NetworkNamespace, flow: Flow, back: Journey, waitedMs: number): ConnectOutcome {
  const { packet } = back;
  if (packet.protocol === 'TCP') return answers(back, netns, flow) ? outcomeOf('tcp-reset', waitedMs) : TIMEOUT;
  const { source, sourcePort, destination, destinationPort } = flow;
  const here = back.verdict === 'delivered' && back.netns === netns && isAbout(packet, source, sourcePort, destination, destinationPort);
  const error = here ? errorOf(packet) : undefined;
  return error === undefined ? TIMEOUT : outcomeOf(error, waitedMs + back.waitedMs);
}

/** The error of a connecting socket (`icmp_err_convert`). */
function outcomeOf(error: IcmpError | 'tcp-reset', afterMs: number): ConnectOutcome {
  switch (error) {
    case 'tcp-reset':
    case 'port-unreachable':
      return afterMs === 0 ? REFUSED : { state: 'refused', afterMs };
    case 'net-unreachable':
    case 'net-prohibited':
      return { state: 'network unreachable', afterMs };
    case 'fragmentation-needed':
      return TIMEOUT;
    default:
      return { state: 'host unreachable', afterMs };
  }
}

/** How an echo request ended: after how many ms, and what was said by whom when it was not answered. */
export type PingOutcome =
  | { readonly state: 'answered'; readonly ttl: number }
  | { readonly state: 'error'; readonly error: IcmpError; readonly from: Ipv4 }
  | { readonly state: 'silence' };

/** Sends an ICMP echo request to `ip`. `ttl`: how many hops at most (traceroute). */
export function ping(
  netns: NetworkNamespace,
  ip: Ipv4,
  options: { id?: number; sequence?: number; ttl?: number; recorder?: WalkRecorder } = {},
): PingOutcome {
  const source = sourceAddress(netns, ip);
  if (source === undefined) return { state: 'error', error: 'net-unreachable', from: 0 };
  const { id = 1, sequence = 1, recorder, ...init } = options;
  const icmp = { type: ICMP_ECHO_REQUEST, code: 0, id, sequence };
  const there = walkOne(
    netns,
    new Packet({ protocol: 'ICMP', source, destination: ip, length: ECHO_LENGTH, icmp, ...init }),
    'request',
    recorder,
  );
  const delivered = there.verdict === 'delivered';
  if (there.error !== undefined && there.errorIsLocal && there.error !== 'tcp-reset')
    return { state: 'error', error: there.error, from: source };
  const answer = delivered ? echoReply(there.packet) : answerOf(there);
  const back = answer === undefined ? undefined : walkOne(there.netns, answer, delivered ? 'reply' : 'error', recorder);
  if (back === undefined || back.verdict !== 'delivered' || back.netns !== netns) return { state: 'silence' };
  const error = errorOf(back.packet);
  return error === undefined ? { state: 'answered', ttl: back.packet.ttl } : { state: 'error', error, from: back.packet.source };
}
