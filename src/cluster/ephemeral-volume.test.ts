import { describe, expect, it } from 'vitest';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { PodResource } from '../api/core/pod.ts';
import { startControlPlane } from './testing/control-plane.ts';

const storage = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volumeClaimTemplate = { metadata: { labels: { kind: 'scratch' } }, spec: storage };
const pod = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    serviceAccountName: 'default',
    containers: [{ name: 'c', image: 'nginx' }],
    volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }],
  },
};

describe('an ephemeral volume of a pod', () => {
  it('is a claim that the pod owns, and goes with it', () => {
    const { sim, client } = startControlPlane();
    sim.runUntilIdle(60_000);
    client.create(PodResource, pod);
    sim.runUntilIdle(60_000);
    const claim = client.get(PersistentVolumeClaimResource, { namespace: 'default', name: 'web-scratch' });
    expect(claim.metadata.labels).toEqual({ kind: 'scratch' });
    expect(claim.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Pod', name: 'web', controller: true });
    client.delete(PodResource, pod.metadata, { gracePeriodSeconds: 0 });
    sim.runUntilIdle(60_000);
    expect(client.list(PersistentVolumeClaimResource, 'default').items).toEqual([]);
  });

  it("leaves somebody else's claim of that name alone", () => {
    const { sim, client, manager } = startControlPlane();
    sim.runUntilIdle(60_000);
    client.create(PersistentVolumeClaimResource, { metadata: { name: 'web-scratch', namespace: 'default' }, spec: storage });
    client.create(PodResource, pod);
    sim.runUntil(sim.now + 5000);
    expect(client.list(PersistentVolumeClaimResource, 'default').items.map(({ metadata }) => metadata.ownerReferences)).toEqual([
      undefined,
    ]);
    expect(manager.running).toContain('ephemeral-volume-controller');
  });
});
