import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { WatchEvent } from '../api/request.ts';
import type { ServerFrame } from './protocol.ts';
import { Stream } from './stream.ts';

const object = (name: string, resourceVersion: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion: String(resourceVersion), creationTimestamp: '' },
});
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, resourceVersion: number): WatchEvent => ({
  type,
  object: object(name, resourceVersion),
});

function setUp(credit: number) {
  const frames: ServerFrame[] = [];
  const stream = new Stream(1, credit, (frame) => frames.push(frame));
  const events = () => frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
  return { frames, stream, events };
}

describe('a stream to a tab', () => {
  it('sends a burst as one frame, and only while there is credit', () => {
    const { stream, frames } = setUp(1);
    stream.push([event('ADDED', 'a', 1), event('ADDED', 'b', 2)]);
    stream.flush();
    stream.push([event('MODIFIED', 'a', 3)]);
    stream.flush();
    expect(frames).toHaveLength(1);
    stream.addCredit(1);
    expect(frames).toHaveLength(2);
  });

  it('keeps only the last state of each object for a tab that does not read', () => {
    const { stream, events } = setUp(0);
    stream.push([event('ADDED', 'a', 1), event('ADDED', 'b', 2)]);
    for (let version = 3; version < 1003; version++) stream.push([event('MODIFIED', 'a', version)]);
    stream.push([event('DELETED', 'b', 1003)]);
    for (let version = 2000; version < 2600; version++) stream.push([event('MODIFIED', 'a', version)]);
    stream.addCredit(100);
    const seen = events();
    expect(seen.length).toBeLessThan(600);
    expect(seen.some(({ object: { metadata } }) => (metadata as { name?: string }).name === 'b')).toBe(false);
    expect(seen[0]?.type).toBe('ADDED');
    expect(seen.at(-1)?.object.metadata.resourceVersion).toBe('2599');
  });

  it('says that it ended after everything was sent', () => {
    const { stream, frames } = setUp(0);
    stream.push([event('ADDED', 'a', 1)]);
    stream.close();
    expect(frames).toEqual([]);
    stream.addCredit(5);
    expect(frames.map(({ type }) => type)).toEqual(['events', 'closed']);
  });
});
