import { describe, expect, it } from 'vitest';
import { Random } from '../sim/random.ts';
import { Etcd, prefixEnd } from './etcd.ts';
import type { EtcdEvent } from './etcd.ts';
import { SortedKeys } from './sorted-keys.ts';

const all = { key: '\0', end: '\0' };
const shown = (events: readonly EtcdEvent<string>[]) =>
  events.map(({ type, key, revision, kv }) => `${revision} ${type} ${key}${kv ? `=${kv.value}` : ''}`);

describe('etcd', () => {
  it('counts revisions globally and versions per key', () => {
    const etcd = new Etcd<string>();
    expect(etcd.revision).toBe(1);
    etcd.put('a', '1');
    etcd.put('b', '1');
    etcd.put('a', '2');
    expect(etcd.get('a')).toEqual({ key: 'a', value: '2', createRevision: 2, modRevision: 4, version: 2, lease: 0 });
    etcd.deleteRange({ key: 'a' });
    expect(etcd.get('a')).toBeUndefined();
    etcd.put('a', '3');
    expect(etcd.get('a')).toMatchObject({ createRevision: 6, version: 1 });
    expect(etcd.deleteRange({ key: 'nothing' })).toBe(0);
    expect(etcd.revision).toBe(6);
  });

  it('reads ranges in order, limited, and as they were', () => {
    const etcd = new Etcd<string>();
    for (const key of ['p/c', 'p/a', 'q', 'p/b']) etcd.put(key, key);
    etcd.deleteRange({ key: 'p/b' });
    expect(etcd.range({ key: 'p/', end: prefixEnd('p/') }).kvs.map(({ key }) => key)).toEqual(['p/a', 'p/c']);
    expect(etcd.range({ key: 'p/', end: prefixEnd('p/'), limit: 1 })).toMatchObject({ more: true, count: 2 });
    expect(etcd.range({ ...all, revision: 5 }).kvs.map(({ key }) => key)).toEqual(['p/a', 'p/b', 'p/c', 'q']);
    expect(() => etcd.range({ ...all, revision: 99 })).toThrow('etcdserver: mvcc: required revision is a future revision');
  });

  it('runs one branch of a transaction as one revision', () => {
    const etcd = new Etcd<string>();
    etcd.put('a', '1');
    const done = etcd.txn(
      [{ key: 'a', target: 'modRevision', result: '=', operand: 2 }],
      [
        { type: 'put', key: 'a', value: '2' },
        { type: 'put', key: 'b', value: '2' },
      ],
    );
    expect(done).toMatchObject({ succeeded: true, revision: 3 });
    expect(etcd.get('a')?.modRevision).toBe(etcd.get('b')?.modRevision);
    expect(etcd.txn([{ key: 'a', target: 'version', result: '=', operand: 0 }], [{ type: 'put', key: 'a', value: '9' }]).succeeded).toBe(
      false,
    );
    expect(etcd.get('a')?.value).toBe('2');
    expect(() =>
      etcd.txn(
        [],
        [
          { type: 'put', key: 'x', value: '1' },
          { type: 'put', key: 'x', value: '2' },
        ],
      ),
    ).toThrow('etcdserver: duplicate key given in txn request');
  });

  it('tells watchers of the past from a revision on, and of what follows', () => {
    const etcd = new Etcd<string>();
    etcd.put('a', '1');
    etcd.put('b', '1');
    const seen: string[] = [];
    const watcher = etcd.watch({ key: 'a' }, 2, (events) => seen.push(...shown(events)));
    etcd.put('a', '2');
    etcd.deleteRange({ key: 'a' });
    watcher.cancel();
    etcd.put('a', '3');
    expect(seen).toEqual(['2 PUT a=1', '4 PUT a=2', '5 DELETE a']);
  });

  it('forgets replaced versions by compaction, and says so', () => {
    const etcd = new Etcd<string>();
    etcd.put('a', '1');
    etcd.put('a', '2');
    etcd.put('gone', '1');
    etcd.deleteRange({ key: 'gone' });
    etcd.compact(5);
    expect(etcd.get('a')?.value).toBe('2');
    expect(etcd.size).toBe(1);
    expect(() => etcd.range({ ...all, revision: 3 })).toThrow('etcdserver: mvcc: required revision has been compacted');
    expect(() => etcd.watch({ key: 'a' }, 4, () => undefined)).toThrow('compacted');
    expect(() => etcd.compact(5)).toThrow('compacted');
    expect(() => etcd.compact(50)).toThrow('future');
  });

  it('deletes the keys of a lease that ends, in one revision', () => {
    const etcd = new Etcd<string>();
    const lease = etcd.leases.grant(1000, 0);
    etcd.put('a', '1', lease);
    etcd.put('b', '1', lease);
    etcd.put('b', '2');
    etcd.leases.keepAlive(lease, 500);
    etcd.leases.expire(1400);
    expect(etcd.get('a')).toBeDefined();
    etcd.leases.expire(1500);
    expect(etcd.get('a')).toBeUndefined();
    expect(etcd.get('b')?.value).toBe('2');
    expect(() => etcd.put('c', '1', 77)).toThrow('etcdserver: requested lease not found');
  });

  it('comes back from a snapshot and a journal as it was', () => {
    const etcd = new Etcd<string>();
    const journal: [number, readonly EtcdEvent<string>[]][] = [];
    etcd.put('a', '1');
    const snapshot = etcd.range(all).kvs;
    etcd.onCommit = (revision, events) => journal.push([revision, events]);
    etcd.put('b', '1');
    etcd.deleteRange({ key: 'a' });
    const restored = new Etcd<string>();
    restored.restore(2, snapshot);
    for (const [revision, events] of journal) restored.replay(revision, events);
    expect(restored.revision).toBe(etcd.revision);
    expect(restored.range(all).kvs).toEqual(etcd.range(all).kvs);
  });
});

describe('the sorted keys', () => {
  it('agree with a sorted list over many random inserts and deletes', () => {
    const keys = new SortedKeys();
    const model = new Set<string>();
    const random = new Random('keys');
    for (let step = 0; step < 20_000; step++) {
      const key = `k${random.int(5000)}`;
      if (random.int(3) === 0) {
        keys.delete(key);
        model.delete(key);
      } else {
        keys.add(key);
        model.add(key);
      }
    }
    const sorted = [...model].sort();
    expect([...keys.range('', undefined)]).toEqual(sorted);
    expect([...keys.range('k2', 'k3')]).toEqual(sorted.filter((key) => key >= 'k2' && key < 'k3'));
  });
});
