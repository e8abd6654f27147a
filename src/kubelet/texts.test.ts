/** What users read of a pod that does not run: upstream's events, waiting reasons and messages. */
import { describe, expect, it } from 'vitest';
import { EventResource } from '../api/core/event.ts';
import { NodeResource } from '../api/core/node.ts';
import type { Container, Event, PodSpec } from '../api/generated/types.ts';
import { podOf, World } from './testing/world.ts';

const waitingOf = (world: World) => world.pod('a')?.status?.containerStatuses?.[0]?.state?.waiting;

function countOf(world: World, reason: string, text: string): number {
  const { items } = world.client.list<Event>(EventResource, 'default');
  return items.find((event) => event.reason === reason && event.message?.includes(text))?.count ?? 0;
}

function worldWith(container: Partial<Container>, spec: Partial<PodSpec> = {}): World {
  const world = new World();
  world.create(podOf('a', spec, [container]));
  return world;
}

describe('an image name that is none', () => {
  it('is never pulled; every sync says so', () => {
    const world = worldWith({ image: 'Nginx' });
    world.run(25_000);
    const message =
      'Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase';
    expect(waitingOf(world)).toEqual({ reason: 'InvalidImageName', message });
    expect(world.events('a')).toEqual([`InspectFailed: ${message}`, 'Failed: Error: InvalidImageName']);
    expect(countOf(world, 'InspectFailed', 'Nginx')).toBe(3);
  });
});

describe('a back-off', () => {
  it('of restarts is told again at each sync, in one event with a count', () => {
    const world = worldWith({});
    world.runtime.images.set('nginx', { present: true, startError: 'no such file' });
    world.run(125_000);
    // At 0 s (the restart failed), then while 20 s, 40 s and 80 s are waited for.
    expect(countOf(world, 'BackOff', 'Back-off restarting failed container web in pod a_default(')).toBeGreaterThan(7);
    expect(world.events('a').filter((text) => text.startsWith('BackOff'))).toHaveLength(1);
  });

  it('of pulls is told again at each sync', () => {
    const world = worldWith({ image: 'nope' });
    world.runtime.images.set('nope', { pullError: 'not found' });
    world.run(90_000);
    expect(countOf(world, 'BackOff', 'Back-off pulling image "nope"')).toBeGreaterThan(4);
    expect(countOf(world, 'Failed', 'Error: ImagePullBackOff')).toBe(countOf(world, 'BackOff', 'nope'));
    expect(waitingOf(world)?.reason).toBe('ImagePullBackOff');
  });
});

describe('a failed postStart hook', () => {
  const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'exit 1'] } } };
  const result = () => ({ exitCode: 1, stdout: '', stderr: 'no' });

  it('shows PostStartHookError with the command, which the event leaves out', () => {
    const world = new World();
    world.runtime.execResult = result;
    world.runtime.images.set('nginx', { present: true, stopMs: 500 });
    world.create(podOf('a', {}, [{ lifecycle }]));
    world.run();
    expect(world.events('a')).toContain('FailedPostStartHook: PostStartHook failed');
    expect(world.events('a')).toContain('Killing: FailedPostStartHook');
    expect(waitingOf(world)?.reason).toBe('CrashLoopBackOff');
  });

  it('ends a container that is not to be restarted', () => {
    const world = new World();
    world.runtime.execResult = result;
    world.create(podOf('a', { restartPolicy: 'Never' }, [{ lifecycle }]));
    world.run();
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.state?.terminated).toBeDefined();
  });
});

describe('a probe that cannot be carried out', () => {
  it('tells so, and is no result: the container is not restarted', () => {
    const world = worldWith({ livenessProbe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 1 } });
    world.run(10_000);
    expect(world.events('a')).toContain(
      'Unhealthy: Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "http": invalid syntax',
    );
    expect(world.pod('a')?.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 });
  });

  it('names the runtime’s error of a command that is not there', () => {
    const world = new World();
    const error = 'failed to exec in container: failed to start exec "x": OCI runtime exec failed';
    world.runtime.execResult = () => ({ exitCode: 126, stdout: '', stderr: '', error });
    world.create(podOf('a', {}, [{ readinessProbe: { exec: { command: ['nope'] } } }]));
    world.run();
    expect(world.events('a')).toContain(
      `Unhealthy: Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = ${error}`,
    );
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.ready).toBe(false);
  });

  it('but one that takes too long has failed', () => {
    const world = new World();
    const error = 'command timed out: "sleep 9" timed out after 1s';
    world.runtime.execResult = () => ({ exitCode: 137, stdout: '', stderr: '', error, isTimeout: true });
    world.create(podOf('a', {}, [{ livenessProbe: { exec: { command: ['sleep', '9'] }, periodSeconds: 1 } }]));
    world.run(5000);
    expect(world.events('a')).toContain(`Unhealthy: Liveness probe failed: ${error}`);
    expect(world.pod('a')?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
  });
});

describe('a pod that names a tainted node itself', () => {
  it.each([
    ['NoExecute', undefined, 'Failed'],
    ['NoSchedule', undefined, 'Running'],
    ['NoExecute', [{ operator: 'Exists' }], 'Running'],
  ])('%s with tolerations %j: %s', (effect, tolerations, phase) => {
    const world = new World();
    world.run();
    const node = world.client.get(NodeResource, { name: 'node-1' });
    world.client.update(NodeResource, { ...node, spec: { ...node.spec, taints: [{ key: 'k', effect }] } });
    world.run();
    world.create(podOf('a', { tolerations }));
    world.run();
    const { status } = world.pod('a') ?? {};
    expect(status?.phase).toBe(phase);
    if (phase !== 'Failed') return;
    expect(status).toMatchObject({
      reason: 'TaintToleration',
      message: "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    });
  });
});

describe('a container that a probe gives up', () => {
  it.each([
    ['Always', 'Killing: Container web failed liveness probe, will be restarted'],
    ['Never', 'Killing: Container web failed liveness probe'],
  ])('with restartPolicy %s', (restartPolicy, event) => {
    const world = new World();
    world.runtime.probe = () => ({ success: false, output: 'no' });
    world.create(podOf('a', { restartPolicy }, [{ livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } }]));
    world.run(8000);
    expect(world.events('a')).toContain(event);
  });
});
