/** Sends what a PacketTrace asks for, through the real walk, and writes down what became of it. */
import type { PacketTraceSpec, PacketTraceStatus, TracedQuestion } from '../../api/kubarium/packet-trace.ts';
import { connect, ping, type ConnectOutcome } from '../../linux/net/connect.ts';
import { fabricLeftBy, isPublic } from '../../linux/net/internet.ts';
import { formatIpv4, type Ipv4 } from '../../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import { lookup, type AskedQuestion } from '../../linux/net/resolve.ts';
import type { HttpRequest } from '../../linux/net/socket.ts';
import { transfer } from '../../linux/net/transfer.ts';
import type { DropReason, WalkRecorder } from '../../linux/net/walk-recorder.ts';
import type { Receiver, Sender } from './ends.ts';
import { StepRecorder } from './step-recorder.ts';
import type { TraceWorld } from './world.ts';

/** What became of a connection. */
export type TraceVerdict = 'Delivered' | 'Dropped' | 'Rejected' | 'Unreachable' | 'Refused' | 'Timeout' | 'NoSuchHost';

/** The first connection with its steps, and all of them counted. */
export interface SentTrace {
  readonly recorder: StepRecorder;
  readonly verdict: TraceVerdict;
  /** Where it was sent to; undefined: the name was not found. */
  readonly ip: Ipv4 | undefined;
  readonly questions: readonly TracedQuestion[];
  /** Where it went: "10.244.1.5:80". */
  readonly backend: string | undefined;
  readonly server: NetworkNamespace | undefined;
  readonly endpoints: Record<string, number>;
  /** The handshake went well, but a full segment was lost: the device whose MTU is too small. */
  readonly lostData: boolean;
  /** With an HTTP request: what the server answered. */
  readonly httpStatus: number | undefined;
}

/** What a full segment of an answer holds. */
const FULL_SEGMENT = 1448;
const HTTP_HEAD = 200;
const WALK_VERDICTS: Readonly<Partial<Record<DropReason, TraceVerdict>>> = {
  rejected: 'Rejected',
  'no route': 'Unreachable',
  unreachable: 'Unreachable',
  prohibited: 'Unreachable',
  'neighbour failed': 'Unreachable',
};

/** Sends all connections; follows the first. */
export function sendTrace(spec: PacketTraceSpec, sender: Sender, receiver: Receiver, world: TraceWorld): SentTrace {
  const recorder = new StepRecorder(world.places());
  const found = addressOf(sender, receiver);
  const { ip, questions } = found;
  if (questions.length > 0) noteQuestions(recorder, sender, receiver, questions, ip);
  const none = { recorder, ip, questions, backend: undefined, server: undefined, lostData: false, httpStatus: undefined };
  if (ip === undefined) return { ...none, verdict: 'NoSuchHost', endpoints: { NoSuchHost: 1 } };
  const first = sendFirst(spec, sender, { ip, port: receiver.port, host: receiver.host }, recorder);
  const endpoints: Record<string, number> = {};
  const count = (name: string) => (endpoints[name] = (endpoints[name] ?? 0) + 1);
  count(first.backend ?? first.verdict);
  for (let number = 1; number < (spec.count ?? 1); number++) count(sendAnother(spec, sender, ip, receiver.port, number));
  return { ...none, ...first, endpoints };
}

function addressOf({ looker }: Sender, { ip, host }: Receiver): { ip: Ipv4 | undefined; questions: readonly TracedQuestion[] } {
  if (host === undefined) return { ip, questions: [] };
  const outcome = lookup(looker, host);
  const questions = (outcome.questions ?? []).map(tracedQuestion);
  return { ip: 'error' in outcome ? undefined : outcome.addresses[0], questions };
}

const tracedQuestion = ({ name, type, server, outcome, answers }: AskedQuestion): TracedQuestion => ({
  name,
  type,
  server,
  result: outcome,
  answers: answers.map(({ data }) => data),
});

function noteQuestions(
  recorder: StepRecorder,
  { netns }: Sender,
  { host }: Receiver,
  questions: readonly TracedQuestion[],
  ip: Ipv4 | undefined,
): void {
  const server = questions[0]?.server ?? '';
  const answer = ip === undefined ? 'no address' : formatIpv4(ip);
  const packet = {
    protocol: 'UDP',
    source: formatIpv4(netns.addresses[0] ?? 0),
    destination: server,
    destinationPort: 53,
    ttl: 64,
    length: 64,
  };
  const message = `looks up ${host}: ${questions.length} ${questions.length === 1 ? 'question' : 'questions'} to ${server}: ${answer}`;
  recorder.note({ kind: 'dns', message, packet }, netns);
}

type First = Pick<SentTrace, 'verdict' | 'backend' | 'server' | 'lostData' | 'httpStatus'>;
const NOWHERE = { backend: undefined, server: undefined, lostData: false, httpStatus: undefined } as const;

