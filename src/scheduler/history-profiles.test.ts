import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import type { Sent } from '../client/client.ts';
import { bandOf, mayEvictByBand } from './borg/profile.ts';
import { PLACEMENTS } from './borg/placement.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { SchedulerProfile } from './config.ts';
import { setUp } from './testing/setup.ts';

const withProfile = (profile: SchedulerProfile) => setUp({ config: { profiles: [profile] } });

describe('the classic mode', () => {
  it('filters by predicates and scores from 0 to 10 by priorities', () => {
    const policy = {
      predicates: [{ name: 'PodFitsResources' }, { name: 'HostName' }],
      priorities: [{ name: 'LeastRequestedPriority', weight: 2 }, { name: 'BalancedResourceAllocation' }],
    };
    const { sim, addNode, addPod, podOf, decisions } = withProfile({ policy });
    addNode('small', '500m');
    addNode('node-1', '2');
    addNode('node-2', '4');
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(podOf('web').spec.nodeName).toBe('node-2');
    const { rejections, scores, totals, maxScore } = decisions()[0]?.status ?? {};
    expect(rejections).toMatchObject([{ plugin: 'PodFitsResources', reasons: ['Insufficient cpu'], nodes: ['small'] }]);
    // cpu (2000 - 1000) · 10 / 2000 = 5, memory (8 GiB - 200 MiB) · 10 / 8 GiB = 9, mean 7; and 7, 9: 8.
    expect(scores).toMatchObject([
      { plugin: 'LeastRequestedPriority', weight: 2, raw: [7, 8] },
      { plugin: 'BalancedResourceAllocation', weight: 1, raw: [5, 7] },
    ]);
    expect(totals).toEqual([19, 23]);
    expect(maxScore).toBe(10);
  });

  it('runs the default provider without a list, and says its old words', () => {
    const { sim, addNode, addPod, messages } = withProfile({ policy: {} });
    addNode('node-1', '4', { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] });
    addNode('node-2', '4');
    addPod('web', { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }] });
    addPod('other', { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } });
    sim.runUntilIdle(10_000);
    expect(messages().some((text) => text.includes("2 node(s) didn't match node selector"))).toBe(true);
    expect(
      messages().some((text) => text.includes("1 node(s) didn't match node selector, 1 node(s) had taints that the pod didn't tolerate")),
    ).toBe(true);
  });

  it('refuses names that it does not have', () => {
    expect(() => withProfile({ policy: { predicates: [{ name: 'PodFitsDreams' }] } })).toThrow('predicate name: PodFitsDreams not found');
  });
});

describe("Borg's ideas", () => {
  it('weigh full machines in three ways', () => {
    const [empty, half, lopsided] = [
      { cpu: 0, memory: 0 },
      { cpu: 0.5, memory: 0.5 },
      { cpu: 0.9, memory: 0.1 },
    ];
    expect(PLACEMENTS.WorstFit(empty, half)).toBe(75);
    expect(PLACEMENTS.BestFit(empty, half)).toBe(50);
    expect(PLACEMENTS.Hybrid(empty, half)).toBe(75);
    expect(PLACEMENTS.Hybrid(empty, lopsided)).toBe(35);
  });

  it('fill machines or spread over them, and count what memory saves', () => {
    for (const [placement, nodes] of [
      ['BestFit', 1],
      ['WorstFit', 3],
    ] as const) {
      const { sim, addNode, addPod, podOf } = withProfile({ borg: { placement, scoreCache: true, equivalenceClasses: true } });
      for (const name of ['a', 'b', 'c']) addNode(name, '8');
      for (const name of ['p1', 'p2', 'p3']) addPod(name);
      sim.runUntilIdle(60_000);
      expect(new Set(['p1', 'p2', 'p3'].map((name) => podOf(name).spec.nodeName)).size).toBe(nodes);
    }
  });

  it('look at as many nodes as relaxed randomisation asks for', () => {
    const { sim, addNode, addPod, decisions } = withProfile({ borg: { relaxedRandomization: 2 } });
    for (let index = 0; index < 10; index++) addNode(`node-${index}`, '8');
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(decisions()[0]?.status).toMatchObject({
      counts: { evaluated: 2, feasible: 2 },
      counters: { nodesExamined: 2, feasibilityComputed: 2 },
    });
  });

  it('never let production preempt production', () => {
    const of = (priority: number) => ({ priority }) as PodInfo;
    expect(bandOf(150_000)).toBe('production');
    expect(mayEvictByBand(of(200_000), of(150_000))).toBe(false);
    expect(mayEvictByBand(of(150_000), of(50))).toBe(true);
    expect(mayEvictByBand(of(50), of(20))).toBe(true);
    expect(mayEvictByBand(of(20), of(50))).toBe(false);
  });
});

describe("kube-scheduler-simulator's annotations", () => {
  it('stand on the pod when switched on', () => {
    const { client, sim, addNode, addPod, podOf } = setUp();
    const data = { simulatorAnnotations: 'true' };
    client.create(ConfigMapResource, { metadata: { namespace: 'kube-system', name: 'kube-scheduler' }, data } as Sent<ConfigMap>);
    addNode('node-1', '4');
    addNode('node-2', '2');
    addPod('web');
    sim.runUntilIdle(60_000);
    const { annotations = {} } = podOf('web').metadata;
    const read = (name: string): unknown => JSON.parse(annotations[`kube-scheduler-simulator.sigs.k8s.io/${name}`] ?? 'null');
    expect(annotations['kube-scheduler-simulator.sigs.k8s.io/selected-node']).toBe('node-1');
    expect(read('score-result')).toMatchObject({ 'node-1': { NodeResourcesFit: '86' }, 'node-2': { NodeResourcesFit: '73' } });
    expect(read('finalscore-result')).toMatchObject({ 'node-1': { TaintToleration: '300' } });
    expect(read('filter-result')).toMatchObject({ 'node-1': { NodeResourcesFit: 'passed' } });
    expect(read('result-history')).toHaveLength(1);
    expect(client.list(SchedulingDecisionResource, 'default').items).toHaveLength(1);
  });
});
