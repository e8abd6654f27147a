import { describe, expect, it } from 'vitest';
import type { WatchState } from '../../worker/protocol-views.ts';
import { lanesOf, placeOf, SPAN } from './lanes.ts';

const watch = (receiver: string, resource: string, delivered: number, waiting = 0) =>
  ({ receiver, resource, delivered, waiting }) as WatchState;

describe('watch lanes', () => {
  it('hold the watches of one component together, busy ones first, then the most recently told', () => {
    const lanes = lanesOf([
      watch('kubelet/node-1', 'pods', 10),
      watch('kube-scheduler', 'pods', 12),
      watch('kube-scheduler', 'nodes', 9, 2),
      watch('kube-scheduler', 'pods', 11, 1),
      watch('kube-proxy', 'services', 14),
      watch('a-late-one', 'pods', 10),
    ]);
    expect(lanes).toEqual([
      { receiver: 'kube-scheduler', resources: ['pods', 'nodes'], delivered: 12, waiting: 3 },
      { receiver: 'kube-proxy', resources: ['services'], delivered: 14, waiting: 0 },
      { receiver: 'a-late-one', resources: ['pods'], delivered: 10, waiting: 0 },
      { receiver: 'kubelet/node-1', resources: ['pods'], delivered: 10, waiting: 0 },
    ]);
  });

  it('end at the newest revision; what is farther back than the span lies at the left end', () => {
    expect(placeOf(100, 100)).toBe(1);
    expect(placeOf(100 - SPAN / 2, 100)).toBe(0.5);
    expect(placeOf(1, 1000)).toBe(0);
    expect(placeOf(101, 100)).toBe(1);
  });
});
