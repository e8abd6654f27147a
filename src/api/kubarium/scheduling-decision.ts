/**
 * SchedulingDecision (kubarium.dev/v1alpha1): one attempt of the scheduler to place one pod, and why it ended as it did.
 * Written by the scheduler, never changed afterwards, in the pod's namespace. Scores are kept by plugin, as columns over
 * the same list of nodes; equal columns are shared between decisions, which keeps a decision small.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { defineResource } from '../resource.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { integer, kindFacts, list, must, object, text } from './facts.ts';
import type { DescribedTypes } from './facts.ts';

/** Label with the uid of the pod that a decision is about. */
export const DECISION_POD_UID_LABEL = 'kubarium.dev/pod-uid';
/** Annotation on a pod ("true") whose decisions are recorded even when recording is reduced. */
export const RECORD_ANNOTATION = 'kubarium.dev/record-scheduling';

/** Which pod, which attempt. */
export interface SchedulingDecisionSpec {
  podRef: { name: string; namespace: string; uid: string };
  /** 1 for the first attempt. */
  attempt: number;
  /** The `schedulerName` of the profile that decided. */
  profile: string;
}

/** The scores that one plugin gave; both columns run over `status.nodes`. */
export interface PluginScores {
  plugin: string;
  weight: number;
  /** As the plugin computed them. */
  raw: readonly number[];
  /** 0 to 100, before the weight. The same list as `raw` where the plugin does not normalise. */
  normalized: readonly number[];
}

/** Amounts that made NodeResourcesFit refuse a node: requested > capacity - used. cpu in thousandths, others in units. */
export interface InsufficientDetail {
  node: string;
  resource: string;
  requested: number;
  used: number;
  capacity: number;
}

/** Nodes that one plugin refused for the same reasons. */
export interface Rejection {
  plugin: string;
  /** "Unschedulable": eviction of other pods may help; "UnschedulableAndUnresolvable": it cannot. */
  code: string;
  reasons: readonly string[];
  /** How many nodes. */
  count: number;
  /** Their names, the first 100 of them. */
  nodes: readonly string[];
  /** For the first 20 nodes of NodeResourcesFit. */
  insufficient?: readonly InsufficientDetail[];
}

/** What happened. */
export interface SchedulingDecisionStatus {
  /** "Scheduled": the pod was bound; "Unschedulable": no node fits; "Error": something failed. */
  result: 'Scheduled' | 'Unschedulable' | 'Error';
  /** The winner. */
  nodeName?: string;
  /** The text of the FailedScheduling event. */
  message?: string;
  /** The node on which preemption makes room. */
  nominatedNodeName?: string;
  /** Numbers of nodes: in the cluster, looked at by filters, passed by all filters. */
  counts: { total: number; evaluated: number; feasible: number };
  /** Plugins that had nothing to say about this pod and were left out. */
  skipped: { filter: readonly string[]; score: readonly string[] };
  rejections: readonly Rejection[];
  /** The feasible nodes, in the order of all columns. */
  nodes: readonly string[];
  /** Empty when there was only one feasible node: it wins without scores. */
  scores: readonly PluginScores[];
  /** Σ weight · normalized, per node. */
  totals: readonly number[];
  /** How the pod came to be tried: the event that queued it, and its waiting time since then in virtual ms. */
  queue: { queuedBy: string; waitedMs: number };
  /** Calls of Filter and of Score that it took. */
  evaluations: { filter: number; score: number };
  /** Present when fewer decisions are recorded than taken: which ones still are, and why. */
  recording?: string;
}

/** One attempt to schedule one pod. */
export interface SchedulingDecision extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'SchedulingDecision';
  spec: SchedulingDecisionSpec;
  status: SchedulingDecisionStatus;
}

