import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import { backoffMs, clockText, lanesOf, podChoices, podOrder } from './queue-lanes.ts';

const NOW = Date.parse('2026-01-01T10:01:00Z');

function pod(name: string, reason?: string, more: { nodeName?: string; schedulerName?: string; at?: string } = {}): Pod {
  const { nodeName, schedulerName, at = '2026-01-01T10:00:00Z' } = more;
  const placed = nodeName !== undefined;
  const condition = { type: 'PodScheduled', status: placed ? 'True' : 'False', lastTransitionTime: at, ...(reason && { reason }) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T10:00:00Z' },
    spec: { containers: [], ...(nodeName && { nodeName }), ...(schedulerName && { schedulerName }) },
    status: { phase: 'Pending', ...((reason || placed) && { conditions: [condition] }) },
  } as unknown as Pod;
}

const failed = (uid: string, attempt: number, creationTimestamp: string) =>
  ({ metadata: { creationTimestamp }, spec: { podRef: { uid }, attempt } }) as unknown as SchedulingDecision;

describe('the lanes of the queue', () => {
  it('hold the pods that wait, by what became of their last attempt', () => {
    const pods = [
      pod('new'),
      pod('gated', 'SchedulingGated'),
      pod('stuck', 'Unschedulable'),
      pod('broken', 'SchedulerError'),
      pod('placed', undefined, { nodeName: 'node-1' }),
      pod('foreign', undefined, { schedulerName: 'mine' }),
    ];
    const lanes = lanesOf(pods, [failed('stuck', 1, '2026-01-01T10:00:30Z'), failed('broken', 3, '2026-01-01T10:00:58Z')], NOW);
    const told = Object.entries(lanes).map(([lane, queued]) => [
      lane,
      queued.map(({ pod: { metadata }, leftMs }) => [metadata.name, leftMs]),
    ]);
    expect(Object.fromEntries(told)).toEqual({
      active: [['new', undefined]],
      backoff: [['broken', 2000]],
      unschedulable: [['stuck', 270_000]],
      gated: [['gated', undefined]],
    });
  });
});

it.each([
  [0, 0],
  [1, 1000],
  [4, 8000],
  [9, 10_000],
])('back-off after %i attempts is %i ms', (attempts, ms) => {
  expect(backoffMs(attempts)).toBe(ms);
});

it.each([
  [900, '1 s'],
  [59_000, '59 s'],
  [245_000, '4:05'],
])('%i ms are %s', (ms, text) => {
  expect(clockText(ms)).toBe(text);
});

it('offers pods that wait, then those placed last, and never leaves the chosen one out', () => {
  const placed = Array.from({ length: 40 }, (_, index) =>
    pod(`p${String(index)}`, undefined, { nodeName: 'n', at: `2026-01-01T10:00:${String(index).padStart(2, '0')}Z` }),
  );
  const choices = podChoices(podOrder([pod('new'), ...placed]), 5, 'p0');
  expect(choices.waiting.map(({ metadata }) => metadata.name)).toEqual(['new']);
  expect(choices.placed.map(({ metadata }) => metadata.name).slice(0, 2)).toEqual(['p39', 'p38']);
  expect(choices.placed).toHaveLength(21);
  expect(choices.placed.at(-1)?.metadata.name).toBe('p0');
});
