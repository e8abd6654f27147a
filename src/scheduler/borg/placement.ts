/**
 * Three ways to weigh how full machines get ("Large-scale cluster management at Google with Borg", section 3.2). u is the
 * share of a resource (cpu, memory) that is requested, the pod included (u') or not.
 * Worst fit (E-PVM): cost(u) = 10^u per resource; Δ = Σ cost(u') - cost(u), at most 18; score = 100 - 100 · Δ / 18. Spreads load.
 * Best fit: score = 100 · mean(u'). Fills machines.
 * Hybrid: stranded = |u'cpu - u'memory|, what cannot be used because the other runs out first;
 * score = 50 · (1 - stranded) + 50 · mean(u'). All truncated.
 */
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { PluginFactory } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';
import { requestedWithPod } from '../helpers/resource-scoring.ts';

/** Shares of cpu and memory, 0 to 1. */
export interface Shares {
  readonly cpu: number;
  readonly memory: number;
}

/** A way to weigh: the score, 0 to 100, for shares before and after. */
export type Placement = (before: Shares, after: Shares) => number;

const EPVM_BASE = 10;
const MAX_COST = 2 * (EPVM_BASE - 1);

const cost = (share: number) => EPVM_BASE ** share;
const mean = ({ cpu, memory }: Shares) => (cpu + memory) / 2;

/** The placements by the name that a profile gives them. */
export const PLACEMENTS: Readonly<Record<'WorstFit' | 'BestFit' | 'Hybrid', Placement>> = {
  WorstFit(before, after) {
    const delta = cost(after.cpu) - cost(before.cpu) + cost(after.memory) - cost(before.memory);
    return Math.max(0, Math.trunc(MAX_NODE_SCORE - (MAX_NODE_SCORE * delta) / MAX_COST));
  },
  BestFit: (_before, after) => Math.trunc(MAX_NODE_SCORE * mean(after)),
  Hybrid: (_before, after) => Math.trunc(50 * (1 - Math.abs(after.cpu - after.memory)) + 50 * mean(after)),
};

const share = (amount: number, capacity: number) => (capacity === 0 ? 1 : Math.min(1, amount / capacity));

function sharesOf({ requested, allocatable }: NodeInfo): Shares {
  return { cpu: share(requested.milliCPU, allocatable.milliCPU), memory: share(requested.memory, allocatable.memory) };
}

function sharesWith(pod: PodInfo, node: NodeInfo): Shares {
  const { allocatable } = node;
  return {
    cpu: share(requestedWithPod('cpu', node, pod, false), allocatable.milliCPU),
    memory: share(requestedWithPod('memory', node, pod, false), allocatable.memory),
  };
}

/** The placement as a Score plugin. */
export const placementPlugin =
  (name: string, placement: Placement): PluginFactory =>
  () => ({ name, nodeLocal: true, score: (_state, pod, node) => placement(sharesOf(node), sharesWith(pod, node)) });
