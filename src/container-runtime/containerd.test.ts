import { describe, expect, it } from 'vitest';
import type { ContainerEvent, PullResult } from './cri.ts';
import { containerConfig, run, sandboxConfig, world } from './testing/world.ts';

describe('containerd', () => {
  it('runs a server that answers from its own and from another node', () => {
    const { sim, nodes } = world(2);
    const [a, b] = nodes;
    const { containerId, ip } = run(a!.runtime, 'web', containerConfig('nginx:1.25'));
    expect(ip).toBe('10.244.1.2');
    sim.runUntilIdle(60_000);
    for (const { runtime } of [a!, b!]) {
      let outcome;
      runtime.httpGet({ scheme: 'HTTP', ip, port: 80, path: '/', headers: [], timeoutMs: 1000 }, (result) => (outcome = result));
      sim.runUntil(sim.now + 10);
      expect(outcome).toMatchObject({ success: true });
    }
    expect(a!.runtime.containerStatus(containerId)).toMatchObject({
      state: 'CONTAINER_RUNNING',
      imageRef: expect.stringContaining('docker.io/library/nginx@sha256:'),
    });
    expect(a!.runtime.logs(containerId).at(-1)?.text).toContain('start worker processes');
  });

  it('pulls layers that are missing, at the bandwidth of the node', () => {
    const { sim, nodes } = world();
    const { runtime } = nodes[0]!;
    const results: PullResult[] = [];
    runtime.pullImage('nginx:1.25', (result) => results.push(result));
    runtime.pullImage('nginx:1.26', (result) => results.push(result));
    sim.runUntilIdle(60_000);
    expect(results).toMatchObject([{ pullMs: 1600 }, { pullMs: 1040 }]);
    expect(runtime.imageStatus('docker.io/library/nginx:1.25')?.sizeBytes).toBe(70_000_000);
  });

  const errors: [string, string][] = [
    [
      'nginx:1.25-typo',
      'failed to pull and unpack image "docker.io/library/nginx:1.25-typo": failed to resolve reference "docker.io/library/nginx:1.25-typo": docker.io/library/nginx:1.25-typo: not found',
    ],
    [
      'no/such',
      'failed to pull and unpack image "docker.io/no/such:latest": failed to resolve reference "docker.io/no/such:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ],
    [
      'registry.invalid/x:v1',
      'failed to pull and unpack image "registry.invalid/x:v1": failed to resolve reference "registry.invalid/x:v1": failed to do request: Head "https://registry.invalid/v2/x/manifests/v1": dial tcp: lookup registry.invalid: no such host',
    ],
    [
      'Nginx',
      `Failed to apply default image tag "Nginx": couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`,
    ],
  ];
  it.each(errors)('says why %s cannot be pulled', (image, message) => {
    const { sim, nodes } = world();
    let result: PullResult | undefined;
    nodes[0]!.runtime.pullImage(image, (outcome) => (result = outcome));
    sim.runUntilIdle(60_000);
    expect(result).toMatchObject({ message });
  });

  it('kills what ignores SIGTERM after the grace period', () => {
    const { sim, nodes } = world();
    const { runtime } = nodes[0]!;
    const { containerId } = run(runtime, 'p', containerConfig('busybox:1.36', { command: ['sh', '-c', 'sleep 3600'] }));
    const start = sim.now;
    let stoppedAt = 0;
    runtime.stopContainer(containerId, 30, () => (stoppedAt = sim.now));
    sim.runUntil(sim.now + 60_000);
    expect(stoppedAt - start).toBe(30_000);
    expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode: 137, reason: 'Error' });
  });

  it('lets a server end by itself', () => {
    const { sim, nodes } = world();
    const { runtime } = nodes[0]!;
    const events: ContainerEvent[] = [];
    runtime.onEvent((event) => events.push(event));
    const { containerId } = run(runtime, 'p', containerConfig('nginx'));
    sim.runUntilIdle(60_000);
    let done = false;
    runtime.stopContainer(containerId, 30, () => (done = true));
    sim.runUntil(sim.now + 1);
    expect(done).toBe(true);
    expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'stopped']);
  });

  it('kills a container that uses more memory than its limit', () => {
    const { sim, nodes } = world();
    const { runtime, machine } = nodes[0]!;
    const limits = { milliCpu: 500, memoryBytes: 128 * 2 ** 20 };
    const { containerId } = run(runtime, 'p', containerConfig('kubarium/eater', { args: ['--mem-growth=8Mi/s', '--cpu=900m'], limits }));
    sim.runUntil(sim.now + 10_000);
    expect(runtime.containerStatus(containerId)).toMatchObject({ milliCpu: 500, memoryBytes: 84 * 2 ** 20 });
    sim.runUntil(sim.now + 10_000);
    expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode: 137, reason: 'OOMKilled', memoryBytes: 0 });
    expect(machine.cgroup.memoryBytes).toBe(0);
  });

  it('fails to start a command that is not there', () => {
    const { nodes } = world();
    const { runtime } = nodes[0]!;
    const { containerId, error } = run(runtime, 'p', containerConfig('busybox', { command: ['foo'] })) as {
      containerId: string;
      error?: string;
    };
    expect(error).toBe(
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "foo": executable file not found in $PATH: unknown',
    );
    expect(runtime.containerStatus(containerId)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 128, reason: 'StartError' });
  });

  it('asks CNI for a network and gives its error', () => {
    const { nodes } = world();
    const { runtime, network } = nodes[0]!;
    network.configure(undefined);
    expect(runtime.networkNotReady()).toBe('cni plugin not initialized');
    expect(runtime.runPodSandbox(sandboxConfig('p'))).toMatchObject({ error: expect.stringContaining(': cni plugin not initialized') });
    expect(runtime.runPodSandbox(sandboxConfig('p', { hostNetwork: true }))).toHaveProperty('sandboxId');
  });

  it('puts back what ran before a reload, under its old id and address', () => {
    const first = world().nodes[0]!.runtime;
    const before = run(first, 'p', containerConfig('nginx'));
    const { sim, nodes } = world();
    const { runtime } = nodes[0]!;
    runtime.images.preload('nginx');
    const sandbox = runtime.runPodSandbox(sandboxConfig('p', { restoreIp: '10.244.1.77' })) as { sandboxId: string };
    runtime.restoreContainer(sandbox.sandboxId, containerConfig('nginx', { attempt: 3 }), { id: before.containerId, startedAt: 5 });
    expect(runtime.containerStatus(before.containerId)).toMatchObject({ state: 'CONTAINER_RUNNING', startedAt: 5, attempt: 3 });
    expect(runtime.podSandboxStatus(sandbox.sandboxId)?.ips).toEqual(['10.244.1.77']);
    const next = run(runtime, 'q', containerConfig('nginx'));
    sim.runUntil(sim.now + 1000);
    expect(new Set([before.containerId, next.containerId, next.sandboxId]).size).toBe(3);
    expect(next.ip).toBe('10.244.1.78');
  });

  it('gives the same ids, times and logs for the same seed', () => {
    const history = () => {
      const { sim, nodes } = world(2);
      const { runtime } = nodes[0]!;
      const seen: unknown[] = [];
      sim.onTask = (task) => seen.push(`${task.at} ${task.component} ${task.action} ${task.object}`);
      const { containerId } = run(
        runtime,
        'p',
        containerConfig('busybox', { command: ['sh', '-c', 'for i in 1 2 3; do echo $RANDOM; sleep 1; done'] }),
      );
      run(runtime, 'q', containerConfig('redis'));
      sim.runUntil(sim.now + 10_000);
      return [containerId, seen, runtime.logs(containerId)];
    };
    expect(history()).toEqual(history());
  });

  it('runs images and commands of host-network pods on the node itself', () => {
    const { sim, nodes } = world();
    const { runtime } = nodes[0]!;
    runtime.images.preload('nginx');
    const start = (pod: string) => {
      const sandbox = runtime.runPodSandbox(sandboxConfig(pod, { hostNetwork: true })) as { sandboxId: string };
      const { containerId } = runtime.createContainer(sandbox.sandboxId, containerConfig('nginx')) as { containerId: string };
      runtime.startContainer(containerId);
      sim.runUntil(sim.now + 1000);
      return { ...sandbox, containerId };
    };
    const first = start('a');
    expect(runtime.podSandboxStatus(first.sandboxId)?.ips).toEqual(['172.18.0.2']);
    const second = start('b');
    expect(runtime.containerStatus(second.containerId)).toMatchObject({ exitCode: 1 });
    expect(runtime.logs(second.containerId)[0]?.text).toBe('bind() to 0.0.0.0:80 failed (98: Address already in use)');
  });
});
