import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import { LeaseResource } from '../api/coordination/lease.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import type { Sent } from '../client/client.ts';
import { podOf, World } from './testing/world.ts';

const key = (name: string) => ({ namespace: 'default', name });

describe('a node', () => {
  it('registers with addresses, capacity, conditions and a lease', () => {
    const world = new World();
    world.run(30_000);
    const node = world.client.get(NodeResource, { name: 'node-1' });
    expect(node.metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'node-1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
    });
    expect(node.status?.capacity).toMatchObject({ cpu: '4', memory: '8388608Ki', pods: '110' });
    expect(node.status?.allocatable).toMatchObject({ cpu: '4', memory: '8286208Ki' });
    expect(node.status?.conditions?.at(-1)).toMatchObject({
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    });
    expect(world.client.get(LeaseResource, { namespace: 'kube-node-lease', name: 'node-1' }).spec).toMatchObject({
      holderIdentity: 'node-1',
      renewTime: new Date(world.sim.now).toISOString().replace('Z', '000Z'),
    });
  });
});

describe('a node without a pod network', () => {
  it('is not ready, says why, and lets pods of the host network run', () => {
    let error: string | undefined = 'cni plugin not initialized';
    const world = new World({ networkNotReady: () => error });
    world.create(podOf('a'));
    world.create(podOf('h', { hostNetwork: true }));
    world.run();
    const message =
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
    expect(world.client.get(NodeResource, { name: 'node-1' }).status?.conditions?.at(-1)).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message,
    });
    expect(world.events('a')).toEqual([`NetworkNotReady: network is not ready: ${message}`]);
    expect(world.pod('h')?.status).toMatchObject({ phase: 'Running', podIP: '192.168.0.11' });
    error = undefined;
    world.kubelet.reportNodeStatus();
    world.run();
    expect(world.pod('a')?.status?.phase).toBe('Running');
  });
});

