import { describe, expect, it } from 'vitest';
import type { Event } from '../api/generated/types.ts';
import { EventCorrelator } from './event-correlator.ts';

let serial = 0;
const event = (message: string, reason = 'Failed'): Event =>
  ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e${serial++}` },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', uid: 'u' },
    type: 'Warning',
    reason,
    message,
    count: 1,
    firstTimestamp: 't',
  }) as unknown as Event;

describe('the event correlator', () => {
  it('counts equal events under the first name', () => {
    const correlator = new EventCorrelator();
    const first = correlator.correlate(event('x'), 0);
    const second = correlator.correlate(event('x'), 1000);
    expect(first?.isUpdate).toBe(false);
    expect(second).toMatchObject({ isUpdate: true, event: { count: 2, metadata: { name: first?.event.metadata.name } } });
  });

  it('combines from the tenth different message on', () => {
    const correlator = new EventCorrelator();
    const texts = Array.from({ length: 12 }, (_, index) => correlator.correlate(event(`m${index}`), index)?.event.message);
    expect(texts[8]).toBe('m8');
    expect(texts[9]).toBe('(combined from similar events): m9');
    expect(texts[11]).toBe('(combined from similar events): m11');
  });

  it('drops what comes after 25 events about an object, and lets one through each five minutes', () => {
    const correlator = new EventCorrelator();
    const passed = Array.from({ length: 30 }, () => correlator.correlate(event('x'), 0)).filter(Boolean);
    expect(passed).toHaveLength(25);
    expect(correlator.correlate(event('x'), 299_999)).toBeUndefined();
    expect(correlator.correlate(event('x'), 300_001)).toBeDefined();
  });
});
