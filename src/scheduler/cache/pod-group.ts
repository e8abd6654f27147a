/**
 * Pods that no label selector can tell apart: same namespace, same labels, both or neither terminating. Counting groups
 * instead of pods makes topology spreading and inter-pod affinity cost O(groups on the node), not O(pods on the node).
 * Groups are shared and compared by identity. The table of groups is dropped when it has become large; a group made twice
 * only means that its pods are counted in two parts.
 */
import type { Labels } from '../../apimachinery/labels.ts';
import type { Pod } from '../../api/generated/types.ts';

/** One kind of pods. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  /** Being deleted: topology spreading does not count it. */
  readonly terminating: boolean;
}

const NO_LABELS: NonNullable<Labels> = Object.freeze({});
const textOf = new WeakMap<NonNullable<Labels>, string>();
const groups = new Map<string, PodGroup>();
const MAX_GROUPS = 50_000;

function labelText(labels: NonNullable<Labels>): string {
  let text = textOf.get(labels);
  if (text === undefined) {
    const keys = Object.keys(labels).sort();
    textOf.set(labels, (text = keys.map((key) => `${key}=${labels[key] ?? ''}`).join()));
  }
  return text;
}

/** The group of a pod. */
export function podGroup({ metadata }: Pod): PodGroup {
  const { namespace = '', labels = NO_LABELS, deletionTimestamp } = metadata;
  const terminating = deletionTimestamp !== undefined;
  const key = `${terminating ? '!' : ''}${namespace}/${labelText(labels)}`;
  let group = groups.get(key);
  if (group === undefined) {
    if (groups.size >= MAX_GROUPS) groups.clear();
    groups.set(key, (group = { namespace, labels, terminating }));
  }
  return group;
}
