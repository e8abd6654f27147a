import { describe, expect, it } from 'vitest';
import { assignSlots, slotCounts } from './slots.ts';
import type { Slot } from './slots.ts';

const place = (previous: Map<string, Slot>, items: string[], box = 'n') => assignSlots(previous, [{ box, items }]);
const flat = (slots: Map<string, Slot>) => Object.fromEntries([...slots].map(([id, { slot }]) => [id, slot]));

describe('assignSlots', () => {
  it('fills from the front', () => {
    expect(flat(place(new Map(), ['a', 'b', 'c']))).toEqual({ a: 0, b: 1, c: 2 });
  });
  it('moves nothing when one leaves, and gives the gap to the next newcomer', () => {
    const before = place(new Map(), ['a', 'b', 'c']);
    const without = place(before, ['a', 'c']);
    expect(flat(without)).toEqual({ a: 0, c: 2 });
    expect(flat(place(without, ['d', 'a', 'c', 'e']))).toEqual({ a: 0, c: 2, d: 1, e: 3 });
  });
  it('treats a pod that comes from the tray as new in its node', () => {
    const before = place(new Map(), ['a', 'b'], 'tray');
    const after = assignSlots(before, [
      { box: 'tray', items: ['b'] },
      { box: 'n', items: ['a'] },
    ]);
    expect(after.get('a')).toEqual({ box: 'n', slot: 0 });
    expect(after.get('b')).toEqual({ box: 'tray', slot: 1 });
  });
  it('never gives one slot twice, whatever comes and goes', () => {
    let slots = new Map<string, Slot>();
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: 20 }, (_, index) => `p${String((round * 7 + index * 3) % 40)}`);
      slots = place(slots, [...new Set(items)]);
      expect(new Set([...slots.values()].map(({ slot }) => slot)).size).toBe(slots.size);
    }
  });
});

describe('slotCounts', () => {
  it('is one more than the highest slot taken', () => {
    expect(slotCounts(new Map([['a', { box: 'n', slot: 4 }]]))).toEqual(new Map([['n', 5]]));
  });
});
