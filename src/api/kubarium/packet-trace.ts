/**
 * The kind PacketTrace: sends packets from one place to another and records, hop by hop, which rules they met. The
 * status holds facts only; what they look like is the reader's business.
 */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { isInRange, isPortNumber } from '../../apimachinery/names.ts';
import { anything, flag, integer, kindFacts, list, map, must, object, text } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** One end of a trace: exactly one of its ways to say where. */
export interface PacketTraceEnd {
  /** A pod of the trace's namespace, or "namespace/name". */
  pod?: string;
  /** A Service of the trace's namespace, or "namespace/name"; only as destination. */
  service?: string;
  node?: string;
  /** An address, inside or outside the cluster. */
  ip?: string;
  /** A host name, looked up through the source's resolver first. */
  host?: string;
  /** Outside the cluster: a client on the internet; only as source. */
  external?: boolean;
}

/** What to send. */
export interface PacketTraceSpec {
  from: PacketTraceEnd;
  to: PacketTraceEnd;
  /** Destination port; 0 for ICMP. */
  port?: number;
  /** Default TCP. */
  protocol?: 'TCP' | 'UDP' | 'ICMP';
  /** How many connections, to see where a Service sends each. Default 1, at most 1000. */
  count?: number;
  /** Source port of the first packet; the next ones count up. Default: the kernel chooses. */
  sourcePort?: number;
  /** Proxy modes to show the same packet under, beside the cluster's own. */
  compare?: ('iptables' | 'ipvs' | 'nftables')[];
  /** For an Ingress: host and path of the HTTP request that is sent. */
  http?: { host?: string; path?: string };
}

/** A packet as it is at one place. */
export interface TracedPacket {
  /** "TCP", "UDP", "ICMP", "IPIP". */
  protocol: string;
  /** "10.244.1.5" */
  source: string;
  sourcePort?: number;
  destination: string;
  destinationPort?: number;
  ttl: number;
  /** Firewall mark, "0x4000"; absent when 0. */
  mark?: string;
  /** IP bytes. */
  length: number;
  /** TCP flags: "S", "SA", "A". */
  flags?: string;
}

/** One comparison with a rule of a chain, or a run of comparisons that all failed. */
export interface PacketTraceRule {
  table: string;
  chain: string;
  /** Place in the chain, from 1; 0 for the chain's policy. */
  number: number;
  /** How many rules from `number` on were compared in vain; then there is no text. */
  skipped?: number;
  /** The rule as iptables-save prints it, without "-A CHAIN". */
  text?: string;
  matched: boolean;
  /** "ACCEPT", "DNAT", "jump KUBE-SVC-…", "RETURN", "policy ACCEPT" ... */
  target?: string;
  /** The object that the rule was written for, as far as its comment tells. */
  owner?: TraceOwner;
}

/** An object of the cluster that is behind a rule, a virtual server or a drop. */
export interface TraceOwner {
  kind: string;
  namespace?: string;
  name: string;
}

/** An entry of the table of connections. */
export interface TracedConnection {
  /** "NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED" */
  state: string;
  /** "10.244.1.5:40000 → 10.96.0.10:53" */
  original?: string;
  reply?: string;
  /** "DNAT", "SNAT" bindings. */
  bindings?: string[];
}

/** What kind of thing a step is; the picture draws each its own way. */
export type TraceStepKind =
  | 'dns'
  | 'send'
  | 'device'
  | 'bridge'
  | 'route'
  | 'neighbour'
  | 'hook'
  | 'ipvs'
  | 'encapsulate'
  | 'decapsulate'
  | 'network'
  | 'socket'
  | 'proxy'
  | 'drop';

