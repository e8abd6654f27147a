import { describe, expect, it } from 'vitest';
import { eventRows } from './event-rows.ts';
import type { EventFilter } from './event-rows.ts';
import type { Event } from '../../api/generated/types.ts';

const event = (id: number, reason: string, name: string, second: number, more: Partial<Event> = {}): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: {
    name: `e${String(id)}`,
    uid: `u${String(id)}`,
    namespace: 'default',
    resourceVersion: String(id),
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  involvedObject: { kind: 'Pod', name, namespace: 'default' },
  reason,
  type: 'Normal',
  lastTimestamp: `2026-01-01T00:00:0${String(second)}Z`,
  count: 1,
  ...more,
});
const all: EventFilter = { type: 'all', text: '', about: undefined, grouped: false };
const events = [
  event(1, 'Scheduled', 'a', 1),
  event(2, 'Pulled', 'a', 1),
  event(3, 'Unhealthy', 'b', 3, { type: 'Warning', count: 4, message: 'Readiness probe failed' }),
  event(4, 'Scheduled', 'b', 2),
];
const reasons = (filter: Partial<EventFilter>) =>
  eventRows(events, { ...all, ...filter }).map((row) => [row.event.reason, row.count, row.objects]);

describe('eventRows', () => {
  it('puts the newest first, and of one moment the one written later', () => {
    expect(reasons({}).map(([reason]) => reason)).toEqual(['Unhealthy', 'Scheduled', 'Pulled', 'Scheduled']);
  });
  it('filters by type, text and object', () => {
    expect(reasons({ type: 'Warning' })).toEqual([['Unhealthy', 4, 1]]);
    expect(reasons({ text: 'PROBE' })).toEqual([['Unhealthy', 4, 1]]);
    expect(reasons({ about: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'a' } }).map(([reason]) => reason)).toEqual([
      'Pulled',
      'Scheduled',
    ]);
  });
  it('groups by reason, adding up counts and objects', () => {
    expect(reasons({ grouped: true })).toEqual([
      ['Unhealthy', 4, 1],
      ['Scheduled', 2, 2],
      ['Pulled', 1, 1],
    ]);
  });
});
