import { describe, expect, it } from 'vitest';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import { changedWeights, NO_CHANGES, overridesOf, parseLabel, withLabel, withRequest, withWeight } from './what-if-model.ts';

describe('a what-if', () => {
  it('asks nothing while nothing is supposed', () => {
    expect(overridesOf(NO_CHANGES)).toBeUndefined();
    expect(overridesOf(withWeight(withWeight(NO_CHANGES, 'ImageLocality', 5, 1), 'ImageLocality', 1, 1))).toBeUndefined();
    expect(overridesOf(withLabel(withLabel(NO_CHANGES, 'a', 'disk', 'ssd'), 'a', 'disk', undefined))).toBeUndefined();
  });

  it('becomes the overrides of a dry run', () => {
    let changes = withWeight(NO_CHANGES, 'ImageLocality', 5, 1);
    changes = withRequest(withRequest(changes, 'cpu', 750, 500), 'memory', 256, 128);
    changes = withLabel(changes, 'node-1', 'disk', 'ssd');
    expect(overridesOf(changes)).toEqual({
      weights: { ImageLocality: 5 },
      requests: { cpu: '750m', memory: '256Mi' },
      nodes: [{ name: 'node-1', labels: { disk: 'ssd' } }],
    });
  });

  it('applies only weights that differ', () => {
    const decision = { status: { scores: [{ plugin: 'ImageLocality', weight: 5 }] } } as unknown as SchedulingDecision;
    expect(changedWeights(decision, { ...NO_CHANGES, weights: { ImageLocality: 5, NodeResourcesFit: 2 } })).toEqual({
      NodeResourcesFit: 2,
    });
  });
});

it.each([
  ['disk=ssd', { key: 'disk', value: 'ssd' }],
  ['topology.kubernetes.io/zone=a', { key: 'topology.kubernetes.io/zone', value: 'a' }],
  ['empty=', { key: 'empty', value: '' }],
  ['no label', undefined],
  ['=x', undefined],
])('parseLabel(%j)', (text, expected) => {
  expect(parseLabel(text)).toEqual(expected);
});
