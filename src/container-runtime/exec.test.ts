import { describe, expect, it } from 'vitest';
import type { ExecResult } from './cri.ts';
import { containerConfig, run, world } from './testing/world.ts';

function start(image: string, command: readonly string[], more = {}) {
  const { sim, nodes } = world();
  const { runtime, machine } = nodes[0]!;
  const { containerId, sandboxId, ip } = run(runtime, 'p', containerConfig(image, { command, ...more }));
  const exec = (argv: readonly string[], timeoutMs = 0, limitMs = 60_000): ExecResult | undefined => {
    let result: ExecResult | undefined;
    runtime.exec(containerId, argv, timeoutMs, (outcome) => (result = outcome));
    sim.runUntil(sim.now + limitMs);
    return result;
  };
  return { sim, runtime, machine, containerId, sandboxId, ip, exec };
}

describe('exec', () => {
  const rows: [argv: string[], result: Partial<ExecResult>][] = [
    [['echo', 'hi', 'there'], { exitCode: 0, stdout: 'hi there\n' }],
    [['false'], { exitCode: 1 }],
    [['sh', '-c', 'echo out; echo err >&2; exit 3'], { exitCode: 3, stdout: 'out\n', stderr: 'err\n' }],
    [['cat', '/nosuch'], { exitCode: 1, stderr: "cat: can't open '/nosuch': No such file or directory\n" }],
    [['hostname'], { exitCode: 0, stdout: 'p\n' }],
    [['ps'], { stdout: 'PID   USER     TIME  COMMAND\n    1 root      0:00 sleep 3600\n    2 root      0:00 ps\n' }],
    [['nslookup', 'kubernetes'], { exitCode: 1 }],
    [
      ['nosuch'],
      {
        exitCode: 126,
        error: expect.stringContaining(
          'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
        ) as string,
      },
    ],
    [
      ['/bin/nosuch'],
      {
        exitCode: 126,
        error: expect.stringContaining('exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory: unknown') as string,
      },
    ],
  ];
  it.each(rows)('runs %j', (argv, result) => {
    expect(start('busybox', ['sleep', '3600']).exec(argv, 0, 1)).toMatchObject(result);
  });

  it('ends what takes too long', () => {
    const { exec } = start('busybox', ['sleep', '3600']);
    expect(exec(['sleep', '10'], 2000)).toMatchObject({
      exitCode: 137,
      error: 'command timed out: "sleep 10" timed out after 2s',
      isTimeout: true,
    });
  });

  it('finds no shell in an image without one', () => {
    expect(start('registry.k8s.io/pause:3.9', []).exec(['sh'])?.error).toContain('exec: "sh": executable file not found in $PATH');
  });

  it('talks to an interactive shell, which Ctrl-C does not end', () => {
    const { sim, runtime, containerId } = start('busybox', ['sleep', '3600']);
    let shown = '';
    let exitCode: number | undefined;
    const session = runtime.openExec(containerId, ['sh'], {
      onStdout: (text) => (shown += text),
      onStderr: (text) => (shown += text),
      onExit: (code) => (exitCode = code),
      tty: true,
    });
    if ('error' in session) throw new Error(session.error);
    session.write('X=5\necho $X\nfor i in 1 2\n');
    session.write('do echo $i; done\nsleep 100; echo never\n');
    sim.runUntil(sim.now + 10);
    session.interrupt();
    sim.runUntil(sim.now + 10);
    session.write('while true; do sleep 1; done\n');
    sim.runUntil(sim.now + 5000);
    session.interrupt();
    session.write('echo $?; exit 4\n');
    sim.runUntil(sim.now + 10);
    expect(shown).toBe('/ # / # 5\n/ # 1\n2\n/ # / # / # 130\n');
    expect(exitCode).toBe(4);
  });

  it('attaches to a main process that keeps its input', () => {
    const { sim, runtime, containerId } = start('busybox', ['sh'], { stdin: true });
    let shown = '';
    const session = runtime.attach(containerId, {
      onStdout: (text) => (shown += text),
      onStderr: () => undefined,
      onExit: (code) => (shown += `exit ${code}`),
    });
    if ('error' in session) throw new Error(session.error);
    session.write('echo hi\nexit 3\n');
    sim.runUntil(sim.now + 10);
    expect(shown).toBe('hi\nexit 3');
    expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode: 3 });
  });
});

describe('signals', () => {
  const rows: [name: string, script: string, exitCode: number, tookMs: number][] = [
    ['sh as PID 1 ignores SIGTERM', 'while true; do sleep 1; done', 137, 30_000],
    ['a trap runs after the command', "trap 'echo bye; exit 0' TERM; while true; do sleep 10; done", 0, 8000],
    ['a trap interrupts wait', "trap 'exit 5' TERM; sleep 3600 & wait", 5, 0],
  ];
  it.each(rows)('%s', (_name, script, exitCode, tookMs) => {
    const { sim, runtime, containerId } = start('busybox', ['sh', '-c', script]);
    sim.runUntil(sim.now + 2000);
    const before = sim.now;
    let after = 0;
    runtime.stopContainer(containerId, 30, () => (after = sim.now));
    sim.runUntil(sim.now + 60_000);
    expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode });
    expect(after - before).toBe(tookMs);
  });

  it('from inside cannot kill PID 1', () => {
    const { exec, runtime, containerId } = start('busybox', ['sleep', '3600']);
    expect(exec(['kill', '-9', '1'])).toMatchObject({ exitCode: 0 });
    expect(runtime.containerStatus(containerId)?.state).toBe('CONTAINER_RUNNING');
  });
});

