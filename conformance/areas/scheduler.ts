/**
 * Scheduler plugins: what PreFilter, Filter, Score and preemption answer for given nodes and pods. Each case calls the
 * plugin itself, in a profile that has only this one (for preemption: the filters that the case names, or all).
 */
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import { deepFreeze } from '../../src/apimachinery/freeze.ts';
import type { Node, Pod, PodDisruptionBudget, PriorityClass } from '../../src/api/generated/types.ts';
import type { Client } from '../../src/client/client.ts';
import { Cache } from '../../src/scheduler/cache/cache.ts';
import { PodInfo } from '../../src/scheduler/cache/pod-info.ts';
import { resolveProfile } from '../../src/scheduler/config.ts';
import { CycleState } from '../../src/scheduler/framework/cycle-state.ts';
import { Diagnosis } from '../../src/scheduler/framework/fit-error.ts';
import { Framework } from '../../src/scheduler/framework/framework.ts';
import type { Handle, Informers } from '../../src/scheduler/framework/interface.ts';
import { ScoreTable } from '../../src/scheduler/framework/score-table.ts';
import type { Status } from '../../src/scheduler/framework/status.ts';
import { DEFAULT_REGISTRY } from '../../src/scheduler/plugins/index.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { TaskScope } from '../../src/sim/task-scope.ts';
import type { Area } from '../area.ts';

interface SchedulerCase {
  plugin: string;
  harness: string;
  extensionPoint: 'preFilter' | 'filter' | 'score' | 'normalizedScore' | 'preemption';
  pluginArgs: Record<string, unknown>;
  enabledFilters?: string[];
  nodes: Node[];
  existingPods: Pod[];
  otherObjects: KubernetesObject[];
  pod: Pod;
}

interface NodeAnswer {
  code?: string;
  reasons?: readonly string[];
  score?: number;
}

let uids = 0;
const stored = <T extends KubernetesObject>(object: T): T =>
  deepFreeze({ ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? `uid-${++uids}`, resourceVersion: '1' } });

const keyOf = ({ metadata: { namespace, name } }: KubernetesObject) => (namespace ? `${namespace}/${name}` : name);

/** Objects of one kind, as an informer gives them. */
function store<T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string) {
  const map = new Map(objects.filter((object) => object.kind === kind).map((object) => [keyOf(object), stored(object) as T]));
  return { get: (key: string) => map.get(key), list: () => map.values() };
}

function informersOf(objects: readonly KubernetesObject[]): Informers {
  return {
    namespaces: store(objects, 'Namespace'),
    storageClasses: store(objects, 'StorageClass'),
    persistentVolumes: store(objects, 'PersistentVolume'),
    persistentVolumeClaims: store(objects, 'PersistentVolumeClaim'),
    podDisruptionBudgets: store<PodDisruptionBudget>(objects, 'PodDisruptionBudget'),
    csiNodes: store(objects, 'CSINode'),
    selectors: { services: () => [], replicationController: () => undefined, replicaSet: () => undefined, statefulSet: () => undefined },
  } as unknown as Informers;
}

/** The cluster of a case, and a profile to look at it with. */
function setUp({ plugin, harness, extensionPoint, pluginArgs, enabledFilters, nodes, existingPods, otherObjects, pod }: SchedulerCase) {
  const cache = new Cache();
  const sim = new Simulation({ seed: 1 });
  const scope = new TaskScope(sim, 'kube-scheduler');
  const informers = informersOf(otherObjects);
  const deleted: string[] = [];
  const client = {
    patch: () => undefined,
    delete: (_resource: unknown, { name }: { name: string }) => deleted.push(name),
  } as unknown as Client;
  const handle = {
    scope,
    client,
    events: { event: () => undefined },
    snapshot: cache,
    informers,
    nominator: { nominatedPods: () => [] },
    namespaceLabels: (namespace: string) => informers.namespaces.get(namespace)?.metadata.labels,
  } as unknown as Handle;
  const priorities = new Map(
    store<PriorityClass>(otherObjects, 'PriorityClass')
      .list()
      .map(({ metadata, value }) => [metadata.name, value]),
  );
  // What admission would have done: priority from the class, matchLabelKeys into selectors is left to the plugins.
  const admitted = (object: Pod): Pod =>
    stored({
      ...object,
      spec: { ...object.spec, priority: object.spec.priority ?? priorities.get(object.spec.priorityClassName ?? '') ?? 0 },
    });
  for (const node of nodes) cache.setNode(stored({ ...node, spec: node.spec ?? {} }));
  for (const existing of existingPods) cache.setPod(admitted(existing));
  const filters = enabledFilters?.map((name) => ({ name }));
  const enabled = extensionPoint === 'preemption' ? [...(filters ?? []), { name: 'DefaultPreemption' }] : [{ name: plugin }];
  // Scores depend on which nodes are feasible, so there the whole profile filters.
  const whole = extensionPoint === 'preemption' ? !filters : isScore(extensionPoint) && harness === 'default-profile';
  const multiPoint = whole ? {} : { disabled: [{ name: '*' }], enabled };
  const profile = resolveProfile({ plugins: { multiPoint }, pluginConfig: [{ name: plugin, args: pluginArgs }] }, DEFAULT_REGISTRY);
  const framework = new Framework(profile, handle);
  return { cache, framework, info: new PodInfo(admitted(pod)), deleted };
}

