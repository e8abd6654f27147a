/**
 * PodTopologySpread with its numbers: matching pods per topology domain, skew and maxSkew. Models src/scheduler/plugins/pod-topology-spread.ts
 * and src/scheduler/helpers/spread-constraints.ts over the objects of the API.
 */
import { asNodeLike, requiredNodeAffinityMatches } from '../../api/core/node-selector.ts';
import { untoleratedTaint } from '../../api/core/taints.ts';
import { labelSelectorAsSelector, nothing, selectorOf } from '../../apimachinery/labels.ts';
import { short } from './amounts.ts';
import { addTo, countsText, domainOf, ordered, podsByNode } from './counted-pods.ts';
import type { Node, Pod, TopologySpreadConstraint } from '../../api/generated/types.ts';
import type { Requirement, Selector } from '../../apimachinery/labels.ts';
import type { Check, DomainCounts } from './counted-pods.ts';
import type { Formula } from './formulas.ts';
import type { ClusterFacts } from './past.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const MAX_DOMAINS = 12;

/** Of pods that state no constraints. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** One constraint, ready to count. */
interface Constraint {
  key: string;
  maxSkew: number;
  minDomains: number;
  selector: Selector;
  /** Whether the node's pods count. */
  admits(node: Node): boolean;
}

const requirementsOf = (set: Readonly<Record<string, string>>): Requirement[] =>
  Object.entries(set).map(([key, value]) => ({ key, operator: '=', values: [value] }));

/** All that Services and the controller of the pod select by, joined. */
export function workloadSelector({ metadata }: Pod, facts: ClusterFacts): Selector {
  const { namespace, labels = {} } = metadata;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const owned = <T extends { metadata: { name: string; namespace?: string } }>(kind: string, list: readonly T[]) =>
    owner?.kind === kind ? list.find((one) => one.metadata.name === owner.name && one.metadata.namespace === namespace) : undefined;
  const services = facts.services.filter(({ metadata: { namespace: its }, spec }) => {
    const entries = Object.entries(spec?.selector ?? {});
    return its === namespace && entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
  });
  const sets = [
    ...services.map(({ spec }) => spec?.selector ?? {}),
    owned('ReplicationController', facts.replicationControllers)?.spec?.selector ?? {},
  ];
  const workload = owned('ReplicaSet', facts.replicaSets)?.spec?.selector ?? owned('StatefulSet', facts.statefulSets)?.spec?.selector;
  const more = workload === undefined ? [] : labelSelectorAsSelector(workload).requirements;
  return selectorOf([...more, ...requirementsOf(Object.assign({}, ...sets) as Record<string, string>)]);
}

function selectorOfConstraint({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, { metadata }: Pod): Selector {
  const selector = labelSelectorAsSelector(labelSelector);
  const own = Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => matchLabelKeys.includes(key)));
  const added = requirementsOf(own);
  return added.length === 0 || selector === nothing ? selector : selectorOf([...added, ...selector.requirements]);
}

function constraintsOf(pod: Pod, facts: ClusterFacts, whenUnsatisfiable: string): { constraints: Constraint[]; stated: boolean } {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const stated = own.length > 0;
  const workload = stated ? undefined : workloadSelector(pod, facts);
  if (workload?.empty === true) return { constraints: [], stated };
  const wanted = (stated ? own : SYSTEM_DEFAULTS).filter((source) => source.whenUnsatisfiable === whenUnsatisfiable);
  const constraints = wanted.map((source): Constraint => {
    const { topologyKey: key, maxSkew, minDomains = 1, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy } = source;
    const admits = (node: Node) =>
      (nodeAffinityPolicy !== 'Honor' || requiredNodeAffinityMatches(pod.spec, asNodeLike(node))) &&
      (nodeTaintsPolicy !== 'Honor' || untoleratedTaint(node.spec?.taints ?? [], pod.spec.tolerations) === undefined);
    return { key, maxSkew, minDomains, selector: workload ?? selectorOfConstraint(source, pod), admits };
  });
  return { constraints, stated };
}

/** How many pods on a node match. */
function counter(pod: Pod, facts: ClusterFacts): (selector: Selector, node: Node) => number {
  const byNode = podsByNode(facts, pod);
  return (selector, node) => {
    if (selector.empty) return 0;
    const there = byNode.get(node.metadata.name) ?? [];
    return there.filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace && metadata.deletionTimestamp === undefined && selector.matches(metadata.labels),
    ).length;
  };
}

const hasAllKeys = (node: Node, constraints: readonly Constraint[]) => constraints.every(({ key }) => domainOf(node, key) !== undefined);

const skewOf = (counts: DomainCounts): string => {
  const [max, min] = [Math.max(...counts.values()), Math.min(...counts.values())];
  return counts.size < 2 ? '' : `; ${String(max)} − ${String(min)} = ${String(max - min)}`;
};

/**
 * The raw score of the node: round(Σ count · ln(domains + 2) + maxSkew − 1) over the ScheduleAnyway constraints. `feasible`: the nodes that
 * are scored, whose domains count. Undefined when there is nothing to count.
 */
