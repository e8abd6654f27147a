import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { EventResource } from '../api/core/event.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import { ServiceAccountResource } from '../api/core/service-account.ts';
import type { Deployment, Node, Pod } from '../api/generated/types.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { Client } from '../client/client.ts';
import type { Sent } from '../client/client.ts';
import { startControlPlane } from './testing/control-plane.ts';

function deployment(name: string, replicas: number, image = 'nginx:1'): Sent<Deployment> {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

/** Plays scheduler and kubelet: every pending pod runs and is ready. */
function makeReady(client: Client, now: number): number {
  let count = 0;
  for (const pod of client.list(PodResource).items) {
    if (pod.metadata.deletionTimestamp !== undefined) client.delete(PodResource, pod.metadata, { gracePeriodSeconds: 0 });
    else if (pod.status?.phase !== 'Running') {
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(now) }];
      client.updateStatus(PodResource, { ...pod, status: { ...pod.status, phase: 'Running', podIP: '10.0.0.1', conditions } } as Pod);
      count++;
    }
  }
  return count;
}

describe('the controller manager', () => {
  it('rolls a deployment out', () => {
    const { sim, client } = startControlPlane();
    client.create(DeploymentResource, deployment('web', 4));
    sim.runUntilIdle(60_000);
    expect(client.list(PodResource).items).toHaveLength(4);
    makeReady(client, sim.now);
    sim.runUntilIdle(60_000);
    const made = client.get(DeploymentResource, { namespace: 'default', name: 'web' });
    expect(made.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(made.status).toMatchObject({ replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4, observedGeneration: 1 });
    const conditions = made.status?.conditions?.map(({ type, status, reason }) => [type, status, reason].join());
    expect(conditions).toEqual(['Available,True,MinimumReplicasAvailable', 'Progressing,True,NewReplicaSetAvailable']);
    client.update(DeploymentResource, { ...made, spec: deployment('web', 4, 'nginx:2').spec });
    for (let round = 0; round < 10; round++) {
      sim.runUntilIdle(60_000);
      makeReady(client, sim.now);
    }
    sim.runUntilIdle(60_000);
    const sets = client
      .list(ReplicaSetResource)
      .items.map(({ spec, metadata }) => [spec.replicas, metadata.annotations?.['deployment.kubernetes.io/revision']]);
    expect(sets).toContainEqual([0, '1']);
    expect(sets).toContainEqual([4, '2']);
    const messages = client.list(EventResource).items.map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`);
    expect(
      messages
        .filter((text) => text.startsWith('ScalingReplicaSet'))
        .map((text) => text.replace(/web-\w+/, 'web'))
        .sort(),
    ).toEqual([
      'ScalingReplicaSet: Scaled down replica set web from 1 to 0',
      'ScalingReplicaSet: Scaled down replica set web from 3 to 1',
      'ScalingReplicaSet: Scaled down replica set web from 4 to 3',
      'ScalingReplicaSet: Scaled up replica set web from 0 to 1',
      'ScalingReplicaSet: Scaled up replica set web from 0 to 4',
      'ScalingReplicaSet: Scaled up replica set web from 1 to 2',
      'ScalingReplicaSet: Scaled up replica set web from 2 to 4',
    ]);
    client.delete(DeploymentResource, { namespace: 'default', name: 'web' }, { propagationPolicy: 'Background' });
    sim.runUntilIdle(60_000);
    makeReady(client, sim.now);
    sim.runUntilIdle(60_000);
    expect(client.list(ReplicaSetResource).items).toEqual([]);
    expect(client.list(PodResource).items).toEqual([]);
  });

  it('gives namespaces their service account and empties them when they are deleted', () => {
    const { sim, client } = startControlPlane();
    client.create(NamespaceResource, { metadata: { name: 'team' } });
    sim.runUntilIdle(60_000);
    expect(client.find(ServiceAccountResource, { namespace: 'team', name: 'default' })).toBeDefined();
    client.create(DeploymentResource, { ...deployment('web', 2), metadata: { name: 'web', namespace: 'team' } });
    sim.runUntilIdle(60_000);
    client.delete(NamespaceResource, { name: 'team' });
    for (let round = 0; round < 5; round++) {
      sim.runUntil(sim.now + 20_000);
      makeReady(client, sim.now);
    }
    sim.runUntil(sim.now + 20_000);
    expect(client.find(NamespaceResource, { name: 'team' })).toBeUndefined();
  });

  it('finds a silent node out after 50 s, taints it and evicts its pods', () => {
    const { sim, client } = startControlPlane();
    const node = client.create(NodeResource, { metadata: { name: 'node-1' }, spec: {} } as Sent<Node>);
    const heartbeat = formatTime(sim.now);
    const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: heartbeat, lastTransitionTime: heartbeat };
    client.updateStatus(NodeResource, { ...node, status: { conditions: [ready] } });
    sim.runUntil(sim.now + 10_000);
    expect(client.get(NodeResource, { name: 'node-1' }).spec?.podCIDR).toBe('10.244.0.0/24');
    client.create(PodResource, {
      metadata: { name: 'a', namespace: 'default' },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx' }] },
    });
    sim.runUntil(sim.now + 60_000);
    const silent = client.get(NodeResource, { name: 'node-1' });
    expect(silent.status?.conditions?.[0]).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(silent.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`)).toContain('node.kubernetes.io/unreachable:NoSchedule');
  });
});