describe('a pod', () => {
  it('becomes ready with few status writes, and tells what happened', () => {
    const world = new World();
    world.run();
    world.runtime.images.set('nginx', {});
    const before = Number(world.create(podOf('a')).metadata.resourceVersion);
    world.run();
    const { status, metadata } = world.pod('a') ?? {};
    expect(status).toMatchObject({
      phase: 'Running',
      hostIP: '192.168.0.11',
      qosClass: 'BestEffort',
      containerStatuses: [
        { name: 'web', ready: true, started: true, restartCount: 0, image: 'nginx', state: { running: {} }, lastState: {} },
      ],
    });
    expect(status?.podIP).toMatch(/^10\.244\.0\./);
    expect(status?.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\//);
    expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(world.events('a')).toEqual([
      'Pulling: Pulling image "nginx"',
      'Pulled: Successfully pulled image "nginx" in 1s (1s including waiting). Image size: 123 bytes.',
      'Created: Created container: web',
      'Started: Started container web',
    ]);
    const writes = world.server.audit.list().filter(({ object, revision }) => object === 'pods/default/a/status' && revision > before);
    expect(writes.length).toBe(2);
    expect(metadata?.resourceVersion).toBeDefined();
  });

  it('is killed gracefully and then deleted for good', () => {
    const world = new World();
    world.create(podOf('a', {}, [{ lifecycle: { preStop: { exec: { command: ['bye'] } } } }]));
    world.run();
    world.client.delete(PodResource, key('a'));
    expect(world.pod('a')?.metadata.deletionTimestamp).toBeDefined();
    world.run();
    expect(world.pod('a')).toBeUndefined();
    expect(world.runtime.calls).toEqual(['run sandbox a', 'start web', 'exec bye', 'stop web 30', 'stop sandbox a']);
    expect(world.events('a').at(-1)).toBe('Killing: Stopping container web');
    expect(world.runtime.containers.size + world.runtime.sandboxes.size).toBe(0);
    expect(world.kubelet.pods()).toEqual([]);
  });

  it('is killed by force when it ignores the signal', () => {
    const world = new World();
    world.runtime.images.set('nginx', { present: true, stopMs: Infinity });
    world.create(podOf('a', { terminationGracePeriodSeconds: 5 }));
    world.run();
    const start = world.sim.now;
    world.client.delete(PodResource, key('a'));
    world.run();
    expect(world.pod('a')).toBeUndefined();
    expect(world.sim.now - start).toBe(5000);
  });

  it('stops what runs when the object is deleted by force', () => {
    const world = new World();
    world.create(podOf('a'));
    world.run();
    world.client.delete(PodResource, key('a'), { gracePeriodSeconds: 0 });
    expect(world.pod('a')).toBeUndefined();
    world.run();
    expect(world.runtime.containers.size).toBe(0);
  });

  it('runs init containers in order, then sidecars, then the rest', () => {
    const world = new World();
    world.runtime.images.set('short', { present: true, exitAfterMs: 500 });
    const init = (name: string, more = {}) => ({ name, image: 'short', imagePullPolicy: 'IfNotPresent', ...more });
    world.create(
      podOf('a', { initContainers: [init('one'), init('side', { image: 'nginx', restartPolicy: 'Always' }), init('two')] } as never),
    );
    world.run();
    expect(world.runtime.calls).toEqual(['run sandbox a', 'start one', 'start side', 'start two', 'start web']);
    expect(world.pod('a')?.status?.phase).toBe('Running');
    expect(world.pod('a')?.status?.initContainerStatuses?.map(({ name, ready }) => `${name} ${ready}`)).toEqual([
      'one true',
      'side true',
      'two true',
    ]);
    world.client.delete(PodResource, key('a'));
    world.run();
    expect(world.runtime.calls.slice(5)).toEqual(['stop web 30', 'stop side 30', 'stop sandbox a']);
  });

  it.each([
    ['Never', 0, 'Succeeded'],
    ['Never', 3, 'Failed'],
    ['OnFailure', 0, 'Succeeded'],
  ])('with restartPolicy %s and exit code %i ends as %s', (restartPolicy, exitCode, phase) => {
    const world = new World();
    world.runtime.images.set('nginx', { present: true, exitAfterMs: 1000, exitCode });
    world.create(podOf('a', { restartPolicy }));
    world.run();
    expect(world.pod('a')?.status).toMatchObject({ phase, containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode } } }] });
    world.client.delete(PodResource, key('a'));
    world.run();
    expect(world.pod('a')).toBeUndefined();
  });

  it('backs off in restarts: at once, 10 s, 20 s, 40 s', () => {
    const world = new World();
    world.runtime.images.set('nginx', { present: true, exitAfterMs: 1000, exitCode: 1 });
    world.create(podOf('a'));
    world.run();
    const status = () => world.pod('a')?.status?.containerStatuses?.[0];
    const { uid } = world.pod('a')?.metadata ?? {};
    expect(status()).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=web pod=a_default(${uid})` } },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    });
    world.run(11_500);
    expect(status()).toMatchObject({
      restartCount: 2,
      state: { waiting: { message: `back-off 20s restarting failed container=web pod=a_default(${uid})` } },
    });
    world.run(21_500);
    expect(status()?.restartCount).toBe(3);
    expect(world.events('a')).toContain(`BackOff: Back-off restarting failed container web in pod a_default(${uid})`);
  });

  it('backs off when its program cannot be started', () => {
    const world = new World();
    world.runtime.images.set('nginx', { present: true, startError: 'no such file' });
    world.create(podOf('a'));
    world.run();
    expect(world.pod('a')?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 128, reason: 'StartError', message: 'no such file' } },
    });
    expect(world.events('a')).toContain('Failed: Error: no such file');
  });

  it('shows ErrImagePull, then ImagePullBackOff, and pulls again', () => {
    const world = new World();
    world.runtime.images.set('nope', { pullError: 'not found' });
    world.create(podOf('a', {}, [{ image: 'nope' }]));
    const waiting = () => world.pod('a')?.status?.containerStatuses?.[0]?.state?.waiting;
    world.sim.runUntil(world.sim.now + 1600);
    expect(waiting()).toEqual({ reason: 'ErrImagePull', message: 'not found' });
    world.run();
    expect(waiting()).toEqual({ reason: 'ImagePullBackOff', message: 'Back-off pulling image "nope": ErrImagePull: not found' });
    world.runtime.images.set('nope', {});
    world.run(12_000);
    expect(world.pod('a')?.status?.phase).toBe('Running');
    expect(world.events('a')).toEqual(
      expect.arrayContaining([
        'Pulling: Pulling image "nope"',
        'Failed: Failed to pull image "nope": not found',
        'Failed: Error: ErrImagePull',
        'BackOff: Back-off pulling image "nope"',
        'Failed: Error: ImagePullBackOff',
      ]),
    );
  });

  it('waits for a missing ConfigMap, in volumes and in the environment', () => {
    const world = new World();
    world.create(podOf('v', { volumes: [{ name: 'x', configMap: { name: 'c' } }] }));
    world.create(podOf('e', {}, [{ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }]));
    world.run();
    expect(world.events('v')).toContain('FailedMount: MountVolume.SetUp failed for volume "x" : configmap "c" not found');
    expect(world.pod('v')?.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    expect(world.pod('e')?.status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'CreateContainerConfigError', message: 'configmap "c" not found' },
    });
    const made = world.client.create(ConfigMapResource, { metadata: key('c'), data: { k: 'one' } } as Sent<ConfigMap>);
    world.run(30_000);
    expect(world.pod('v')?.status?.phase).toBe('Running');
    expect(world.runtime.named('web').config.env).toEqual([{ name: 'A', value: 'one' }]);
    const tree = world.kubelet.volumes.volumesOf(world.pod('v')?.metadata.uid ?? '').get('x');
    world.client.update(ConfigMapResource, { ...made, data: { k: 'two' } });
    world.run();
    expect([...(tree?.files ?? [])]).toEqual([['k', 'two']]);
  });

  it('is refused when the node has no room', () => {
    const world = new World();
    world.create(podOf('a', {}, [{ resources: { requests: { cpu: '3' } } }]));
    world.create(podOf('b', {}, [{ resources: { requests: { cpu: '2' } } }]));
    world.run();
    const { startTime, qosClass, ...status } = world.pod('b')?.status ?? {};
    expect(status).toEqual({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    });
    expect([typeof startTime, qosClass]).toEqual(['string', 'Burstable']);
  });

  it('is failed when its deadline has passed', () => {
    const world = new World();
    world.create(podOf('a', { activeDeadlineSeconds: 60 }));
    world.run(61_000);
    expect(world.pod('a')?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  });
});

describe('probes', () => {
  it('keep a pod unready until they succeed, and say why', () => {
    const world = new World();
    world.runtime.probe = () => ({ success: false, output: 'connection refused' });
    world.create(podOf('a', {}, [{ readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5 } }]));
    world.run();
    expect(world.pod('a')?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [web]',
    });
    expect(world.events('a')).toContain('Unhealthy: Readiness probe failed: connection refused');
    world.runtime.probe = () => ({ success: true, output: '' });
    world.run(6000);
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.ready).toBe(true);
    const { executed } = world.sim;
    world.sim.runUntil(world.sim.now + 60_000);
    expect(world.sim.executed - executed).toBeLessThan(60);
  });

  it('restart a container that is not alive', () => {
    const world = new World();
    world.create(podOf('a', {}, [{ livenessProbe: { httpGet: { port: 80, path: '/' }, periodSeconds: 1 } }]));
    world.run();
    world.runtime.probe = () => ({ success: false, output: 'HTTP probe failed with statuscode: 500' });
    world.run(3500);
    world.runtime.probe = () => ({ success: true, output: '' });
    world.run(2000);
    expect(world.events('a')).toContain('Killing: Container web failed liveness probe, will be restarted');
    expect(world.pod('a')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
  });
});

describe('static pods', () => {
  it('run, and show in the API as mirrors that come back', () => {
    const manifest = { ...podOf('kube-apiserver'), metadata: { name: 'kube-apiserver', namespace: 'default' } };
    const world = new World({ staticPods: [manifest as never] });
    world.run();
    const mirror = () => world.pod('kube-apiserver-node-1');
    expect(mirror()?.status?.phase).toBe('Running');
    expect(mirror()?.metadata.annotations?.['kubernetes.io/config.mirror']).toBeDefined();
    expect(mirror()?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', name: 'node-1' });
    const { uid } = mirror()?.metadata ?? {};
    world.client.delete(PodResource, key('kube-apiserver-node-1'));
    world.run();
    expect(mirror()?.metadata.uid).not.toBe(uid);
    expect(mirror()?.status?.phase).toBe('Running');
    expect(world.runtime.calls.filter((call) => call === 'start web')).toHaveLength(1);
  });
});

describe('a kubelet that starts again', () => {
  it('adopts the containers that the runtime still has', () => {
    const world = new World();
    world.create(podOf('a'));
    world.run();
    const before = world.pod('a');
    world.scope.kill();
    world.startKubelet();
    world.run(20_000);
    expect(world.pod('a')?.status).toEqual(before?.status);
    expect(world.runtime.calls).toEqual(['run sandbox a', 'start web']);
  });

  it('puts containers back after a reload, without counting a restart', () => {
    const world = new World();
    world.create(podOf('a', {}, [{ readinessProbe: { tcpSocket: { port: 80 } } }]));
    world.run();
    const before = world.pod('a');
    world.scope.kill();
    world.runtime.containers.clear();
    world.runtime.sandboxes.clear();
    world.startKubelet({ restore: true });
    world.run(20_000);
    expect(world.pod('a')?.status).toEqual(before?.status);
    expect(world.runtime.calls.at(-1)).toBe('restore web');
    expect(world.kubelet.logs('default', 'a', 'web')).toMatch(/^hello from container-\d+\n$/);
  });

  it('starts lost containers anew after a reboot', () => {
    const world = new World();
    world.create(podOf('a'));
    world.run();
    world.scope.kill();
    world.runtime.containers.clear();
    world.runtime.sandboxes.clear();
    world.startKubelet();
    world.run(20_000);
    expect(world.pod('a')?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 255, reason: 'Unknown' } },
    });
    expect(world.events('a')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
  });
});

describe('memory pressure', () => {
  it('evicts the pod that is most above its request', () => {
    const world = new World({ capacity: { milliCpu: 4000, memoryBytes: 1024 ** 3, pods: 110 } });
    world.runtime.images.set('big', { present: true, memoryBytes: 600 * 1024 ** 2 });
    world.create(podOf('a', {}, [{ image: 'big', resources: { requests: { memory: '500Mi' } } }]));
    world.run();
    world.create(podOf('b', {}, [{ image: 'big' }]));
    world.run(11_000);
    expect(world.pod('b')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(world.pod('b')?.status?.message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 0Ki\. Container web was using 614400Ki/,
    );
    expect(world.pod('b')?.status?.conditions?.[0]).toMatchObject({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
    });
    expect(world.pod('a')?.status?.phase).toBe('Running');
  });
});

describe('hooks', () => {
  it('of postStart hold the start back; a failed one restarts the container', () => {
    const world = new World();
    world.runtime.execResult = () => ({ exitCode: 1, stdout: '', stderr: 'no' });
    world.create(podOf('a', {}, [{ lifecycle: { postStart: { exec: { command: ['hello'] } } } }]));
    world.run();
    expect(world.events('a')).toEqual(
      expect.arrayContaining(['FailedPostStartHook: PostStartHook failed', 'Killing: FailedPostStartHook']),
    );
    world.runtime.execResult = () => ({ exitCode: 0, stdout: '', stderr: '' });
    world.run(30_000);
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.ready).toBe(true);
  });

  it('of preStop share the grace period', () => {
    const world = new World();
    world.runtime.images.set('nginx', { present: true, stopMs: Infinity });
    world.create(podOf('a', { terminationGracePeriodSeconds: 10 }, [{ lifecycle: { preStop: { sleep: { seconds: 4 } } } }]));
    world.run();
    const start = world.sim.now;
    world.client.delete(PodResource, key('a'));
    world.run();
    expect(world.sim.now - start).toBe(10_000);
    expect(world.runtime.calls).toContain('stop web 6');
  });
});

describe('logs', () => {
  it('are refused while the container waits', () => {
    const world = new World();
    world.runtime.images.set('nope', { pullError: 'no' });
    world.create(podOf('a', {}, [{ image: 'nope' }]));
    world.sim.runUntil(world.sim.now + 500);
    expect(() => world.kubelet.logs('default', 'a', 'web')).toThrow('container "web" in pod "a" is waiting to start: ContainerCreating');
    world.run();
    expect(() => world.kubelet.logs('default', 'a', 'web')).toThrow(
      'container "web" in pod "a" is waiting to start: trying and failing to pull image',
    );
    expect(() => world.kubelet.logs('default', 'a', 'web', { previous: true })).toThrow(
      'previous terminated container "web" in pod "a" not found',
    );
  });
});
