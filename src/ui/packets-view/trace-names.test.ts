import { describe, expect, it } from 'vitest';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { traceObject } from './places.ts';
import { KEPT, newestFirst, nextNumber, surplus, traceKey } from './trace-names.ts';

const trace = (name: string, second = 0, own = true): PacketTrace => {
  const made = traceObject(name, { from: { external: true }, to: { node: 'node-1' } });
  const creationTimestamp = new Date(second * 1000).toISOString();
  return { ...made, metadata: { ...made.metadata, creationTimestamp, ...(!own && { labels: {} }) } };
};
const many = (count: number) => Array.from({ length: count }, (_, index) => trace(`trace-${index + 1}`));

describe('traces of the view', () => {
  it('are numbered after the highest that exists or was just given', () => {
    expect(nextNumber([], 0)).toBe(1);
    expect(nextNumber([trace('trace-7'), trace('other')], 3)).toBe(8);
    expect(nextNumber([trace('trace-7')], 9)).toBe(10);
  });

  it('are listed newest first, by number within one second', () => {
    expect(newestFirst([trace('trace-2', 5), trace('trace-10', 5), trace('mine', 9)]).map(traceKey)).toEqual([
      'default/mine',
      'default/trace-10',
      'default/trace-2',
    ]);
  });

  it('go when there are too many, oldest first, and never those of others', () => {
    expect(surplus(many(KEPT - 1))).toEqual([]);
    expect(surplus([...many(KEPT + 1), trace('sampled', 0, false)]).map(traceKey)).toEqual(['default/trace-2', 'default/trace-1']);
  });
});
