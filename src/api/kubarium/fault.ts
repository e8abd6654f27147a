/**
 * The kind Fault: something that goes wrong, at or from a moment of the scenario. Times are durations since the
 * scenario's start ("5s", "10m"); a Fault without any acts at once. Deleting a Fault that lasts ends it.
 */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { integer, kindFacts, list, must, object, text, time } from './facts.ts';
import { isDuration } from './durations.ts';
import type { DescribedTypes } from './facts.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Time } from '../generated/types.ts';

/** All kinds of fault. */
export const FAULT_KINDS = [
  'ClockSkew',
  'ComponentStopped',
  'ConntrackFull',
  'ForwardingOff',
  'ImageRegistryDown',
  'LinkDown',
  'MtuTooSmall',
  'NodeDown',
  'NodeUp',
  'PacketLoss',
  'Partition',
  'PodDeleted',
  'ProbeFlap',
  'ProcessExit',
  'ReversePathFilter',
  'RouteMissing',
] as const;

/** What goes wrong. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which pods a fault meets. */
export interface FaultPodSelector {
  /** Default "default". */
  namespace?: string;
  name?: string;
  /** A label selector in text form: "app=web". */
  selector?: string;
  /** Default: the first container. */
  container?: string;
  /** At most so many pods, in the order of their names. Default: all. */
  count?: number;
}

/** What should go wrong, where and when. */
export interface FaultSpec {
  kind: FaultKind;
  /** NodeDown, NodeUp, LinkDown, ClockSkew, ProcessExit, ImageRegistryDown: the node. */
  node?: string;
  /** Partition, NodeDown, NodeUp: all nodes of this zone. */
  zone?: string;
  /** Partition: the nodes on one side of the cut, by name. */
  nodes?: string[];
  /** ComponentStopped: "kube-apiserver", "kube-scheduler", "kubelet" or "kube-proxy" (with `node`) ... */
  components?: string[];
  /** ProcessExit, ProbeFlap, PodDeleted: whose processes or probes, or which pods. */
  pod?: FaultPodSelector;
  /** ProcessExit. Default 1. */
  exitCode?: number;
  /** ProcessExit: ended by this signal instead, e.g. 9. */
  signal?: number;
  /** ImageRegistryDown: host of the registry. Default: all. */
  registry?: string;
  /** LinkDown, PacketLoss: the interface on the node. Default "eth0". */
  interface?: string;
  /** PacketLoss: how many of a hundred packets that the interface sends are lost. Default 50. */
  percent?: number;
  /** MtuTooSmall: the longest IP packet that the LAN passes. Default 1450, too short for full VXLAN packets. */
  mtu?: number;
  /** RouteMissing: "10.244.2.0/24". Default: all routes of the node to pods of others. */
  route?: string;
  /** ConntrackFull: the new nf_conntrack_max. Default: as many connections as there are. */
  max?: number;
  /** ClockSkew: how far the node's clock is ahead ("30s", "-2m"). */
  skew?: string;
  /** ProbeFlap: how long the probe fails, then succeeds, in turn. Default "10s". */
  period?: string;
  /** The moment of a fault without duration. */
  at?: string;
  /** Begin and end of a fault that lasts; without `to` it lasts until the Fault is deleted. */
  from?: string;
  to?: string;
}

/** What became of it. */
export interface FaultStatus {
  phase?: 'Pending' | 'Active' | 'Done' | 'Failed';
  message?: string;
  startTime?: Time;
  endTime?: Time;
  /** Objects it met: "node/node-1", "pod/default/web-1". */
  affected?: string[];
}

/** kubarium.dev/v1alpha1 Fault. */
export interface Fault extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'Fault';
  spec: FaultSpec;
  status?: FaultStatus;
}

