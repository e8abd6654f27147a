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
}

/** One comparison with a rule of a chain. */
export interface PacketTraceRule {
  table: string;
  chain: string;
  /** Place in the chain, from 1; 0 for the chain's policy. */
  number: number;
  /** The rule as the node tool prints it. */
  text: string;
  matched: boolean;
  /** "ACCEPT", "DNAT", "jump KUBE-SVC-…", "RETURN" ... */
  target?: string;
}

/** One step of the packet. */
export interface PacketTraceHop {
  /** Connection this belongs to, from 0, and whether it is the answer. */
  connection: number;
  reply?: boolean;
  /** The machine and the network namespace: node-1, "default/web-1" or "". */
  node: string;
  netns: string;
  /** "link", "route", "netfilter", "conntrack", "ipvs", "tunnel", "neighbour", "socket" ... */
  layer: string;
  /** One sentence on what happened, as facts. */
  message: string;
  interface?: string;
  /** netfilter hook: PREROUTING, FORWARD ... */
  hook?: string;
  source: string;
  destination: string;
  rules?: PacketTraceRule[];
  /** Comparisons of rules or hash look-ups at this hop. */
  comparisons?: number;
}

/** What became of the packets. */
export interface PacketTraceStatus {
  phase?: 'Pending' | 'Running' | 'Done' | 'Failed';
  /** "Delivered", "Dropped", "Rejected", "NoRoute", "Refused", "Timeout" of the first connection. */
  verdict?: string;
  message?: string;
  /** Comparisons in total over all hops. */
  comparisons?: number;
  hops?: PacketTraceHop[];
  /** How many connections each end point got: "10.244.1.5:80" -> 3. */
  endpoints?: Record<string, number>;
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
    comparisons: integer('Comparisons over all hops.'),
    hops: list(anything(''), 'Every step, in order.'),
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
  // Differs: a PacketTrace is stored only; no packet is sent for it.
  notSimulated: ['spec'],
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
