/**
 * InterPodAffinity with its numbers: matching pods per topology domain and weight, term by term. Models
 * src/scheduler/plugins/inter-pod-affinity.ts over the objects of the API.
 */
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { addTo, countsText, domainOf, podsByNode } from './counted-pods.ts';
import type { Node, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../api/generated/types.ts';
import type { Check } from './counted-pods.ts';
import type { Formula } from './formulas.ts';
import type { ClusterFacts } from './past.ts';

/** `hardPodAffinityWeight`, unless the profile says otherwise: then the formula does not lead to the score and is not shown. */
const HARD_WEIGHT = 1;

/** Whether a term of a pod in `namespace` selects `other`. */
type Matches = (term: PodAffinityTerm, namespace: string, other: Pod) => boolean;

function matcher({ namespaces }: ClusterFacts): Matches {
  const labels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));
  return ({ labelSelector, namespaces: named = [], namespaceSelector }, namespace, { metadata }) => {
    const its = metadata.namespace ?? '';
    const own = named.length === 0 && namespaceSelector == null;
    const listed = own ? its === namespace : named.includes(its);
    const selected = namespaceSelector != null && labelSelectorAsSelector(namespaceSelector).matches(labels.get(its));
    return (listed || selected) && labelSelectorAsSelector(labelSelector).matches(metadata.labels);
  };
}

function termText({ topologyKey, labelSelector, namespaces = [] }: PodAffinityTerm): string {
  const selector = labelSelectorAsSelector(labelSelector).toString();
  return `${selector || '{}'}${namespaces.length > 0 ? ` [${namespaces.join(', ')}]` : ''}, ${topologyKey}`;
}

/** Pods of each node of the cluster. */
function* placed({ nodes }: ClusterFacts, byNode: ReadonlyMap<string, readonly Pod[]>): Generator<[Node, Pod]> {
  for (const node of nodes) for (const pod of byNode.get(node.metadata.name) ?? []) yield [node, pod];
}

/** A term with the pods that it is about, domain by domain. */
interface Counted {
  /** What stands before the counts. */
  text: string;
  key: string;
  /** Negative for anti-affinity. */
  weight: number;
  counts: Map<string, number>;
}

/** The pod's own preferred terms. */
function ownTerms(pod: Pod, facts: ClusterFacts, byNode: ReadonlyMap<string, readonly Pod[]>): Counted[] {
  const matches = matcher(facts);
  const { namespace = '' } = pod.metadata;
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const count = (kind: string, sign: number) => {
    return ({ weight, podAffinityTerm: term }: WeightedPodAffinityTerm): Counted => {
      const counts = new Map<string, number>();
      for (const node of facts.nodes) {
        const value = domainOf(node, term.topologyKey);
        if (value !== undefined) addTo(counts, value, 0);
      }
      for (const [node, other] of placed(facts, byNode)) {
        const value = domainOf(node, term.topologyKey);
        if (value !== undefined && matches(term, namespace, other)) addTo(counts, value, 1);
      }
      return { text: `${kind} ${termText(term)}`, key: term.topologyKey, weight: sign * weight, counts };
    };
  };
  return [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(count('podAffinity', 1)),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(count('podAntiAffinity', -1)),
  ];
}

const weighted = (kind: string, sign: number) => {
  return ({ weight, podAffinityTerm }: WeightedPodAffinityTerm) => ({ kind, weight: sign * weight, term: podAffinityTerm });
};

