/**
 * How many pods a second the scheduler's algorithm decides, without apiserver and watches: cache, queue-less cycle, all
 * plugins of the default profile. Upstream's published figure (SchedulingBasic) includes API calls, binding and watch traffic.
 */
import { PodInfo } from '../src/scheduler/cache/pod-info.ts';
import { Cache } from '../src/scheduler/cache/cache.ts';
import { resolveProfile } from '../src/scheduler/config.ts';
import { CycleState } from '../src/scheduler/framework/cycle-state.ts';
import { Framework } from '../src/scheduler/framework/framework.ts';
import type { Handle } from '../src/scheduler/framework/interface.ts';
import { DEFAULT_REGISTRY } from '../src/scheduler/plugins/index.ts';
import { PodScheduler } from '../src/scheduler/schedule-pod.ts';
import { Simulation } from '../src/sim/simulation.ts';
import { TaskScope } from '../src/sim/task-scope.ts';
import type { Node, Pod, PodSpec } from '../src/api/generated/types.ts';
import { deepFreeze } from '../src/apimachinery/freeze.ts';

/** What one run measured. */
export interface SchedulerBenchResult {
  nodes: number;
  pods: number;
  seconds: number;
  podsPerSecond: number;
}

const LABELS = Object.freeze({ app: 'web' });

const metadata = (name: string, more: object = {}) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T10:00:00Z',
  ...more,
});

function nodeOf(index: number): Node {
  const name = `node-${index}`;
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}` };
  const allocatable = { cpu: '32', memory: '256Gi', pods: '500', 'ephemeral-storage': '100Gi' };
  return { apiVersion: 'v1', kind: 'Node', metadata: metadata(name, { labels }), spec: {}, status: { allocatable, capacity: allocatable } };
}

/** Schedules `pods` equal pods onto `nodes` equal nodes and measures how long that takes. */
export function benchScheduler(nodes = 100, pods = 10_000, spec: Partial<PodSpec> = {}): SchedulerBenchResult {
  const cache = new Cache();
  for (let index = 0; index < nodes; index++) cache.setNode(nodeOf(index));
  const scope = new TaskScope(new Simulation({ seed: 1 }), 'bench');
  // A Service selects the pods, so the default topology spreading has work to do.
  const service = { spec: { selector: LABELS } };
  const none = () => undefined;
  const selectors = { services: () => [service], replicationController: none, replicaSet: none, statefulSet: none };
  const handle = {
    scope,
    snapshot: cache,
    nominator: { nominatedPods: () => [] },
    namespaceLabels: () => undefined,
    informers: { selectors },
  } as unknown as Handle;
  const framework = new Framework(resolveProfile({}, DEFAULT_REGISTRY), handle);
  const scheduler = new PodScheduler(cache, scope.random);
  const template: PodSpec = deepFreeze({
    containers: [{ name: 'c', image: 'nginx:1.29', resources: { requests: { cpu: '100m', memory: '128Mi' } } }],
    ...spec,
  });
  const start = process.hrtime.bigint();
  for (let index = 0; index < pods; index++) {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: metadata(`pod-${index}`, { namespace: 'default', labels: LABELS }),
      spec: template,
    };
    const info = new PodInfo(pod);
    const { nodeName } = scheduler.schedule(framework, new CycleState(), info);
    if (nodeName !== '') cache.assume(info, nodeName);
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { nodes, pods, seconds, podsPerSecond: Math.round(pods / seconds) };
}

if (process.argv[1]?.endsWith('bench/scheduler.ts')) {
  for (const [nodes, pods] of [
    [100, 10_000],
    [1000, 5000],
    [5000, 2000],
  ] as const) {
    console.log(JSON.stringify(benchScheduler(nodes, pods)));
  }
}