describe('probes', () => {
  const get = (path: string, port = 80, scheme: 'HTTP' | 'HTTPS' = 'HTTP') => {
    const { sim, runtime, ip } = start('nginx', []);
    sim.runUntil(sim.now + 1000);
    let outcome;
    runtime.httpGet({ scheme, ip, port, path, headers: [], timeoutMs: 1000 }, (result) => (outcome = result));
    sim.runUntil(sim.now + 5000);
    return outcome;
  };
  it('speak as the kubelet does', () => {
    expect(get('/')).toMatchObject({ success: true, output: expect.stringContaining('Welcome to nginx!') });
    expect(get('/x')).toEqual({ success: false, output: 'HTTP probe failed with statuscode: 404' });
    expect(get('/', 81)).toEqual({
      success: false,
      output: 'Get "http://10.244.1.2:81/": dial tcp 10.244.1.2:81: connect: connection refused',
    });
    expect(get('/', 80, 'HTTPS')).toEqual({
      success: false,
      output: 'Get "https://10.244.1.2:80/": http: server gave HTTP response to HTTPS client',
    });
  });

  it('time out at a machine that is off', () => {
    const { sim, nodes } = world(2);
    const [a, b] = nodes;
    const { ip } = run(a!.runtime, 'p', containerConfig('nginx'));
    a!.machine.powerOff();
    const outputs: string[] = [];
    b!.runtime.httpGet({ scheme: 'HTTP', ip, port: 80, path: '/', headers: [], timeoutMs: 1000 }, ({ output }) => outputs.push(output));
    b!.runtime.tcpConnect({ ip, port: 80, timeoutMs: 5000 }, ({ output }) => outputs.push(output));
    b!.runtime.grpcHealth({ ip, port: 80, service: '', timeoutMs: 1000 }, ({ output }) => outputs.push(output));
    sim.runUntil(sim.now + 10_000);
    expect(outputs.sort()).toEqual([
      `Get "http://${ip}:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      `dial tcp ${ip}:80: connect: no route to host`,
      `timeout: failed to connect service "${ip}:80" within 1s: context deadline exceeded`,
    ]);
  });

  it('find what a fault makes of a server, and what a mounted page does', () => {
    const volume = { kind: 'configMap', files: new Map([['index.html', 'my page']]) };
    const { sim, runtime, ip, containerId } = start('nginx', [], {
      mounts: [{ containerPath: '/usr/share/nginx/html', readOnly: true, volume }],
    });
    sim.runUntil(sim.now + 1000);
    const outputs: string[] = [];
    const probe = () => {
      runtime.httpGet({ scheme: 'HTTP', ip, port: 80, path: '/', headers: [], timeoutMs: 1000 }, ({ output }) => outputs.push(output));
      sim.runUntil(sim.now + 10);
    };
    probe();
    runtime.setHttpFault(containerId, 503);
    probe();
    runtime.setHttpFault(containerId, undefined);
    probe();
    expect(outputs).toEqual(['my page', 'HTTP probe failed with statuscode: 503', 'my page']);
  });
});

describe('a database', () => {
  it('needs a password', () => {
    for (const image of ['mysql:8', 'mariadb:11', 'postgres:15-alpine']) {
      const { runtime, containerId } = start(image, []);
      expect(runtime.containerStatus(containerId)).toMatchObject({ exitCode: 1, reason: 'Error' });
      expect(runtime.logs(containerId)[0]?.text).toMatch(/Database is uninitialized/);
    }
  });

  it('fills its directory once', () => {
    const volume = { kind: 'emptyDir', files: new Map<string, string>() };
    const options = {
      env: [{ name: 'POSTGRES_PASSWORD', value: 'x' }],
      mounts: [{ containerPath: '/var/lib/postgresql/data', readOnly: false, volume }],
    };
    const first = start('postgres', [], options);
    first.sim.runUntil(first.sim.now + 10_000);
    expect(first.exec(['pg_isready'])).toMatchObject({ exitCode: 0 });
    const second = start('postgres', [], { ...options, env: [] });
    second.sim.runUntil(second.sim.now + 500);
    expect(
      second.runtime
        .logs(second.containerId)
        .map(({ text }) => text)
        .join('\n'),
    ).not.toContain('bootstrap');
    expect(second.exec(['pg_isready'])).toMatchObject({ exitCode: 0 });
  });

  it('is ready in the cassandra tutorial when its probe says so', () => {
    const { sim, exec } = start('gcr.io/google-samples/cassandra:v14', [], { env: [{ name: 'POD_IP', value: '10.244.1.2' }] });
    expect(exec(['/bin/bash', '-c', '/ready-probe.sh'], 0, 10)).toMatchObject({ exitCode: 1 });
    sim.runUntil(sim.now + 30_000);
    expect(exec(['/bin/bash', '-c', '/ready-probe.sh'], 0, 10)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(exec(['/bin/sh', '-c', 'nodetool drain'], 0, 10)).toMatchObject({ exitCode: 0 });
  });
});

describe('power', () => {
  it('is lost with all that ran, and comes back to a runtime that knows it', () => {
    const { sim, runtime, machine, containerId, sandboxId } = start('nginx', []);
    sim.runUntil(sim.now + 1000);
    machine.powerOff();
    machine.powerOn();
    runtime.recover();
    expect(runtime.containerStatus(containerId)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 255, reason: 'Unknown' });
    expect(runtime.podSandboxStatus(sandboxId)?.state).toBe('SANDBOX_NOTREADY');
    const other = run(runtime, 'q0', containerConfig('nginx'));
    expect([containerId, sandboxId]).not.toContain(other.sandboxId);
    runtime.removePodSandbox(sandboxId);
    const again = run(runtime, 'q', containerConfig('nginx'));
    sim.runUntil(sim.now + 1000);
    expect(runtime.containerStatus(again.containerId)?.state).toBe('CONTAINER_RUNNING');
  });
});
