/**
 * Data over a connection: what does not fit into one packet goes in segments as long as the ends' devices allow (MSS).
 * A tunnel on the way may take less; then its router says so (ICMP "fragmentation needed"), or the segment is lost for
 * good while small packets pass: the connection stands, and no data comes.
 */
import { answerOf } from './answers.ts';
import type { Flow } from './connect.ts';
import { networkGeneration } from './generation.ts';
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
  if (recorder === undefined && passedBefore(connection, bytes, way)) return true;
  const { client, server } = connection;
  const [from, to] = way === 'request' ? [client, server] : [server, client];
  let mtu = Math.min(mtuTowards(client, connection.request.destination), mtuTowards(server, connection.reply.destination));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const length = Math.min(bytes + HEADERS_WITH_OPTIONS, mtu);
    const packet = new Packet({ ...flow, flags: 'PA', length });
    recorder?.event({ kind: 'send', netns: from, packet, role: way });
    const journey = send(from, packet, recorder);
    if (journey.verdict === 'delivered') {
      if (journey.netns === to && !journey.lossy) notePassed(connection, bytes, way);
      return journey.netns === to;
    }
    if (journey.error !== 'fragmentation-needed' || journey.mtu < HEADERS) return false;
    if (!isTold(from, journey)) return false;
    mtu = journey.mtu;
  }
  return false;
}

/** What has passed between two namespaces since the network last changed: the most bytes by the address that was asked, each way. */
interface Passed {
  generation: number;
  readonly bytes: Map<NetworkNamespace, Map<number, number>>;
}

const passed = new WeakMap<NetworkNamespace, Passed>();

const keyOf = ({ request }: Connection, way: 'request' | 'reply'): number => request.destination * 2 + (way === 'reply' ? 1 : 0);

/** Differs: data that takes the same way as data before it, in a network that has not changed, is not counted by the rules on the way. */
function passedBefore(connection: Connection, bytes: number, way: 'request' | 'reply'): boolean {
  const known = passed.get(connection.client);
  if (known?.generation !== networkGeneration()) return false;
  return (known.bytes.get(connection.server)?.get(keyOf(connection, way)) ?? 0) >= bytes;
}

function notePassed(connection: Connection, bytes: number, way: 'request' | 'reply'): void {
  const generation = networkGeneration();
  let known = passed.get(connection.client);
  if (known?.generation !== generation) passed.set(connection.client, (known = { generation, bytes: new Map() }));
  let ways = known.bytes.get(connection.server);
  if (ways === undefined) known.bytes.set(connection.server, (ways = new Map()));
  ways.set(keyOf(connection, way), bytes);
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
