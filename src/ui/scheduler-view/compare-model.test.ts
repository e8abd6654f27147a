import { describe, expect, it } from 'vitest';
import type { SchedulingDecision, SchedulingDecisionStatus } from '../../api/kubarium/scheduling-decision.ts';
import { differences, pointsOf, worthShowing } from './compare-model.ts';

const decision = (status: Partial<SchedulingDecisionStatus>) =>
  ({ spec: {}, status: { rejections: [], scores: [], nodes: [], totals: [], ...status } }) as unknown as SchedulingDecision;

const before = decision({ nodeName: 'a', nodes: ['a', 'b', 'c'], totals: [30, 20, 10] });

describe('differences', () => {
  it('counts the places that a node won or lost, in the order of the second decision', () => {
    const after = decision({ nodeName: 'c', nodes: ['a', 'b', 'c'], totals: [20, 10, 40] });
    expect(differences(before, after).map(({ node, shift, changed }) => [node, shift, changed])).toEqual([
      ['c', 2, true],
      ['a', -1, true],
      ['b', -1, true],
    ]);
  });

  it('tells of nodes that fit no more, last', () => {
    const rejections = [{ plugin: 'NodeResourcesFit', code: 'Unschedulable', reasons: ['Insufficient cpu'], count: 1, nodes: ['a'] }];
    const after = decision({ nodeName: 'b', nodes: ['b', 'c'], totals: [20, 10], rejections });
    expect(differences(before, after).at(-1)).toMatchObject({ node: 'a', shift: 0, changed: true, after: { refused: 'Insufficient cpu' } });
  });

  it('finds nothing between equal decisions', () => {
    expect(differences(before, before).some(({ changed }) => changed)).toBe(false);
  });
});

it('shows winners and changes of many rows', () => {
  const nodes = Array.from({ length: 100 }, (_, index) => `n${String(index)}`);
  const totals = nodes.map((_, index) => 1000 - index);
  const rows = differences(
    decision({ nodeName: 'n0', nodes, totals }),
    decision({ nodeName: 'n0', nodes, totals: totals.with(70, 930.5) }),
  );
  const shown = worthShowing(rows, ['n0', 'n90'], 8).map(({ node }) => node);
  expect(shown).toHaveLength(5);
  expect(shown.slice(0, 4)).toEqual(['n0', 'n1', 'n2', 'n3']);
  expect(shown).toContain('n90');
});

it('weighs the points of a plugin', () => {
  const scores = [{ plugin: 'ImageLocality', weight: 3, raw: [7], normalized: [7] }];
  expect(pointsOf(decision({ nodes: ['a', 'b'], totals: [1, 2], scores }), 'ImageLocality', 'b')).toBe(21);
  expect(pointsOf(before, 'ImageLocality', 'a')).toBeUndefined();
});
