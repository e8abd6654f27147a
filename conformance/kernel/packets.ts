/** Sends a case's packets through the built network, and sums up what happened in the form of fixtures/oracle/normalize.mjs. */
import { connect, type ConnectOutcome } from '../../src/linux/net/connect.ts';
import { formatIpv4 } from '../../src/linux/net/ipv4.ts';
import { netfilterOf } from '../../src/linux/net/netfilter-of.ts';
import { type TracedPacket, type TracePoint, type Visit, WalkTrace } from '../../src/linux/net/walk-trace.ts';
import { type KernelCase, type PacketPlan, textOf } from './case.ts';
import { ip, type Network } from './network.ts';

interface VisitText {
  readonly node: string;
  readonly from: string | null;
  readonly end: string;
  readonly out: string | null;
  readonly enters?: string;
  readonly leaves: string;
  readonly steps: readonly string[];
}

interface PathText {
  readonly request: readonly VisitText[];
  readonly reply: readonly VisitText[];
  readonly encapsulated?: readonly string[];
}

/** What the judge compares of one packet. */
export interface PacketResult {
  readonly outcome: readonly string[];
  readonly answeredBy: readonly string[];
  readonly sourceSeen: readonly string[];
  readonly paths: Readonly<Record<string, readonly PathText[]>>;
}

const FIRST_SOURCE_PORT = 20_001;
const OUTCOMES: Readonly<Record<ConnectOutcome['state'], string>> = {
  connected: 'answered',
  refused: 'refused',
  timeout: 'timeout',
  'host unreachable': 'unreachable',
  'network unreachable': 'unreachable',
};

/** All packets of a case, by id. */
export function runPackets({ packets }: KernelCase, network: Network): Record<string, PacketResult> {
  const results: Record<string, PacketResult> = {};
  let nextPort = FIRST_SOURCE_PORT;
  for (const packet of packets) {
    const connections = packet.connections ?? 1;
    results[packet.id] = runPacket(packet, network, packet.sourcePort ?? nextPort);
    nextPort += connections;
  }
  return results;
}

function runPacket(plan: PacketPlan, network: Network, firstPort: number): PacketResult {
  const netns = network.senders.get(plan.from);
  if (netns === undefined) throw new Error(`no such sender ${plan.from}`);
  act(plan, network);
  const { connections = 1, trace = 1, gapMs = 0 } = plan;
  const sets = { outcome: new Set<string>(), answeredBy: new Set<string>(), sourceSeen: new Set<string>() };
  const paths: Record<string, PathText[]> = {};
  for (let i = 0; i < connections; i++) {
    const recorder = i < trace ? new WalkTrace() : undefined;
    const source = plan.sourceIP === undefined ? undefined : ip(plan.sourceIP);
    const protocol = plan.protocol === 'udp' ? 'UDP' : 'TCP';
    const outcome = connect(netns, ip(plan.to), plan.port, protocol, { recorder, source, sourcePort: firstPort + i });
    const text = OUTCOMES[outcome.state];
    sets.outcome.add(text);
    const pod = outcome.state === 'connected' ? outcome.socket.process.argv[0] : undefined;
    if (pod !== undefined) sets.answeredBy.add(pod);
    if (outcome.state === 'connected') sets.sourceSeen.add(formatIpv4(outcome.peer.ip));
    if (recorder !== undefined) addPath((paths[pod ?? text] ??= []), pathOf(recorder.packets, network));
    if (gapMs > 0) network.sim.runUntil(network.sim.now + gapMs);
  }
  const sorted = (set: Set<string>) => [...set].sort();
  return { outcome: sorted(sets.outcome), answeredBy: sorted(sets.answeredBy), sourceSeen: sorted(sets.sourceSeen), paths };
}

function act({ action }: PacketPlan, { sim, nodes }: Network): void {
  if (action === undefined) return;
  if (action.sleepMs !== undefined) sim.runUntil(sim.now + action.sleepMs);
  for (const [node, text] of Object.entries(action.iptables ?? {})) {
    const netns = nodes.get(node);
    if (netns !== undefined) netfilterOf(netns).restore(textOf(text), { noflush: action.noflush ?? false });
  }
  if (action.conntrackFlush) for (const netns of nodes.values()) netns.netfilter?.conntrack.flush();
}

function addPath(list: PathText[], path: PathText): void {
  if (!list.some((other) => JSON.stringify(other) === JSON.stringify(path))) list.push(path);
}

/** Only visits of nodes are traced in the kernel. ICMP errors are not. */
function pathOf(packets: readonly TracedPacket[], { nodes }: Network): PathText {
  const onNodes = ({ node, netns, points }: Visit) => nodes.has(node) && netns === 'host' && points.length > 0;
  const of = (role: TracedPacket['role']) =>
    packets.filter((packet) => packet.role === role).flatMap(({ visits }) => visits.filter(onNodes));
  const inner = (visit: Visit) => !visit.outer;
  const encapsulated = new Set<string>();
  for (const visit of [...of('request'), ...of('reply')]) {
    const point = visit.points[0];
    if (!visit.outer || point?.hook !== 'OUTPUT') continue;
    const { protocol, source, destination, destinationPort } = point.packet;
    encapsulated.add(`${visit.node}: ${protocol} ${source} -> ${destination}:${destinationPort}`);
  }
  const request = of('request').filter(inner).map(requestText);
  const reply = [...of('reply'), ...of('error').filter(isReset)].filter(inner).map(replyText);
  return { request, reply, ...(encapsulated.size > 0 && { encapsulated: [...encapsulated] }) };
}

const isReset = ({ points }: Visit): boolean => points[0]?.packet.protocol === 'TCP';

function requestText(visit: Visit): VisitText {
  const [first, last] = ends(visit);
  const enters = `${first.packet.source} -> ${first.packet.destination}:${first.packet.destinationPort}`;
  const leaves = `${last.packet.source} -> ${last.packet.destination}:${last.packet.destinationPort}`;
  return { ...common(visit, first, last), enters, leaves, steps: visit.steps.filter(isShown).map(stepText) };
}

function replyText(visit: Visit): VisitText {
  const [first, last] = ends(visit);
  const leaves = `${last.packet.source}:${last.packet.sourcePort} -> ${last.packet.destination}`;
  return { ...common(visit, first, last), leaves, steps: visit.steps.filter(isShown).map(stepText) };
}

/** Where the kernel's trace looks at the packet: once before its first hook, then after each. */
function ends({ points }: Visit): [TracePoint, TracePoint] {
  const seen = points.filter(({ phase }, index) => index === 0 || phase === 'after');
  return [seen[0] as TracePoint, seen.at(-1) as TracePoint];
}

function common({ node, end, reason, output, input }: Visit, first: TracePoint, last: TracePoint) {
  const isNetfilters = end === 'REJECT' || reason === 'netfilter';
  const text = end === 'SENT' || end === 'LOCAL' ? end : isNetfilters ? (end ?? 'DROP') : `LOST after ${last.hook}`;
  return { node, from: first.hook === 'OUTPUT' ? 'local' : (input ?? null), end: text, out: end === 'SENT' ? (output ?? null) : null };
}

const isShown = ({ rule, action, matched }: Visit['steps'][number]): boolean => matched && (rule > 0 || action === 'DROP');

function stepText({ table, chain, rule, text, action }: Visit['steps'][number]): string {
  const target = / -[jg] (\S+)/.exec(text)?.[1];
  return `${table}/${chain}#${rule === 0 ? 'policy' : rule} ${target ?? (action || 'CONTINUE')}`;
}
