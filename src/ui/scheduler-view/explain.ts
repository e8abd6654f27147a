/**
 * The formula behind a cell, with the numbers of the record; images, taints, labels, terms and other pods come from the objects of now, or
 * of then where those have been fetched, and count only as long as they lead to what was recorded.
 */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { nodeSelectorTermMatches, asNodeLike } from '../../api/core/node-selector.ts';
import { toleratedBy } from '../../api/core/taints.ts';
import { affinityCheck, affinityScore } from './affinity-formula.ts';
import { differenceFormula, normalizePriority, presentImagesFormula, selectorSpreadFormula, tenthsFormula } from './classic-formulas.ts';
import { spreadCheck, spreadScore, withoutKeys, workloadCount } from './spread-formula.ts';
import { balancedFormula, fitFormula, imageFormula, normalizeFormula, sumFormula } from './formulas.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Check } from './counted-pods.ts';
import type { Formula, ImageFact, ResourceFact, Term } from './formulas.ts';
import type { ClusterFacts } from './past.ts';

/** The objects of now, and the whole cluster of then once it has been fetched. */
export interface LiveFacts {
  pod: Pod | undefined;
  nodes: readonly Node[];
  past?: ClusterFacts;
}

/** What is known of one score. */
export interface ScoreExplanation {
  plugin: string;
  weight: number;
  raw: number;
  normalized: number;
  weighted: number;
  /** How the raw score came about; undefined when the facts are not known (any more). */
  score: Formula | undefined;
  /** How it was normalised; undefined for a plugin that does not. */
  normalization: Formula | undefined;
}

/** Where the requests that count unstated ones as 100m and 200 MiB are recorded. */
const NON_ZERO: Readonly<Record<string, string>> = { cpu: 'nonZeroCpu', memory: 'nonZeroMemory' };

/** A resource's amounts at a node as they were recorded; `requested` with the pod on it. */
function resourceFact(name: string, { status }: SchedulingDecision, at: number, withDefaults: boolean): ResourceFact | undefined {
  const column = (input: string) => {
    const values = status.inputs?.find((one) => one.name === input)?.values;
    return values && columnValue(values, at);
  };
  const prefix = withDefaults && (name === 'cpu' || name === 'memory') ? 'nonZeroRequested' : 'requested';
  const used = column(`${prefix}.${name}`) ?? column(`requested.${name}`);
  const allocatable = column(`allocatable.${name}`);
  const own = (withDefaults ? status.requests?.[NON_ZERO[name] ?? ''] : undefined) ?? status.requests?.[name] ?? 0;
  if (used === undefined || allocatable === undefined) return undefined;
  return { name, weight: 1, requested: used + own, allocatable };
}

function resourceFacts(decision: SchedulingDecision, at: number, withDefaults: boolean): ResourceFact[] {
  const facts = ['cpu', 'memory'].map((name) => resourceFact(name, decision, at, withDefaults));
  return facts.filter((fact) => fact !== undefined);
}

const withTag = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image);

function imageFacts(pod: Pod, node: Node, nodes: readonly Node[]): ImageFact[] {
  const has = ({ status }: Node, image: string) => status?.images?.find(({ names }) => names?.includes(image));
  const images = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image = '' }) => withTag(image));
  return images.map((name) => ({
    name,
    sizeBytes: has(node, name)?.sizeBytes ?? 0,
    nodes: nodes.filter((one) => has(one, name)).length,
  }));
}

/** The taints that count against the node: PreferNoSchedule ones that the pod does not tolerate. */
function taintScore(pod: Pod, node: Node): Formula {
  const tolerations = pod.spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
  const taints = (node.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !toleratedBy(tolerations, taint));
  return sumFormula(taints.map(({ key, value = '', effect }): Term => ({ text: `${key}${value && `=${value}`}:${effect}`, weight: 1 })));
}

function nodeAffinityScore(pod: Pod, node: Node): Formula {
  const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const met = terms.filter(({ preference }) => nodeSelectorTermMatches(preference, asNodeLike(node)));
  return sumFormula(
    met.map(({ preference, weight }): Term => {
      const asked = [...(preference.matchExpressions ?? []), ...(preference.matchFields ?? [])];
      const text = asked.map(({ key, operator, values = [] }) => `${key} ${operator}${values.length ? ` (${values.join(', ')})` : ''}`);
      return { text: text.join(', '), weight };
    }),
  );
}

