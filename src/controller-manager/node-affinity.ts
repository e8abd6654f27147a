/**
 * Whether a node is one that a pod asks for: nodeSelector and required node affinity
 * (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`).
 */
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../api/generated/types.ts';
import { matchesRequirement } from '../apimachinery/labels.ts';
import type { Operator } from '../apimachinery/labels.ts';

const OPERATORS: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' };

/** True when all of `nodeSelector` and one of the required terms hold. */
export function matchesNodeAffinity({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels;
  for (const [key, value] of Object.entries(nodeSelector ?? {})) if (labels?.[key] !== value) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesTerms(required.nodeSelectorTerms, node);
}

/** True when one of the terms holds; an empty term selects nothing. */
export function matchesTerms(terms: readonly NodeSelectorTerm[], { metadata }: Node): boolean {
  const fields = { 'metadata.name': metadata.name };
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length === 0 && matchFields.length === 0) return false;
    return matchExpressions.every((term) => holds(term, metadata.labels)) && matchFields.every((term) => holds(term, fields));
  });
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Readonly<Record<string, string>> | undefined): boolean {
  const known = OPERATORS[operator];
  return known !== undefined && matchesRequirement({ key, operator: known, values }, labels);
}
