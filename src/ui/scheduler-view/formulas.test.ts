import { describe, expect, it } from 'vitest';
import { balancedFormula, fitFormula, imageFormula, normalizeFormula, sumFormula, totalFormula } from './formulas.ts';
import type { FitStrategy, ResourceFact } from './formulas.ts';

const GI = 2 ** 30;
const MIB = 2 ** 20;
const cpu = (requested: number, allocatable: number, weight = 1): ResourceFact => ({ name: 'cpu', weight, requested, allocatable });
const memory = (requested: number, allocatable: number, weight = 1): ResourceFact => ({
  name: 'memory',
  weight,
  requested: requested * GI,
  allocatable: allocatable * GI,
});

describe('fitFormula', () => {
  it.each<[string, readonly ResourceFact[], FitStrategy, number]>([
    ['the mean drops its remainder: (25 + 50) / 2', [cpu(3000, 4000), memory(4, 8)], 'LeastAllocated', 37],
    ['weights count', [cpu(3000, 4000, 3), memory(4, 8)], 'LeastAllocated', 31],
    ['an over-committed resource counts for 0', [cpu(5000, 4000), memory(4, 8)], 'LeastAllocated', 25],
    [
      'a resource that the node does not have is left out',
      [cpu(3000, 4000), { ...memory(1, 0), name: 'nvidia.com/gpu' }],
      'LeastAllocated',
      25,
    ],
    ['the most allocated wins', [cpu(3000, 4000), memory(4, 8)], 'MostAllocated', 62],
    ['no resource at all', [], 'LeastAllocated', 0],
  ])('%s', (_name, facts, strategy, score) => {
    expect(fitFormula(facts, strategy).value).toBe(score);
  });

  it('says every step with its numbers', () => {
    expect(fitFormula([cpu(3000, 4000), memory(4, 8)]).lines).toEqual([
      'cpu: (4000m − 3000m) · 100 / 4000m = 25',
      'memory: (8Gi − 4Gi) · 100 / 8Gi = 50',
      '⌊(25 + 50) / 2⌋ = 37',
    ]);
  });

  it('follows the broken line of a shape, and rounds', () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const formula = fitFormula([cpu(3000, 4000), memory(4, 8)], 'RequestedToCapacityRatio', shape);
    expect(formula).toEqual({
      value: 63,
      lines: [
        'cpu: 3000m · 100 / 4000m = 75',
        '  0 + (100 − 0) · (75 − 0) / (100 − 0) = 75',
        'memory: 4Gi · 100 / 8Gi = 50',
        '  0 + (100 − 0) · (50 − 0) / (100 − 0) = 50',
        'round((75 + 50) / 2) = 63',
      ],
    });
  });
});

describe('balancedFormula', () => {
  it.each<[string, readonly ResourceFact[], number]>([
    ['two resources: half their difference', [cpu(2000, 4000), memory(2.4, 8)], 90],
    ['one resource is balanced in itself', [cpu(2000, 4000)], 100],
    ['three: the deviation of all', [cpu(1000, 4000), memory(4, 8), { name: 'a/b', weight: 1, requested: 3, allocatable: 4 }], 79],
    ['a fraction is at most 1', [cpu(8000, 4000), memory(8, 8)], 100],
  ])('%s', (_name, facts, score) => {
    expect(balancedFormula(facts).value).toBe(score);
  });
});

describe('imageFormula', () => {
  it.each([
    ['an image that 1 of 2 nodes has', [{ name: 'a', sizeBytes: 300 * MIB, nodes: 1 }], 2, 12],
    ['nothing is there', [{ name: 'a', sizeBytes: 0, nodes: 0 }], 2, 0],
    ['small images do not count', [{ name: 'a', sizeBytes: 20 * MIB, nodes: 2 }], 2, 0],
    ['more than enough', [{ name: 'a', sizeBytes: 4000 * MIB, nodes: 2 }], 2, 100],
  ] as const)('%s', (_name, images, total, score) => {
    expect(imageFormula(images, total).value).toBe(score);
  });
});

describe('normalizeFormula', () => {
  it.each([
    ['NodeAffinity', [1, 3, 4], 1, 75],
    ['NodeAffinity', [0, 0], 0, 0],
    ['TaintToleration', [1, 3, 4], 1, 25],
    ['TaintToleration', [0, 0], 0, 100],
    ['PodTopologySpread', [5, 2, 4], 0, 40],
    ['PodTopologySpread', [0, 0], 0, 100],
    ['InterPodAffinity', [-5, 10, 0], 2, 33],
    ['InterPodAffinity', [7, 7], 0, 0],
  ] as const)('%s: raw %j at %i becomes %i', (plugin, raw, at, score) => {
    expect(normalizeFormula(plugin, raw, at)?.value).toBe(score);
  });

  it('says nothing of plugins that do not normalise', () => {
    expect(normalizeFormula('NodeResourcesFit', [1, 2], 0)).toBeUndefined();
  });

  it('fills in the numbers', () => {
    expect(normalizeFormula('TaintToleration', [1, 3, 4], 1)?.lines).toEqual(['max = 4', '100 − ⌊100 · 3 / 4⌋ = 25']);
  });
});

describe('the other formulas', () => {
  it('add up preferred terms', () => {
    expect(
      sumFormula([
        { text: 'disk=ssd', weight: 10 },
        { text: 'zone=a', weight: -4 },
      ]),
    ).toEqual({
      value: 6,
      lines: ['disk=ssd: +10', 'zone=a: −4', 'Σ = 6'],
    });
  });

  it('weigh and add up the total', () => {
    const parts = [
      { name: 'Fit', weight: 1, score: 37 },
      { name: 'Taint', weight: 3, score: 100 },
    ];
    expect(totalFormula(parts)).toEqual({ value: 337, lines: ['Fit: 37 × 1 = 37', 'Taint: 100 × 3 = 300', 'Σ = 337'] });
  });
});