/** The field table of Fault. */
export const faultTypes: DescribedTypes = {
  'kubarium.v1alpha1.Fault': kindFacts('Fault', { spec: true, status: true }),
  'kubarium.v1alpha1.FaultSpec': {
    kind: must(text('What goes wrong.', FAULT_KINDS)),
    node: text('The node it happens on.'),
    zone: text('All nodes of this zone.'),
    nodes: list(text(''), 'The nodes on one side of a partition.'),
    components: list(text(''), 'ComponentStopped: names such as "kube-apiserver" or "kubelet".'),
    pod: object('FaultPodSelector', 'Which pods it meets.'),
    exitCode: integer('ProcessExit: exit code, default 1.'),
    signal: integer('ProcessExit: ended by this signal instead.'),
    registry: text('ImageRegistryDown: host of the registry; default all.'),
    interface: text('LinkDown, PacketLoss: interface on the node; default eth0.'),
    percent: integer('PacketLoss: how many of a hundred packets are lost; default 50.'),
    mtu: integer('MtuTooSmall: longest IP packet that the LAN passes; default 1450.'),
    route: text('RouteMissing: the network, e.g. 10.244.2.0/24; default all routes to pods of other nodes.'),
    max: integer('ConntrackFull: the new nf_conntrack_max; default the connections that there are.'),
    skew: text("ClockSkew: how far the node's clock is ahead, e.g. 30s or -2m."),
    period: text('ProbeFlap: how long probes fail and succeed in turn; default 10s.'),
    at: text("Moment after the scenario's start, e.g. 30s."),
    from: text("Begin after the scenario's start."),
    to: text("End after the scenario's start."),
  },
  'kubarium.v1alpha1.FaultPodSelector': {
    namespace: text('Namespace; default "default".'),
    name: text('Name of one pod.'),
    selector: text('Label selector, e.g. app=web.'),
    container: text('Container; default the first.'),
    count: integer('At most so many pods.'),
  },
  'kubarium.v1alpha1.FaultStatus': {
    phase: text('How far it got.', ['Pending', 'Active', 'Done', 'Failed']),
    message: text('What happened.'),
    startTime: time('When it began.'),
    endTime: time('When it ended.'),
    affected: list(text(''), 'Objects it met.'),
  },
};

/** Kinds that happen to nodes. */
const ON_NODES: readonly FaultKind[] = [
  'ConntrackFull',
  'ForwardingOff',
  'LinkDown',
  'NodeDown',
  'NodeUp',
  'PacketLoss',
  'Partition',
  'ReversePathFilter',
  'RouteMissing',
];
const DURATIONS = ['at', 'from', 'to', 'skew', 'period'] as const;

function validate({ spec }: Fault): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.kind) return [required('spec.kind')];
  if (!FAULT_KINDS.includes(spec.kind)) return [notSupported('spec.kind', spec.kind, FAULT_KINDS)];
  const onNode = spec.node ?? spec.zone ?? spec.nodes;
  if (ON_NODES.includes(spec.kind) && onNode === undefined) {
    errors.push(required('spec.node', `${spec.kind} needs spec.node, spec.nodes or spec.zone`));
  }
  if (spec.kind === 'ComponentStopped' && !spec.components?.length) errors.push(required('spec.components'));
  if (['ProcessExit', 'ProbeFlap', 'PodDeleted'].includes(spec.kind) && spec.pod === undefined) errors.push(required('spec.pod'));
  if (spec.percent !== undefined && (spec.percent < 0 || spec.percent > 100))
    errors.push(invalidValue('spec.percent', spec.percent, 'must be between 0 and 100'));
  if (spec.kind === 'ClockSkew' && spec.skew === undefined) errors.push(required('spec.skew'));
  for (const field of DURATIONS) {
    const value = spec[field];
    if (value !== undefined && !isDuration(value))
      errors.push(invalidValue(`spec.${field}`, value, 'must be a duration, e.g. "30s" or "5m"'));
  }
  return errors;
}

function targetOf({ spec }: Fault): string {
  if (spec.components) return spec.components.join(',');
  if (spec.pod) return spec.pod.name ?? spec.pod.selector ?? '<all>';
  return spec.node ?? spec.nodes?.join(',') ?? (spec.zone ? `zone=${spec.zone}` : (spec.registry ?? ''));
}

/** kubarium.dev/v1alpha1 Fault. */
export const FaultResource = defineResource<Fault>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'Fault',
  plural: 'faults',
  shortNames: ['flt'],
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.Fault',
  subresources: { status: true },
  defaults: withSpec,
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Kind', value: ({ spec }) => spec.kind },
    { name: 'Target', value: targetOf },
    { name: 'From', value: ({ spec }) => spec.at ?? spec.from ?? '' },
    { name: 'To', value: ({ spec }) => spec.to ?? '' },
    { name: 'Phase', value: ({ status }) => status?.phase ?? 'Pending' },
    { name: 'Age', value: ({ metadata }, now) => humanDuration(now - parseTime(metadata.creationTimestamp)) },
    { name: 'Message', priority: 1, value: ({ status }) => status?.message ?? '' },
  ],
});
