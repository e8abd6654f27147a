import { describe, expect, it } from 'vitest';
import { LocalPathProvisioner } from '../addons/local-path-provisioner/local-path-provisioner.ts';
import { DaemonSetResource } from '../api/apps/daemon-set.ts';
import { StatefulSetResource } from '../api/apps/stateful-set.ts';
import { CronJobResource } from '../api/batch/cron-job.ts';
import { JobResource } from '../api/batch/job.ts';
import { EndpointsResource } from '../api/core/endpoints.ts';
import { EventResource } from '../api/core/event.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { NodeResource } from '../api/core/node.ts';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../api/core/persistent-volume.ts';
import { PodResource } from '../api/core/pod.ts';
import { ResourceQuotaResource } from '../api/core/resource-quota.ts';
import { ServiceResource } from '../api/core/service.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { PodDisruptionBudgetResource } from '../api/policy/pod-disruption-budget.ts';
import { StorageClassResource } from '../api/storage/storage-class.ts';
import type { Pod } from '../api/generated/types.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { Client } from '../client/client.ts';
import { ControllerManager } from '../controller-manager/controller-manager.ts';
import { targetNode } from '../controller-manager/daemonset/eligibility.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { newApiServer } from './api-server.ts';

const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } });
const metadata = (name: string) => ({ name, namespace: 'default' });

class World {
  readonly sim = new Simulation({ seed: 3 });
  readonly server = newApiServer({ sim: this.sim, etcd: new Etcd<KubernetesObject>() });
  readonly client = new Client(this.server, { name: 'you', groups: ['system:masters'] }, 'you');
  readonly nodes: number;
  #addresses = 0;

  constructor(nodes = 0) {
    this.nodes = nodes;
    for (const name of ['default', 'kube-system', 'kube-node-lease']) this.client.create(NamespaceResource, { metadata: { name } });
    new ControllerManager(new TaskScope(this.sim, 'kube-controller-manager'), this.server);
    new LocalPathProvisioner(new TaskScope(this.sim, 'local-path-provisioner'), this.client).start();
    for (let index = 1; index <= nodes; index++) {
      const node = this.client.create(NodeResource, { metadata: { name: `node-${index}` }, spec: {} });
      const now = formatTime(this.sim.now);
      this.client.updateStatus(NodeResource, {
        ...node,
        status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now }] },
      });
    }
    this.idle();
  }

  idle(): void {
    this.sim.runUntilIdle(3_600_000);
  }

  pods(): Pod[] {
    return this.client.list(PodResource, 'default').items;
  }

  names(): string[] {
    return this.pods().map(({ metadata: { name } }) => name);
  }

  /** Plays the kubelet for one pod. */
  set(pod: Pod, phase: string, ready = phase === 'Running'): void {
    const now = formatTime(this.sim.now);
    if (!pod.spec.nodeName && this.nodes > 0) {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: pod.metadata.name },
        target: { kind: 'Node', name: targetNode(pod) ?? 'node-1' },
      };
      this.client.createSubresource(PodResource, pod.metadata, 'binding', binding);
    }
    const current = this.client.get(PodResource, pod.metadata);
    const status = {
      ...current.status,
      phase,
      podIP: `10.0.0.${++this.#addresses}`,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: now }],
    };
    this.client.updateStatus(PodResource, { ...current, status });
  }

  /** Pods run, those in deletion go; until nothing more happens. */
  settle(phase = 'Running'): void {
    for (let round = 0; round < 30; round++) {
      this.idle();
      let changed = false;
      for (const pod of this.pods()) {
        if (pod.metadata.deletionTimestamp !== undefined) {
          this.client.delete(PodResource, pod.metadata, { gracePeriodSeconds: 0 });
          changed = true;
        } else if (pod.status?.phase === 'Pending' || pod.status?.phase === undefined) {
          this.set(pod, phase);
          changed = true;
        }
      }
      if (!changed) return;
    }
  }

  reasons(kind: string): string[] {
    return this.client
      .list(EventResource)
      .items.filter(({ involvedObject }) => involvedObject.kind === kind)
      .map(({ reason = '' }) => reason);
  }
}