export function spreadScore(pod: Pod, node: Node, feasible: readonly Node[], facts: ClusterFacts): Formula | undefined {
  const { constraints, stated } = constraintsOf(pod, facts, 'ScheduleAnyway');
  if (constraints.length === 0) return undefined;
  const scored = stated ? feasible.filter((one) => hasAllKeys(one, constraints)) : feasible;
  const missing = constraints.find(({ key }) => domainOf(node, key) === undefined);
  if (stated && missing !== undefined) return { value: 0, lines: [`${missing.key}: – → 0`] };
  const countOn = counter(pod, facts);
  const lines: string[] = [];
  const parts: number[] = [];
  for (const { key, maxSkew, selector, admits } of constraints) {
    const counts = new Map(scored.map((one): [string, number] => [domainOf(one, key) ?? '', 0]));
    const counted = facts.nodes.filter((one) => (!stated || hasAllKeys(one, constraints)) && admits(one));
    for (const one of key === HOSTNAME ? scored : counted) {
      const value = domainOf(one, key) ?? '';
      if (counts.has(value)) addTo(counts, value, countOn(selector, one));
    }
    const own = domainOf(node, key);
    lines.push(`${key}, maxSkew ${String(maxSkew)}: ${countsText(counts, own)}${skewOf(counts)}`);
    if (own === undefined) continue;
    const [count, domains] = [counts.get(own) ?? 0, key === HOSTNAME ? scored.length : counts.size];
    const part = count * Math.log(domains + 2) + maxSkew - 1;
    parts.push(part);
    lines.push(`  ${own}: ${String(count)} · ln(${String(domains)} + 2) + (${String(maxSkew)} − 1) = ${short(part, 3)}`);
  }
  const value = Math.round(parts.reduce((sum, part) => sum + part, 0));
  return { value, lines: [...lines, `round(${parts.map((part) => short(part, 3)).join(' + ') || '0'}) = ${String(value)}`] };
}

/** The nodes whose score does not count, since a topology key of the pod's own ScheduleAnyway constraints is missing there. */
export function withoutKeys({ spec }: Pod, nodes: readonly Node[]): ReadonlySet<string> {
  const soft = (spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  const ignored = nodes.filter((node) => soft.some(({ topologyKey }) => domainOf(node, topologyKey) === undefined));
  return new Set(ignored.map(({ metadata }) => metadata.name));
}

/** SelectorSpreadPriority's raw score: pods of the same workload on the node. */
export function workloadCount(pod: Pod, node: Node, feasible: readonly Node[], facts: ClusterFacts): Formula {
  const selector = workloadSelector(pod, facts);
  const countOn = counter(pod, facts);
  const counts = new Map(feasible.map((one): [string, number] => [one.metadata.name, countOn(selector, one)]));
  const value = countOn(selector, node);
  const { name } = node.metadata;
  return { value, lines: [`${selector.toString() || '–'}: ${countsText(counts, name)}`, `${name} = ${String(value)}`] };
}

/**
 * The DoNotSchedule constraints at the node: count + (1 if the pod matches its own selector) − min ≤ maxSkew in its domain; the other domains
 * are listed beside it. Undefined without such constraints.
 */
export function spreadCheck(pod: Pod, node: Node, facts: ClusterFacts): Check | undefined {
  const { constraints } = constraintsOf(pod, facts, 'DoNotSchedule');
  if (constraints.length === 0) return undefined;
  const countOn = counter(pod, facts);
  const lines: string[] = [];
  let passes = true;
  for (const { key, maxSkew, minDomains, selector, admits } of constraints) {
    const counts = new Map<string, number>();
    for (const one of facts.nodes) {
      if (hasAllKeys(one, constraints) && admits(one)) addTo(counts, domainOf(one, key) ?? '', countOn(selector, one));
    }
    const few = counts.size < minDomains;
    const min = few ? 0 : Math.min(...counts.values());
    const self = selector.matches(pod.metadata.labels) ? 1 : 0;
    const own = domainOf(node, key);
    const domains = `${String(counts.size)} < minDomains ${String(minDomains)} → `;
    lines.push(`${key}, maxSkew ${String(maxSkew)}: ${few ? domains : ''}min = ${String(min)}`);
    const skew = (value: string) => (counts.get(value) ?? 0) + self - min;
    for (const value of own === undefined || counts.has(own) ? ordered(counts, own, MAX_DOMAINS) : [own]) {
      const sum = `${String(counts.get(value) ?? 0)} + ${String(self)} − ${String(min)} = ${String(skew(value))}`;
      lines.push(`  ${value}: ${sum} ${skew(value) > maxSkew ? '>' : '≤'} ${String(maxSkew)}`);
    }
    if (own === undefined) lines.push(`  ${node.metadata.name}: –`);
    passes &&= own !== undefined && skew(own) <= maxSkew;
  }
  return { lines, passes };
}
