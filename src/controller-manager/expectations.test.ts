import { describe, expect, it } from 'vitest';
import { Expectations, slowStartBatch } from './expectations.ts';

describe('expectations', () => {
  it('hold back until all creations and deletions were seen', () => {
    const expectations = new Expectations();
    expectations.expect('a', 1, ['x', 'y'], 0);
    expect(expectations.satisfied('a', 0)).toBe(false);
    expectations.creationObserved('a');
    expectations.deletionObserved('a', 'x');
    expectations.deletionObserved('a', 'x');
    expect(expectations.satisfied('a', 0)).toBe(false);
    expectations.deletionObserved('a', 'y');
    expect(expectations.satisfied('a', 0)).toBe(true);
  });

  it('are given up after five minutes', () => {
    const expectations = new Expectations();
    expectations.expectCreations('a', 3, 0);
    expect(expectations.satisfied('a', 300_000)).toBe(false);
    expect(expectations.satisfied('a', 300_001)).toBe(true);
  });
});

describe('slow start', () => {
  it.each([
    { name: 'all succeed', failAt: Infinity, attempts: 10, successes: 10 },
    { name: 'the first fails: nothing else is tried', failAt: 0, attempts: 1, successes: 0 },
    { name: 'the third fails: its batch is finished', failAt: 2, attempts: 3, successes: 2 },
  ])('$name', ({ failAt, attempts, successes }) => {
    let tried = 0;
    const result = slowStartBatch(10, () => {
      if (tried++ === failAt) throw new Error('refused');
    });
    expect(tried).toBe(attempts);
    expect(result.successes).toBe(successes);
    expect(result.error === undefined).toBe(failAt === Infinity);
  });
});
