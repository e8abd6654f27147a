import { describe, expect, it } from 'vitest';
import { EventResource } from '../api/core/event.ts';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { PodResource } from '../api/core/pod.ts';
import type { PersistentVolumeClaim, StorageClass } from '../api/generated/types.ts';
import { StorageClassResource } from '../api/storage/storage-class.ts';
import type { Client, Sent } from '../client/client.ts';
import { setUp } from './testing/setup.ts';

describe('the scheduler', () => {
  it('binds a pod, says so, and records why', () => {
    const { sim, addNode, addPod, podOf, messages, decisions } = setUp();
    addNode('node-1', '4');
    addNode('node-2', '2');
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(podOf('web').spec.nodeName).toBe('node-1');
    expect(messages()).toContain('Scheduled: Successfully assigned default/web to node-1');
    expect(decisions()).toMatchObject([
      {
        spec: { podRef: { name: 'web' }, attempt: 1, profile: 'default-scheduler' },
        status: {
          result: 'Scheduled',
          nodeName: 'node-1',
          counts: { total: 2, evaluated: 2, feasible: 2 },
          nodes: ['node-1', 'node-2'],
          scores: [
            { plugin: 'TaintToleration', weight: 3, raw: [0, 0], normalized: [100, 100] },
            { plugin: 'NodeResourcesFit', weight: 1, raw: [86, 73] },
            { plugin: 'NodeResourcesBalancedAllocation', raw: [87, 75] },
            { plugin: 'ImageLocality' },
          ],
        },
      },
    ]);
  });

  it('says why no node fits, and schedules the pod once one is added', () => {
    const { sim, addNode, addPod, podOf, messages, decisions } = setUp();
    addNode('control-plane', '4', { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] });
    for (const name of ['a', 'b', 'c']) addNode(name, '1');
    addPod('big', {}, '3');
    sim.runUntilIdle(60_000);
    const reasons = '1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu.';
    const { conditions = [] } = podOf('big').status ?? {};
    expect(messages().some((text) => text.startsWith(`FailedScheduling: 0/4 nodes are available: ${reasons}`))).toBe(true);
    expect(conditions.find(({ type }) => type === 'PodScheduled')).toMatchObject({ status: 'False', reason: 'Unschedulable' });
    expect(decisions()[0]?.status.rejections[1]).toMatchObject({
      plugin: 'NodeResourcesFit',
      count: 3,
      insufficient: [{ node: 'a', resource: 'cpu', requested: 3000, used: 0, capacity: 1000 }, { node: 'b' }, { node: 'c' }],
    });
    expect(sim.isIdle).toBe(true);
    addNode('d', '8');
    sim.runUntilIdle(60_000);
    expect(podOf('big').spec.nodeName).toBe('d');
    expect(decisions().map(({ spec, status }) => [spec.attempt, status.result])).toEqual([
      [1, 'Unschedulable'],
      [2, 'Scheduled'],
    ]);
  });

  it('answers that there are no nodes', () => {
    const { sim, addPod, messages } = setUp();
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(messages()).toContain('FailedScheduling: no nodes available to schedule pods');
  });

  it('counts assumed pods, so that a burst does not overfill a node', () => {
    const { sim, addNode, addPod, podOf } = setUp();
    addNode('node-1', '2');
    for (const name of ['a', 'b', 'c']) addPod(name);
    sim.runUntilIdle(60_000);
    expect(['a', 'b', 'c'].filter((name) => podOf(name).spec.nodeName === 'node-1')).toHaveLength(2);
  });

  it('leaves pods with scheduling gates alone until the gates are gone', () => {
    const { sim, client, addNode, addPod, podOf, decisions } = setUp();
    addNode('node-1', '2');
    const pod = addPod('gated', { schedulingGates: [{ name: 'example.com/wait' }] });
    sim.runUntilIdle(60_000);
    expect(decisions()).toEqual([]);
    client.update(PodResource, { ...pod, spec: { ...pod.spec, schedulingGates: undefined } });
    sim.runUntilIdle(60_000);
    expect(podOf('gated').spec.nodeName).toBe('node-1');
  });

  it('refuses a profile with a plugin that does not exist', () => {
    expect(() => setUp({ config: { profiles: [{ plugins: { filter: { enabled: [{ name: 'Nope' }] } } }] } })).toThrow(
      'Nope does not exist',
    );
  });

  it('keeps only the newest decisions, and records less when there are many', () => {
    const { sim, addNode, addPod, decisions, client } = setUp({ recording: { maxKept: 5, maxPerMinute: 8 } });
    addNode('node-1', '64');
    for (let index = 0; index < 20; index++) addPod(`p${index}`, {}, '100m');
    sim.runUntilIdle(60_000);
    expect(decisions().map(({ spec }) => spec.podRef.name)).toEqual(['p3', 'p4', 'p5', 'p6', 'p7']);
    const told = client.list(EventResource).items.filter(({ reason }) => reason === 'SchedulingDecisionRecording');
    expect(told).toHaveLength(1);
  });

  it('makes pods of lower priority leave for one that does not fit otherwise', () => {
    const { sim, client, addNode, addPod, podOf, messages, decisions } = setUp();
    addNode('node-1', '2');
    addPod('low', { priority: 0, terminationGracePeriodSeconds: 0 }, '2');
    sim.runUntilIdle(60_000);
    addPod('high', { priority: 100 }, '2');
    sim.runUntilIdle(60_000);
    expect(client.find(PodResource, { namespace: 'default', name: 'low' })).toBeUndefined();
    expect(podOf('high').spec.nodeName).toBe('node-1');
    expect(messages()).toContain(`Preempted: Preempted by pod ${podOf('high').metadata.uid} on node node-1`);
    expect(messages()).toContain('FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.');
    const ofHigh = decisions().filter(({ spec }) => spec.podRef.name === 'high');
    expect(ofHigh.map(({ status }) => [status.result, status.nominatedNodeName])).toEqual([
      ['Unschedulable', 'node-1'],
      ['Scheduled', undefined],
    ]);
  });

  it('says what preemption could not do', () => {
    const { sim, addNode, addPod, messages } = setUp();
    addNode('control-plane', '4', { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] });
    for (const name of ['a', 'b', 'c']) addNode(name, '1');
    addPod('big', {}, '3');
    sim.runUntilIdle(60_000);
    expect(messages()).toContain(
      'FailedScheduling: 0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. ' +
        'preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.',
    );
  });

  it('spreads the pods of a workload over nodes of the same size', () => {
    const { sim, addNode, addPod, podOf } = setUp();
    for (const name of ['a', 'b', 'c']) addNode(name, '8');
    const names = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
    for (const name of names) addPod(name);
    sim.runUntilIdle(60_000);
    const perNode = ['a', 'b', 'c'].map((node) => names.filter((name) => podOf(name).spec.nodeName === node).length);
    expect(perNode).toEqual([2, 2, 2]);
  });

  describe('with claims', () => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const claimOf = (storageClassName: string): Sent<PersistentVolumeClaim> => ({
      metadata: { name: 'data', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName },
    });
    const addClass = (client: Client, volumeBindingMode: string) =>
      client.create(StorageClassResource, {
        metadata: { name: 'fast' },
        provisioner: 'example.com/disk',
        volumeBindingMode,
      } as Sent<StorageClass>);

    it('says that a claim is missing, and that an immediate claim is not bound', () => {
      const { sim, client, addNode, addPod, messages } = setUp();
      addNode('node-1', '2');
      addClass(client, 'Immediate');
      addPod('db', { volumes });
      sim.runUntilIdle(60_000);
      const helpless = 'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
      expect(messages()).toContain(`FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "data" not found. ${helpless}`);
      client.create(PersistentVolumeClaimResource, claimOf('fast'));
      sim.runUntilIdle(60_000);
      expect(messages()).toContain(
        `FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${helpless}`,
      );
    });

    it('names the node on a claim that waits for its first consumer, and binds the pod once the claim is bound', () => {
      const { sim, client, addNode, addPod, podOf } = setUp();
      addNode('node-1', '2');
      addClass(client, 'WaitForFirstConsumer');
      client.create(PersistentVolumeClaimResource, claimOf('fast'));
      addPod('db', { volumes });
      sim.runUntilIdle(60_000);
      const claim = client.get(PersistentVolumeClaimResource, { namespace: 'default', name: 'data' });
      expect(claim.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'node-1' });
      expect(podOf('db').spec.nodeName).toBeUndefined();
      const annotations = { ...claim.metadata.annotations, 'pv.kubernetes.io/bind-completed': 'yes' };
      client.update(PersistentVolumeClaimResource, {
        ...claim,
        metadata: { ...claim.metadata, annotations },
        spec: { ...claim.spec, volumeName: 'pv-1' },
      });
      sim.runUntilIdle(60_000);
      expect(podOf('db').spec.nodeName).toBe('node-1');
    });
  });
});
