import { describe, expect, it } from 'vitest';
import { containerConfig, run, world } from '../testing/world.ts';
import { parseBytes, parseCpu } from './small.ts';

function start(image: string, args: readonly string[], command: readonly string[] = [], limitMs = 30_000) {
  const { sim, nodes } = world();
  const { runtime, machine } = nodes[0]!;
  const started = run(runtime, 'p', containerConfig(image, { args, command }));
  sim.runUntil(sim.now + limitMs);
  const text = () => runtime.logs(started.containerId).map((line) => line.text);
  return { sim, runtime, machine, ...started, text, status: () => runtime.containerStatus(started.containerId)! };
}

describe('programs of images', () => {
  it('pi of the Job tutorial', () => {
    const { text, status } = start('perl:5.34.0', [], ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)']);
    expect(text()[0]).toMatch(/^3\.14159265358979323846264338327950288/);
    expect(text()[0]).toHaveLength(2001);
    expect(text()[0]).toMatch(/5678796130$|[0-9]$/);
    expect(status()).toMatchObject({ exitCode: 0 });
  });

  it('scripts that nobody simulates say so', () => {
    expect(start('node:20', [], ['node', 'server.js']).text()).toEqual(['node: scripts of this language are not simulated']);
  });

  it('python serves files', () => {
    const { runtime, ip, sim } = start('python:3.12', [], ['python3', '-m', 'http.server', '8080']);
    let success;
    runtime.httpGet(
      { scheme: 'HTTP', ip, port: 8080, path: '/etc/hostname', headers: [], timeoutMs: 1000 },
      (outcome) => (success = outcome.success),
    );
    sim.runUntil(sim.now + 10);
    expect(success).toBe(true);
  });

  it('mysql refuses a flag that is gone, where it is gone', () => {
    const env = [{ name: 'MYSQL_ROOT_PASSWORD', value: 'x' }];
    for (const [image, exitCode] of [
      ['mysql', 1],
      ['mysql:5.7', undefined],
    ] as const) {
      const { sim, nodes } = world();
      const { containerId } = run(nodes[0]!.runtime, 'p', containerConfig(image, { args: ['--ignore-db-dir', 'lost+found'], env }));
      sim.runUntil(sim.now + 30_000);
      expect(nodes[0]!.runtime.containerStatus(containerId)?.exitCode).toBe(exitCode);
    }
  });

  it('a worker waits for those it needs', () => {
    expect(start('dockersamples/examplevotingapp_worker', [], [], 2500).text()).toEqual([
      'Waiting for db',
      'Waiting for db',
      'Waiting for db',
    ]);
  });

  it('hello-world greets and ends', () => {
    const { text, status } = start('hello-world', []);
    expect(text()).toContain('Hello from Docker!');
    expect(status()).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('a server under load uses CPU, and rests again', () => {
    const { runtime, ip, sim, status } = start('registry.k8s.io/hpa-example', []);
    for (let second = 0; second < 3; second++) {
      for (let n = 0; n < 10; n++)
        runtime.httpGet({ scheme: 'HTTP', ip, port: 80, path: '/', headers: [], timeoutMs: 1000 }, () => undefined);
      sim.runUntil(sim.now + 1000);
    }
    expect(status().milliCpu).toBe(301);
    sim.runUntil(sim.now + 3000);
    expect(status().milliCpu).toBe(1);
  });

  it('agnhost does as it is told', () => {
    const { runtime, ip, sim, status } = start('registry.k8s.io/e2e-test-images/agnhost:2.53', ['netexec', '--http-port=9090']);
    const bodies: string[] = [];
    for (const path of ['/hostname', '/echo?msg=hi+there', '/exit?code=7']) {
      runtime.httpGet({ scheme: 'HTTP', ip, port: 9090, path, headers: [], timeoutMs: 1000 }, ({ output }) => bodies.push(output));
    }
    sim.runUntil(sim.now + 10);
    expect(bodies).toEqual(['p', 'hi there', '']);
    expect(status()).toMatchObject({ exitCode: 7, reason: 'Error' });
  });

  it('the liveness task turns unhealthy after ten seconds', () => {
    const { runtime, ip, sim } = start('registry.k8s.io/e2e-test-images/agnhost:2.40', ['liveness'], [], 5000);
    const seen: boolean[] = [];
    const probe = () =>
      runtime.httpGet({ scheme: 'HTTP', ip, port: 8080, path: '/healthz', headers: [], timeoutMs: 1000 }, ({ success }) =>
        seen.push(success),
      );
    probe();
    sim.runUntil(sim.now + 6000);
    probe();
    sim.runUntil(sim.now + 10);
    expect(seen).toEqual([true, false]);
  });

  it('stress uses what it is told', () => {
    const { status } = start('polinux/stress', ['--vm', '1', '--vm-bytes', '150M', '--vm-hang', '1'], ['stress']);
    expect(status().memoryBytes).toBe(150e6);
    expect(start('vish/stress', ['-cpus', '2']).status().milliCpu).toBe(2000);
  });

  it('amounts are read', () => {
    expect([parseBytes('8Mi'), parseBytes('1k'), parseBytes('x'), parseCpu('900m'), parseCpu('0.5')]).toEqual([
      8 * 2 ** 20,
      1000,
      0,
      900,
      500,
    ]);
  });
});
