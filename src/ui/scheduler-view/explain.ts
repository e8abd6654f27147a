/**
 * The formula behind a cell, with the numbers of the record; images, taints, labels and terms come from the live objects, and count
 * only as long as they lead to the score that was recorded.
 */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { nodeSelectorTermMatches, asNodeLike } from '../../api/core/node-selector.ts';
import { toleratedBy } from '../../api/core/taints.ts';
import { balancedFormula, fitFormula, imageFormula, normalizeFormula, sumFormula } from './formulas.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Formula, ResourceFact, Term } from './formulas.ts';

/** The objects of now. */
export interface LiveFacts {
  pod: Pod | undefined;
  nodes: readonly Node[];
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

function imageScore(pod: Pod, node: Node, nodes: readonly Node[]): Formula {
  const has = ({ status }: Node, image: string) => status?.images?.find(({ names }) => names?.includes(image));
  const images = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image = '' }) => withTag(image));
  const facts = images.map((name) => ({
    name,
    sizeBytes: has(node, name)?.sizeBytes ?? 0,
    nodes: nodes.filter((one) => has(one, name)).length,
  }));
  return imageFormula(facts, nodes.length);
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

function candidateFormulas(plugin: string, decision: SchedulingDecision, at: number, { pod, nodes }: LiveFacts): Formula[] {
  if (plugin === 'NodeResourcesFit') {
    const facts = resourceFacts(decision, at, true);
    return facts.length === 0 ? [] : [fitFormula(facts), fitFormula(facts, 'MostAllocated')];
  }
  if (plugin === 'NodeResourcesBalancedAllocation') {
    const facts = resourceFacts(decision, at, false);
    return facts.length === 0 ? [] : [balancedFormula(facts)];
  }
  const node = nodes.find(({ metadata }) => metadata.name === decision.status.nodes[at]);
  if (pod === undefined || node === undefined) return [];
  if (plugin === 'ImageLocality') return [imageScore(pod, node, nodes)];
  if (plugin === 'TaintToleration') return [taintScore(pod, node)];
  return plugin === 'NodeAffinity' ? [nodeAffinityScore(pod, node)] : [];
}

/** Explains the score of a plugin for the node at `at` of the columns. Undefined when the plugin gave none. */
export function explainScore(decision: SchedulingDecision, plugin: string, at: number, live: LiveFacts): ScoreExplanation | undefined {
  const scores = decision.status.scores.find((one) => one.plugin === plugin);
  if (scores === undefined) return undefined;
  const raw = columnValue(scores.raw, at) ?? 0;
  const normalized = columnValue(scores.normalized, at) ?? 0;
  // A shared column is one number: as many equal ones for the formula's max and min make no difference.
  const normalization = normalizeFormula(plugin, scores.raw, scores.raw.length === 1 ? 0 : at);
  return {
    plugin,
    weight: scores.weight,
    raw,
    normalized,
    weighted: normalized * scores.weight,
    score: candidateFormulas(plugin, decision, at, live).find(({ value }) => value === raw),
    normalization: normalization?.value === normalized ? normalization : undefined,
  };
}

/** The resources of a node as they were recorded, before the pod: for the cell with its name. */
export function nodeAmounts(decision: SchedulingDecision, at: number): { name: string; used: number; allocatable: number }[] {
  return ['cpu', 'memory'].flatMap((name) => {
    const fact = resourceFact(name, decision, at, false);
    return fact ? [{ name, used: fact.requested - (decision.status.requests?.[name] ?? 0), allocatable: fact.allocatable }] : [];
  });
}
