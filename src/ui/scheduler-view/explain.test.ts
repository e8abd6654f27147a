import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import { explainScore, nodeAmounts } from './explain.ts';

const GI = 2 ** 30;
const inputs = [
  { name: 'allocatable.cpu', values: [4000] },
  { name: 'requested.cpu', values: [500, 2000] },
  { name: 'nonZeroRequested.cpu', values: [600, 2000] },
  { name: 'allocatable.memory', values: [8 * GI] },
  { name: 'requested.memory', values: [0, 3 * GI] },
  { name: 'nonZeroRequested.memory', values: [0, 3 * GI] },
];
const decision = (plugin: string, raw: number[], normalized = raw) =>
  ({
    status: {
      nodes: ['a', 'b'],
      scores: [{ plugin, weight: 2, raw, normalized }],
      inputs,
      requests: { cpu: 1000, memory: GI, nonZeroCpu: 1000, nonZeroMemory: GI },
    },
  }) as unknown as SchedulingDecision;
const live = { pod: undefined, nodes: [] };

describe('explainScore', () => {
  it('fills the recorded amounts in', () => {
    const found = explainScore(decision('NodeResourcesFit', [73, 37]), 'NodeResourcesFit', 1, live);
    expect(found).toMatchObject({ raw: 37, weighted: 74, normalization: undefined });
    expect(found?.score?.lines).toEqual([
      'cpu: (4000m − 3000m) · 100 / 4000m = 25',
      'memory: (8Gi − 4Gi) · 100 / 8Gi = 50',
      '⌊(25 + 50) / 2⌋ = 37',
    ]);
  });

  it('finds out by the result that the packer scored', () => {
    const found = explainScore(decision('NodeResourcesFit', [0, 62]), 'NodeResourcesFit', 1, live);
    expect(found?.score?.lines.at(-1)).toBe('⌊(75 + 50) / 2⌋ = 62');
  });

  it('balances the real requests, not the defaults', () => {
    const found = explainScore(decision('NodeResourcesBalancedAllocation', [87, 87]), 'NodeResourcesBalancedAllocation', 0, live);
    expect(found?.score?.lines[0]).toBe('cpu: 1500m / 4000m = 0.375');
  });

  it('shows no formula that does not lead to the recorded score', () => {
    expect(explainScore(decision('NodeResourcesFit', [1, 99]), 'NodeResourcesFit', 1, live)?.score).toBeUndefined();
  });

  it('names taints and preferred terms of the live objects', () => {
    const node = {
      metadata: { name: 'a', labels: { disk: 'ssd' } },
      spec: { taints: [{ key: 'spot', effect: 'PreferNoSchedule' }] },
    } as unknown as Node;
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };
    const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, preference }] };
    const pod = { spec: { containers: [], affinity: { nodeAffinity } } } as unknown as Pod;
    const taints = explainScore(decision('TaintToleration', [1, 0], [0, 100]), 'TaintToleration', 0, { pod, nodes: [node] });
    expect(taints?.score?.lines).toEqual(['spot:PreferNoSchedule: +1', 'Σ = 1']);
    expect(taints?.normalization?.lines).toEqual(['max = 1', '100 − ⌊100 · 1 / 1⌋ = 0']);
    const affinity = explainScore(decision('NodeAffinity', [7, 0], [100, 0]), 'NodeAffinity', 0, { pod, nodes: [node] });
    expect(affinity?.score?.lines).toEqual(['disk In (ssd): +7', 'Σ = 7']);
  });
});

it('tells what a node had given away before the pod', () => {
  expect(nodeAmounts(decision('NodeResourcesFit', [0]), 0)).toEqual([
    { name: 'cpu', used: 500, allocatable: 4000 },
    { name: 'memory', used: 0, allocatable: 8 * GI },
  ]);
});
