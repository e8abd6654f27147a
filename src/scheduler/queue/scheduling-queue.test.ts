import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import { Action } from '../framework/events.ts';
import type { ClusterChange, EventRegistration } from '../framework/events.ts';
import { prioritySort } from '../plugins/priority-sort.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

const pod = (name: string, priority = 0): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T10:00:00Z' },
  spec: { containers: [{ name: 'c' }], priority },
});

function setUp(events: readonly EventRegistration[] = [{ event: { resource: 'Node', action: Action.Add } }]) {
  const sim = new Simulation();
  const sort = prioritySort();
  let woken = 0;
  const queue = new SchedulingQueue(new TaskScope(sim, 'scheduler'), {
    initialBackoffMs: () => 1000,
    maxBackoffMs: () => 10_000,
    less: (a, b) => sort.less?.(a, b) ?? false,
    preEnqueue: () => undefined,
    registrations: () => events,
    wake: () => woken++,
  });
  /** Takes the next pod and gives it back as rejected by `plugin`, or as failed by an error. */
  const fail = (plugin?: string) => {
    const queued = queue.pop();
    if (queued === undefined) throw new Error('nothing to pop');
    queued.unschedulablePlugins = new Set(plugin === undefined ? [] : [plugin]);
    queue.addUnschedulable(queued);
  };
  const popped = () => queue.pop()?.info.pod.metadata.name;
  return { sim, queue, fail, popped, woken: () => woken };
}

const nodeAdded: ClusterChange = { resource: 'Node', action: Action.Add, label: 'NodeAdd', object: {} as Node };

describe('the scheduling queue', () => {
  it('gives pods of higher priority first, and otherwise in order of arrival', () => {
    const { queue, popped } = setUp();
    for (const [name, priority] of [
      ['a', 0],
      ['b', 0],
      ['c', 5],
      ['d', 0],
    ] as const)
      queue.add(pod(name, priority));
    expect([popped(), popped(), popped(), popped(), popped()]).toEqual(['c', 'a', 'b', 'd', undefined]);
  });

  it('keeps a rejected pod until an event that its plugin registered for', () => {
    const { queue, fail, popped } = setUp();
    queue.add(pod('a'));
    fail('NodeName');
    queue.move({ resource: 'AssignedPod', action: Action.Delete, label: 'AssignedPodDelete' });
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1 });
    queue.move(nodeAdded);
    expect(queue.sizes.unschedulable).toBe(0);
    expect(popped()).toBe('a');
  });

  it('asks the hint of the plugin', () => {
    const { queue, fail } = setUp([{ event: { resource: 'Node', action: Action.Add }, hint: () => false }]);
    queue.add(pod('a'));
    fail('NodeName');
    queue.move(nodeAdded);
    expect(queue.sizes.unschedulable).toBe(1);
  });

  it('retries after errors with a back-off that doubles from 1 s to 10 s', () => {
    const { sim, queue, fail } = setUp();
    const start = sim.now;
    queue.add(pod('a'));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const failedAt = sim.now;
      fail();
      while (queue.sizes.active === 0) sim.step();
      waits.push((sim.now - failedAt) / 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 10, 10]);
    expect(sim.now - start).toBe(35_000);
  });

  it('moves a pod that has been stuck for 5 minutes, in the background', () => {
    const { sim, queue, fail } = setUp();
    queue.add(pod('a'));
    fail('NodeName');
    expect(sim.isIdle).toBe(true);
    const start = sim.now;
    while (queue.sizes.active === 0) sim.step();
    expect(sim.now - start).toBe(330_000);
  });

  it('forgets deleted pods in every lane', () => {
    const { queue, fail, popped } = setUp();
    for (const name of ['a', 'b']) queue.add(pod(name));
    fail('NodeName');
    queue.delete(pod('a'));
    queue.delete(pod('b'));
    queue.move(nodeAdded);
    expect(popped()).toBeUndefined();
  });
});
