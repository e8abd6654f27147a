import { describe, expect, it } from 'vitest';
import { aggregate, detailFor, MAX_SINGLE } from './aggregate.ts';
import type { Counted, Detail } from './aggregate.ts';

const pods = (count: number, more: Partial<Counted> = {}): Counted[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${more.owner ?? 'web'}-${String(index)}`,
    box: 'n1',
    owner: 'web',
    state: 'running',
    ...more,
  }));

describe('detailFor', () => {
  const rows: [number, Detail, Detail][] = [
    [200, 'single', 'single'],
    [201, 'single', 'tiles'],
    [170, 'tiles', 'tiles'],
    [159, 'tiles', 'single'],
    [2001, 'tiles', 'bars'],
    [1900, 'bars', 'bars'],
    [1700, 'bars', 'tiles'],
  ];
  it.each(rows)('%i pods, now %s: %s', (count, now, expected) => {
    expect(detailFor(count, now)).toBe(expected);
  });
});

describe('aggregate', () => {
  it('makes one tile per box and owner, with the count of each state', () => {
    const { tiles, single } = aggregate(
      [...pods(3), ...pods(2, { owner: 'api' }), ...pods(1, { box: 'n2', state: 'notReady' })],
      'tiles',
      undefined,
    );
    expect(tiles.map(({ box, owner, count, states }) => [box, owner, count, states])).toEqual([
      ['n1', 'web', 3, { running: 3 }],
      ['n1', 'api', 2, { running: 2 }],
      ['n2', 'web', 1, { notReady: 1 }],
    ]);
    expect(single).toEqual([]);
  });
  it('makes one bar per box', () => {
    expect(aggregate([...pods(3), ...pods(2, { owner: 'api' })], 'bars', undefined).tiles).toEqual([
      { id: 'tile:n1', box: 'n1', count: 5, states: { running: 5 } },
    ]);
  });
  it('keeps failed, pending and selected pods single, the selected one first', () => {
    const { single, tiles } = aggregate(
      [...pods(2), ...pods(1, { owner: 'bad', state: 'failed' }), ...pods(1, { owner: 'new', state: 'pending' })],
      'tiles',
      'web-1',
    );
    expect(single).toEqual(['web-1', 'bad-0', 'new-0']);
    expect(tiles.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });
  it('says how many single pods found no room', () => {
    const { single, more } = aggregate(pods(MAX_SINGLE + 7, { state: 'failed' }), 'bars', undefined);
    expect([single.length, more]).toEqual([MAX_SINGLE, 7]);
  });
});
