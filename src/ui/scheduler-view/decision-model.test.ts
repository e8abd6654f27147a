import { describe, expect, it } from 'vitest';
import type { SchedulingDecision, SchedulingDecisionStatus } from '../../api/kubarium/scheduling-decision.ts';
import { columnsOf, heatOf, margin, matrixOf, ranksOf } from './decision-model.ts';
import type { ScoreColumn } from './decision-model.ts';

function decision(status: Partial<SchedulingDecisionStatus>): SchedulingDecision {
  return {
    apiVersion: 'kubarium.dev/v1alpha1',
    kind: 'SchedulingDecision',
    metadata: { name: 'web-1', namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '2026-01-01T10:00:00Z' },
    spec: { podRef: { name: 'web', namespace: 'default', uid: 'p' }, attempt: 1, profile: 'default-scheduler' },
    status: {
      result: 'Scheduled',
      counts: { total: 3, evaluated: 3, feasible: 2 },
      skipped: { filter: [], score: [] },
      rejections: [],
      nodes: [],
      scores: [],
      totals: [],
      queue: { queuedBy: 'PodAdd', waitedMs: 0 },
      evaluations: { filter: 0, score: 0 },
      ...status,
    },
  };
}

const score = (plugin: string, weight: number, normalized: number[]) => ({ plugin, weight, raw: normalized, normalized });
const names = (count: number) => Array.from({ length: count }, (_, index) => `node-${String(index + 1)}`);

describe('columnsOf', () => {
  it('puts first what tells nodes apart most, weights counted, and folds what is the same for all', () => {
    const { columns, constants } = columnsOf([
      score('TaintToleration', 3, [100, 100]),
      score('NodeResourcesFit', 1, [31, 47]),
      score('NodeAffinity', 2, [0, 10]),
    ]);
    expect(columns.map(({ plugin }) => plugin)).toEqual(['NodeAffinity', 'NodeResourcesFit']);
    expect(constants.map(({ plugin, values }) => [plugin, values.weighted])).toEqual([['TaintToleration', [300, 300]]]);
  });
});

describe('matrixOf', () => {
  it('orders nodes by total, the winner first among equals, refused ones last', () => {
    const { rows, constantSum, columns } = matrixOf(
      decision({
        nodeName: 'node-10',
        nodes: ['node-2', 'node-10', 'node-1', 'node-3'],
        scores: [score('NodeResourcesFit', 1, [50, 50, 50, 60]), score('TaintToleration', 3, [100, 100, 100, 100])],
        totals: [350, 350, 350, 360],
        rejections: [{ plugin: 'NodeName', code: 'Unschedulable', reasons: ['no'], count: 1, nodes: ['node-4'] }],
      }),
    );
    expect(rows.map((row) => (row.kind === 'node' ? [row.node, row.rank] : row.kind))).toEqual([
      ['node-3', 1],
      ['node-10', 2],
      ['node-1', 2],
      ['node-2', 2],
      ['node-4', 0],
    ]);
    expect(constantSum).toBe(300);
    expect(columns).toHaveLength(1);
  });

  it('takes equal results together when there are many, the winner apart', () => {
    const nodes = names(5000);
    const made = decision({
      nodeName: 'node-17',
      counts: { total: 5003, evaluated: 5003, feasible: 5000 },
      nodes,
      scores: [
        score(
          'NodeResourcesFit',
          1,
          nodes.map((_, index) => (index < 100 ? 80 : 40)),
        ),
      ],
      totals: nodes.map((_, index) => (index < 100 ? 80 : 40)),
      rejections: [
        { plugin: 'TaintToleration', code: 'UnschedulableAndUnresolvable', reasons: ['taint'], count: 3, nodes: ['a', 'b', 'c'] },
      ],
    });
    const { rows } = matrixOf(made);
    expect(rows.map((row) => (row.kind === 'node' ? row.node : row.count))).toEqual(['node-17', 99, 4900, 3]);
    const open = matrixOf(made, new Set([rows[1]!.key]));
    expect(open.rows).toHaveLength(4 + 99);
    expect(open.rows[2]).toMatchObject({ kind: 'node', nested: true });
  });

  it('counts the nodes that the record does not name', () => {
    const { rows } = matrixOf(
      decision({
        counts: { total: 300, evaluated: 300, feasible: 150 },
        nodes: names(100),
        rejections: [{ plugin: 'NodeResourcesFit', code: 'Unschedulable', reasons: ['Insufficient cpu'], count: 150, nodes: names(100) }],
      }),
      new Set(['refused/NodeResourcesFit/Insufficient cpu']),
    );
    expect(rows.filter(({ kind }) => kind === 'rest')).toMatchObject([{ count: 50 }, { count: 50 }]);
  });
});

describe('margin', () => {
  it.each([
    ['a clear win', [10, 30, 20], { by: 10, second: 'node-3', ties: 0 }],
    ['a tie', [30, 30, 20], { by: 0, second: 'node-1', ties: 1 }],
    ['alone', [30], undefined],
  ])('%s', (_name, totals, expected) => {
    expect(margin(decision({ nodeName: totals.length > 1 ? 'node-2' : 'node-1', nodes: names(totals.length), totals }))).toEqual(expected);
  });
});

it('ranks equal totals alike', () => {
  expect(ranksOf([5, 9, 5, 1])).toEqual([2, 1, 2, 4]);
});

it('colours a score by what it adds to the difference', () => {
  const { columns } = columnsOf([score('NodeResourcesFit', 1, [0, 50, 100]), score('ImageLocality', 1, [10, 10, 30])]);
  const [fit, image] = columns as [ScoreColumn, ScoreColumn];
  expect([0, 1, 2].map((at) => heatOf(fit, at, columns))).toEqual([1, 3, 5]);
  expect([0, 1, 2].map((at) => heatOf(image, at, columns))).toEqual([1, 1, 2]);
});
