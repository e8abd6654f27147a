/**
 * Inter-pod affinity terms in the form in which they are matched (`pkg/scheduler/framework/types.go`, AffinityTerm).
 * A term looks at the pods of `namespaces` and of all namespaces that `namespaceSelector` matches; a term with neither
 * looks at the namespace of the pod that carries it. `matchLabelKeys` and `mismatchLabelKeys` were merged into the
 * selector by the apiserver when the pod was created.
 */
import { labelSelectorAsSelector, nothing } from '../../apimachinery/labels.ts';
import type { Labels, Selector } from '../../apimachinery/labels.ts';
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../api/generated/types.ts';

/** One required term. */
export interface AffinityTerm {
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector;
  readonly selector: Selector;
  readonly topologyKey: string;
}

/** One preferred term. */
export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

/** All terms of a pod. */
export interface PodAffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinity: readonly WeightedAffinityTerm[];
}

/** The labels of a namespace; undefined when it is not known. */
export type NamespaceLabels = (namespace: string) => Labels;

function compileTerm(term: PodAffinityTerm, podNamespace: string): AffinityTerm {
  const own = (term.namespaces?.length ?? 0) === 0 && term.namespaceSelector == null;
  return {
    namespaces: own ? [podNamespace] : (term.namespaces ?? []),
    namespaceSelector: term.namespaceSelector == null ? nothing : labelSelectorAsSelector(term.namespaceSelector),
    selector: labelSelectorAsSelector(term.labelSelector),
    topologyKey: term.topologyKey,
  };
}

const compileWeighted =
  (podNamespace: string) =>
  ({ weight, podAffinityTerm }: WeightedPodAffinityTerm): WeightedAffinityTerm => ({
    ...compileTerm(podAffinityTerm, podNamespace),
    weight,
  });

interface Compiled {
  readonly namespace: string;
  readonly terms: PodAffinityTerms;
}
const compiledByAffinity = new WeakMap<object, Compiled>();

/** The compiled terms of a pod, made once per shared `spec.affinity`; undefined when it has none. */
export function podAffinityTerms(pod: Pod): PodAffinityTerms | undefined {
  const affinity = pod.spec.affinity;
  if (affinity === undefined || (affinity.podAffinity == null && affinity.podAntiAffinity == null)) return undefined;
  const namespace = pod.metadata.namespace ?? '';
  const known = compiledByAffinity.get(affinity);
  if (known?.namespace === namespace) return known.terms;
  const { podAffinity, podAntiAffinity } = affinity;
  const term = (source: PodAffinityTerm) => compileTerm(source, namespace);
  const terms: PodAffinityTerms = {
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    preferredAffinity: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(compileWeighted(namespace)),
    preferredAntiAffinity: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(compileWeighted(namespace)),
  };
  compiledByAffinity.set(affinity, { namespace, terms });
  return terms;
}

/** What a term looks at: a pod, or what stands for many like it. */
export interface TermTarget {
  readonly metadata: { readonly namespace?: string; readonly labels?: Labels };
}

/** Whether the term selects the pod. `namespaceLabels` gives the labels of its namespace. */
export function termMatches(term: AffinityTerm, pod: TermTarget, namespaceLabels: NamespaceLabels): boolean {
  const namespace = pod.metadata.namespace ?? '';
  if (!term.namespaces.includes(namespace) && !selectsNamespace(term, namespace, namespaceLabels)) return false;
  return term.selector.matches(pod.metadata.labels);
}

function selectsNamespace({ namespaceSelector }: AffinityTerm, namespace: string, namespaceLabels: NamespaceLabels): boolean {
  return namespaceSelector !== nothing && namespaceSelector.matches(namespaceLabels(namespace));
}