const isScore = (extensionPoint: SchedulerCase['extensionPoint']) => extensionPoint === 'score' || extensionPoint === 'normalizedScore';

const answerOf = (status: Status | undefined): NodeAnswer => ({ code: status?.code ?? 'Success', reasons: status?.reasons ?? [] });

function filter(testCase: SchedulerCase) {
  const { cache, framework, info } = setUp(testCase);
  const state = new CycleState();
  const { status } = framework.runPreFilter(state, info, new Diagnosis());
  const skipped = state.skipFilterPlugins.has(testCase.plugin);
  const perNode = Object.fromEntries(
    cache.nodes.map((node) => {
      if (status !== undefined) return [node.name, answerOf(status)];
      return [node.name, answerOf(framework.runFilters(state, info, node))];
    }),
  );
  return { preFilter: skipped ? { code: 'Skip', reasons: [] } : answerOf(status), perNode };
}

function score(testCase: SchedulerCase) {
  const { cache, framework, info } = setUp(testCase);
  const table = new ScoreTable();
  const state = new CycleState();
  framework.runPreFilter(state, info, new Diagnosis());
  const filtered = testCase.harness === 'default-profile';
  const feasible = cache.nodes.filter((node) => !filtered || framework.runFilters(state, info, node) === undefined);
  const failure = framework.runScores(state, info, feasible, table);
  if (failure !== undefined) throw new Error(failure.message);
  const raw = testCase.extensionPoint === 'score';
  const index = table.plugins.findIndex(({ plugin }) => plugin.name === testCase.plugin);
  const row = index < 0 ? undefined : raw ? table.raw(index) : table.normalized(index);
  return { perNode: Object.fromEntries(feasible.map((node, column) => [node.name, { score: row?.[column] }])) };
}

function preempt(testCase: SchedulerCase) {
  const { cache, framework, info, deleted } = setUp(testCase);
  const state = new CycleState();
  const diagnosis = new Diagnosis();
  const { status } = framework.runPreFilter(state, info, diagnosis);
  if (status !== undefined) diagnosis.absent = status;
  else {
    for (const node of cache.nodes) {
      const refusal = framework.runFilters(state, info, node);
      if (refusal !== undefined) diagnosis.byNode.set(node.name, refusal);
    }
  }
  const plugin = framework.plugins.find(({ name }) => name === 'DefaultPreemption') as unknown as {
    candidates(...args: unknown[]): { candidates: { nodeName: string; victims: PodInfo[]; pdbViolations: number }[] };
  };
  const { candidates } = plugin.candidates(state, info, diagnosis);
  const result = framework.runPostFilter(state, info, diagnosis);
  const named = candidates.map(({ nodeName, victims, pdbViolations }) => [
    nodeName,
    { victims: victims.map(({ pod }) => pod.metadata.name), numPDBViolations: pdbViolations },
  ]);
  return {
    nominatedNodeName: result.nominatedNodeName ?? '',
    nominatedNodeAnyOf: result.nominatedNodeName ?? '',
    victims: deleted,
    candidates: Object.fromEntries(named) as unknown,
    postFilterMessage: result.status?.message ?? '',
  };
}

export const run: Area['run'] = (input) => {
  const testCase = input as unknown as SchedulerCase;
  if (testCase.extensionPoint === 'preemption') return preempt(testCase);
  return isScore(testCase.extensionPoint) ? score(testCase) : filter(testCase);
};

const sorted = (list: readonly string[]) => [...list].sort().join('\n');

function sameAnswer(actual: NodeAnswer | undefined, expected: NodeAnswer): boolean {
  if (expected.score !== undefined) return actual?.score === expected.score;
  if (actual?.code !== expected.code) return false;
  return expected.reasons === undefined || sorted(actual?.reasons ?? []) === sorted(expected.reasons);
}

/** A plugin that skipped scored all nodes alike; nodes that are not feasible have no score. */
function sameNodes(actual: Record<string, NodeAnswer>, expected: Record<string, NodeAnswer>): boolean {
  const skipped = Object.values(actual).every(({ score, code }) => score === undefined && code === undefined);
  if (skipped && Object.values(expected).every(({ score }) => score !== undefined))
    return new Set(Object.values(expected).map(({ score }) => score)).size === 1;
  return Object.entries(expected).every(([name, answer]) => sameAnswer(actual[name], answer));
}

export const equal: Area['equal'] = (key, actual, expected) => {
  switch (key) {
    case 'scoreKind':
    case 'postFilterReason':
      return true;
    case 'preFilter':
      return sameAnswer(actual as NodeAnswer, expected as NodeAnswer);
    case 'perNode':
      return sameNodes(actual as Record<string, NodeAnswer>, expected as Record<string, NodeAnswer>);
    case 'nominatedNodeName':
      return actual === (expected ?? '');
    case 'nominatedNodeAnyOf':
      return (expected as string[]).includes(actual as string);
    case 'victims':
      return sorted(actual as string[]) === sorted(expected as string[]);
    case 'candidates':
      return Object.entries(expected as Record<string, { victims: string[]; numPDBViolations?: number }>).every(([node, wanted]) => {
        const found = (actual as Record<string, { victims: string[]; numPDBViolations: number }>)[node];
        return (
          found !== undefined &&
          sorted(found.victims) === sorted(wanted.victims) &&
          found.numPDBViolations === (wanted.numPDBViolations ?? 0)
        );
      });
    default:
      return JSON.stringify(actual) === JSON.stringify(expected);
  }
};
