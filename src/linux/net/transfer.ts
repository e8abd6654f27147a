/**
 * Data over a connection: what does not fit into one packet goes in segments as long as the ends' devices allow (MSS).
 * A tunnel on the way may take less; then its router says so (ICMP "fragmentation needed"), or the segment is lost for
 * good while small packets pass: the connection stands, and no data comes.
 */
import { answerOf } from './answers.ts';
import type { Flow } from './connect.ts';
import type { NetworkNamespace } from './namespace.ts';
import { Packet } from './packet.ts';
import { findRoute } from './routing.ts';
import { send } from './send.ts';
import type { WalkRecorder } from './walk-recorder.ts';

/** Both ends of a connection, each with its own view of it. */
export interface Connection {
  readonly client: NetworkNamespace;
  readonly server: NetworkNamespace;
  /** From the client, as it sent it. */
  readonly request: Flow;
  /** From the server, as it sends it. */
  readonly reply: Flow;
}

/** IPv4 and TCP headers; with timestamps. */
const HEADERS = 40;
const HEADERS_WITH_OPTIONS = 52;
/** What surely fits everywhere is not sent to see. */
const SMALL = 512;
/** Path MTU discovery ends after so many routers. */
const MAX_TRIES = 8;

/** Sends `bytes` one way. False when they do not arrive, however often they are sent again. */
export function transfer(connection: Connection, bytes: number, way: 'request' | 'reply', recorder?: WalkRecorder): boolean {
  const flow = connection[way];
  if (flow.protocol !== 'TCP' || (bytes <= SMALL && recorder === undefined)) return true;
  const { client, server } = connection;
  const [from, to] = way === 'request' ? [client, server] : [server, client];
  let mtu = Math.min(mtuTowards(client, connection.request.destination), mtuTowards(server, connection.reply.destination));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const length = Math.min(bytes + HEADERS_WITH_OPTIONS, mtu);
    const packet = new Packet({ ...flow, flags: 'PA', length });
    recorder?.event({ kind: 'send', netns: from, packet, role: way });
    const journey = send(from, packet, recorder);
    if (journey.verdict === 'delivered') return journey.netns === to;
    if (journey.error !== 'fragmentation-needed' || journey.mtu < HEADERS) return false;
    if (!isTold(from, journey)) return false;
    mtu = journey.mtu;
  }
  return false;
}

function isTold(from: NetworkNamespace, journey: ReturnType<typeof send>): boolean {
  if (journey.errorIsLocal) return true;
  const answer = answerOf(journey);
  if (answer === undefined) return false;
  const back = send(journey.netns, answer);
  return back.verdict === 'delivered' && back.netns === from;
}

function mtuTowards(netns: NetworkNamespace, destination: number): number {
  return netns.isLocal(destination) ? netns.loopback.mtu : (findRoute(netns, destination)?.link.mtu ?? 0);
}
