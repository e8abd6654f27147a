import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import type { ApiRequest, ApiResponse, Transport, WatchEvent, WatchSink } from '../api/request.ts';
import { serviceUnavailable } from '../apimachinery/status.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { Client } from './client.ts';
import { Informer } from './informer.ts';
import { WorkQueue } from './queue.ts';

const configMap = (name: string, resourceVersion: string, label = 'x'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: name, resourceVersion, creationTimestamp: '2026-01-01T10:00:00Z', labels: { app: label } },
});

/** An apiserver of one list and one watch. */
class OneList implements Transport {
  items: ConfigMap[] = [];
  down = false;
  lists = 0;
  sink: WatchSink | undefined;

  request(_request: ApiRequest): ApiResponse {
    if (this.down) throw serviceUnavailable('connection refused');
    this.lists++;
    return {
      code: 200,
      object: { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '5' }, items: this.items },
      warnings: [],
    };
  }
  watch(_request: unknown, sink: WatchSink) {
    this.sink = sink;
    return { stop: () => (this.sink = undefined) };
  }
  send(...events: WatchEvent[]): void {
    this.sink?.events(events);
  }
}

function setUp(items: ConfigMap[] = []) {
  const sim = new Simulation();
  const scope = new TaskScope(sim, 'test');
  const server = new OneList();
  server.items = items;
  const informer = new Informer(scope, new Client(server, { name: 'x', groups: [] }, 'test'), ConfigMapResource);
  const seen: string[] = [];
  informer.addIndex('app', ({ metadata }) => [metadata.labels?.['app'] ?? '']);
  informer.addHandler({
    add: ({ metadata }) => seen.push(`add ${metadata.name}`),
    update: ({ metadata }) => seen.push(`update ${metadata.name} ${metadata.resourceVersion}`),
    delete: ({ metadata }) => seen.push(`delete ${metadata.name}`),
  });
  return { sim, scope, server, informer, seen };
}

describe('an informer', () => {
  it('holds what was listed and follows the watch, with its indexes', () => {
    const { informer, server, seen } = setUp([configMap('a', '1'), configMap('b', '2')]);
    informer.start();
    expect(informer.hasSynced).toBe(true);
    server.send(
      { type: 'MODIFIED', object: configMap('a', '6', 'y') },
      { type: 'DELETED', object: configMap('b', '7') },
      { type: 'ADDED', object: configMap('c', '8') },
    );
    expect(seen).toEqual(['add a', 'add b', 'update a 6', 'delete b', 'add c']);
    expect([...informer.byIndex('app', 'y')].map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect([...informer.byIndex('app', 'x')].map(({ metadata }) => metadata.name)).toEqual(['c']);
    expect(informer.resourceVersion).toBe('8');
  });

  it('lists anew when the watch ends, and tells only the differences', () => {
    const { sim, informer, server, seen } = setUp([configMap('a', '1'), configMap('b', '2')]);
    informer.start();
    seen.length = 0;
    server.down = true;
    server.sink?.closed();
    sim.runUntil(sim.now + 10_000);
    expect(server.lists).toBe(1);
    server.down = false;
    server.items = [configMap('a', '9'), configMap('c', '9')];
    sim.runUntil(sim.now + 60_000);
    expect(seen).toEqual(['update a 9', 'add c', 'delete b']);
  });

  it('stops with its process', () => {
    const { scope, informer, server } = setUp();
    informer.start();
    scope.kill();
    expect(server.sink).toBeUndefined();
  });
});

describe('a work queue', () => {
  it('holds a key once, and again when it is added while it is worked on', () => {
    const sim = new Simulation();
    const seen: string[] = [];
    const queue: WorkQueue = new WorkQueue(new TaskScope(sim, 'test'), 'things', (key) => {
      seen.push(key);
      if (seen.length === 1) queue.add(key);
    });
    queue.add('a');
    queue.add('a');
    queue.add('b');
    sim.runUntilIdle(1000);
    expect(seen).toEqual(['a', 'b', 'a']);
  });

  it('backs off from 5 ms, doubling, and starts anew when forgotten', () => {
    const sim = new Simulation({ startTime: 0 });
    const times: number[] = [];
    const queue: WorkQueue = new WorkQueue(new TaskScope(sim, 'test'), 'things', (key) => {
      times.push(sim.now);
      if (times.length < 5) queue.addRateLimited(key);
    });
    queue.add('a');
    sim.runUntilIdle(10_000);
    expect(times).toEqual([0, 5, 15, 35, 75]);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });
});
