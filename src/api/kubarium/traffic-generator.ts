/**
 * The kind TrafficGenerator: sends requests from one place to another at a rate, for as long as it exists. The requests
 * travel through the cluster's network as those of any program; now and then one of them becomes a PacketTrace.
 */
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { isInRange, isPortNumber } from '../../apimachinery/names.ts';
import { withSpec } from '../defaulting.ts';
import { defineResource } from '../resource.ts';
import { flag, integer, kindFacts, list, map, must, object, text, time } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { Time } from '../generated/types.ts';

/** Who sends: one of these. */
export interface TrafficSource {
  /** A pod of the generator's namespace, or "namespace/name". */
  pod?: string;
  /** All running pods with these labels in the generator's namespace, in turn: "app=client". */
  selector?: string;
  node?: string;
  /** A client outside of the cluster. */
  external?: boolean;
}

/** Who receives: one of these. */
export interface TrafficTarget {
  /** A Service of the generator's namespace, or "namespace/name", by its cluster address. */
  service?: string;
  /** A host name, looked up for every request. */
  host?: string;
  ip?: string;
  node?: string;
}

/** What to send, and how often. */
export interface TrafficGeneratorSpec {
  from: TrafficSource;
  to: TrafficTarget;
  /** Default: the Service's first port, else 80. */
  port?: number;
  /** Path of the HTTP request. Default "/". */
  path?: string;
  /** Host header. Default: the destination. */
  httpHost?: string;
  /** Requests a second. Default 1, at most 10,000. */
  rate?: number;
  paused?: boolean;
  /** Every nth request becomes a PacketTrace, at most one a second; 0: none. The last 10 are kept. */
  sample?: number;
}

/** What came of it, since the generator was made. */
export interface TrafficGeneratorStatus {
  sent?: number;
  /** With any answer. */
  answered?: number;
  failed?: number;
  /** Requests by who took them: "10.244.1.5:80". */
  byBackend?: Record<string, number>;
  /** Answers by HTTP status, failures by what the client saw: "200", "refused". */
  byResult?: Record<string, number>;
  /** What the client saw when it last failed. */
  lastError?: string;
  lastErrorTime?: Time;
  /** Names of the latest samples, newest last. */
  traces?: string[];
}

/** kubarium.dev/v1alpha1 TrafficGenerator. */
export interface TrafficGenerator extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'TrafficGenerator';
  spec: TrafficGeneratorSpec;
  status?: TrafficGeneratorStatus;
}

/** The field table of TrafficGenerator. */
export const trafficGeneratorTypes: DescribedTypes = {
  'kubarium.v1alpha1.TrafficGenerator': kindFacts('TrafficGenerator', { spec: true, status: true }),
  'kubarium.v1alpha1.TrafficGeneratorSpec': {
    from: must(object('TrafficSource', 'Who sends.')),
    to: must(object('TrafficTarget', 'Who receives.')),
    port: integer("Port; default the Service's first, else 80."),
    path: text('Path of the HTTP request; default "/".'),
    httpHost: text('Host header; default the destination.'),
    rate: integer('Requests a second; default 1.'),
    paused: flag('Whether to stop for now.'),
    sample: integer('Every nth request becomes a PacketTrace; 0: none.'),
  },
  'kubarium.v1alpha1.TrafficSource': {
    pod: text('Pod, name or namespace/name.'),
    selector: text('Label selector of pods, e.g. app=client.'),
    node: text('Node.'),
    external: flag('A client outside the cluster.'),
  },
  'kubarium.v1alpha1.TrafficTarget': {
    service: text('Service, name or namespace/name.'),
    host: text('Host name, looked up for every request.'),
    ip: text('Address.'),
    node: text('Node.'),
  },
  'kubarium.v1alpha1.TrafficGeneratorStatus': {
    sent: integer('Requests sent.'),
    answered: integer('Requests with an answer.'),
    failed: integer('Requests without an answer.'),
    byBackend: map(integer(''), 'Requests by who took them.'),
    byResult: map(integer(''), 'Requests by HTTP status or failure.'),
    lastError: text('What the client saw when it last failed.'),
    lastErrorTime: time('When it last failed.'),
    traces: list(text(''), 'Names of the latest samples.'),
  },
};

const MAX_RATE = 10_000;

function oneOf(value: object | undefined, path: string, names: string): FieldError[] {
  const named = Object.values(value ?? {}).filter((each) => each !== undefined && each !== '' && each !== false).length;
  if (named === 0) return [required(path, `name a ${names}`)];
  return named > 1 ? [invalidValue(path, value, 'may not name more than one place')] : [];
}

function validate({ spec }: TrafficGenerator): FieldError[] {
  const errors = [
    ...oneOf(spec.from, 'spec.from', 'pod, selector, node or external'),
    ...oneOf(spec.to, 'spec.to', 'service, host, ip or node'),
  ];
  if (spec.port !== undefined) for (const message of isPortNumber(spec.port)) errors.push(invalidValue('spec.port', spec.port, message));
  if (spec.rate !== undefined)
    for (const message of isInRange(spec.rate, 0, MAX_RATE)) errors.push(invalidValue('spec.rate', spec.rate, message));
  if (spec.sample !== undefined && spec.sample < 0) errors.push(invalidValue('spec.sample', spec.sample, 'must be 0 or more'));
  if (spec.path !== undefined && !spec.path.startsWith('/')) errors.push(invalidValue('spec.path', spec.path, 'must begin with "/"'));
  return errors;
}

const sourceText = ({ pod, selector, node }: TrafficSource): string =>
  pod ?? selector ?? (node === undefined ? 'external' : `node/${node}`);
const targetText = ({ service, host, ip, node }: TrafficTarget): string =>
  service === undefined ? (host ?? ip ?? `node/${node ?? ''}`) : `svc/${service}`;

/** kubarium.dev/v1alpha1 TrafficGenerator. */
export const TrafficGeneratorResource = defineResource<TrafficGenerator>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'TrafficGenerator',
  plural: 'trafficgenerators',
  shortNames: ['traffic'],
  categories: ['kubarium'],
  namespaced: true,
  schema: 'kubarium.v1alpha1.TrafficGenerator',
  subresources: { status: true },
  defaults: withSpec,
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'From', value: ({ spec }) => sourceText(spec.from) },
    { name: 'To', value: ({ spec }) => `${targetText(spec.to)}${spec.port ? `:${spec.port}` : ''}` },
    { name: 'Rate', type: 'integer', value: ({ spec }) => (spec.paused ? 0 : (spec.rate ?? 1)) },
    { name: 'Sent', type: 'integer', value: ({ status }) => status?.sent ?? 0 },
    { name: 'Failed', type: 'integer', value: ({ status }) => status?.failed ?? 0 },
    { name: 'Age', value: ({ metadata }, now) => humanDuration(now - parseTime(metadata.creationTimestamp)) },
    { name: 'Last Error', priority: 1, value: ({ status }) => status?.lastError ?? '' },
  ],
});
