/**
 * SchedulingDecision (kubarium.dev/v1alpha1): one attempt of the scheduler to place one pod, and why it ended as it did.
 * Written by the scheduler, never changed afterwards, in the pod's namespace; each attempt has an object of its own. One
 * that a user creates without a status is a dry run: the scheduler fills its status and binds nothing.
 * Scores are columns over one list of nodes. In a large cluster a column that says the same of all nodes is a list of one
 * number, so read columns with `columnValue`.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { PodTemplateSpec, Taint } from '../generated/types.ts';
import { defineResource } from '../resource.ts';
import { withDefaults } from '../defaulting.ts';
import { duplicate, invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';

/** Label with the uid of the pod that a decision is about. */
export const DECISION_POD_UID_LABEL = 'kubarium.dev/pod-uid';
/** Annotation on a pod ("true") whose decisions are recorded even when recording is reduced. */
export const RECORD_ANNOTATION = 'kubarium.dev/record-scheduling';

/** What a dry run supposes of a node; what is absent stays as it is. */
export interface NodeOverride {
  name: string;
  /** Labels to set; "" removes nothing, it is a value. */
  labels?: Readonly<Record<string, string>>;
  /** Amounts to set in status.allocatable: `{ cpu: "8" }`. */
  allocatable?: Readonly<Record<string, string>>;
  /** Instead of the node's taints. */
  taints?: readonly Taint[];
  unschedulable?: boolean;
}

/** "What if": changes that hold for one dry run only. */
export interface SchedulingOverrides {
  /** Score weights by plugin, 0 to 100; 0 leaves the plugin's score out. */
  weights?: Readonly<Record<string, number>>;
  /**
   * Asks this plugin alone: its PreFilter, Filter and Score of every node, whatever others say. With a PostFilter plugin: what
   * preemption would do, even where the pod fits.
   */
  plugin?: string;
  /** Plugins to leave out at all extension points. */
  disabledPlugins?: readonly string[];
  /** Requests of the pod's first container, instead of its own: `{ cpu: "500m" }`. */
  requests?: Readonly<Record<string, string>>;
  nodes?: readonly NodeOverride[];
  /** A profile of a KubeSchedulerConfiguration, instead of the one named by `spec.profile`. */
  profile?: Readonly<Record<string, unknown>>;
}

/** What to compare with. */
export interface SchedulingAlternative {
  /** What it is called in the status. */
  name: string;
  /** Absent: the profile as it is. */
  overrides?: SchedulingOverrides;
}

/** How an alternative fared. */
export interface AlternativeOutcome {
  name: string;
  /** As the decision's own; absent when it could not be asked. */
  status?: SchedulingDecisionStatus;
  /** Why not. */
  error?: string;
  /** Another node than the decision's, or another result. */
  differs?: boolean;
}

/** Which pod, which attempt. */
export interface SchedulingDecisionSpec {
  /** The pod. In a dry run: a pod to try as if it waited now (wherever it runs), or a name for the pod of `template`. */
  podRef: { name: string; namespace: string; uid: string };
  /** 1 for the first attempt; 0 in a dry run. */
  attempt: number;
  /** The `schedulerName` of the profile that decided. */
  profile: string;
  /** Nothing is bound, no pod evicted, no event written: only the status is filled in. */
  dryRun?: boolean;
  /** Dry run: the pod to try, instead of an existing one. */
  template?: PodTemplateSpec;
  /** Dry run: so many equal pods one after the other, each beside those before it; the status tells of the last. Default 1, at most 1000. */
  replicas?: number;
  overrides?: SchedulingOverrides;
  /** Dry run: the same once more under each of these instead of `overrides`, to be compared with it: two profiles by one object. At most 10. */
  alternatives?: readonly SchedulingAlternative[];
}

/** What one PreFilter, PreScore or PostFilter plugin answered for the pod as a whole. */
export interface PluginAnswer {
  plugin: string;
  /** "Success", "Skip", "Unschedulable", "UnschedulableAndUnresolvable" or "Error". */
  code: string;
  reasons: readonly string[];
  /** PreFilter: how many nodes it left, when it narrowed them. */
  nodes?: number;
}

/** A pod that would have to go. */
export interface PreemptionVictim {
  name: string;
  namespace: string;
  uid: string;
  priority: number;
  /** RFC 3339; absent while the pod has not started. */
  startTime?: string;
  /** A PodDisruptionBudget protects it. */
  pdbViolation?: boolean;
}

