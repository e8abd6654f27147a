import { describe, expect, it } from 'vitest';
import { shownOf } from './versions.ts';

const versions = [{ modRevision: 10 }, { modRevision: 15 }, { modRevision: 22 }];

describe('the versions of a key', () => {
  it.each([
    ['the newest without a choice', undefined, undefined, { at: 2, base: 1, compacted: false }],
    ['the chosen one', 15, undefined, { at: 1, base: 0, compacted: false }],
    ['the one that was valid at a revision of another key', 18, undefined, { at: 1, base: 0, compacted: false }],
    ['the oldest when the history is compacted', 7, undefined, { at: 0, base: -1, compacted: true }],
    ['any two compared', 22, 10, { at: 2, base: 0, compacted: false }],
    ['a later one as the base', 10, 22, { at: 0, base: 2, compacted: false }],
    ['never with itself', 15, 15, { at: 1, base: 0, compacted: false }],
  ])('%s', (_name, revision, base, shown) => {
    expect(shownOf(versions, revision, base)).toEqual(shown);
  });

  it('are none for an unknown key', () => {
    expect(shownOf([], 5, undefined)).toEqual({ at: -1, base: -1, compacted: false });
  });
});
