/**
 * NodeResourcesBalancedAllocation (`plugins/noderesources/balanced_allocation.go`): prefers nodes whose resources would be
 * used up evenly. fraction = min(1, requested / allocatable) per resource, with the real requests;
 * two fractions: std = |a - b| / 2; more: the population standard deviation; score = trunc((1 - std) · 100).
 * cpu at 0.5 and memory at 0.3: std 0.1, score 90. A pod that requests nothing is not scored.
 */
import type { Plugin } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';
import { skip } from '../framework/status.ts';
import { counts, requestedWithPod, weightedResources } from '../helpers/resource-scoring.ts';

const NAME = 'NodeResourcesBalancedAllocation';
const SKIP = skip(NAME);

/** Arguments of the plugin. */
interface BalancedArgs {
  resources?: readonly { name: string; weight?: number }[];
}

/** The deviation of the fractions in `values`. */
function deviation(values: readonly number[]): number {
  const [first = 0, second = 0] = values;
  if (values.length === 2) return Math.abs((first - second) / 2);
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / values.length);
}

/** Makes the NodeResourcesBalancedAllocation plugin from its `NodeResourcesBalancedAllocationArgs`. */
export function nodeResourcesBalancedAllocation(args: Readonly<Record<string, unknown>>): Plugin {
  const resources = weightedResources((args as BalancedArgs).resources);
  return {
    name: NAME,
    nodeLocal: true,
    events: [],
    preScore(_state, { facts: { requests } }) {
      return resources.every(({ name }) => requests.get(name) === 0) ? SKIP : undefined;
    },
    score(_state, pod, node) {
      const fractions: number[] = [];
      for (const { name } of resources) {
        const allocatable = node.allocatable.get(name);
        if (allocatable === 0 || !counts(name, pod)) continue;
        fractions.push(Math.min(1, requestedWithPod(name, node, pod, false) / allocatable));
      }
      return Math.trunc((1 - deviation(fractions)) * MAX_NODE_SCORE);
    },
  };
}
