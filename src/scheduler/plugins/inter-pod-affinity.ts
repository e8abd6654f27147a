/**
 * InterPodAffinity (`plugins/interpodaffinity`). Filter, in this order: the pod's required affinity (in each term's topology
 * there is a pod that matches all terms; or nothing matches anywhere and the pod matches itself), its required anti-affinity,
 * the required anti-affinity of pods that run already. Score: per topology pair, + weight for preferred affinity and - weight
 * for preferred anti-affinity, of the pod towards others and of others towards it, + hardPodAffinityWeight for others' required
 * affinity to it; a node's raw score is the sum over its labels; 100 · (raw - min) / (max - min), 0 when all are equal.
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { podAffinityTerms, termMatches } from '../cache/pod-affinity-terms.ts';
import type {
  AffinityTerm,
  NamespaceLabels,
  PodAffinityTerms,
  TermTarget as Target,
  WeightedAffinityTerm,
} from '../cache/pod-affinity-terms.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { StateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Handle, NodeScores, Plugin } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';
import { skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { Tallies } from '../helpers/tallies.ts';
import { TopologyCounts } from '../helpers/topology-counts.ts';

const NAME = 'InterPodAffinity';
const SKIP = skip(NAME);
const AFFINITY = unresolvable(NAME, "node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = unschedulable(NAME, "node(s) didn't match pod anti-affinity rules");
const EXISTING_ANTI_AFFINITY = unschedulable(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");
const NO_TERMS: PodAffinityTerms = { requiredAffinity: [], requiredAntiAffinity: [], preferredAffinity: [], preferredAntiAffinity: [] };

class FilterState {
  readonly existingAnti: TopologyCounts;
  readonly affinity: TopologyCounts;
  readonly anti: TopologyCounts;
  readonly #namespaceLabels: NamespaceLabels;

  constructor(
    namespaceLabels: NamespaceLabels,
    existingAnti = new TopologyCounts(),
    affinity = new TopologyCounts(),
    anti = new TopologyCounts(),
  ) {
    this.#namespaceLabels = namespaceLabels;
    this.existingAnti = existingAnti;
    this.affinity = affinity;
    this.anti = anti;
  }

  clone(): FilterState {
    return new FilterState(this.#namespaceLabels, this.existingAnti.clone(), this.affinity.clone(), this.anti.clone());
  }

  get empty(): boolean {
    return this.existingAnti.empty && this.affinity.empty && this.anti.empty;
  }

  /** Adds `sign` times the other numbers. */
  addAll(other: FilterState, sign: 1 | -1): void {
    this.existingAnti.addAll(other.existingAnti, sign);
    this.affinity.addAll(other.affinity, sign);
    this.anti.addAll(other.anti, sign);
  }

  /** Counts `members` pods like `target` on the node for the incoming pod's terms. */
  countIncoming({ requiredAffinity, requiredAntiAffinity }: PodAffinityTerms, target: Target, node: NodeInfo, members: number): void {
    if (matchesAll(requiredAffinity, target, this.#namespaceLabels)) {
      for (const { topologyKey } of requiredAffinity) this.affinity.add(topologyKey, node, members);
    }
    for (const term of requiredAntiAffinity) {
      if (termMatches(term, target, this.#namespaceLabels)) this.anti.add(term.topologyKey, node, members);
    }
  }

  /** Counts the anti-affinity of a pod on the node against the incoming pod. */
  countExisting(pod: Pod, { terms }: PodInfo, node: NodeInfo, delta: number): void {
    for (const term of terms?.requiredAntiAffinity ?? []) {
      if (termMatches(term, pod, this.#namespaceLabels)) this.existingAnti.add(term.topologyKey, node, delta);
    }
  }
}

/** The numbers for filtering, kept up to date node by node. */
class FilterTally {
  readonly total: FilterState;
  readonly #pod: Pod;
  readonly #terms: PodAffinityTerms;
  readonly #namespaceLabels: NamespaceLabels;
  readonly #parts: (FilterState | undefined)[] = [];

  constructor(pod: Pod, terms: PodAffinityTerms, namespaceLabels: NamespaceLabels) {
    this.#pod = pod;
    this.#terms = terms;
    this.#namespaceLabels = namespaceLabels;
    this.total = new FilterState(namespaceLabels);
  }

  update(node: NodeInfo): void {
    const old = this.#parts[node.slot];
    if (old !== undefined) this.total.addAll(old, -1);
    const next = this.#partOf(node);
    if (next !== undefined) this.total.addAll(next, 1);
    if (node.slot >= 0) this.#parts[node.slot] = next;
  }

  #partOf(node: NodeInfo): FilterState | undefined {
    if (node.node === undefined || node.pods.size === 0) return undefined;
    const part = new FilterState(this.#namespaceLabels);
    for (const existing of node.podsWithRequiredAntiAffinity.values()) part.countExisting(this.#pod, existing, node, 1);
    if (this.#terms.requiredAffinity.length > 0 || this.#terms.requiredAntiAffinity.length > 0) {
      for (const [group, members] of node.groups) part.countIncoming(this.#terms, asTarget(group), node, members);
    }
    return part.empty ? undefined : part;
  }
}

/** The sums for scoring, kept up to date node by node. */
class ScoreTally {
  readonly total: TopologyCounts = new TopologyCounts();
  readonly #count: (into: TopologyCounts, node: NodeInfo) => void;
  readonly #parts: (TopologyCounts | undefined)[] = [];

  constructor(count: (into: TopologyCounts, node: NodeInfo) => void) {
    this.#count = count;
  }

  update(node: NodeInfo): void {
    const old = this.#parts[node.slot];
    if (old !== undefined) this.total.addAll(old, -1);
    const next = new TopologyCounts();
    if (node.node !== undefined && node.pods.size > 0) this.#count(next, node);
    this.total.addAll(next, 1);
    if (node.slot >= 0) this.#parts[node.slot] = next.empty ? undefined : next;
  }
}

const filtering = new StateKey<FilterState>(`PreFilter${NAME}`);
const scoring = new StateKey<TopologyCounts>(`PreScore${NAME}`);

function matchesAll(terms: readonly AffinityTerm[], target: Target, namespaceLabels: NamespaceLabels): boolean {
  if (terms.length === 0) return false;
  for (const term of terms) if (!termMatches(term, target, namespaceLabels)) return false;
  return true;
}

/** Arguments of the plugin. */
interface InterPodAffinityArgs {
  hardPodAffinityWeight?: number;
  ignorePreferredTermsOfExistingPods?: boolean;
}

class InterPodAffinity implements Plugin {
  readonly name: string = NAME;
  readonly events: Plugin['events'] = [
    {
      event: { resource: 'Pod', action: Action.Add | Action.Delete | Action.UpdatePodLabel },
      hint: (pod, { old, object }) => this.#podChangeHelps(pod, old as Pod | undefined, object as Pod | undefined),
    },
    {
      event: { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
      hint: (pod, { object }) => hasTopologyOf(podAffinityTerms(pod), object as Node),
    },
    { event: { resource: 'Namespace', action: Action.Add | Action.Update } },
  ];
  readonly #handle: Handle;
  readonly #filterTallies = new Tallies<FilterTally>();
  readonly #scoreTallies = new Tallies<ScoreTally>();
  readonly #hardWeight: number;
  readonly #ignoreExisting: boolean;

  constructor(handle: Handle, { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: InterPodAffinityArgs) {
    this.#handle = handle;
    this.#hardWeight = hardPodAffinityWeight;
    this.#ignoreExisting = ignorePreferredTermsOfExistingPods;
  }

  /** A pod that the required affinity wants has come, or one that anti-affinity (either's) forbids has gone. */
  #podChangeHelps(pod: Pod, old: Pod | undefined, next: Pod | undefined): boolean {
    if (next?.metadata.uid === pod.metadata.uid) return true;
    const { requiredAffinity, requiredAntiAffinity } = podAffinityTerms(pod) ?? NO_TERMS;
    const wanted = (other: Pod | undefined) => other !== undefined && matchesAll(requiredAffinity, other, this.#namespaceLabels);
    const forbidden = (other: Pod | undefined) =>
      other !== undefined &&
      (requiredAntiAffinity.some((term) => termMatches(term, other, this.#namespaceLabels)) ||
        podAffinityTerms(other)?.requiredAntiAffinity.some((term) => termMatches(term, pod, this.#namespaceLabels)));
    return (wanted(next) && !wanted(old)) || (forbidden(old) === true && forbidden(next) !== true);
  }

  preFilter(state: CycleState, pod: PodInfo): Status | undefined {
    const { snapshot, informers } = this.#handle;
    const { terms = NO_TERMS } = pod;
    const own = terms.requiredAffinity.length > 0 || terms.requiredAntiAffinity.length > 0;
    if (!own && snapshot.nodesWithRequiredAntiAffinity.size === 0) return SKIP;
    const make = () => new FilterTally(pod.pod, terms, this.#namespaceLabels);
    const { total } = this.#filterTallies.get(snapshot, pod, informers.namespaces.resourceVersion, make);
    if (!own && total.existingAnti.empty) return SKIP;
    state.write(filtering, total);
    return undefined;
  }

  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    this.#update(state, pod, added, node, 1);
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    this.#update(state, pod, removed, node, -1);
  }

  #update(state: CycleState, { pod, terms = NO_TERMS }: PodInfo, other: PodInfo, node: NodeInfo, delta: number): void {
    const found = state.read(filtering);
    found?.countExisting(pod, other, node, delta);
    found?.countIncoming(terms, other.pod, node, delta);
  }

  filter(state: CycleState, { pod, terms = NO_TERMS }: PodInfo, node: NodeInfo): Status | undefined {
    const found = state.read(filtering);
    if (found === undefined) return undefined;
    if (!this.#satisfiesAffinity(found, terms.requiredAffinity, pod, node)) return AFFINITY;
    if (!found.anti.empty) {
      for (const { topologyKey } of terms.requiredAntiAffinity) {
        const value = node.labels?.[topologyKey];
        if (value !== undefined && found.anti.get(topologyKey, value) > 0) return ANTI_AFFINITY;
      }
    }
    return found.existingAnti.anyOn(node) ? EXISTING_ANTI_AFFINITY : undefined;
  }

  #satisfiesAffinity({ affinity }: FilterState, terms: readonly AffinityTerm[], pod: Pod, { labels }: NodeInfo): boolean {
    let podsExist = true;
    for (const { topologyKey } of terms) {
      const value = labels?.[topologyKey];
      if (value === undefined) return false;
      if (affinity.get(topologyKey, value) <= 0) podsExist = false;
    }
    // The first pod of a group that wants to be together must be able to start it.
    return podsExist || (affinity.empty && matchesAll(terms, pod, this.#namespaceLabels));
  }

  readonly #namespaceLabels: NamespaceLabels = (namespace) => this.#handle.namespaceLabels(namespace);

  preScore(state: CycleState, pod: PodInfo): Status | undefined {
    const { terms = NO_TERMS } = pod;
    const prefers = terms.preferredAffinity.length > 0 || terms.preferredAntiAffinity.length > 0;
    if (this.#ignoreExisting && !prefers) return SKIP;
    const { snapshot, informers } = this.#handle;
    if (!prefers && snapshot.nodesWithAffinity.size === 0) return SKIP;
    const make = () => new ScoreTally((scores, node) => this.#scoreNode(scores, pod.pod, terms, node));
    const { total } = this.#scoreTallies.get(snapshot, pod, informers.namespaces.resourceVersion, make);
    if (total.empty) return SKIP;
    state.write(scoring, total);
    return undefined;
  }

  #scoreNode(scores: TopologyCounts, pod: Pod, terms: PodAffinityTerms, node: NodeInfo): void {
    if (terms.preferredAffinity.length > 0 || terms.preferredAntiAffinity.length > 0) this.#scoreIncoming(scores, terms, node);
    for (const existing of node.podsWithAffinity.values()) {
      if (existing.terms !== undefined) this.#scoreExisting(scores, existing.terms, pod, node);
    }
  }

  #scoreIncoming(scores: TopologyCounts, { preferredAffinity, preferredAntiAffinity }: PodAffinityTerms, node: NodeInfo): void {
    for (const [group, members] of node.groups) {
      const target = asTarget(group);
      this.#addTerms(scores, preferredAffinity, target, node, members);
      this.#addTerms(scores, preferredAntiAffinity, target, node, -members);
    }
  }

  #scoreExisting(scores: TopologyCounts, terms: PodAffinityTerms, pod: Pod, node: NodeInfo): void {
    if (this.#hardWeight > 0) {
      for (const term of terms.requiredAffinity) {
        if (termMatches(term, pod, this.#namespaceLabels)) scores.add(term.topologyKey, node, this.#hardWeight);
      }
    }
    this.#addTerms(scores, terms.preferredAffinity, pod, node, 1);
    this.#addTerms(scores, terms.preferredAntiAffinity, pod, node, -1);
  }

  #addTerms(scores: TopologyCounts, terms: readonly WeightedAffinityTerm[], target: Target, node: NodeInfo, times: number): void {
    for (const term of terms) if (termMatches(term, target, this.#namespaceLabels)) scores.add(term.topologyKey, node, term.weight * times);
  }

  score(state: CycleState, _pod: PodInfo, node: NodeInfo): number {
    return state.read(scoring)?.sumOn(node) ?? 0;
  }

  normalizeScore(_state: CycleState, _pod: PodInfo, nodes: readonly NodeInfo[], scores: NodeScores): void {
    const used = scores.subarray(0, nodes.length);
    let [min, max] = [Infinity, -Infinity];
    for (const score of used) {
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let index = 0; index < used.length; index++) {
      used[index] = max > min ? Math.trunc(MAX_NODE_SCORE * (((used[index] ?? 0) - min) / (max - min))) : 0;
    }
  }
}

/** Whether the node belongs to a topology that the pod's required terms speak of, or the pod has none and others' forbid it. */
function hasTopologyOf(terms: PodAffinityTerms | undefined, node: Node): boolean {
  const required = [...(terms?.requiredAffinity ?? []), ...(terms?.requiredAntiAffinity ?? [])];
  return required.length === 0 || required.some(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
}

const asTarget = ({ namespace, labels }: { namespace: string; labels: Target['metadata']['labels'] }): Target => ({
  metadata: { namespace, labels },
});

/** Makes the InterPodAffinity plugin from its `InterPodAffinityArgs`. */
export function interPodAffinity(args: Readonly<Record<string, unknown>>, handle: Handle): Plugin {
  return new InterPodAffinity(handle, args as InterPodAffinityArgs);
}
