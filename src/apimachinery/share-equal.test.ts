import { describe, expect, it } from 'vitest';
import { shareEqual } from './share-equal.ts';

describe('shareEqual', () => {
  const before = { a: { b: [1, 2], c: 'x' }, list: [{ n: 1 }, { n: 2 }], gone: 1 };

  it('gives the earlier value when all is equal', () => {
    expect(shareEqual(before, structuredClone(before))).toBe(before);
  });

  it('keeps the equal parts of a value that differs, and changes neither', () => {
    const next = { a: { b: [1, 2], c: 'y' }, list: [{ n: 1 }, { n: 3 }] };
    const shared = shareEqual(before, next);
    expect(shared).toEqual(next);
    expect(shared.a.b).toBe(before.a.b);
    expect(shared.list[0]).toBe(before.list[0]);
    expect(shared.list[1]).toBe(next.list[1]);
    expect(next.a.b).not.toBe(before.a.b);
  });

  it.each([
    [undefined, { a: 1 }],
    [[1], { 0: 1 }],
    [{ a: 1 }, null],
    [{ a: undefined }, { b: undefined }],
  ])('takes %j for nothing like %j', (previous, next) => {
    expect(shareEqual<unknown>(previous, next)).toBe(next);
  });
});
