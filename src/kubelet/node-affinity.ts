/** Node selector terms (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`): terms are ORed, requirements ANDed. */
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '../api/generated/types.ts';

function matchesRequirement({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return Number.parseInt(actual ?? '', 10) > Number(values[0]);
    case 'Lt':
      return Number.parseInt(actual ?? '', 10) < Number(values[0]);
    default:
      return false;
  }
}

/** True when any term matches the node; an empty term matches nothing. */
export function matchesNodeSelectorTerms(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => matchesRequirement(requirement, node.metadata.labels?.[requirement.key])) &&
      matchFields.every((requirement) =>
        matchesRequirement(requirement, requirement.key === 'metadata.name' ? node.metadata.name : undefined),
      )
    );
  });
}
