import { describe, expect, it } from 'vitest';
import type { Event } from '../api/generated/types.ts';
import { EventCorrelator } from './event-correlator.ts';

const event = (message: string, number = 0): Event =>
  ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `web.${number}`, namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    source: { component: 'kubelet' },
    reason: 'BackOff',
    type: 'Warning',
    message,
    count: 1,
    firstTimestamp: 't0',
  }) as Event;

describe('the event correlator', () => {
  it('counts an event that comes again, under its first name', () => {
    const correlator = new EventCorrelator();
    expect(correlator.correlate(event('a', 1), 0)?.isUpdate).toBe(false);
    const again = correlator.correlate(event('a', 2), 1000);
    expect(again).toMatchObject({ isUpdate: true, event: { count: 2, metadata: { name: 'web.1' } } });
  });

  it('combines the tenth of similar events', () => {
    const correlator = new EventCorrelator();
    const messages = Array.from({ length: 12 }, (_, index) => correlator.correlate(event(`m${index}`, index), 0)?.event);
    expect(messages[8]?.message).toBe('m8');
    expect(messages[9]?.message).toBe('(combined from similar events): m9');
    expect(messages[11]).toMatchObject({ message: '(combined from similar events): m11', count: 3, metadata: { name: 'web.9' } });
  });

  it('lets 25 events through and then one in five minutes', () => {
    const correlator = new EventCorrelator();
    const passed = (count: number, nowMs: number) =>
      Array.from({ length: count }, () => correlator.correlate(event('a'), nowMs)).filter(Boolean).length;
    expect(passed(40, 0)).toBe(25);
    expect(passed(5, 299_000)).toBe(0);
    expect(passed(5, 300_000)).toBe(1);
  });

  it('forgets similar events after ten quiet minutes', () => {
    const correlator = new EventCorrelator();
    for (let index = 0; index < 9; index++) correlator.correlate(event(`m${index}`, index), 0);
    expect(correlator.correlate(event('m9'), 601_000)?.event.message).toBe('m9');
  });
});
