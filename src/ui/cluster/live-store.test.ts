import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchEvent } from '../../api/request.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ServerFrame } from '../../worker/protocol.ts';
import { ClusterConnection } from './connection.ts';
import { LiveStore } from './live-store.ts';

const PODS = { group: '', version: 'v1', plural: 'pods' };
const pod = (name: string, namespace = 'default', resourceVersion = '1'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: name, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
});
const bookmark: WatchEvent = { type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '1' } } };
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): WatchEvent => ({ type, object });

let frames: (() => void)[] = [];
const nextFrame = () => frames.splice(0).forEach((run) => run());

function setup() {
  const connection = new ClusterConnection();
  let receive: ((frame: ServerFrame) => void) | undefined;
  let id = 0;
  const attach = () => {
    const port = {
      send: (frame: { id: number; type: string }) => {
        if (frame.type === 'watch') id = frame.id;
      },
      set receive(to: ((frame: ServerFrame) => void) | undefined) {
        receive = to;
      },
      get receive() {
        return receive;
      },
      close: () => undefined,
    };
    connection.attach(port);
  };
  attach();
  const store = new LiveStore(connection);
  const send = (...events: WatchEvent[]) => receive?.({ type: 'events', id, events });
  return { store, send, attach };
}

beforeEach(() => {
  frames = [];
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
});

describe('the live store', () => {
  it('shows nothing until the whole list has come', () => {
    const { store, send } = setup();
    const told = vi.fn();
    store.subscribe(PODS, told);
    send(event('ADDED', pod('a')));
    nextFrame();
    expect(told).not.toHaveBeenCalled();
    send(event('ADDED', pod('b')), bookmark);
    nextFrame();
    expect(told).toHaveBeenCalledOnce();
    expect(store.list(PODS)).toMatchObject({ synced: true, items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] });
  });

  it('shows what it was primed with until the cluster has sent its own list', () => {
    const { store, send } = setup();
    const told = vi.fn();
    store.subscribe(PODS, told);
    store.prime({ '/v1/pods': [pod('a'), pod('gone')] });
    nextFrame();
    expect(told).toHaveBeenCalledOnce();
    expect(store.list(PODS)).toMatchObject({ synced: true, items: [{ metadata: { name: 'a' } }, { metadata: { name: 'gone' } }] });
    send(event('ADDED', pod('a')));
    expect(store.list(PODS).items).toHaveLength(2);
    send(bookmark);
    expect(store.list(PODS).items).toMatchObject([{ metadata: { name: 'a' } }]);
  });

  it('tells its readers once a frame, however many events come', () => {
    const { store, send } = setup();
    const told = vi.fn();
    store.subscribe(PODS, told);
    send(bookmark);
    for (let index = 0; index < 100; index++) send(event('ADDED', pod(`p${index}`)));
    nextFrame();
    expect(told).toHaveBeenCalledOnce();
    expect(store.list(PODS).items).toHaveLength(100);
  });

  it('gives the same list while nothing in it changes', () => {
    const { store, send } = setup();
    store.subscribe(PODS, () => undefined);
    send(event('ADDED', pod('a')), bookmark);
    const before = store.list(PODS, { namespace: 'default' });
    send(event('ADDED', pod('x', 'other')));
    expect(store.list(PODS, { namespace: 'default' })).toBe(before);
    send(event('MODIFIED', pod('a', 'default', '2')));
    expect(store.list(PODS, { namespace: 'default' })).not.toBe(before);
  });

  it('follows changes and deletions', () => {
    const { store, send } = setup();
    store.subscribe(PODS, () => undefined);
    send(event('ADDED', pod('a')), event('ADDED', pod('b')), bookmark);
    send(event('DELETED', pod('a')), event('MODIFIED', pod('b', 'default', '7')));
    expect(store.get(PODS, 'default', 'a')).toBeUndefined();
    expect(store.get(PODS, 'default', 'b')?.metadata.resourceVersion).toBe('7');
  });

  it('keeps showing the old state until the new one is whole, and then forgets what is gone', () => {
    const { store, send, attach } = setup();
    store.subscribe(PODS, () => undefined);
    send(event('ADDED', pod('a')), event('ADDED', pod('b')), bookmark);
    attach();
    send(event('ADDED', pod('b')));
    expect(store.list(PODS).items).toHaveLength(2);
    send(bookmark);
    expect(store.list(PODS).items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });
});
