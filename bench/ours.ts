/** Our measures, one a process: `node --expose-gc .bench/ours.js start|boot|pods N M`. */
import { DeploymentResource } from '../src/api/apps/deployment.ts';
import type { Deployment } from '../src/api/generated/types.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import type { SavedState } from '../src/cluster/restore.ts';
import type { Sent } from '../src/client/client.ts';
import { heapUsed, report } from './lib.ts';

const [, , measure, podsText = '300', nodesText = '3'] = process.argv;
const pods = Number(podsText);
const nodes = Number(nodesText);
const BOOT_LIMIT_MS = 600_000;

function boot(): Cluster {
  const cluster = new Cluster({ seed: 1, layout: { workers: nodes, node: { cpu: '1000', memory: '4000Gi', pods: 10_000 } } });
  cluster.boot(BOOT_LIMIT_MS);
  return cluster;
}

/**
 * As the worker does for a first visitor: it goes on from the shipped state of the default cluster. A worker has no `node:fs`, whose module
 * facade alone takes as long to make as a tenth of this.
 */
function firstVisit(): void {
  const saved = JSON.parse(process.getBuiltinModule('node:fs').readFileSync('generated/first-cluster.json', 'utf8')) as SavedState;
  Cluster.restore({ seed: 1, layout: {} }, saved).startComponents();
}

function deployment(): Sent<Deployment> {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: pods,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } },
    },
  } as Sent<Deployment>;
}

async function main(): Promise<void> {
  // From the start of the process: loading the code counts, as it does for a cold worker.
  if (measure === 'start') {
    firstVisit();
    return report({ startMs: performance.now() });
  }
  const { installExtras } = await import('../src/cluster/extras.ts');
  installExtras();
  const cluster = boot();
  const bootMs = performance.now();
  if (measure === 'boot') return report({ bootMs });
  const before = await heapUsed();
  const client = cluster.client('bench');
  const start = performance.now();
  const tasks = cluster.sim.executed;
  cluster.sim.perform('you', 'create', 'deployments/default/web', () => client.create(DeploymentResource, deployment()));
  const ready = () => client.get(DeploymentResource, { namespace: 'default', name: 'web' }).status?.readyReplicas ?? 0;
  while (ready() < pods) {
    cluster.sim.runUntil(cluster.sim.now + 1000);
    if (performance.now() - start > 300_000) throw new Error(`${ready()} of ${pods} pods are ready after 300 s`);
  }
  const wallMs = performance.now() - start;
  const virtualSeconds = (cluster.sim.now - 1_767_261_600_000) / 1000;
  const heap = await heapUsed();
  report({
    wallMs,
    heapPerPodKiB: (heap - before) / 1024 / pods,
    heapMiB: heap / 1024 / 1024,
    rssMiB: process.memoryUsage().rss / 1024 / 1024,
    tasks: cluster.sim.executed - tasks,
    virtualSeconds,
  });
}

await main();
