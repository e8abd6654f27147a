/** Manifests that nobody here wrote, applied to a fresh cluster as a user would, and what a real cluster makes of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { EventResource } from '../api/core/event.ts';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { PodResource } from '../api/core/pod.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import type { Pod } from '../api/generated/types.ts';
import { applyAll } from '../scenario/apply-all.ts';
import { readManifests } from '../scenario/manifests.ts';
import { CLUSTER_ADMIN } from './admin.ts';
import { Cluster } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../e2e/fixtures/manifests');
const BOOT_LIMIT_MS = 600_000;

function run(set: string, seconds: number) {
  const cluster = new Cluster({ seed: 7 });
  expect(cluster.boot(BOOT_LIMIT_MS)).toBe(true);
  const files = readdirSync(join(FOLDER, set)).sort();
  const objects = files.flatMap((file) =>
    readManifests(readFileSync(join(FOLDER, set, file), 'utf8')).manifests.map(({ object }) => object),
  );
  const applied = applyAll(objects, (request) => cluster.apiServer.request({ ...request, user: CLUSTER_ADMIN, userAgent: 'you' }));
  expect(applied.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  cluster.sim.runUntil(cluster.sim.now + seconds * 1000);
  const client = cluster.client('test');
  const pods = client.list(PodResource, 'default').items;
  return { cluster, client, pods };
}

const isReady = ({ status }: Pod) =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;

describe('real manifests', () => {
  it('guestbook: replication controllers and deployments of the same name both get their pods', () => {
    const { pods, client } = run('guestbook', 60);
    expect(pods).toHaveLength(12);
    expect(pods.filter(isReady)).toHaveLength(12);
    const slices = client.list(EndpointSliceResource, 'default', { labelSelector: 'kubernetes.io/service-name=frontend' }).items;
    expect(slices.flatMap(({ endpoints }) => endpoints)).toHaveLength(6);
  });

  it('guestbook-go: all pods are ready, and the named target port is resolved', () => {
    const { pods, client } = run('guestbook-go', 60);
    expect(pods.filter(isReady)).toHaveLength(6);
    const [slice] = client.list(EndpointSliceResource, 'default', { labelSelector: 'kubernetes.io/service-name=guestbook' }).items;
    expect(slice?.ports?.[0]?.port).toBe(3000);
  });

  it('voting-app: five deployments are available', () => {
    const { client } = run('voting-app', 90);
    const deployments = client.list(DeploymentResource, 'default').items;
    expect(deployments.map(({ metadata, status }) => [metadata.name, status?.availableReplicas])).toEqual([
      ['db', 1],
      ['redis', 1],
      ['result', 1],
      ['vote', 1],
      ['worker', 1],
    ]);
  });

  it('mysql: the pod waits for a volume that no driver attaches, and says so', () => {
    const { pods, client } = run('mysql', 300);
    expect(pods[0]?.spec.nodeName).toMatch(/^node-/);
    expect(pods[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
    const warnings = client
      .list(EventResource, 'default')
      .items.filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.name === 'mysql');
    expect(warnings.map(({ reason }) => reason)).toContain('FailedMount');
  });

  it('cassandra: the claim waits for a provisioner that is not there, and the pod for its claim', () => {
    const { pods, client } = run('cassandra', 60);
    expect(pods.map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([['cassandra-0', 'Pending']]);
    const [claim] = client.list(PersistentVolumeClaimResource, 'default').items;
    expect(claim?.status?.phase).toBe('Pending');
    const reasons = client.list(EventResource, 'default').items.map(({ reason, involvedObject }) => `${involvedObject.kind} ${reason}`);
    expect(reasons).toContain('PersistentVolumeClaim ExternalProvisioning');
    expect(reasons).toContain('Pod FailedScheduling');
  });
});
