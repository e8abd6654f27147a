import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterHost } from './host.ts';
import type { ApiCall, ServerFrame } from './protocol.ts';
import { JournalStore } from './storage/journal-store.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
const MINE: ApiCall = { ...CONFIG_MAPS, verb: 'create', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } } };

function newHost() {
  const host = new ClusterHost({
    now: () => performance.now(),
    soon: (run) => setImmediate(run),
    later: () => () => undefined,
    openStore: () => JournalStore.open(),
    loadShell: () => Promise.resolve(),
    estimate: () => Promise.resolve({}),
  });
  const frames: ServerFrame[] = [];
  const connection = host.connect((frame) => frames.push(frame));
  const answer = async (id: number, request: ApiCall) => {
    connection.receive({ type: 'request', id, request });
    await expect.poll(() => frames.find((frame) => 'id' in frame && frame.id === id)).toBeDefined();
    return frames.find((frame) => 'id' in frame && frame.id === id)!;
  };
  const ready = () => frames.find((frame) => frame.type === 'notice' && frame.notice.kind === 'ready');
  return { host, frames, connection, answer, ready };
}

const names = (frame: ServerFrame) =>
  frame.type === 'response' &&
  (frame.response.object as unknown as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);

describe('the host of the cluster', () => {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });

  it('answers what was asked before the cluster was there', async () => {
    const { host, frames, connection } = newHost();
    connection.receive({ type: 'request', id: 1, request: { ...CONFIG_MAPS, verb: 'list' } });
    connection.receive({ type: 'watch', id: 2, request: CONFIG_MAPS, credit: 8 });
    connection.receive({ type: 'control', id: 3, name: 'hash', params: {} });
    await host.start();
    await expect.poll(() => frames.map(({ type }) => type)).toEqual(expect.arrayContaining(['response', 'events', 'result']));
    expect(frames.filter(({ type }) => type === 'failure')).toEqual([]);
    host.kill();
  });

  it('recovers what it acknowledged', async () => {
    const first = newHost();
    await first.host.start();
    expect(await first.answer(1, MINE)).toMatchObject({ type: 'response' });
    first.host.kill();
    const second = newHost();
    await second.host.start();
    expect(second.ready()).toMatchObject({ notice: { recovered: true, storage: { mode: 'durable' } } });
    expect(names(await second.answer(1, { ...CONFIG_MAPS, verb: 'list' }))).toContain('mine');
    second.host.kill();
  });

  it.each([
    ['a part of the snapshot is missing', 'snapshot', undefined],
    ['the snapshot holds something else', 'snapshot', [{ key: '/registry/pods/default/a', value: 'no object' }]],
    ['the description is of a later format', 'meta', { format: 99 }],
  ] as const)('keeps a copy of damaged data and starts afresh: %s', async (_what, store, value) => {
    const first = newHost();
    await first.host.start();
    await first.answer(1, MINE);
    first.host.kill();
    const db = await openDB('kubarium');
    if (store === 'meta') await db.put('meta', value, 'cluster');
    else for (const key of await db.getAllKeys('snapshot')) await (value ? db.put('snapshot', value, key) : db.delete('snapshot', key));
    db.close();

    const second = newHost();
    await second.host.start();
    expect(second.ready()).toMatchObject({ notice: { recovered: false, storage: { mode: 'durable', reason: 'damaged' } } });
    const databases = (await indexedDB.databases()).map(({ name = '' }) => name);
    const copy = await openDB(databases.find((name) => name.startsWith('kubarium-damaged-'))!);
    const journal = (await copy.getAll('journal')) as unknown[];
    expect(JSON.stringify(journal)).toContain('/registry/configmaps/default/mine');
    copy.close();
    second.host.kill();
  });
});
