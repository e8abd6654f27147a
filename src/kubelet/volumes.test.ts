import { describe, expect, it } from 'vitest';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { SecretResource } from '../api/core/secret.ts';
import type { Volume } from '../api/generated/types.ts';
import { podOf, World } from './testing/world.ts';

function podWith(volume: Omit<Volume, 'name'>, mount: { subPath?: string } = {}) {
  const pod = podOf('a', { volumes: [{ name: 'x', ...volume }] }, [{ volumeMounts: [{ name: 'x', mountPath: '/x', ...mount }] }]);
  return { ...pod, metadata: { ...pod.metadata, labels: { app: 'web' } } };
}

const files = (world: World) =>
  Object.fromEntries(world.runtime.named('web').config.mounts.find(({ containerPath }) => containerPath === '/x')?.volume.files ?? []);

describe('volumes', () => {
  it.each<[string, Omit<Volume, 'name'>, Record<string, string>]>([
    ['emptyDir', { emptyDir: {} }, {}],
    ['secret', { secret: { secretName: 's' } }, { user: 'me' }],
    ['secret items', { secret: { secretName: 's', items: [{ key: 'user', path: 'dir/name' }] } }, { 'dir/name': 'me' }],
    ['absent but optional', { configMap: { name: 'absent', optional: true } }, {}],
    ['downwardAPI', { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }, { labels: 'app="web"' }],
    [
      'projected',
      {
        projected: {
          sources: [{ secret: { name: 's' } }, { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } }],
        },
      },
      { user: 'me', ns: 'default' },
    ],
  ])('of kind %s have their files', (_name, volume, expected) => {
    const world = new World();
    world.client.create(SecretResource, { metadata: { name: 's', namespace: 'default' }, data: { user: 'bWU=' } });
    world.create(podWith(volume));
    world.run();
    expect(files(world)).toEqual(expected);
  });

  it.each<[string, Omit<Volume, 'name'>, string]>([
    ['a missing secret', { secret: { secretName: 's' } }, 'FailedMount: MountVolume.SetUp failed for volume "x" : secret "s" not found'],
    [
      'a path that is no directory',
      { hostPath: { path: '/data', type: 'Directory' } },
      'FailedMount: MountVolume.SetUp failed for volume "x" : hostPath type check failed: /data is not a directory',
    ],
    [
      'an attacher that is not there',
      { cinder: { volumeID: 'v' } },
      'FailedAttachVolume: AttachVolume.Attach failed for volume "x" : CSINode node-1 does not contain driver cinder.csi.openstack.org',
    ],
    [
      'a missing claim',
      { persistentVolumeClaim: { claimName: 'c' } },
      'FailedMount: Unable to attach or mount volumes: unmounted volumes=[x], unattached volumes=[], failed to process volumes=[x]: error processing PVC default/c: failed to fetch PVC from API server: persistentvolumeclaims "c" not found',
    ],
  ])('hold the pod back because of %s', (_name, volume, event) => {
    const world = new World();
    world.create(podWith(volume));
    world.run(1000);
    expect(world.events('a')).toContain(event);
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  });

  it('that are never attached time out after 2m3s', () => {
    const world = new World();
    world.create(podWith({ awsElasticBlockStore: { volumeID: 'v' } }));
    world.run(200_000);
    expect(world.events('a')).toContain(
      'FailedMount: Unable to attach or mount volumes: unmounted volumes=[x], unattached volumes=[x], failed to process volumes=[]: context deadline exceeded',
    );
  });

  it('wait for a claim to be bound', () => {
    const world = new World();
    world.client.create(PersistentVolumeClaimResource, {
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    world.create(podWith({ persistentVolumeClaim: { claimName: 'c' } }));
    world.run(1000);
    expect(world.events('a').join()).toContain('error processing PVC default/c: PVC is not bound');
  });

  it('give every container the same /etc/resolv.conf and the pod’s /etc/hosts', () => {
    const world = new World();
    world.create(podOf('a', { hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }] }));
    world.run();
    const { mounts } = world.runtime.named('web').config;
    const text = (path: string) => [...(mounts.find(({ containerPath }) => containerPath === path)?.volume.files.values() ?? [])].join('');
    expect(text('/etc/resolv.conf')).toBe(
      'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    );
    expect(text('/etc/hosts')).toContain(`${world.pod('a')?.status?.podIP}\ta\n\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n`);
  });
});

describe('an apiserver that is down', () => {
  it('does not stop restarts; the status follows when it is back', () => {
    const world = new World();
    world.create(podOf('a', { volumes: [{ name: 'x', emptyDir: {} }] }));
    world.run();
    world.server.stop();
    world.runtime.exit(world.runtime.named('web').id, 1);
    world.sim.runUntil(world.sim.now + 5000);
    expect(world.runtime.calls.filter((call) => call === 'start web')).toHaveLength(2);
    world.server.start();
    world.sim.runUntil(world.sim.now + 60_000);
    expect(world.pod('a')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
  });
});
