/**
 * Scheduler cases that only a direct call of a plugin shows, because the apiserver would refuse an object of the case or
 * something else would stop it before the plugin: a profile that has only this plugin, without a cluster.
 */
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import { deepFreeze } from '../../src/apimachinery/freeze.ts';
import type { Pod } from '../../src/api/generated/types.ts';
import { Cache } from '../../src/scheduler/cache/cache.ts';
import { PodInfo } from '../../src/scheduler/cache/pod-info.ts';
import { resolveProfile } from '../../src/scheduler/config.ts';
import { CycleState } from '../../src/scheduler/framework/cycle-state.ts';
import { Diagnosis } from '../../src/scheduler/framework/fit-error.ts';
import { Framework } from '../../src/scheduler/framework/framework.ts';
import type { FrameworkHandle } from '../../src/scheduler/framework/framework.ts';
import type { Informers } from '../../src/scheduler/framework/interface.ts';
import { ScoreTable } from '../../src/scheduler/framework/score-table.ts';
import type { Status } from '../../src/scheduler/framework/status.ts';
import { DEFAULT_REGISTRY } from '../../src/scheduler/plugins/index.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { TaskScope } from '../../src/sim/task-scope.ts';
import { isScore, profileOf } from './case.ts';
import type { NodeAnswer, SchedulerCase } from './case.ts';

let uids = 0;
const stored = <T extends KubernetesObject>(object: T): T =>
  deepFreeze({ ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? `uid-${++uids}`, resourceVersion: '1' } });

const keyOf = ({ metadata: { namespace, name } }: KubernetesObject) => (namespace ? `${namespace}/${name}` : name);

/** Objects of one kind, as an informer gives them. */
function store(objects: readonly KubernetesObject[], kind: string) {
  const map = new Map(objects.filter((object) => object.kind === kind).map((object) => [keyOf(object), stored(object)]));
  return { get: (key: string) => map.get(key), list: () => map.values() };
}

function informersOf(objects: readonly KubernetesObject[]): Informers {
  return {
    namespaces: store(objects, 'Namespace'),
    storageClasses: store(objects, 'StorageClass'),
    persistentVolumes: store(objects, 'PersistentVolume'),
    persistentVolumeClaims: store(objects, 'PersistentVolumeClaim'),
    podDisruptionBudgets: store(objects, 'PodDisruptionBudget'),
    csiNodes: store(objects, 'CSINode'),
    selectors: { services: () => [], replicationController: () => undefined, replicaSet: () => undefined, statefulSet: () => undefined },
  } as unknown as Informers;
}

function setUp(testCase: SchedulerCase) {
  const cache = new Cache();
  const informers = informersOf(testCase.otherObjects);
  const handle = {
    scope: new TaskScope(new Simulation({ seed: 1 }), 'kube-scheduler'),
    snapshot: cache,
    informers,
    nominator: { nominatedPods: () => [] },
    namespaceLabels: (namespace: string) => informers.namespaces.get(namespace)?.metadata.labels,
  } as unknown as FrameworkHandle;
  const admitted = (pod: Pod): Pod => stored({ ...pod, spec: { ...pod.spec, priority: pod.spec.priority ?? 0 } });
  for (const node of testCase.nodes) cache.setNode(stored({ ...node, spec: node.spec ?? {} }));
  for (const existing of testCase.existingPods) cache.setPod(admitted(existing));
  const framework = new Framework(resolveProfile(profileOf(testCase), DEFAULT_REGISTRY), handle);
  return { cache, framework, info: new PodInfo(admitted(testCase.pod)) };
}

const answerOf = (status: Status | undefined): NodeAnswer => ({ code: status?.code ?? 'Success', reasons: status?.reasons ?? [] });

function filter(testCase: SchedulerCase) {
  const { cache, framework, info } = setUp(testCase);
  const state = new CycleState();
  const { status } = framework.runPreFilter(state, info, new Diagnosis());
  const skipped = state.skipFilterPlugins.has(testCase.plugin);
  const perNode = Object.fromEntries(cache.nodes.map((node) => [node.name, answerOf(status ?? framework.runFilters(state, info, node))]));
  return { preFilter: skipped ? { code: 'Skip', reasons: [] } : answerOf(status), perNode };
}

function score(testCase: SchedulerCase) {
  const { cache, framework, info } = setUp(testCase);
  const table = new ScoreTable();
  const state = new CycleState();
  framework.runPreFilter(state, info, new Diagnosis());
  const failure = framework.runScores(state, info, cache.nodes, table);
  if (failure !== undefined) throw new Error(failure.message);
  const index = table.plugins.findIndex(({ plugin }) => plugin.name === testCase.plugin);
  const row = index < 0 ? undefined : testCase.extensionPoint === 'score' ? table.raw(index) : table.normalized(index);
  return { perNode: Object.fromEntries(cache.nodes.map((node, column) => [node.name, { score: row?.[column] }])) };
}

/** The plugin's answers. */
export function runDirectly(testCase: SchedulerCase): Readonly<Record<string, unknown>> {
  return isScore(testCase) ? score(testCase) : filter(testCase);
}