/** The fields, for decoding, patches and the editor. */
export const schedulingDecisionTypes: DescribedTypes = {
  'kubarium.v1alpha1.SchedulingDecision': kindFacts('SchedulingDecision', { spec: true, status: true }),
  'kubarium.v1alpha1.SchedulingDecisionSpec': {
    podRef: must(object('SchedulingDecisionPodReference', 'The pod that was to be placed.')),
    attempt: must(integer('1 for the first attempt.')),
    profile: must(text('The schedulerName of the profile that decided.')),
  },
  'kubarium.v1alpha1.SchedulingDecisionPodReference': {
    name: must(text('Name of the pod.')),
    namespace: must(text('Namespace of the pod.')),
    uid: must(text('UID of the pod.')),
  },
  'kubarium.v1alpha1.SchedulingDecisionStatus': {
    result: text('How the attempt ended.', ['Scheduled', 'Unschedulable', 'Error']),
    nodeName: text('The winner.'),
    message: text('The text of the FailedScheduling event.'),
    nominatedNodeName: text('The node on which preemption makes room.'),
    counts: object('SchedulingDecisionCounts', 'Numbers of nodes.'),
    skipped: object('SchedulingDecisionSkipped', 'Plugins that had nothing to say about this pod.'),
    rejections: list(object('SchedulingDecisionRejection', ''), 'Nodes refused, by plugin and reasons.'),
    nodes: list(text('Name of a node.'), 'The feasible nodes, in the order of all columns of scores.'),
    scores: list(object('SchedulingDecisionScores', ''), 'Scores by plugin.'),
    totals: list(integer('Total of a node.'), 'Sum of weight times normalized score, per node.'),
    queue: object('SchedulingDecisionQueue', 'How the pod came to be tried.'),
    evaluations: object('SchedulingDecisionEvaluations', 'Calls that the attempt took.'),
    recording: text('Which decisions are recorded when not all are.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionCounts': {
    total: integer('Nodes in the cluster.'),
    evaluated: integer('Nodes looked at by filters.'),
    feasible: integer('Nodes that passed all filters.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionSkipped': {
    filter: list(text('Name of a plugin.'), 'Left out when filtering.'),
    score: list(text('Name of a plugin.'), 'Left out when scoring.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionRejection': {
    plugin: text('The plugin that refused.'),
    code: text('Whether eviction of other pods may help.', ['Unschedulable', 'UnschedulableAndUnresolvable']),
    reasons: list(text('A reason.'), 'Why.'),
    count: integer('How many nodes.'),
    nodes: list(text('Name of a node.'), 'The first 100 of them.'),
    insufficient: list(object('SchedulingDecisionInsufficient', ''), 'The amounts, for NodeResourcesFit.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionInsufficient': {
    node: text('Name of the node.'),
    resource: text('Name of the resource.'),
    requested: integer('What the pod requests; cpu in thousandths.'),
    used: integer('What pods on the node request.'),
    capacity: integer('What the node can allocate.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionScores': {
    plugin: text('The plugin that scored.'),
    weight: integer('Its weight in the profile.'),
    raw: list(integer('Score of a node.'), 'As the plugin computed them.'),
    normalized: list(integer('Score of a node.'), '0 to 100, before the weight.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionQueue': {
    queuedBy: text('The event that queued the pod.'),
    waitedMs: integer('Virtual milliseconds in the queue.'),
  },
  'kubarium.v1alpha1.SchedulingDecisionEvaluations': {
    filter: integer('Calls of Filter.'),
    score: integer('Calls of Score.'),
  },
};

/** kubarium.dev/v1alpha1 SchedulingDecision. */
export const SchedulingDecisionResource = defineResource<SchedulingDecision>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'SchedulingDecision',
  plural: 'schedulingdecisions',
  shortNames: ['sd'],
  categories: ['kubarium'],
  namespaced: true,
  schema: 'kubarium.v1alpha1.SchedulingDecision',
  generation: false,
  selectableFields: ({ spec, status }) => ({
    'spec.podRef.name': spec.podRef.name,
    'spec.podRef.uid': spec.podRef.uid,
    'status.result': status.result,
    'status.nodeName': status.nodeName ?? '',
  }),
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Pod', value: ({ spec }) => spec.podRef.name },
    { name: 'Attempt', type: 'integer', value: ({ spec }) => spec.attempt },
    { name: 'Result', value: ({ status }) => status.result },
    { name: 'Node', value: ({ status }) => status.nodeName ?? '<none>' },
    { name: 'Feasible', value: ({ status: { counts } }) => `${counts.feasible}/${counts.total}` },
    { name: 'Age', type: 'date', value: ({ metadata }, now) => humanDuration(now - parseTime(metadata.creationTimestamp)) },
    { name: 'Message', priority: 1, value: ({ status }) => status.message ?? '' },
  ],
});
