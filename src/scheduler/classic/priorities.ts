/**
 * The classic mode's priorities (`plugin/pkg/scheduler/algorithm/priorities`, until release 1.22): scores from 0 to 10, whose
 * weighted sum decides. Formulas are those of releases 1.2 to 1.10; divisions of whole numbers drop the remainder.
 */
import { preferredScore } from '../../api/core/node-selector.ts';
import { toleratedBy } from '../../api/core/taints.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { NodeScores, Plugin, PluginFactory } from '../framework/interface.ts';
import { requestedWithPod } from '../helpers/resource-scoring.ts';
import { workloadSelector } from '../helpers/spread-constraints.ts';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';

/** The highest score of a priority. */
export const MAX_PRIORITY = 10;
const ZONE_WEIGHT = 2 / 3;
const MIB = 1024 * 1024;
const MIN_IMAGE = 23 * MIB;
const MAX_IMAGE = 1000 * MIB;

/** 10 · raw / max; reversed: 10 · (max - raw) / max, 10 when max is 0. */
function scale(scores: NodeScores, count: number, reverse: boolean): void {
  const max = scores.subarray(0, count).reduce((highest, score) => Math.max(highest, score), 0);
  for (let index = 0; index < count; index++) {
    const raw = scores[index] ?? 0;
    if (max === 0) scores[index] = reverse ? MAX_PRIORITY : 0;
    else scores[index] = Math.trunc((MAX_PRIORITY * (reverse ? max - raw : raw)) / max);
  }
}

const amounts = (pod: PodInfo, node: NodeInfo) =>
  (['cpu', 'memory'] as const).map((name) => ({
    capacity: node.allocatable.get(name),
    requested: requestedWithPod(name, node, pod, true),
  }));

/** Mean of cpu and memory of one tenth-part formula. */
const mean =
  (name: string, tenths: (requested: number, capacity: number) => number): PluginFactory =>
  () => ({
    name,
    score(_state, pod, node) {
      const [cpu = 0, memory = 0] = amounts(pod, node).map(({ requested, capacity }) =>
        capacity === 0 || requested > capacity ? 0 : Math.trunc(tenths(requested, capacity)),
      );
      return Math.trunc((cpu + memory) / 2);
    },
  });

/** 10 - 10 · |cpu fraction - memory fraction|; 0 when either is full. */
const balanced: PluginFactory = () => ({
  name: 'BalancedResourceAllocation',
  score(_state, pod, node) {
    const [cpu = 1, memory = 1] = amounts(pod, node).map(({ requested, capacity }) => (capacity === 0 ? 1 : requested / capacity));
    return cpu >= 1 || memory >= 1 ? 0 : Math.trunc(MAX_PRIORITY - Math.abs(cpu - memory) * MAX_PRIORITY);
  },
});

const zoneOf = ({ labels }: NodeInfo): string => {
  const zone = labels?.['topology.kubernetes.io/zone'] ?? labels?.['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels?.['topology.kubernetes.io/region'] ?? labels?.['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' ? '' : `${region}/${zone}`;
};

/** From pods of the same workload per node: 10 · (max - count) / max; where nodes have zones, the zone's score counts 2/3. */
function spreadScores(nodes: readonly NodeInfo[], scores: NodeScores): void {
  const zones = new Map<string, number>();
  let max = 0;
  nodes.forEach((node, index) => {
    const count = scores[index] ?? 0;
    max = Math.max(max, count);
    const zone = zoneOf(node);
    if (zone !== '') zones.set(zone, (zones.get(zone) ?? 0) + count);
  });
  const maxZone = [...zones.values()].reduce((highest, count) => Math.max(highest, count), 0);
  nodes.forEach((node, index) => {
    let score = max > 0 ? (MAX_PRIORITY * (max - (scores[index] ?? 0))) / max : MAX_PRIORITY;
    const inZone = zones.get(zoneOf(node));
    if (inZone !== undefined) {
      const zoneScore = maxZone > 0 ? (MAX_PRIORITY * (maxZone - inZone)) / maxZone : MAX_PRIORITY;
      score = score * (1 - ZONE_WEIGHT) + ZONE_WEIGHT * zoneScore;
    }
    scores[index] = Math.trunc(score);
  });
}

const selectorSpread: PluginFactory = (_args, { informers }): Plugin => ({
  name: 'SelectorSpreadPriority',
  score(_state, { pod }, node) {
    const selector = workloadSelector(pod, informers.selectors);
    if (selector.empty) return 0;
    let count = 0;
    for (const [{ namespace, labels, terminating }, members] of node.groups) {
      if (!terminating && namespace === pod.metadata.namespace && selector.matches(labels)) count += members;
    }
    return count;
  },
  normalizeScore: (_state, _pod, nodes, scores) => spreadScores(nodes, scores),
});

/** Bytes of the pod's images that the node has: below 23 MiB 0, from 1000 MiB on 10, between them 10 · (sum - min) / (max - min) + 1. */
const imageLocality: PluginFactory = () => ({
  name: 'ImageLocalityPriority',
  score(_state, { facts }, { images }) {
    const sum = facts.images.reduce((bytes, name) => bytes + (images.get(name)?.sizeBytes ?? 0), 0);
    if (sum < MIN_IMAGE) return 0;
    return sum >= MAX_IMAGE ? MAX_PRIORITY : Math.trunc((MAX_PRIORITY * (sum - MIN_IMAGE)) / (MAX_IMAGE - MIN_IMAGE) + 1);
  },
});

const nodeAffinity: PluginFactory = () => ({
  name: 'NodeAffinityPriority',
  score: (_state, { pod }, node) =>
    preferredScore(pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [], node),
  normalizeScore: (_state, _pod, nodes, scores) => scale(scores, nodes.length, false),
});

const taintToleration: PluginFactory = () => ({
  name: 'TaintTolerationPriority',
  score(_state, { pod }, { taints }) {
    const tolerations = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !toleratedBy(tolerations, taint)).length;
  },
  normalizeScore: (_state, _pod, nodes, scores) => scale(scores, nodes.length, true),
});

/** Today's plugin brought to tenths. */
const podAffinity: PluginFactory = (args, handle) => {
  const plugin = interPodAffinity(args, handle);
  return {
    name: 'InterPodAffinityPriority',
    preScore: (state, pod, nodes) => plugin.preScore?.(state, pod, nodes),
    score: (state, pod, node) => plugin.score?.(state, pod, node) ?? 0,
    normalizeScore(state, pod, nodes, scores) {
      plugin.normalizeScore?.(state, pod, nodes, scores);
      for (let index = 0; index < nodes.length; index++) scores[index] = Math.trunc((scores[index] ?? 0) / MAX_PRIORITY);
    },
  };
};

/** Priorities by name. */
export const PRIORITIES: Readonly<Record<string, PluginFactory>> = {
  LeastRequestedPriority: mean('LeastRequestedPriority', (requested, capacity) => ((capacity - requested) * MAX_PRIORITY) / capacity),
  MostRequestedPriority: mean('MostRequestedPriority', (requested, capacity) => (requested * MAX_PRIORITY) / capacity),
  BalancedResourceAllocation: balanced,
  SelectorSpreadPriority: selectorSpread,
  ImageLocalityPriority: imageLocality,
  NodeAffinityPriority: nodeAffinity,
  TaintTolerationPriority: taintToleration,
  InterPodAffinityPriority: podAffinity,
  EqualPriority: () => ({ name: 'EqualPriority', score: () => 1 }),
};