/** A node that preemption could free, with the figures that the choice compares. */
export interface PreemptionCandidate {
  node: string;
  /** The most important first. */
  victims: readonly PreemptionVictim[];
  pdbViolations: number;
  highestPriority: number;
  /** Σ (priority + 2^31). */
  prioritySum: number;
  /** The earliest start among the victims of the highest priority. */
  earliestStart?: string;
}

/** One step of the choice among candidates. */
export interface PreemptionRule {
  /** "fewest PDB violations", "lowest highest priority", "smallest priority sum", "fewest victims", "latest start", "first". */
  rule: string;
  /** The nodes that were left after it. */
  left: readonly string[];
}

/** How DefaultPreemption went about it. */
export interface PreemptionRecord {
  /** Why the pod may not preempt at all. */
  notEligible?: string;
  /** How many nodes were not tried, because no eviction helps there. */
  notHelpful: number;
  /** Nodes that were tried in vain, by reason. */
  rejections: readonly { reasons: readonly string[]; count: number; nodes: readonly string[] }[];
  candidates: readonly PreemptionCandidate[];
  /** The rules that were needed, in order; the last one decided. */
  rules: readonly PreemptionRule[];
  /** The node that was chosen. */
  chosen?: string;
}

/** One move of the pod between the lanes of the queue. */
export interface QueueMove {
  /** Virtual time, RFC 3339 with milliseconds left out. */
  time: string;
  lane: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'scheduling';
  /** The event: "PodAdd", "NodeAdd", "AssignedPodDelete", "BackoffComplete", "ScheduleAttemptFailure" ... */
  event: string;
  /** The plugin whose queueing hint (or gate) moved it; absent when it was no plugin. */
  plugin?: string;
  /** Back-off until then, in virtual ms from `time`. */
  backoffMs?: number;
}

/** What one plugin cost in this attempt: how often each of its functions was called. */
export interface PluginCost {
  plugin: string;
  preFilter: number;
  filter: number;
  score: number;
  /** Calls that a cache answered instead. */
  cached?: number;
}

/** A fact about the feasible nodes that formulas use, as a column over `status.nodes`. */
export interface NodeInput {
  /** "allocatable.cpu", "requested.cpu", "nonZeroRequested.cpu", the same of memory, and "pods". cpu in thousandths. */
  name: string;
  values: readonly number[];
}

/** The scores that one plugin gave; both columns run over `status.nodes`: `columnValue(raw, index)`. */
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
  /** Their names; with more than 5,000 nodes the first 5,000 of them. */
  nodes: readonly string[];
  /** For the first 20 nodes of NodeResourcesFit. */
  insufficient?: readonly InsufficientDetail[];
}

/** What happened. */
export interface SchedulingDecisionStatus {
  /** "Scheduled": the pod was bound (in a dry run: would be); "Unschedulable": no node fits; "Error": something failed; "Pending": a dry run that no scheduler has taken up. */
  result: 'Scheduled' | 'Unschedulable' | 'Error' | 'Pending';
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
  /** Empty when there was only one feasible node: it wins without scores. The weighted score of a plugin is weight · normalized. */
  scores: readonly PluginScores[];
  /** Σ weight · normalized, per node. */
  totals: readonly number[];
  /** How the pod came to be tried: the event that queued it, and its waiting time since then in virtual ms. */
  queue: {
    queuedBy: string;
    waitedMs: number;
    /** The plugin whose queueing hint queued it. */
    hint?: string;
    /** The moves since the attempt before, the last 20 of them; ends with where the attempt put the pod. */
    moves?: readonly QueueMove[];
  };
  /** Calls of Filter and of Score that it took. */
  evaluations: { filter: number; score: number };
  /** Present when fewer decisions are recorded than taken: which ones still are, and why. */
  recording?: string;
  /** What is recorded now. */
  recordingLevel?: 'all' | 'failed' | 'selected' | 'off';
  /** The profile's plugins by extension point ("preFilter", "filter", "postFilter", "preScore", "score" ...), in the order in which they run. */
  plugins?: Readonly<Record<string, readonly string[]>>;
  /** PreFilter's answers other than plain success. */
  preFilter?: readonly PluginAnswer[];
  postFilter?: readonly PluginAnswer[];
  preemption?: PreemptionRecord;
  /** The nodes that share the highest total, when there are two or more: one was drawn. At most 100 of them. */
  tied?: readonly string[];
  /** The pod had been nominated to this node, which was tried first and alone. */
  nominated?: { node: string; fits: boolean };
  /** How many feasible nodes were looked for, and at which index of all nodes the search began. */
  sampling?: { wanted: number; start: number };
  costs?: readonly PluginCost[];
  /** What the pod asks for; nonZero* count containers without requests as 100m and 200 MiB, as scoring does. cpu in thousandths. */
  requests?: Readonly<Record<string, number>>;
  /** What the feasible nodes have and have given away, before the pod. */
  inputs?: readonly NodeInput[];
  /** The user's scheduler (name of its SchedulerPlugin) whose answer this is; why is among `preFilter`'s reasons, and nothing else is known. */
  decidedBy?: string;
  /** Highest normalised score: 100; 10 in the classic mode. */
  maxScore?: number;
  /** Counters of the policy: score cache hits, equivalence classes, nodes examined ... */
  counters?: Readonly<Record<string, number>>;
  /** Dry run with replicas: how many pods went to each node. */
  placements?: readonly { node: string; count: number }[];
  /** Dry run with alternatives: in their order. */
  alternatives?: readonly AlternativeOutcome[];
}