/** One step of a packet. */
export interface PacketTraceHop {
  kind: TraceStepKind;
  /** Connection that this belongs to, from 0, and whether it is the way of the answer. */
  connection: number;
  reply?: boolean;
  /** The machine; "" on the wire between machines and outside. */
  node: string;
  /** "pod default/web-1", "host", "external client". */
  place: string;
  /** "eth0", "veth1a2b3c4d", "cni0", "flannel.1". */
  device?: string;
  /** With `hook`: PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING. */
  hook?: string;
  /** One sentence of facts, in English: "routed by 10.244.2.0/24 via 172.18.0.3 dev eth0". */
  message: string;
  /** As it arrived here; `after` only when it left differently. */
  packet: TracedPacket;
  after?: TracedPacket;
  /** The packet around it, inside of a tunnel. */
  outer?: TracedPacket;
  /** With `hook`: every rule that was compared, in the kernel's order. */
  rules?: PacketTraceRule[];
  conntrack?: TracedConnection;
  /** Comparisons of rules, and look-ups in hash tables (sets, virtual servers, verdict maps), at this step. */
  comparisons?: number;
  lookups?: number;
  /** With `ipvs`: the virtual server, its scheduler and the real servers that there were, the chosen one first. */
  ipvs?: { service: string; scheduler: string; servers: string[]; chosen?: string };
}

/** A question to DNS and what came back, before the first packet. */
export interface TracedQuestion {
  /** "web.default.svc.cluster.local." */
  name: string;
  type: string;
  server: string;
  /** "NOERROR", "NXDOMAIN", "SERVFAIL", "timeout" */
  result: string;
  answers: string[];
}

/** The same packet under another proxy mode, at the node where a Service's address is translated. Model costs, no times. */
export interface TraceComparison {
  mode: 'iptables' | 'ipvs' | 'nftables';
  comparisons: number;
  lookups: number;
  /** What it met, as `PacketTraceHop` of kinds hook and ipvs. */
  hops: PacketTraceHop[];
}

/** What became of the packets. */
export interface PacketTraceStatus {
  phase?: 'Pending' | 'Running' | 'Done' | 'Failed';
  /** "Delivered", "Dropped", "Rejected", "Unreachable", "Refused", "Timeout", "NoSuchHost" of the first connection. */
  verdict?: string;
  /** Why, in a sentence. */
  message?: string;
  /** With a failure: the object that is to blame, and the shortest repair. */
  blame?: TraceOwner;
  repair?: string;
  /** Where the first packet really went: "10.244.2.7:80", and the pod there. */
  backend?: string;
  backendPod?: string;
  questions?: TracedQuestion[];
  /** Comparisons and look-ups over all steps of the first connection's request. */
  comparisons?: number;
  lookups?: number;
  /** Every step of the first connection, request and then reply. */
  hops?: PacketTraceHop[];
  /** With spec.compare: the other modes. */
  compared?: TraceComparison[];
  /** How many connections each end point got: "10.244.1.5:80" -> 3; failures under their verdict. */
  endpoints?: Record<string, number>;
  /** Proxy mode of the node where the packet began, and the network add-on. */
  proxyMode?: string;
  cni?: string;
}

/** kubarium.dev/v1alpha1 PacketTrace. */
export interface PacketTrace extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'PacketTrace';
  spec: PacketTraceSpec;
  status?: PacketTraceStatus;
}

