import { describe, expect, it } from 'vitest';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { PodResource } from '../api/core/pod.ts';
import { newControllerRef } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { Client } from '../client/client.ts';
import { ControllerManager } from '../controller-manager/controller-manager.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { newApiServer } from './api-server.ts';

function setUp() {
  const sim = new Simulation({ seed: 5 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  client.create(NamespaceResource, { metadata: { name: 'default' } });
  const manager = new ControllerManager(new TaskScope(sim, 'kube-controller-manager'), server);
  sim.runUntilIdle(60_000);
  const owner = client.create(ReplicaSetResource, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
    },
  });
  sim.runUntilIdle(60_000);
  return { sim, client, manager, owner };
}

describe('garbage collection', () => {
  it.each([
    { propagationPolicy: 'Background' as const, pods: 0 },
    { propagationPolicy: 'Foreground' as const, pods: 0 },
    { propagationPolicy: 'Orphan' as const, pods: 2 },
  ])('deletes with $propagationPolicy and leaves $pods pods', ({ propagationPolicy, pods }) => {
    const { sim, client, owner } = setUp();
    client.delete(ReplicaSetResource, owner.metadata, { propagationPolicy });
    sim.runUntilIdle(60_000);
    expect(client.find(ReplicaSetResource, owner.metadata)).toBeUndefined();
    const left = client.list(PodResource).items;
    expect(left).toHaveLength(pods);
    expect(left.flatMap(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([]);
  });

  it('removes what is created for an owner that is gone', () => {
    const { sim, client, owner } = setUp();
    client.create(ConfigMapResource, {
      metadata: { name: 'a', namespace: 'default', ownerReferences: [{ ...newControllerRef(owner), uid: 'somebody-else' }] },
    });
    sim.runUntilIdle(60_000);
    expect(client.find(ConfigMapResource, { namespace: 'default', name: 'a' })).toBeUndefined();
  });

  it('keeps replicas only while the ReplicaSet controller runs', () => {
    const { sim, client, manager } = setUp();
    manager.stopController('replicaset-controller');
    for (const { metadata } of client.list(PodResource).items) client.delete(PodResource, metadata, { gracePeriodSeconds: 0 });
    sim.runUntilIdle(60_000);
    expect(client.list(PodResource).items).toHaveLength(0);
    manager.startController('replicaset-controller');
    sim.runUntilIdle(60_000);
    expect(client.list(PodResource).items).toHaveLength(2);
  });
});
