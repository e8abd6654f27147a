/**
 * The peer, @ngrok/webernetes, doing what our benchmark does: a Deployment of N pods on M nodes, the clock as fast as
 * it goes. One measure a process, so that heaps do not mix: `node --expose-gc bench/peer.ts pods|boot N M`.
 */
import { BaseImage, Cluster } from '@ngrok/webernetes';
import { heapUsed, monitorBlocking, report, settle } from './lib.ts';

class Server extends BaseImage {
  static readonly imageName = 'server';
  static readonly imageVersion = '1.0';
  readonly defaultCommand = ['server'];

  override async exec(context: {
    listenHttp(port: number, handler: () => Promise<object>): void;
    waitUntilKilled(): Promise<number>;
  }): Promise<number> {
    context.listenHttp(8080, () => Promise.resolve({ statusCode: 200, body: 'ok' }));
    return context.waitUntilKilled();
  }
}

const [, , measure, podsText = '300', nodesText = '3'] = process.argv;
const pods = Number(podsText);
const nodes = Number(nodesText);

async function boot(): Promise<Cluster> {
  const cluster = new Cluster({ nodes });
  cluster.registerImage(Server as never);
  await cluster.init();
  return cluster;
}

/** Lets virtual time run as fast as it can until `done`. */
async function runFast(cluster: Cluster, done: () => Promise<boolean>, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs;
  cluster.pause();
  while (!(await done())) {
    if (performance.now() > limit) throw new Error(`not done after ${limitMs} ms`);
    cluster.clock.step(100);
    await settle();
  }
}

/** Every node is Ready and every pod of kube-system runs. */
async function controlPlaneReady(cluster: Cluster): Promise<boolean> {
  const nodeList = await cluster.api.corev1.listNode();
  const podList = await cluster.api.corev1.listNamespacedPod({ namespace: 'kube-system' });
  const nodesReady =
    nodeList.items.length >= nodes &&
    nodeList.items.every((node) => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));
  return nodesReady && podList.items.length > 0 && podList.items.every(({ status }) => status?.phase === 'Running');
}

async function readyPods(cluster: Cluster): Promise<number> {
  const { items } = await cluster.api.corev1.listNamespacedPod({ namespace: 'default' });
  return items.filter((pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')).length;
}

async function main(): Promise<void> {
  const cluster = await boot();
  await runFast(cluster, () => controlPlaneReady(cluster), 60_000);
  const bootMs = performance.now();
  cluster.resume();
  if (measure === 'boot') return report({ bootMs });
  const labels = { app: 'web' };
  const before = await heapUsed();
  const blocking = monitorBlocking();
  const start = performance.now();
  await cluster.apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: pods,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'server:1.0' }] } },
      },
    },
  ] as never);
  await runFast(cluster, async () => (await readyPods(cluster)) >= pods, 600_000);
  const wallMs = performance.now() - start;
  const blockedMs = blocking();
  const heap = await heapUsed();
  report({ wallMs, blockedMs, heapPerPodKiB: (heap - before) / 1024 / pods });
}

await main();
process.exit(0);
