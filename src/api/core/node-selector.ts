/**
 * Node selectors (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`): terms are joined with OR, the requirements of
 * a term with AND; a term without requirements matches nothing. Compiled once per frozen API object.
 */
import { matchesRequirement, selectorFromSet, validateRequirement } from '../../apimachinery/labels.ts';
import type { Operator, Requirement } from '../../apimachinery/labels.ts';
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  PreferredSchedulingTerm,
} from '../generated/types.ts';
import type { Labels } from '../../apimachinery/labels.ts';

const OPERATORS: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' };

/** What a selector looks at; the scheduler's NodeInfo is one. */
export interface NodeLike {
  readonly name: string;
  readonly labels: Labels;
}

/** The node as selectors see it. */
export const asNodeLike = ({ metadata: { name, labels = {} } }: Node): NodeLike => ({ name, labels });

interface Term {
  /** A term with a requirement that is not a valid label requirement matches nothing. */
  readonly valid: boolean;
  readonly expressions: readonly Requirement[];
  readonly fields: readonly Requirement[];
}

function compileRequirement({ key, operator, values = [] }: NodeSelectorRequirement): Requirement {
  return { key, operator: OPERATORS[operator] ?? 'in', values };
}

function compileTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): Term {
  const expressions = matchExpressions.map(compileRequirement);
  const valid = expressions.every(({ key, operator, values }) => validateRequirement(key, operator, values).length === 0);
  return { valid, expressions, fields: matchFields.map(compileRequirement) };
}

function termMatches({ valid, expressions, fields }: Term, { name, labels }: NodeLike): boolean {
  if (!valid || (expressions.length === 0 && fields.length === 0)) return false;
  for (const requirement of expressions) if (!matchesRequirement(requirement, labels)) return false;
  return fields.length === 0 || fields.every((requirement) => matchesRequirement(requirement, { 'metadata.name': name }));
}

const compiledTerms = new WeakMap<NodeSelectorTerm, Term>();

/** Whether one term matches the node. */
export function nodeSelectorTermMatches(term: NodeSelectorTerm, node: NodeLike): boolean {
  let compiled = compiledTerms.get(term);
  if (compiled === undefined) compiledTerms.set(term, (compiled = compileTerm(term)));
  return termMatches(compiled, node);
}

/** Whether any term matches the node. */
export function nodeSelectorMatches({ nodeSelectorTerms }: NodeSelector, node: NodeLike): boolean {
  for (const term of nodeSelectorTerms) if (nodeSelectorTermMatches(term, node)) return true;
  return false;
}

/** Whether the node satisfies the pod's `nodeSelector` and required node affinity (`GetRequiredNodeAffinity`). */
export function requiredNodeAffinityMatches({ nodeSelector, affinity }: PodSpec, node: NodeLike): boolean {
  if (nodeSelector !== undefined && !selectorFromSet(nodeSelector).matches(node.labels)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || nodeSelectorMatches(required, node);
}

/** Sum of the weights of the preferred terms that match. */
export function preferredScore(terms: readonly PreferredSchedulingTerm[], node: NodeLike): number {
  let sum = 0;
  for (const { weight, preference } of terms) if (weight !== 0 && nodeSelectorTermMatches(preference, node)) sum += weight;
  return sum;
}

/**
 * The only nodes that can match, when every term names nodes by `metadata.name In [...]`, as the pods of a DaemonSet do;
 * undefined when the selector leaves it open.
 */
export function namedNodes({ nodeSelectorTerms }: NodeSelector): ReadonlySet<string> | undefined {
  if (nodeSelectorTerms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of nodeSelectorTerms) {
    let ofTerm: Set<string> | undefined;
    for (const { key, operator, values = [] } of matchFields) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const listed = new Set(values);
      ofTerm = ofTerm === undefined ? listed : new Set([...ofTerm].filter((name) => listed.has(name)));
    }
    if (ofTerm === undefined) return undefined;
    for (const name of ofTerm) names.add(name);
  }
  return names;
}
