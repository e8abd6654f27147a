/** Formulas that count pods, against decisions of a real scheduler: each formula found must lead to the score, and each score must have one. */
import { describe, expect, it } from 'vitest';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { SchedulingDecisionResource } from '../../api/kubarium/scheduling-decision.ts';
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { ConfigMapResource } from '../../api/core/config-map.ts';
import { Cluster } from '../../cluster/cluster.ts';
import { countsPods, explainFilter, explainScore } from './explain.ts';
import type { Affinity, ConfigMap, Namespace, Node, Pod, PodSpec, Service } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { KubernetesObject, ObjectList } from '../../apimachinery/meta.ts';
import type { Client, Sent } from '../../client/client.ts';
import type { ClusterFacts } from './past.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

function setUp(config?: string) {
  const cluster = new Cluster({ seed: 3, layout: { nodePools: [{ name: 'n', count: 6, cpu: '8', memory: '16Gi' }] } });
  cluster.boot(600_000);
  const { sim } = cluster;
  const client: Client = cluster.client('you');
  client.list(NodeResource).items.forEach((node: Node, index) => {
    const zone = ['a', 'b', 'c', 'a', 'b'][index];
    const labels = { ...node.metadata.labels, ...(zone !== undefined && { [ZONE]: zone }) };
    client.update(NodeResource, { ...node, metadata: { ...node.metadata, labels } });
  });
  if (config !== undefined) {
    const settings: ConfigMap = client.get(ConfigMapResource, { name: 'kube-scheduler', namespace: 'kube-system' });
    client.update(ConfigMapResource, { ...settings, data: { 'config.yaml': config } });
  }
  client.create(NamespaceResource, { metadata: { name: 'other', labels: { team: 'red' } } } as Sent<Namespace>);
  client.create(ServiceResource, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  } as Sent<Service>);
  sim.runUntilIdle(10_000);
  const create = (name: string, app: string, spec: Partial<PodSpec> = {}, namespace = 'default') =>
    client.create(PodResource, {
      metadata: { name, namespace, labels: { app } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu: '100m' } } }], ...spec },
    } as Sent<Pod>);
  /** As the view reads it. */
  const pastOf = ({ metadata }: SchedulingDecision): ClusterFacts => {
    const options = { resourceVersion: String(Number(metadata.resourceVersion) - 1), resourceVersionMatch: 'Exact' as const };
    const user = { name: 'you', groups: ['system:masters'] };
    const list = (resource: string, group = '') => {
      const { object } = cluster.apiServer.request({ verb: 'list', group, version: 'v1', resource, options, user, userAgent: 'test' });
      return (object as unknown as ObjectList<KubernetesObject>).items as never[];
    };
    return {
      nodes: list('nodes'),
      pods: list('pods'),
      namespaces: list('namespaces'),
      services: list('services'),
      replicationControllers: list('replicationcontrollers'),
      replicaSets: list('replicasets', 'apps'),
      statefulSets: list('statefulsets', 'apps'),
    };
  };
  const decisions = () =>
    ['default', 'other'].flatMap((namespace) => client.list(SchedulingDecisionResource, namespace).items as SchedulingDecision[]);
  return { cluster, sim, client, create, pastOf, decisions };
}

/** Every score of the plugins, and every verdict of filters that count pods, must have its formula. */
function explained(decision: SchedulingDecision, past: ClusterFacts): { found: Record<string, number>; missing: string[] } {
  const found: Record<string, number> = {};
  const missing: string[] = [];
  const { scores, nodes, rejections, plugins = {}, skipped } = decision.status;
  const { name } = decision.spec.podRef;
  for (const { plugin, raw, normalized } of scores) {
    for (const [at, node] of nodes.entries()) {
      const known = explainScore(decision, plugin, at, { pod: undefined, nodes: [], past });
      const normalizes = columnValue(raw, at) !== columnValue(normalized, at);
      if (known?.score === undefined || (normalizes && known.normalization === undefined)) missing.push(`${name} ${plugin} ${node}`);
      else found[plugin] = (found[plugin] ?? 0) + 1;
    }
  }
  const filters = (plugins['filter'] ?? []).filter((plugin) => countsPods(plugin) && !skipped.filter.includes(plugin));
  for (const plugin of filters) {
    const passed = nodes.map((node): [string, boolean] => [node, true]);
    const refused = rejections
      .filter((one) => one.plugin === plugin)
      .flatMap((one) => one.nodes.map((node): [string, boolean] => [node, false]));
    for (const [node, passes] of [...passed, ...refused]) {
      const known = explainFilter(decision, plugin, node, passes, past);
      const key = `${plugin} ${passes ? 'passes' : 'refuses'}`;
      if (known === undefined) missing.push(`${name} ${key} ${node}`);
      else found[key] = (found[key] ?? 0) + 1;
    }
  }
  return { found, missing };
}

const term = (app: string, topologyKey: string, more: object = {}) => ({ labelSelector: { matchLabels: { app } }, topologyKey, ...more });
const preferring = (app: string, topologyKey: string, weight: number, more: object = {}) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term(app, topologyKey, more) }],
});
const requiring = (app: string, topologyKey: string) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term(app, topologyKey)] });

