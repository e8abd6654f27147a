/**
 * Scheduler plugins: what PreFilter, Filter, Score and preemption answer for given nodes and pods. The case's objects are
 * created through the API of a fresh cluster, the scheduler is configured by its ConfigMap, and the answers are read from
 * the SchedulingDecision. Only cases marked "plugin-only" call a plugin directly.
 */
import type { NodeAnswer, SchedulerCase } from '../scheduler/case.ts';
import { runInCluster } from '../scheduler/in-cluster.ts';
import { runDirectly } from '../scheduler/direct.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const testCase = input as unknown as SchedulerCase;
  return testCase.harness === 'plugin-only' ? runDirectly(testCase) : runInCluster(testCase);
};

const sorted = (list: readonly string[]) => [...list].sort().join('\n');

function sameAnswer(actual: NodeAnswer | undefined, expected: NodeAnswer): boolean {
  if (expected.score !== undefined) return actual?.score === expected.score;
  if (actual?.code !== expected.code) return false;
  if (expected.insufficient !== undefined && actual?.insufficient !== undefined) {
    const text = ({ insufficient = [] }: NodeAnswer) =>
      sorted(insufficient.map(({ resource, requested, used, capacity }) => [resource, requested, used, capacity].join()));
    if (text(actual) !== text(expected)) return false;
  }
  return expected.reasons === undefined || sorted(actual?.reasons ?? []) === sorted(expected.reasons);
}

/** A plugin that skipped scored all nodes alike; nodes that are not feasible have no score. */
function sameNodes(actual: Record<string, NodeAnswer>, expected: Record<string, NodeAnswer>): boolean {
  const skipped = Object.values(actual).every(({ score, code }) => score === undefined && code === undefined);
  if (skipped && Object.values(expected).every(({ score }) => score !== undefined))
    return new Set(Object.values(expected).map(({ score }) => score)).size === 1;
  return Object.entries(expected).every(([name, answer]) => sameAnswer(actual[name], answer));
}

export const equal: Area['equal'] = (key, actual, expected) => {
  switch (key) {
    case 'scoreKind':
    case 'postFilterReason':
      return true;
    case 'preFilter':
      return sameAnswer(actual as NodeAnswer, expected as NodeAnswer);
    case 'perNode':
      return sameNodes(actual as Record<string, NodeAnswer>, expected as Record<string, NodeAnswer>);
    case 'nominatedNodeName':
      return actual === (expected ?? '');
    case 'nominatedNodeAnyOf':
      return (expected as string[]).includes(actual as string);
    case 'victims':
      return sorted(actual as string[]) === sorted(expected as string[]);
    case 'candidates':
      return Object.entries(expected as Record<string, { victims: string[]; numPDBViolations?: number }>).every(([node, wanted]) => {
        const found = (actual as Record<string, { victims: string[]; numPDBViolations: number }>)[node];
        return (
          found !== undefined &&
          sorted(found.victims) === sorted(wanted.victims) &&
          found.numPDBViolations === (wanted.numPDBViolations ?? 0)
        );
      });
    default:
      return JSON.stringify(actual) === JSON.stringify(expected);
  }
};
