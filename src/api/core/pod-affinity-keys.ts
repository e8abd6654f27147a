/**
 * `matchLabelKeys` and `mismatchLabelKeys` of (anti-)affinity terms: when a pod is created its own values of these labels
 * become requirements of the term's selector (`applyMatchLabelKeysAndMismatchLabelKeys` in `pkg/registry/core/pod/strategy.go`).
 */
import { mapField, mapItems } from '../defaulting.ts';
import type { Affinity, LabelSelectorRequirement, PodAffinityTerm, PodSpec } from '../generated/types.ts';

type Labels = Readonly<Record<string, string>>;

/** The merged affinity for the labels it was made for: pods of one template share both. */
const merged = new WeakMap<Affinity, { labels: Labels | undefined; affinity: Affinity }>();

/** The spec with all label keys of its affinity terms merged; the same spec when there are none. */
export function withLabelKeysMerged(spec: PodSpec, labels: Labels | undefined): PodSpec {
  const { affinity } = spec;
  if (affinity?.podAffinity == null && affinity?.podAntiAffinity == null) return spec;
  let known = merged.get(affinity);
  if (known?.labels !== labels) known = undefined;
  if (known === undefined) merged.set(affinity, (known = { labels, affinity: withMergedTerms(affinity, labels ?? {}) }));
  return known.affinity === affinity ? spec : { ...spec, affinity: known.affinity };
}

function withMergedTerms(affinity: Affinity, labels: Labels): Affinity {
  const term = (one: PodAffinityTerm) => withMergedKeys(one, labels);
  let next = affinity;
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    next = mapField(next, kind, (terms) => {
      const required = mapField(terms, 'requiredDuringSchedulingIgnoredDuringExecution', (list) => mapItems(list, term));
      return mapField(required, 'preferredDuringSchedulingIgnoredDuringExecution', (list) =>
        mapItems(list, (weighted) => mapField(weighted, 'podAffinityTerm', term)),
      );
    });
  }
  return next;
}

function withMergedKeys(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  // A term without selector matches nothing, whatever is added.
  if (labelSelector == null) return term;
  const requirements = [...requirementsOf(matchLabelKeys, 'In', labels), ...requirementsOf(mismatchLabelKeys, 'NotIn', labels)];
  if (requirements.length === 0) return term;
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements];
  return { ...term, labelSelector: { ...labelSelector, matchExpressions } };
}

/** One requirement for each key that the pod has a label of. */
function requirementsOf(keys: readonly string[], operator: 'In' | 'NotIn', labels: Labels): LabelSelectorRequirement[] {
  return keys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