/** Formulas of amounts, which the decision holds itself. */
const AMOUNTS: Readonly<Record<string, { withDefaults: boolean; formulas: readonly ((facts: ResourceFact[]) => Formula)[] }>> = {
  NodeResourcesFit: { withDefaults: true, formulas: [(facts) => fitFormula(facts), (facts) => fitFormula(facts, 'MostAllocated')] },
  NodeResourcesBalancedAllocation: { withDefaults: false, formulas: [balancedFormula] },
  LeastRequestedPriority: { withDefaults: true, formulas: [(facts) => tenthsFormula(facts)] },
  MostRequestedPriority: { withDefaults: true, formulas: [(facts) => tenthsFormula(facts, true)] },
  BalancedResourceAllocation: { withDefaults: true, formulas: [differenceFormula] },
};

/** What a formula about objects is given; `facts` once the cluster of then is there. */
interface World {
  pod: Pod;
  node: Node;
  nodes: readonly Node[];
  feasible: readonly Node[];
  facts: ClusterFacts | undefined;
}

/** Formulas about objects. */
const OBJECTS: Readonly<Record<string, (world: World) => Formula | undefined>> = {
  ImageLocality: ({ pod, node, nodes }) => imageFormula(imageFacts(pod, node, nodes), nodes.length),
  ImageLocalityPriority: ({ pod, node, nodes }) => presentImagesFormula(imageFacts(pod, node, nodes)),
  TaintToleration: ({ pod, node }) => taintScore(pod, node),
  TaintTolerationPriority: ({ pod, node }) => taintScore(pod, node),
  NodeAffinity: ({ pod, node }) => nodeAffinityScore(pod, node),
  NodeAffinityPriority: ({ pod, node }) => nodeAffinityScore(pod, node),
  PodTopologySpread: ({ pod, node, feasible, facts }) => facts && spreadScore(pod, node, feasible, facts),
  SelectorSpreadPriority: ({ pod, node, feasible, facts }) => facts && workloadCount(pod, node, feasible, facts),
  InterPodAffinity: ({ pod, node, facts }) => facts && affinityScore(pod, node, facts),
  InterPodAffinityPriority: ({ pod, node, facts }) => facts && affinityScore(pod, node, facts),
  EqualPriority: () => ({ value: 1, lines: ['1'] }),
};

/** Filters that count pods. */
const CHECKS: Readonly<Record<string, (pod: Pod, node: Node, facts: ClusterFacts) => Check | undefined>> = {
  PodTopologySpread: spreadCheck,
  InterPodAffinity: affinityCheck,
  MatchInterPodAffinity: affinityCheck,
};

/** Whether the plugin's score is explained by objects, so that the cluster of then may be worth fetching. */
export const scoresObjects = (plugin: string): boolean => plugin in OBJECTS;

/** Whether the plugin's filter counts pods. */
export const countsPods = (plugin: string): boolean => plugin in CHECKS;

function podOf({ spec }: SchedulingDecision, { pod, past }: LiveFacts): Pod | undefined {
  if (past === undefined) return pod;
  const { podRef } = spec;
  const then = past.pods.find(({ metadata }) => metadata.name === podRef.name && metadata.namespace === podRef.namespace);
  return then ?? pod;
}

function candidateFormulas(plugin: string, decision: SchedulingDecision, at: number, live: LiveFacts): Formula[] {
  const amounts = AMOUNTS[plugin];
  if (amounts !== undefined) {
    const facts = resourceFacts(decision, at, amounts.withDefaults);
    return facts.length === 0 ? [] : amounts.formulas.map((formula) => formula(facts));
  }
  const formula = OBJECTS[plugin];
  const pod = podOf(decision, live);
  if (formula === undefined || pod === undefined) return [];
  const names = decision.status.nodes;
  return [live.past?.nodes, live.nodes].flatMap((nodes) => {
    const byName = new Map(nodes?.map((node) => [node.metadata.name, node]));
    const node = byName.get(names[at] ?? '');
    if (nodes === undefined || node === undefined) return [];
    const feasible = names.flatMap((name) => byName.get(name) ?? []);
    return formula({ pod, node, nodes, feasible, facts: live.past }) ?? [];
  });
}