/** The value of a column for the node at `index`: a list of one number counts for all nodes. */
export function columnValue(column: readonly number[], index: number): number | undefined {
  return column.length === 1 ? column[0] : column[index];
}

/** One attempt to schedule one pod. */
export interface SchedulingDecision extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'SchedulingDecision';
  spec: SchedulingDecisionSpec;
  status: SchedulingDecisionStatus;
}

const PENDING: SchedulingDecisionStatus = {
  result: 'Pending',
  counts: { total: 0, evaluated: 0, feasible: 0 },
  skipped: { filter: [], score: [] },
  rejections: [],
  nodes: [],
  scores: [],
  totals: [],
  queue: { queuedBy: '', waitedMs: 0 },
  evaluations: { filter: 0, score: 0 },
};
const MAX_REPLICAS = 1000;
const MAX_ALTERNATIVES = 10;
const MAX_WEIGHT = 100;

/** A decision without a status is a dry run. */
function defaults(decision: SchedulingDecision): SchedulingDecision {
  const { metadata, status } = decision;
  const spec: Partial<SchedulingDecisionSpec> = decision.spec ?? {};
  if (status !== undefined && spec.podRef !== undefined) return decision;
  const podRef = withDefaults<SchedulingDecisionSpec['podRef']>(spec.podRef ?? { name: '', namespace: '', uid: '' }, {
    name: metadata.name ?? 'dry-run',
    namespace: metadata.namespace ?? 'default',
  });
  const profile = spec.profile ?? spec.template?.spec?.schedulerName ?? 'default-scheduler';
  const dryRun = status === undefined || spec.dryRun === true;
  const full = { ...spec, podRef: { ...podRef, uid: podRef.uid ?? '' }, attempt: spec.attempt ?? 0, profile, ...(dryRun && { dryRun }) };
  return { ...decision, spec: full, status: status ?? PENDING };
}

function validate({ spec }: SchedulingDecision): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.podRef.name) errors.push(required('spec.podRef.name'));
  for (const [plugin, weight] of Object.entries(spec.overrides?.weights ?? {})) {
    if (Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT) continue;
    errors.push(invalidValue(`spec.overrides.weights[${plugin}]`, weight, `must be a whole number from 0 to ${MAX_WEIGHT}`));
  }
  const { replicas = 1, alternatives = [] } = spec;
  if (alternatives.length > MAX_ALTERNATIVES) {
    errors.push(invalidValue('spec.alternatives', alternatives.length, `must have at most ${MAX_ALTERNATIVES} items`));
  }
  const names = new Set<string>();
  for (const [index, { name }] of alternatives.entries()) {
    const field = `spec.alternatives[${index}].name`;
    if (!name) errors.push(required(field));
    else if (names.has(name)) errors.push(duplicate(field, name));
    names.add(name);
  }
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS) {
    errors.push(invalidValue('spec.replicas', replicas, `must be a whole number from 1 to ${MAX_REPLICAS}`));
  }
  return errors;
}

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
  defaults,
  validate,
  selectableFields({ spec, status }) {
    // Which fields there are is asked of an object without any.
    const { podRef }: Partial<SchedulingDecisionSpec> = spec;
    return {
      'spec.podRef.name': podRef?.name ?? '',
      'spec.podRef.uid': podRef?.uid ?? '',
      'status.result': status.result ?? '',
      'status.nodeName': status.nodeName ?? '',
    };
  },
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
