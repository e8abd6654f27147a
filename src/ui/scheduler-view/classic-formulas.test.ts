import { describe, expect, it } from 'vitest';
import { differenceFormula, normalizePriority, presentImagesFormula, selectorSpreadFormula, tenthsFormula } from './classic-formulas.ts';
import type { ResourceFact } from './formulas.ts';

const GI = 2 ** 30;
const MIB = 2 ** 20;
const cpu = (requested: number, allocatable: number): ResourceFact => ({ name: 'cpu', weight: 1, requested, allocatable });
const memory = (requested: number, allocatable: number): ResourceFact => ({
  name: 'memory',
  weight: 1,
  requested: requested * GI,
  allocatable: allocatable * GI,
});
const image = (mib: number) => ({ name: 'a', sizeBytes: mib * MIB, nodes: 1 });

describe('the formulas of the classic mode', () => {
  it('count tenths that are left free', () => {
    expect(tenthsFormula([cpu(1000, 4000), memory(6, 8)])).toEqual({
      value: 4,
      lines: ['cpu: (4000m − 1000m) · 10 / 4000m = 7', 'memory: (8Gi − 6Gi) · 10 / 8Gi = 2', '⌊(7 + 2) / 2⌋ = 4'],
    });
    expect(tenthsFormula([cpu(5000, 4000), memory(8, 8)]).value).toBe(0);
  });

  it('count tenths that are used', () => {
    expect(tenthsFormula([cpu(3000, 4000), memory(6, 8)], true).lines.at(-1)).toBe('⌊(7 + 7) / 2⌋ = 7');
  });

  it('take the whole difference of the fractions', () => {
    expect(differenceFormula([cpu(1000, 4000), memory(6, 8)]).lines.at(-1)).toBe('⌊10 − |0.25 − 0.75| · 10⌋ = 5');
    expect(differenceFormula([cpu(4000, 4000), memory(6, 8)])).toMatchObject({ value: 0 });
  });

  it.each([
    [[image(10)], 0],
    [[image(300)], 3],
    [[image(2000)], 10],
    [[image(300), image(200)], 5],
  ])('count the bytes of images that are there: %j is %i', (images, value) => {
    expect(presentImagesFormula(images).value).toBe(value);
  });

  it.each([
    [[2, 1, 0], ['', '', ''], 1, 5, ['10 · (2 − 1) / 2 = 5', '⌊5⌋ = 5']],
    [[0, 0], ['', ''], 0, 10, ['max = 0 → 10', '⌊10⌋ = 10']],
    [[2, 1, 1], ['/a', '/a', '/b'], 2, 6, ['10 · (2 − 1) / 2 = 5', '/b: 10 · (3 − 1) / 3 = 6.67', '⌊1/3 · 5 + 2/3 · 6.67⌋ = 6']],
  ])('spread pods of %j over zones %j', (raw, zones, at, value, lines) => {
    expect(selectorSpreadFormula(raw, zones, at)).toEqual({ value, lines });
  });

  it.each([
    ['NodeAffinityPriority', [1, 3, 4], 1, 7],
    ['NodeAffinityPriority', [0, 0], 0, 0],
    ['TaintTolerationPriority', [1, 3, 4], 1, 2],
    ['TaintTolerationPriority', [0, 0], 0, 10],
    ['InterPodAffinityPriority', [-5, 10, 0], 2, 3],
    ['LeastRequestedPriority', [1, 2], 0, undefined],
  ] as const)('%s: raw %j at %i becomes %s', (priority, raw, at, score) => {
    expect(normalizePriority(priority, raw, at)?.value).toBe(score);
  });
});