/** What running pods want of pods like this one: equal terms count together. */
function othersTerms(pod: Pod, facts: ClusterFacts, byNode: ReadonlyMap<string, readonly Pod[]>): Counted[] {
  const matches = matcher(facts);
  const found = new Map<string, Counted>();
  for (const [node, other] of placed(facts, byNode)) {
    const { podAffinity, podAntiAffinity } = other.spec.affinity ?? {};
    const hard = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [
      ...hard.map((term) => ({ kind: 'podAffinity (required)', weight: HARD_WEIGHT, term })),
      ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted('podAffinity', 1)),
      ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted('podAntiAffinity', -1)),
    ];
    const { namespace = '', name } = other.metadata;
    for (const { kind, weight, term } of terms) {
      const value = domainOf(node, term.topologyKey);
      if (value === undefined || !matches(term, namespace, pod)) continue;
      const id = JSON.stringify([kind, weight, namespace, term]);
      const counted = found.get(id) ?? {
        text: `${namespace}/${name}: ${kind} ${termText(term)}`,
        key: term.topologyKey,
        weight,
        counts: new Map(),
      };
      addTo(counted.counts, value, 1);
      found.set(id, counted);
    }
  }
  return [...found.values()];
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${String(Math.abs(value))}`;

/** The raw score of the node: Σ matching pods · weight over the terms in the node's domains. */
export function affinityScore(pod: Pod, node: Node, facts: ClusterFacts): Formula {
  const byNode = podsByNode(facts, pod);
  const lines: string[] = [];
  let value = 0;
  for (const { text, key, weight, counts } of [...ownTerms(pod, facts, byNode), ...othersTerms(pod, facts, byNode)]) {
    const own = domainOf(node, key);
    lines.push(`${text}, ${signed(weight)}: ${countsText(counts, own)}`);
    if (own === undefined) continue;
    const part = (counts.get(own) ?? 0) * weight;
    value += part;
    lines.push(`  ${own}: ${String(counts.get(own) ?? 0)} · ${signed(weight)} = ${signed(part)}`);
  }
  return { value, lines: [...lines, `Σ = ${String(value)}`] };
}

/** Pods per domain that `accept` takes. */
function countDomains(key: string, facts: ClusterFacts, byNode: ReadonlyMap<string, readonly Pod[]>, accept: (pod: Pod) => boolean) {
  const counts = new Map<string, number>();
  for (const [node, other] of placed(facts, byNode)) {
    const value = domainOf(node, key);
    if (value !== undefined && accept(other)) addTo(counts, value, 1);
  }
  return counts;
}

/** The required terms at the node: its affinity wants at least one pod in the domain, anti-affinity (the pod's and others') none. */
export function affinityCheck(pod: Pod, node: Node, facts: ClusterFacts): Check | undefined {
  const matches = matcher(facts);
  const byNode = podsByNode(facts, pod);
  const { namespace = '' } = pod.metadata;
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const wanted = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const all = (other: Pod) => wanted.every((term) => matches(term, namespace, other));
  const found = wanted.map((term) => ({ term, counts: countDomains(term.topologyKey, facts, byNode, all) }));
  const first = found.every(({ counts }) => counts.size === 0) && all(pod);
  const lines: string[] = [];
  let passes = true;
  const tell = (text: string, key: string, counts: ReadonlyMap<string, number>, holds: (count: number) => boolean, bound: string) => {
    const own = domainOf(node, key);
    const count = own === undefined ? 0 : (counts.get(own) ?? 0);
    lines.push(`${text}: ${countsText(counts, own)}`, `  ${own ?? `${node.metadata.name}: –`}: ${String(count)} ${bound}`);
    passes &&= holds(count);
  };
  for (const { term, counts } of found) {
    const known = domainOf(node, term.topologyKey) !== undefined;
    const count = counts.get(domainOf(node, term.topologyKey) ?? '') ?? 0;
    const bound = count > 0 ? '≥ 1' : first && known ? '→ ✓' : '< 1';
    tell(`podAffinity ${termText(term)}`, term.topologyKey, counts, () => known && (count > 0 || first), bound);
  }
  const none = (text: string, key: string, counts: ReadonlyMap<string, number>) => {
    const count = counts.get(domainOf(node, key) ?? '') ?? 0;
    tell(text, key, counts, (there) => there === 0, count > 0 ? '> 0' : '= 0');
  };
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const counts = countDomains(term.topologyKey, facts, byNode, (other) => matches(term, namespace, other));
    none(`podAntiAffinity ${termText(term)}`, term.topologyKey, counts);
  }
  for (const { text, key, counts } of othersRefusals(pod, facts, byNode, matches)) none(text, key, counts);
  return lines.length === 0 ? undefined : { lines, passes };
}

/** Required anti-affinity of running pods that speaks of this one: equal terms count together. */
function othersRefusals(pod: Pod, facts: ClusterFacts, byNode: ReadonlyMap<string, readonly Pod[]>, matches: Matches): Counted[] {
  const found = new Map<string, Counted>();
  for (const [node, other] of placed(facts, byNode)) {
    const { namespace = '', name } = other.metadata;
    for (const term of other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
      const value = domainOf(node, term.topologyKey);
      if (value === undefined || !matches(term, namespace, pod)) continue;
      const id = JSON.stringify([namespace, term]);
      const text = `${namespace}/${name}: podAntiAffinity ${termText(term)}`;
      const counted = found.get(id) ?? { text, key: term.topologyKey, weight: 0, counts: new Map<string, number>() };
      addTo(counted.counts, value, 1);
      found.set(id, counted);
    }
  }
  return [...found.values()];
}