function sendFirst(
  spec: PacketTraceSpec,
  { netns }: Sender,
  to: { ip: Ipv4; port: number; host: string | undefined },
  recorder: StepRecorder,
): First {
  const { ip, port } = to;
  if (spec.protocol === 'ICMP') {
    const answer = ping(netns, ip, { recorder });
    recorder.finish();
    if (answer.state === 'answered')
      return { ...NOWHERE, verdict: 'Delivered', backend: formatIpv4(ip), server: recorder.servers[0]?.netns };
    return { ...NOWHERE, verdict: failedVerdict(answer.state === 'error' ? 'host unreachable' : 'timeout', recorder.drops.at(-1)?.reason) };
  }
  const protocol = spec.protocol ?? 'TCP';
  const outcome = connect(netns, ip, port, protocol, { recorder, sourcePort: spec.sourcePort });
  recorder.finish();
  if (outcome.state !== 'connected') {
    const outside = isPublic(ip) ? fabricLeftBy(netns, ip)?.internet : undefined;
    const answered = outside?.serve(ip, port, protocol, request(spec, to, undefined)) !== undefined;
    if (!answered) return { ...NOWHERE, verdict: failedVerdict(outcome.state, recorder.drops.at(-1)?.reason) };
    recorder.leftForInternet(netns, formatIpv4(ip));
    return { ...NOWHERE, verdict: 'Delivered', backend: `${formatIpv4(ip)}:${port}` };
  }
  return protocol === 'TCP' ? exchange(spec, to, outcome, recorder) : { ...NOWHERE, ...reached(outcome) };
}

type Connected = ConnectOutcome & { state: 'connected' };

function reached({ connection: { reply, server } }: Connected): Pick<First, 'verdict' | 'backend' | 'server'> {
  return { verdict: 'Delivered', backend: `${formatIpv4(reply.source)}:${reply.sourcePort}`, server };
}

/** The request and its answer, as long as they really are. With `spec.http` a proxy's own connection is followed too. */
function exchange(
  spec: PacketTraceSpec,
  to: { ip: Ipv4; port: number; host: string | undefined },
  connected: Connected,
  recorder: StepRecorder,
): First {
  const { connection, socket, peer } = connected;
  const { service } = socket;
  const tls = service.tls ?? false;
  const sent = transfer(connection, HTTP_HEAD, 'request');
  const answer = sent ? service.serve(socket.process, { ...request(spec, to, recorder), tls }, peer) : undefined;
  recorder.finish();
  const http = answer !== undefined && answer !== 'silent' && answer.kind === 'http' ? answer : undefined;
  const bytes = HTTP_HEAD + (http?.body.length ?? 0);
  const [, proxied] = recorder.servers;
  const behind = proxied && { backend: proxied.end, server: proxied.netns };
  const result = { ...reached(connected), ...behind, httpStatus: http?.status };
  if (!sent || !transfer(connection, bytes, 'reply')) {
    followData(connected, bytes, recorder);
    return { ...result, verdict: 'Timeout', lostData: true };
  }
  return { ...result, lostData: !transfer(connection, FULL_SEGMENT, 'reply') };
}

/** Sends the lost segment again, to see where it is lost. */
function followData({ connection }: Connected, bytes: number, recorder: StepRecorder): void {
  transfer(connection, bytes, 'reply', recorder);
  recorder.finish();
}

function request(
  { http }: PacketTraceSpec,
  { ip, host }: { ip: Ipv4; host: string | undefined },
  recorder: WalkRecorder | undefined,
): HttpRequest {
  return {
    kind: 'http',
    method: 'GET',
    path: http?.path ?? '/',
    host: http?.host ?? host ?? formatIpv4(ip),
    headers: [
      { name: 'User-Agent', value: 'curl/8.9.1' },
      { name: 'Accept', value: '*/*' },
    ],
    body: '',
    tls: false,
    ...(recorder && { recorder }),
  };
}

function failedVerdict(state: ConnectOutcome['state'], reason: DropReason | undefined): TraceVerdict {
  if (state === 'refused') return reason === 'rejected' ? 'Rejected' : 'Refused';
  if (reason === undefined) return state === 'timeout' ? 'Timeout' : 'Unreachable';
  return WALK_VERDICTS[reason] ?? (state === 'timeout' ? 'Dropped' : 'Unreachable');
}

/** One more connection: where it went, or its verdict. */
function sendAnother({ protocol = 'TCP', sourcePort }: PacketTraceSpec, { netns }: Sender, ip: Ipv4, port: number, number: number): string {
  let reason: DropReason | undefined;
  const recorder: WalkRecorder = {
    event: (event) => {
      if (event.kind === 'lost' || event.kind === 'leave') reason = event.reason ?? reason;
    },
  };
  if (protocol === 'ICMP') {
    const answer = ping(netns, ip, { sequence: number + 1, recorder });
    if (answer.state === 'answered') return formatIpv4(ip);
    return failedVerdict(answer.state === 'error' ? 'host unreachable' : 'timeout', reason);
  }
  const outcome = connect(netns, ip, port, protocol, { recorder, sourcePort: sourcePort && sourcePort + number });
  return outcome.state === 'connected' ? (reached(outcome).backend ?? '') : failedVerdict(outcome.state, reason);
}

/** The status's part that is the same whatever became of it. */
export function factsOf({ recorder, verdict, questions, backend, server, endpoints }: SentTrace, world: TraceWorld): PacketTraceStatus {
  const { hops } = recorder;
  const request = hops.filter(({ connection, reply }) => connection === 0 && reply !== true);
  const sum = (pick: 'comparisons' | 'lookups') => request.reduce((total, hop) => total + (hop[pick] ?? 0), 0);
  const sandbox = server && world.sandboxIn(server);
  return {
    verdict,
    ...(backend !== undefined && { backend }),
    ...(sandbox && { backendPod: `${sandbox.config.podNamespace}/${sandbox.config.podName}` }),
    ...(questions.length > 0 && { questions: [...questions] }),
    comparisons: sum('comparisons'),
    lookups: sum('lookups'),
    hops,
    endpoints,
  };
}