describe('a StatefulSet', () => {
  it('makes pods and claims in order, updates from the highest, and keeps claims when scaled down', () => {
    const world = new World(1);
    const { client } = world;
    const made = client.create(StatefulSetResource, {
      metadata: metadata('db'),
      spec: {
        serviceName: 'db',
        replicas: 3,
        selector: { matchLabels: { app: 'db' } },
        template: template('db'),
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
        ],
      },
    });
    world.idle();
    expect(world.names()).toEqual(['db-0']);
    world.settle();
    expect(world.names()).toEqual(['db-0', 'db-1', 'db-2']);
    expect(client.list(PersistentVolumeClaimResource).items.map(({ metadata: { name } }) => name)).toEqual([
      'data-db-0',
      'data-db-1',
      'data-db-2',
    ]);
    const ready = client.get(StatefulSetResource, made.metadata);
    expect(ready.status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
    client.update(StatefulSetResource, {
      ...ready,
      spec: { ...ready.spec, template: { ...template('db'), spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } },
    });
    world.idle();
    expect(
      world
        .pods()
        .filter((pod) => pod.metadata.deletionTimestamp !== undefined)
        .map((pod) => pod.metadata.name),
    ).toEqual(['db-2']);
    world.settle();
    const updated = client.get(StatefulSetResource, made.metadata);
    expect(updated.status?.currentRevision).toBe(updated.status?.updateRevision);
    expect(world.pods().every(({ spec }) => spec.containers[0]?.image === 'nginx:2')).toBe(true);
    client.update(StatefulSetResource, { ...updated, spec: { ...updated.spec, replicas: 1 } });
    world.settle();
    expect(world.names()).toEqual(['db-0']);
    expect(client.list(PersistentVolumeClaimResource).items).toHaveLength(3);
  });
});

describe('a DaemonSet', () => {
  it('has a pod per node, also on new ones, and replaces one at a time', () => {
    const world = new World(3);
    const { client } = world;
    const made = client.create(DaemonSetResource, {
      metadata: metadata('agent'),
      spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') },
    });
    world.settle();
    expect(world.pods()).toHaveLength(3);
    client.create(NodeResource, { metadata: { name: 'node-4' }, spec: {} });
    world.settle();
    const ready = client.get(DaemonSetResource, made.metadata);
    expect(ready.status).toMatchObject({
      desiredNumberScheduled: 4,
      currentNumberScheduled: 4,
      numberReady: 4,
      numberAvailable: 4,
      updatedNumberScheduled: 4,
    });
    client.update(DaemonSetResource, {
      ...ready,
      spec: { ...ready.spec, template: { ...template('agent'), spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } },
    });
    world.idle();
    expect(world.pods().filter((pod) => pod.metadata.deletionTimestamp !== undefined)).toHaveLength(1);
    world.settle();
    expect(client.get(DaemonSetResource, made.metadata).status?.updatedNumberScheduled).toBe(4);
  });
});

describe('a Job', () => {
  it('completes when enough pods have succeeded', () => {
    const world = new World();
    const made = world.client.create(JobResource, {
      metadata: metadata('sum'),
      spec: { completions: 3, parallelism: 2, template: { spec: { ...template('x').spec, restartPolicy: 'Never' } } },
    });
    world.idle();
    expect(world.pods()).toHaveLength(2);
    world.settle('Succeeded');
    const done = world.client.get(JobResource, made.metadata);
    expect(done.status).toMatchObject({ succeeded: 3, uncountedTerminatedPods: {}, ready: 0, terminating: 0 });
    expect(done.status?.conditions?.map(({ type, reason }) => `${type} ${reason ?? ''}`)).toEqual([
      'SuccessCriteriaMet CompletionsReached',
      'Complete CompletionsReached',
    ]);
    expect(world.reasons('Job').filter((reason) => reason === 'Completed')).toHaveLength(1);
    expect(world.pods().every((pod) => pod.metadata.finalizers === undefined || pod.metadata.finalizers.length === 0)).toBe(true);
  });

  it('fails when the back-off limit is passed, waiting longer after each failure', () => {
    const world = new World();
    const start = world.sim.now;
    const made = world.client.create(JobResource, {
      metadata: metadata('bad'),
      spec: { backoffLimit: 2, template: { spec: { ...template('x').spec, restartPolicy: 'Never' } } },
    });
    world.settle('Failed');
    const done = world.client.get(JobResource, made.metadata);
    expect(done.status).toMatchObject({ failed: 3 });
    expect(done.status?.conditions?.at(-1)).toMatchObject({ type: 'Failed', reason: 'BackoffLimitExceeded' });
    expect(world.sim.now - start).toBeGreaterThanOrEqual(30_000);
  });

  it('gives every index its pod', () => {
    const world = new World();
    const made = world.client.create(JobResource, {
      metadata: metadata('idx'),
      spec: {
        completions: 3,
        parallelism: 3,
        completionMode: 'Indexed',
        template: { spec: { ...template('x').spec, restartPolicy: 'Never' } },
      },
    });
    world.idle();
    expect(world.pods().map(({ spec }) => spec.hostname)).toEqual(['idx-0', 'idx-1', 'idx-2']);
    world.settle('Succeeded');
    expect(world.client.get(JobResource, made.metadata).status).toMatchObject({ completedIndexes: '0-2', succeeded: 3 });
  });

  it('is made by a CronJob at its times, and old ones are removed', () => {
    const world = new World();
    world.client.create(CronJobResource, {
      metadata: metadata('tick'),
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: { spec: { ...template('x').spec, restartPolicy: 'Never' } } } } },
    });
    for (let step = 0; step < 6; step++) {
      world.sim.runUntil(world.sim.now + 300_000);
      world.settle('Succeeded');
    }
    expect(world.client.list(JobResource).items).toHaveLength(3);
    expect(world.client.get(CronJobResource, metadata('tick')).status?.lastSuccessfulTime).toBeDefined();
  });
});

