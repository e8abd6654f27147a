/**
 * How full a node is, resource by resource, and the three strategies of NodeResourcesFit
 * (`plugins/noderesources/resource_allocation.go`, `least_allocated.go`, `most_allocated.go`,
 * `requested_to_capacity_ratio.go`). All divisions drop the remainder; a resource that the node does not have counts
 * for nothing. `requested` includes the pod itself.
 */
import { badRequest } from '../../apimachinery/status.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { isScalarResourceName } from '../cache/resource.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';

/** A resource and how much it counts. */
export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

/** `ScoringStrategy` of the plugin's arguments. */
export interface ScoringStrategy {
  type?: string;
  resources?: readonly { name: string; weight?: number }[];
  requestedToCapacityRatio?: { shape?: readonly ShapePoint[] };
}

/** A point of the utilisation → score line; utilisation 0..100, score 0..10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** Score of one resource; both amounts in the same unit, allocatable > 0. */
type ResourceScorer = (requested: number, allocatable: number) => number;

/** What is scored unless the configuration says otherwise: cpu and memory alike. */
export const DEFAULT_RESOURCES: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** The weights that the arguments give; cpu 1 and memory 1 without any. */
export function weightedResources(resources: readonly { name: string; weight?: number }[] | undefined): readonly WeightedResource[] {
  if (resources === undefined || resources.length === 0) return DEFAULT_RESOURCES;
  return resources.map(({ name, weight = 1 }) => ({ name, weight: weight || 1 }));
}

/** (allocatable - requested) · 100 / allocatable; 0 when over-committed. */
export const leastAllocated: ResourceScorer = (requested, allocatable) =>
  requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * MAX_NODE_SCORE) / allocatable);

/** min(requested, allocatable) · 100 / allocatable. */
export const mostAllocated: ResourceScorer = (requested, allocatable) =>
  Math.trunc((Math.min(requested, allocatable) * MAX_NODE_SCORE) / allocatable);

/** The broken line through `shape` at utilisation = requested · 100 / allocatable (100 when over-committed); scores times 10. */
export function ratioScorer(shape: readonly ShapePoint[]): ResourceScorer {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: (score * MAX_NODE_SCORE) / 10 }));
  return (requested, allocatable) => {
    const utilization = requested > allocatable ? 100 : Math.trunc((requested * 100) / allocatable);
    const next = points.findIndex((point) => utilization <= point.utilization);
    const to = points[next];
    const from = points[next - 1];
    if (to === undefined) return points.at(-1)?.score ?? 0;
    if (from === undefined) return to.score;
    return from.score + Math.trunc(((to.score - from.score) * (utilization - from.utilization)) / (to.utilization - from.utilization));
  };
}

/** What would be requested on the node with the pod there. 0 for a resource to be left out: an extended one that the pod does not request. */
export function requestedWithPod(name: string, node: NodeInfo, { facts }: PodInfo, withDefaults: boolean): number {
  switch (name) {
    case 'cpu':
      return withDefaults ? node.nonZeroMilliCPU + facts.nonZero.milliCPU : node.requested.milliCPU + facts.requests.milliCPU;
    case 'memory':
      return withDefaults ? node.nonZeroMemory + facts.nonZero.memory : node.requested.memory + facts.requests.memory;
    default:
      return node.requested.get(name) + facts.requests.get(name);
  }
}

/** Whether the resource counts for this pod: an extended one only if the pod requests it. */
export const counts = (name: string, { facts }: PodInfo): boolean => !isScalarResourceName(name) || facts.requests.get(name) !== 0;

/** Scores a node for a pod. */
export type NodeScorer = (pod: PodInfo, node: NodeInfo) => number;

/** How the scores of the resources become one. */
interface Mean {
  /** Whether a resource of score 0 counts. */
  zeroCounts: boolean;
  round(mean: number): number;
}

const TRUNCATED: Mean = { zeroCounts: true, round: Math.trunc };
/** Of RequestedToCapacityRatio: rounded half up. */
const ROUNDED: Mean = { zeroCounts: false, round: Math.round };

/** Weighted mean over the resources: Σ score · weight / Σ weight. */
function meanScorer(resources: readonly WeightedResource[], scorer: ResourceScorer, { zeroCounts, round }: Mean): NodeScorer {
  return (pod, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const allocatable = node.allocatable.get(name);
      if (allocatable === 0 || !counts(name, pod)) continue;
      const score = scorer(requestedWithPod(name, node, pod, true), allocatable);
      if (score <= 0 && !zeroCounts) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : round(sum / weights);
  };
}

/** The scorer that the arguments choose. Throws BadRequest for an unknown strategy or a missing shape. */
export function nodeScorer({ type = 'LeastAllocated', resources, requestedToCapacityRatio }: ScoringStrategy = {}): NodeScorer {
  const weighted = weightedResources(resources);
  if (type === 'LeastAllocated') return meanScorer(weighted, leastAllocated, TRUNCATED);
  if (type === 'MostAllocated') return meanScorer(weighted, mostAllocated, TRUNCATED);
  if (type !== 'RequestedToCapacityRatio') {
    const supported = '"LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"';
    throw badRequest(`scoringStrategy.type: Unsupported value: ${JSON.stringify(type)}: supported values: ${supported}`);
  }
  const shape = requestedToCapacityRatio?.shape ?? [];
  if (shape.length === 0)
    throw badRequest('scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified');
  return meanScorer(weighted, ratioScorer(shape), ROUNDED);
}