/** The field table of PacketTrace. */
export const packetTraceTypes: DescribedTypes = {
  'kubarium.v1alpha1.PacketTrace': kindFacts('PacketTrace', { spec: true, status: true }),
  'kubarium.v1alpha1.PacketTraceSpec': {
    from: must(object('PacketTraceEnd', 'Who sends.')),
    to: must(object('PacketTraceEnd', 'Who receives.')),
    port: integer('Destination port.'),
    protocol: text('Default TCP.', ['ICMP', 'TCP', 'UDP']),
    count: integer('How many connections; default 1.'),
    sourcePort: integer('Source port of the first connection.'),
    compare: list(text('', ['iptables', 'ipvs', 'nftables']), 'Proxy modes to show the same packet under.'),
    http: object('PacketTraceHttp', 'The HTTP request that is sent.'),
  },
  'kubarium.v1alpha1.PacketTraceHttp': {
    host: text('Host header; default: the destination.'),
    path: text('Path; default "/".'),
  },
  'kubarium.v1alpha1.PacketTraceEnd': {
    pod: text('Pod, name or namespace/name.'),
    service: text('Service, name or namespace/name.'),
    node: text('Node.'),
    ip: text('Address.'),
    host: text('Host name, looked up first.'),
    external: flag('A client outside the cluster.'),
  },
  'kubarium.v1alpha1.PacketTraceStatus': {
    phase: text('How far it got.', ['Pending', 'Running', 'Done', 'Failed']),
    verdict: text('What became of the first connection.'),
    message: text('Why.'),
    blame: anything('The object that is to blame for a failure.'),
    repair: text('The shortest repair of a failure.'),
    backend: text('Where the first packet really went.'),
    backendPod: text('The pod there.'),
    questions: list(anything(''), 'Questions to DNS before the first packet.'),
    comparisons: integer('Comparisons over all steps.'),
    lookups: integer('Look-ups in hash tables over all steps.'),
    hops: list(anything(''), 'Every step, in order.'),
    compared: list(anything(''), 'The same packet under other proxy modes.'),
    proxyMode: text('Proxy mode of the node where the packet began.'),
    cni: text('The network add-on.'),
    endpoints: map(integer(''), 'How many connections each endpoint got.'),
  },
};

function validateEnd(end: PacketTraceEnd | undefined, path: string): FieldError[] {
  const named = end ? Object.values(end).filter((value) => value !== undefined && value !== '' && value !== false).length : 0;
  if (named === 0) return [required(path, 'name a pod, service, node, ip, host or external')];
  return named > 1 ? [invalidValue(path, end, 'may not name more than one place')] : [];
}

function validate({ spec }: PacketTrace): FieldError[] {
  const errors = [...validateEnd(spec.from, 'spec.from'), ...validateEnd(spec.to, 'spec.to')];
  const protocols = ['ICMP', 'TCP', 'UDP'];
  if (spec.protocol !== undefined && !protocols.includes(spec.protocol))
    errors.push(notSupported('spec.protocol', spec.protocol, protocols));
  if (spec.port !== undefined && spec.protocol !== 'ICMP') {
    for (const message of isPortNumber(spec.port)) errors.push(invalidValue('spec.port', spec.port, message));
  }
  if (spec.count !== undefined)
    for (const message of isInRange(spec.count, 1, 1000)) errors.push(invalidValue('spec.count', spec.count, message));
  return errors;
}

const endText = (end: PacketTraceEnd): string =>
  end.pod ??
  (end.service ? `svc/${end.service}` : undefined) ??
  (end.node ? `node/${end.node}` : undefined) ??
  end.ip ??
  end.host ??
  'external';

/** kubarium.dev/v1alpha1 PacketTrace. */
export const PacketTraceResource = defineResource<PacketTrace>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'PacketTrace',
  plural: 'packettraces',
  shortNames: ['trace'],
  categories: ['kubarium'],
  namespaced: true,
  schema: 'kubarium.v1alpha1.PacketTrace',
  subresources: { status: true },
  defaults: withSpec,
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'From', value: ({ spec }) => endText(spec.from) },
    { name: 'To', value: ({ spec }) => `${endText(spec.to)}${spec.port ? `:${spec.port}` : ''}` },
    { name: 'Protocol', value: ({ spec }) => spec.protocol ?? 'TCP' },
    { name: 'Verdict', value: ({ status }) => status?.verdict ?? status?.phase ?? 'Pending' },
    { name: 'Hops', type: 'integer', value: ({ status }) => status?.hops?.length ?? 0 },
    { name: 'Comparisons', type: 'integer', value: ({ status }) => status?.comparisons ?? 0 },
    { name: 'Age', value: ({ metadata }, now) => humanDuration(now - parseTime(metadata.creationTimestamp)) },
  ],
});