function workload({ create, sim }: ReturnType<typeof setUp>): void {
  const spread = (whenUnsatisfiable: string, topologyKey: string, maxSkew = 1, more: object = {}) => ({
    topologySpreadConstraints: [{ topologyKey, whenUnsatisfiable, maxSkew, labelSelector: { matchLabels: { app: 'spread' } }, ...more }],
  });
  const affinities: [string, Affinity][] = [
    ['near', { podAffinity: preferring('web', ZONE, 60) }],
    ['far', { podAntiAffinity: preferring('web', HOST, 40) }],
    ['with', { podAffinity: requiring('web', ZONE) }],
    ['alone', { podAntiAffinity: requiring('alone', HOST) }],
    ['red', { podAffinity: preferring('web', ZONE, 7, { namespaceSelector: { matchLabels: { team: 'red' } } }) }],
    ['first', { podAffinity: requiring('first', ZONE) }],
  ];
  for (let round = 0; round < 4; round++) {
    create(`web-${round}`, 'web');
    create(`soft-${round}`, 'spread', spread('ScheduleAnyway', ZONE, 2));
    create(`hard-${round}`, 'spread', spread('DoNotSchedule', HOST, 1, { minDomains: 9 }));
    create(`policy-${round}`, 'spread', spread('DoNotSchedule', ZONE, 1, { nodeTaintsPolicy: 'Honor' }));
    for (const [name, affinity] of affinities) create(`${name}-${round}`, name, { affinity });
    create(`web-${round}`, 'web', { affinity: { podAntiAffinity: preferring('web', HOST, 9) } }, 'other');
    sim.runUntilIdle(20_000);
  }
  for (let more = 0; more < 4; more++) create(`crowd-${more}`, 'alone', { affinity: { podAntiAffinity: requiring('alone', HOST) } });
  sim.runUntilIdle(20_000);
}

describe('formulas that count pods', () => {
  it.each<[string, string | undefined, string[]]>([
    [
      'of today',
      undefined,
      [
        'PodTopologySpread',
        'InterPodAffinity',
        'NodeResourcesFit',
        'PodTopologySpread passes',
        'PodTopologySpread refuses',
        'InterPodAffinity passes',
        'InterPodAffinity refuses',
      ],
    ],
    [
      'of the classic mode',
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- policy: {}\n',
      [
        'SelectorSpreadPriority',
        'InterPodAffinityPriority',
        'LeastRequestedPriority',
        'BalancedResourceAllocation',
        'MatchInterPodAffinity passes',
        'MatchInterPodAffinity refuses',
      ],
    ],
  ])('%s lead to every score and verdict of the scheduler', (_name, config, plugins) => {
    const setup = setUp(config);
    workload(setup);
    const all = setup.decisions().map((decision) => explained(decision, setup.pastOf(decision)));
    expect(all.length).toBeGreaterThan(40);
    expect(all.flatMap(({ missing }) => missing)).toEqual([]);
    for (const plugin of plugins)
      expect(
        all.reduce((sum, { found }) => sum + (found[plugin] ?? 0), 0),
        plugin,
      ).toBeGreaterThan(0);
  });

  it('say per domain how many pods match, the skew and the bound', () => {
    const { create, sim, pastOf, decisions } = setUp();
    const hard = [{ topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1, labelSelector: { matchLabels: { app: 'x' } } }];
    const soft = [{ topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2, labelSelector: { matchLabels: { app: 'x' } } }];
    create('x', 'x', { nodeName: 'n-1' });
    create('hard', 'x', { topologySpreadConstraints: hard });
    create('soft', 'y', { topologySpreadConstraints: soft, affinity: { podAffinity: preferring('x', ZONE, 60) } });
    sim.runUntilIdle(20_000);
    const of = (name: string) => decisions().find(({ spec }) => spec.podRef.name === name) as SchedulingDecision;
    const check = explainFilter(of('hard'), 'PodTopologySpread', 'n-1', false, pastOf(of('hard')));
    expect(check?.lines).toEqual([
      `${ZONE}, maxSkew 1: min = 0`,
      '  b: 1 + 1 − 0 = 2 > 1',
      '  a: 0 + 1 − 0 = 1 ≤ 1',
      '  c: 0 + 1 − 0 = 1 ≤ 1',
    ]);
    const at = of('soft').status.nodes.indexOf('n-1');
    const live = { pod: undefined, nodes: [], past: pastOf(of('soft')) };
    const lines = (plugin: string) => explainScore(of('soft'), plugin, at, live)?.score?.lines;
    const place = of('hard').status.nodeName === 'n-2' ? 'a 0, c 1' : 'a 1, c 0';
    expect(lines('PodTopologySpread')).toEqual([
      `${ZONE}, maxSkew 2: b 1, ${place}; 1 − 0 = 1`,
      '  b: 1 · ln(3 + 2) + (2 − 1) = 2.609',
      'round(2.609) = 3',
    ]);
    expect(lines('InterPodAffinity')).toEqual([`podAffinity app=x, ${ZONE}, +60: b 1, ${place}`, '  b: 1 · +60 = +60', 'Σ = 60']);
  });
});
