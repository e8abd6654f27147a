import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterHost } from './host.ts';
import type { ApiCall, ClientFrame, Controls, ServerFrame } from './protocol.ts';
import { JournalStore } from './storage/journal-store.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
const MINE: ApiCall = { ...CONFIG_MAPS, verb: 'create', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } } };

function newHost(change: (store: JournalStore) => void = () => undefined) {
  const host = new ClusterHost({
    now: () => performance.now(),
    soon: (run) => setImmediate(run),
    later: () => () => undefined,
    openStore: async () => {
      const store = await JournalStore.open();
      change(store);
      return store;
    },
    loadExtras: () => Promise.resolve(),
    estimate: () => Promise.resolve({}),
  });
  const frames: ServerFrame[] = [];
  const connection = host.connect((frame) => frames.push(frame));
  const answer = async (id: number, request: ApiCall) => {
    connection.receive({ type: 'request', id, request });
    await expect.poll(() => frames.find((frame) => 'id' in frame && frame.id === id)).toBeDefined();
    return frames.find((frame) => 'id' in frame && frame.id === id)!;
  };
  let lastControl = 1000;
  const control = async <Name extends keyof Controls>(name: Name, params: Controls[Name]['params']) => {
    const id = ++lastControl;
    connection.receive({ type: 'control', id, name, params } as ClientFrame);
    await expect.poll(() => frames.find((frame) => 'id' in frame && frame.id === id)).toBeDefined();
    const frame = frames.find((found) => 'id' in found && found.id === id);
    if (frame?.type !== 'result') throw new Error(`${name} failed`);
    return frame.result as Controls[Name]['result'];
  };
  const notices = () => frames.flatMap((frame) => (frame.type === 'notice' ? [frame.notice] : []));
  const ready = () => frames.find((frame) => frame.type === 'notice' && frame.notice.kind === 'ready');
  return { host, frames, connection, answer, control, notices, ready };
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

  it('rescues the manifests of a damaged cluster, and forgets it when told', async () => {
    const first = newHost();
    await first.host.start();
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'default' }, data: { a: 'b' } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(manifest) };
    await first.answer(1, { ...MINE, body: { ...manifest, metadata: { ...manifest.metadata, annotations } } });
    first.host.kill();
    const db = await openDB('kubarium');
    await db.clear('snapshot');
    db.close();
    const second = newHost();
    await second.host.start();
    const { names: copies } = await second.control('damagedCopies', {});
    expect(copies).toHaveLength(1);
    expect(second.ready()).toMatchObject({ notice: { storage: { reason: 'damaged', damagedCopies: copies } } });
    const { objects, raw } = await second.control('rescue', { copy: copies[0]! });
    expect(objects).toEqual([manifest]);
    expect(Object.keys(JSON.parse(raw) as object)).toEqual(['journal', 'meta', 'snapshot']);
    expect(await second.control('dropDamaged', { copy: copies[0]! })).toMatchObject({ damagedCopies: [] });
    second.host.kill();
  });

  it('erases every saved cluster, and says so to all tabs', async () => {
    const first = newHost();
    await first.host.start();
    await first.answer(1, MINE);
    expect(await first.control('erase', {})).toEqual({ databases: ['kubarium'] });
    expect(await indexedDB.databases()).toEqual([]);
    expect(first.notices().at(-1)).toEqual({ kind: 'erased' });
    first.host.kill();
    const second = newHost();
    await second.host.start();
    expect(second.ready()).toMatchObject({ notice: { recovered: false } });
    second.host.kill();
  });

  it('runs on when the storage is full, and saves again once there is room', async () => {
    let full = false;
    const { host, answer, control, notices } = newHost((store) => {
      const append = store.append.bind(store);
      store.append = (entries) => (full ? Promise.reject(new DOMException('no room', 'QuotaExceededError')) : append(entries));
    });
    await host.start();
    full = true;
    expect(await answer(1, MINE)).toMatchObject({ type: 'response' });
    expect(notices().at(-1)).toMatchObject({ kind: 'storage', storage: { mode: 'memory', reason: 'quota' } });
    full = false;
    expect(await control('saveAgain', {})).toMatchObject({ mode: 'durable', durableRevision: host.cluster.etcd.revision });
    host.kill();
    const second = newHost();
    await second.host.start();
    expect(second.ready()).toMatchObject({ notice: { recovered: true } });
    expect(names(await second.answer(1, { ...CONFIG_MAPS, verb: 'list' }))).toContain('mine');
    second.host.kill();
  });
});
