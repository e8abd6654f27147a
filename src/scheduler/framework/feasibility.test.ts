import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/generated/types.ts';
import { Cache } from '../cache/cache.ts';
import { PodInfo } from '../cache/pod-info.ts';
import { NominatedPods } from '../queue/nominator.ts';
import { Feasibility } from './feasibility.ts';
import { NodeTable } from './node-table.ts';
import { unschedulable } from './status.ts';

const nodeOf = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name }, spec: {} }) as unknown as Node;

function podOf(name: string, nodeName = '', startTime?: string): Pod {
  const spec = { nodeName, containers: [{ name: 'c' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name }, spec, status: { startTime } } as unknown as Pod;
}

function setUp() {
  const cache = new Cache();
  for (const name of ['a', 'b', 'c', 'd']) cache.setNode(nodeOf(name));
  return { cache, nominator: new NominatedPods() };
}

describe('a table of nodes', () => {
  function filled() {
    const { cache, nominator } = setUp();
    const table = NodeTable.over<string>(cache, nominator) as NodeTable<string>;
    table.follow();
    for (const { name, place } of cache.nodes) table.set(place, name);
    const known = () => {
      table.follow();
      return cache.nodes.filter(({ place }) => table.get(place) !== undefined).map(({ name }) => name);
    };
    return { cache, nominator, known };
  }

  it('forgets a node when a pod comes to it, starts on it or leaves it, and no other', () => {
    const { cache, known } = filled();
    expect(known()).toEqual(['a', 'b', 'c', 'd']);
    cache.setPod(podOf('p', 'b'));
    expect(known()).toEqual(['a', 'c', 'd']);
    cache.setPod(podOf('p', 'b', '2026-01-01T00:00:00Z'));
    expect(known()).toEqual(['a', 'c', 'd']);
    cache.removePod(podOf('p', 'b'));
    cache.assume(new PodInfo(podOf('q')), 'd');
    expect(known()).toEqual(['a', 'c']);
  });

  it('forgets a node when a pod starts there, since the order of victims depends on it', () => {
    const { cache, nominator } = setUp();
    cache.setPod(podOf('p', 'b'));
    const table = NodeTable.over<number>(cache, nominator) as NodeTable<number>;
    table.follow();
    for (const { place } of cache.nodes) table.set(place, 1);
    cache.setPod(podOf('p', 'b', '2026-01-01T00:00:00Z'));
    table.follow();
    expect(cache.nodes.map(({ place }) => table.get(place))).toEqual([1, undefined, 1, 1]);
  });

  it('forgets a node when a pod is nominated to it or no longer is', () => {
    const { nominator, known } = filled();
    const info = new PodInfo(podOf('p'));
    nominator.set(info, 'c');
    expect(known()).toEqual(['a', 'b', 'd']);
    nominator.set(info, 'a');
    expect(known()).toEqual(['b', 'd']);
  });

  it('forgets everything when nodes come or go', () => {
    const { cache, known } = filled();
    cache.setNode(nodeOf('e'));
    expect(known()).toEqual([]);
  });

  it('is not kept where nobody counts changes', () => {
    const { cache, nominator } = setUp();
    expect(NodeTable.over(cache, { nominatedPods: (name) => nominator.nominatedPods(name) })).toBeUndefined();
  });
});

describe('what is known of the nodes that fit', () => {
  const full = unschedulable('Fit', 'Too many pods');

  it('says that nobody fits without asking again, and asks only for what has changed', () => {
    const { cache, nominator } = setUp();
    const feasibility = Feasibility.over(cache, nominator) as Feasibility;
    const asked: string[] = [];
    const run = ({ name }: { name: string }) => {
      asked.push(name);
      return full;
    };
    feasibility.follow();
    expect(feasibility.nobody(0, run)?.size).toBe(4);
    asked.length = 0;
    cache.setPod(podOf('p', 'c'));
    feasibility.follow();
    const statuses = feasibility.nobody(2, run);
    expect(asked).toEqual(['c']);
    expect([...(statuses ?? [])].map(([name]) => name)).toEqual(['c', 'd', 'a', 'b']);
    expect(statuses?.nodesWith('Unschedulable').map(({ name }) => name)).toEqual(['c', 'd', 'a', 'b']);
    expect([...(statuses?.tally() ?? [])]).toEqual([[full, 4]]);
  });

  it('says nothing as long as one node fits', () => {
    const { cache, nominator } = setUp();
    const feasibility = Feasibility.over(cache, nominator) as Feasibility;
    const status = (name: string) => (name === 'b' ? undefined : full);
    const run = ({ name }: { name: string }) => status(name);
    feasibility.follow();
    expect(feasibility.nobody(0, run)).toBeUndefined();
    expect(cache.nodes.map((node, place) => feasibility.ask(place, node, run))).toEqual([full, undefined, full, full]);
    cache.setPod(podOf('p', 'b'));
    feasibility.follow();
    expect(feasibility.nobody(0, () => full)?.size).toBe(4);
  });

  it('keeps no failure of a plugin', () => {
    const { cache, nominator } = setUp();
    const feasibility = Feasibility.over(cache, nominator) as Feasibility;
    feasibility.follow();
    const failure = { ...full, isRejected: false } as typeof full;
    expect(feasibility.nobody(0, () => failure)).toBeUndefined();
    expect(feasibility.nobody(0, () => full)?.size).toBe(4);
  });
});