describe('a Service', () => {
  it('has slices with the conditions of its pods', () => {
    const world = new World(1);
    const { client } = world;
    client.create(ServiceResource, {
      metadata: metadata('web'),
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    world.idle();
    expect(client.list(EndpointSliceResource, 'default').items.map(({ endpoints }) => endpoints)).toEqual([[]]);
    const pods = ['a', 'b'].map((name) =>
      client.create(PodResource, {
        metadata: { ...metadata(name), labels: { app: 'web' } },
        spec: { nodeName: 'node-1', ...template('web').spec },
      }),
    );
    for (const pod of pods) world.set(pod, 'Running', pod === pods[0]);
    world.idle();
    const slices = client.list(EndpointSliceResource, 'default').items;
    expect(slices).toHaveLength(1);
    expect(slices[0]?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slices[0]?.endpoints?.map(({ conditions }) => conditions?.ready)).toEqual([true, false]);
    expect(client.get(EndpointsResource, metadata('web')).subsets).toMatchObject([
      { addresses: [{ nodeName: 'node-1' }], notReadyAddresses: [{ nodeName: 'node-1' }] },
    ]);
  });
});

describe('a claim', () => {
  it('waits for its consumer, is provisioned, bound, and takes its volume with it', () => {
    const world = new World(1);
    const { client } = world;
    client.create(StorageClassResource, {
      metadata: { name: 'standard' },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    });
    const claim = client.create(PersistentVolumeClaimResource, {
      metadata: metadata('data'),
      spec: { storageClassName: 'standard', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    world.idle();
    expect(world.reasons('PersistentVolumeClaim')).toEqual(['WaitForFirstConsumer']);
    client.patch(PersistentVolumeClaimResource, claim.metadata, 'merge', {
      metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } },
    });
    world.idle();
    expect(client.get(PersistentVolumeClaimResource, claim.metadata).status).toMatchObject({
      phase: 'Bound',
      capacity: { storage: '1Gi' },
    });
    expect(client.list(PersistentVolumeResource).items[0]?.status?.phase).toBe('Bound');
    client.delete(PersistentVolumeClaimResource, claim.metadata);
    world.idle();
    expect(client.list(PersistentVolumeResource).items).toEqual([]);
  });

  it('takes the smallest volume that fits, and says so when there is none', () => {
    const world = new World();
    const { client } = world;
    for (const [name, storage] of [
      ['big', '10Gi'],
      ['small', '2Gi'],
    ] as const) {
      client.create(PersistentVolumeResource, {
        metadata: { name },
        spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
      });
    }
    const spec = (storage: string) => ({ storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } });
    client.create(PersistentVolumeClaimResource, { metadata: metadata('one'), spec: spec('1Gi') });
    client.create(PersistentVolumeClaimResource, { metadata: metadata('huge'), spec: spec('1Ti') });
    world.idle();
    expect(client.get(PersistentVolumeClaimResource, metadata('one')).spec?.volumeName).toBe('small');
    expect(client.get(PersistentVolumeClaimResource, metadata('huge')).status?.phase).toBe('Pending');
    expect(world.reasons('PersistentVolumeClaim')).toContain('FailedBinding');
  });
});

describe('budgets and quotas', () => {
  it('count ready pods, and what was deleted', () => {
    const world = new World();
    const { client } = world;
    client.create(ResourceQuotaResource, { metadata: metadata('quota'), spec: { hard: { pods: '5' } } });
    client.create(PodDisruptionBudgetResource, {
      metadata: metadata('pdb'),
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    world.idle();
    for (const name of ['a', 'b'])
      client.create(PodResource, { metadata: { ...metadata(name), labels: { app: 'web' } }, spec: template('web').spec });
    world.settle();
    expect(client.get(PodDisruptionBudgetResource, metadata('pdb')).status).toMatchObject({
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    });
    expect(client.get(ResourceQuotaResource, metadata('quota')).status?.used).toEqual({ pods: '2' });
    client.delete(PodResource, metadata('a'), { gracePeriodSeconds: 0 });
    world.idle();
    expect(client.get(ResourceQuotaResource, metadata('quota')).status?.used).toEqual({ pods: '1' });
  });
});
