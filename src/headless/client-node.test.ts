import { AppsV1Api, CoreV1Api, Exec, KubeConfig, Log, makeInformer, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';
import { serve } from './server.ts';

const cluster = new Cluster({ seed: 7, layout: { workers: 1 } });
const config = new KubeConfig();
let close: () => void = () => undefined;
const advance = () => void cluster.sim.runUntil(cluster.sim.now + 1000);

beforeAll(async () => {
  cluster.boot(600_000);
  const served = await serve(cluster, 0, advance);
  close = served.close;
  config.loadFromClusterAndUser({ name: 'c', server: `http://127.0.0.1:${served.port}`, skipTLSVerify: true }, { name: 'u' });
});
afterAll(() => close());

const core = () => config.makeApiClient(CoreV1Api);
/** Until `check` holds; virtual time goes on meanwhile. */
async function eventually(check: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !check(); round++) {
    advance();
    await new Promise((resolve) => setImmediate(resolve));
    await core().readNamespace({ name: 'default' });
  }
  expect(check()).toBe(true);
}

describe('@kubernetes/client-node', () => {
  it('creates, patches and deletes', async () => {
    const body = { metadata: { name: 'a', namespace: 'default' }, data: { x: '1' } };
    await core().createNamespacedConfigMap({ namespace: 'default', body });
    const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const patched = await core().patchNamespacedConfigMap({ namespace: 'default', name: 'a', body: { data: { x: '2' } } }, options);
    expect(patched.data).toEqual({ x: '2' });
    await core().deleteNamespacedConfigMap({ namespace: 'default', name: 'a' });
    await expect(core().readNamespacedConfigMap({ namespace: 'default', name: 'a' })).rejects.toMatchObject({ code: 404 });
  });

  it('follows objects with an informer, also after the connection was lost', async () => {
    const list = () => core().listNamespacedConfigMap({ namespace: 'default' });
    const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', list);
    const seen: string[] = [];
    const note = (verb: string) => (object: V1ConfigMap) => void seen.push(`${verb} ${object.metadata?.name ?? ''}`);
    informer.on('add', note('add'));
    informer.on('update', note('update'));
    informer.on('delete', note('delete'));
    informer.on('error', () => void informer.start());
    await informer.start();
    await core().createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'i1' } } });
    await eventually(() => seen.includes('add i1'));
    cluster.apiServer.stop();
    cluster.apiServer.start();
    await core().createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'i2' } } });
    await eventually(() => seen.includes('add i2'));
    await core().deleteNamespacedConfigMap({ namespace: 'default', name: 'i1' });
    await eventually(() => seen.includes('delete i1'));
    await informer.stop();
  });

  it('reads logs and runs commands', async () => {
    const container = { name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'echo hello; sleep 36000'] };
    await core().createNamespacedPod({ namespace: 'default', body: { metadata: { name: 'p' }, spec: { containers: [container] } } });
    cluster.sim.runUntil(cluster.sim.now + 60_000);
    const log = new PassThrough();
    await new Log(config).log('default', 'p', 'main', log);
    await eventually(() => log.readableLength > 0);
    expect(String(log.read())).toBe('hello\n');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let status: string | undefined;
    await new Exec(config).exec(
      'default',
      'p',
      'main',
      ['sh', '-c', 'echo out; exit 3'],
      stdout,
      stderr,
      null,
      false,
      (ended) => (status = ended.reason),
    );
    await eventually(() => status !== undefined);
    expect([String(stdout.read()), status]).toEqual(['out\n', 'NonZeroExitCode']);
  });

  it('lists deployments', async () => {
    const { items } = await config.makeApiClient(AppsV1Api).listDeploymentForAllNamespaces();
    expect(items.map(({ metadata }) => metadata?.name)).toContain('coredns');
  });
});