const zoneOf = ({ metadata: { labels = {} } }: Node): string => {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' ? '' : `${region}/${zone}`;
};

/** Over all nodes; or without those whose score does not count, which get 0. */
function spreadNormalizations(raw: readonly number[], at: number, decision: SchedulingDecision, live: LiveFacts): Formula[] {
  const all = normalizeFormula('PodTopologySpread', raw, raw.length === 1 ? 0 : at);
  const pod = podOf(decision, live);
  const names = decision.status.nodes;
  const ignored = pod ? withoutKeys(pod, live.past?.nodes ?? live.nodes) : new Set<string>();
  if (!names.some((name) => ignored.has(name))) return all ? [all] : [];
  if (ignored.has(names[at] ?? '')) return [{ value: 0, lines: ['– → 0'] }];
  const kept = names.flatMap((name, index) => (ignored.has(name) ? [] : [{ index, score: columnValue(raw, index) ?? 0 }]));
  const without = normalizeFormula(
    'PodTopologySpread',
    kept.map(({ score }) => score),
    kept.findIndex(({ index }) => index === at),
  );
  return without ? [without] : [];
}

/** A shared column is one number: as many equal ones for the formula's max and min make no difference. */
function normalizations(plugin: string, raw: readonly number[], at: number, decision: SchedulingDecision, live: LiveFacts): Formula[] {
  if (plugin === 'PodTopologySpread') return spreadNormalizations(raw, at, decision, live);
  const index = raw.length === 1 ? 0 : at;
  const known = normalizeFormula(plugin, raw, index) ?? normalizePriority(plugin, raw, index);
  if (known !== undefined) return [known];
  if (plugin !== 'SelectorSpreadPriority') return [];
  return [live.past?.nodes ?? [], live.nodes].map((nodes) => {
    const byName = new Map(nodes.map((node) => [node.metadata.name, zoneOf(node)]));
    const zones = decision.status.nodes.map((name) => byName.get(name) ?? '');
    const full = raw.length === 1 ? zones.map(() => raw[0] ?? 0) : raw;
    return selectorSpreadFormula(full, zones, at);
  });
}

/** What a filter that counts pods found at the node; undefined when that is not known, or not what was recorded. */
export function explainFilter(
  decision: SchedulingDecision,
  plugin: string,
  nodeName: string,
  passed: boolean,
  facts: ClusterFacts,
): Check | undefined {
  const pod = podOf(decision, { pod: undefined, nodes: [], past: facts });
  const node = facts.nodes.find(({ metadata }) => metadata.name === nodeName);
  const check = pod && node && CHECKS[plugin]?.(pod, node, facts);
  return check?.passes === passed ? check : undefined;
}

/** Explains the score of a plugin for the node at `at` of the columns. Undefined when the plugin gave none. */
export function explainScore(decision: SchedulingDecision, plugin: string, at: number, live: LiveFacts): ScoreExplanation | undefined {
  const scores = decision.status.scores.find((one) => one.plugin === plugin);
  if (scores === undefined) return undefined;
  const raw = columnValue(scores.raw, at) ?? 0;
  const normalized = columnValue(scores.normalized, at) ?? 0;
  return {
    plugin,
    weight: scores.weight,
    raw,
    normalized,
    weighted: normalized * scores.weight,
    score: candidateFormulas(plugin, decision, at, live).find(({ value }) => value === raw),
    normalization: normalizations(plugin, scores.raw, at, decision, live).find(({ value }) => value === normalized),
  };
}

/** The resources of a node as they were recorded, before the pod: for the cell with its name. */
export function nodeAmounts(decision: SchedulingDecision, at: number): { name: string; used: number; allocatable: number }[] {
  return ['cpu', 'memory'].flatMap((name) => {
    const fact = resourceFact(name, decision, at, false);
    return fact ? [{ name, used: fact.requested - (decision.status.requests?.[name] ?? 0), allocatable: fact.allocatable }] : [];
  });
}
