import { describe, expect, it } from 'vitest';
import { RunawayGuard } from './guard.ts';
import type { Load } from './guard.ts';

const START: Load = { now: 0, revision: 1000, tasks: 5000, objects: 200 };
const after = (seconds: number, change: Partial<Load>): Load => ({ ...START, now: seconds * 1000, ...change });

describe('the guard against runaway scenarios', () => {
  it.each([
    ['a quiet cluster', after(20, { revision: 1400, tasks: 9000 }), undefined],
    ['two controllers that fight over one object', after(20, { revision: 62_000 }), 'writes'],
    ['a loop that writes nothing', after(20, { tasks: 1_200_000 }), 'tasks'],
    ['more objects than a browser carries', after(20, { objects: 60_001 }), 'objects'],
    ['10,000 pods rolled out within seconds', after(12, { revision: 170_000, tasks: 1_600_000, objects: 45_000 }), undefined],
  ] as const)('%s', (_what, load, expected) => {
    expect(new RunawayGuard(START).check(load)?.what).toBe(expected);
  });

  it('remembers how many objects there were while they are being deleted', () => {
    const guard = new RunawayGuard({ ...START, objects: 40_000 });
    expect(guard.check(after(1, { objects: 40_000 }))).toBeUndefined();
    expect(guard.check(after(10, { objects: 300, revision: 90_000 }))).toBeUndefined();
  });

  it('counts anew every 30 virtual seconds', () => {
    const guard = new RunawayGuard(START);
    for (let second = 1; second <= 300; second++) expect(guard.check(after(second, { revision: 1000 + second * 1500 }))).toBeUndefined();
  });

  it('lets the user go on, with twice the limits', () => {
    const guard = new RunawayGuard(START);
    const load = after(20, { objects: 60_001 });
    expect(guard.check(load)).toEqual({ what: 'objects', count: 60_001, limit: 60_000, seconds: 0 });
    guard.allowMore(load);
    expect(guard.check({ ...load, objects: 119_000 })).toBeUndefined();
    expect(guard.check({ ...load, objects: 120_001 })?.what).toBe('objects');
  });
});
