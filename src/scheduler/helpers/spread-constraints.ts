/**
 * Topology spread constraints in the form in which they are counted (`plugins/podtopologyspread/common.go`).
 */
import type { Pod, PodSpec, TopologySpreadConstraint } from '../../api/generated/types.ts';
import { labelSelectorAsSelector, nothing, selectorOf } from '../../apimachinery/labels.ts';
import type { Labels, Requirement, Selector } from '../../apimachinery/labels.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodGroup } from '../cache/pod-group.ts';
import type { WorkloadSelectors } from '../framework/interface.ts';
import { requiredNodeAffinityMatches } from '../../api/core/node-selector.ts';
import { untoleratedTaint } from '../../api/core/taints.ts';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/** What a pod gets that states no constraints: the "System" defaults. */
export const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME_LABEL, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** One constraint of one pod, with the number of matching pods per topology value. */
export class SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly minDomains: number;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
  readonly #namespace: string;
  readonly #matching = new Map<PodGroup, boolean>();

  constructor(source: TopologySpreadConstraint, pod: Pod, selector: Selector) {
    this.maxSkew = source.maxSkew;
    this.topologyKey = source.topologyKey;
    this.selector = selector;
    this.minDomains = source.minDomains ?? 1;
    this.honorAffinity = (source.nodeAffinityPolicy ?? 'Honor') === 'Honor';
    this.honorTaints = source.nodeTaintsPolicy === 'Honor';
    this.#namespace = pod.metadata.namespace ?? '';
  }

  /** Whether the node's pods count: its policies admit the node. */
  admits(spec: PodSpec, node: NodeInfo): boolean {
    if (this.honorAffinity && !requiredNodeAffinityMatches(spec, node)) return false;
    return !this.honorTaints || untoleratedTaint(node.taints, spec.tolerations) === undefined;
  }

  /** How many pods on the node match; terminating ones do not. An empty selector counts none. */
  countOn(node: NodeInfo): number {
    if (this.selector.empty) return 0;
    let count = 0;
    for (const [group, members] of node.groups) if (this.#matches(group)) count += members;
    return count;
  }

  #matches(group: PodGroup): boolean {
    let matching = this.#matching.get(group);
    if (matching === undefined) {
      matching = !group.terminating && group.namespace === this.#namespace && this.selector.matches(group.labels);
      this.#matching.set(group, matching);
    }
    return matching;
  }
}

/** `matchLabelKeys` narrow the selector to pods with the incoming pod's values for those keys. */
function selectorFor({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, labels: Labels): Selector {
  const selector = labelSelectorAsSelector(labelSelector);
  const added = matchLabelKeys.flatMap((key): Requirement[] => {
    const value = labels?.[key];
    return value === undefined ? [] : [{ key, operator: '=', values: [value] }];
  });
  return added.length === 0 || selector === nothing ? selector : selectorOf([...added, ...selector.requirements]);
}

/** The pod's own constraints of the given kind. */
export function ownConstraints(pod: Pod, whenUnsatisfiable: string): SpreadConstraint[] {
  const own = (pod.spec.topologySpreadConstraints ?? []).filter((source) => source.whenUnsatisfiable === whenUnsatisfiable);
  return own.map((source) => new SpreadConstraint(source, pod, selectorFor(source, pod.metadata.labels)));
}

/** The profile's constraints for a pod without any of its own, over the pods of its workload; none when nothing selects it. */
export function defaultConstraints(
  defaults: readonly TopologySpreadConstraint[],
  pod: Pod,
  whenUnsatisfiable: string,
  workloads: WorkloadSelectors,
): SpreadConstraint[] {
  const wanted = defaults.filter((source) => source.whenUnsatisfiable === whenUnsatisfiable);
  if (wanted.length === 0) return [];
  const selector = workloadSelector(pod, workloads);
  return selector.empty ? [] : wanted.map((source) => new SpreadConstraint(source, pod, selector));
}

/** All that Services and the controller of the pod select by, joined (`helper.DefaultSelector`); empty when nothing selects it. */
export function workloadSelector(pod: Pod, workloads: WorkloadSelectors): Selector {
  const { namespace = '', labels = {} } = pod.metadata;
  const set: Record<string, string> = {};
  for (const { spec } of workloads.services(namespace)) {
    const selector = spec?.selector ?? {};
    const entries = Object.entries(selector);
    if (entries.length > 0 && entries.every(([key, value]) => labels[key] === value)) Object.assign(set, selector);
  }
  const owner = controllerOf(pod);
  const key = `${namespace}/${owner?.name ?? ''}`;
  const requirements: Requirement[] = [];
  if (owner?.kind === 'ReplicationController') Object.assign(set, workloads.replicationController(key)?.spec?.selector);
  else if (owner?.kind === 'ReplicaSet') requirements.push(...requirementsOf(workloads.replicaSet(key)?.spec?.selector));
  else if (owner?.kind === 'StatefulSet') requirements.push(...requirementsOf(workloads.statefulSet(key)?.spec?.selector));
  for (const [name, value] of Object.entries(set)) requirements.push({ key: name, operator: '=', values: [value] });
  return selectorOf(requirements);
}

const requirementsOf = (selector: Parameters<typeof labelSelectorAsSelector>[0]): readonly Requirement[] =>
  selector ? labelSelectorAsSelector(selector).requirements : [];

/** Whether the node has the topology keys of all constraints. */
export function hasAllKeys({ labels }: { labels?: Labels }, constraints: readonly SpreadConstraint[]): boolean {
  for (const { topologyKey } of constraints) if (labels?.[topologyKey] === undefined) return false;
  return true;
}
