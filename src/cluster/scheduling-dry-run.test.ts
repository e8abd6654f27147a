import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { EventResource } from '../api/core/event.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import type { ConfigMap, Pod } from '../api/generated/types.ts';
import { SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision, SchedulingDecisionSpec } from '../api/kubarium/scheduling-decision.ts';
import type { Sent } from '../client/client.ts';
import { Cluster } from './cluster.ts';

const container = { name: 'c', image: 'nginx', resources: { requests: { cpu: '100m' } } };
const template = { spec: { containers: [container] } };

function setUp() {
  const cluster = new Cluster({ seed: 5, layout: {} });
  cluster.boot(120_000);
  const client = cluster.client('you');
  const ask = (spec: Partial<SchedulingDecisionSpec>, name = 'what-if') =>
    client.create(SchedulingDecisionResource, { metadata: { name, namespace: 'default' }, spec } as Sent<SchedulingDecision>);
  return { cluster, client, ask };
}

describe('a dry run of the scheduler', () => {
  it('is answered at once, and changes neither the cluster nor its future', () => {
    const { cluster, client, ask } = setUp();
    const pods = client.list(PodResource).items.length;
    const first = ask({ template });
    expect(first.status).toMatchObject({ result: 'Scheduled', counts: { total: 4 } });
    expect(first.status.nodes.length).toBe(3);
    expect(client.list(PodResource).items.length).toBe(pods);
    expect(ask({ template }, 'again').status).toEqual(first.status);
    const other = setUp().cluster;
    for (const one of [cluster, other]) {
      one.client('you').create(PodResource, { metadata: { name: 'web', namespace: 'default' }, spec: template.spec } as Sent<Pod>);
      one.sim.runUntilIdle(60_000);
    }
    const nodeOf = (one: Cluster) => one.client('you').get(PodResource, { namespace: 'default', name: 'web' }).spec.nodeName;
    expect(nodeOf(cluster)).toBe(nodeOf(other));
  });

  it('takes other weights, requests and nodes for granted', () => {
    const { client, ask } = setUp();
    const [node] = client.list(NodeResource).items.filter(({ spec }) => !spec.taints?.length);
    const name = node?.metadata.name ?? '';
    const big = ask({ template, overrides: { requests: { cpu: '1000' } } });
    expect(big.status.result).toBe('Unschedulable');
    expect(big.status.message).toContain('3 Insufficient cpu');
    const nodes = [{ name, allocatable: { cpu: '2000' }, labels: { disk: 'ssd' } }];
    expect(ask({ template, overrides: { requests: { cpu: '1000' }, nodes } }, 'b').status).toMatchObject({ nodeName: name });
    const weighted = ask({ template, overrides: { weights: { NodeResourcesFit: 50, ImageLocality: 0 } } }, 'c');
    expect(weighted.status.scores.map(({ plugin, weight }) => [plugin, weight])).toContainEqual(['NodeResourcesFit', 50]);
    expect(weighted.status.scores.some(({ plugin }) => plugin === 'ImageLocality')).toBe(false);
  });

  it('compares profiles by one object', () => {
    const { client, ask } = setUp();
    const [node] = client.list(NodeResource).items.filter(({ spec }) => !spec.taints?.length);
    const name = node?.metadata.name ?? '';
    client.create(PodResource, {
      metadata: { name: 'big', namespace: 'default' },
      spec: { nodeName: name, containers: [{ ...container, resources: { requests: { cpu: '1' } } }] },
    } as Sent<Pod>);
    const pluginConfig = [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }];
    const full = { multiPoint: { disabled: [{ name: 'NodeResourcesBalancedAllocation' }] } };
    const { status } = ask({
      template,
      alternatives: [
        { name: 'as it is' },
        { name: 'packer', overrides: { profile: { pluginConfig, plugins: full } } },
        { name: 'too large', overrides: { requests: { cpu: '1000' } } },
        { name: 'unknown', overrides: { profile: { plugins: { score: { enabled: [{ name: 'Nope' }] } } } } },
      ],
    });
    const [same, packer, large, unknown] = status.alternatives ?? [];
    expect(status.nodeName).not.toBe(name);
    expect(same).toMatchObject({ name: 'as it is', differs: false, status: { nodeName: status.nodeName, totals: status.totals } });
    expect(packer).toMatchObject({ name: 'packer', differs: true, status: { nodeName: name } });
    expect(large).toMatchObject({ differs: true, status: { result: 'Unschedulable' } });
    expect(unknown?.status).toBeUndefined();
    expect(unknown?.error).toContain('Nope does not exist');
  });

  it.each([
    [[{ name: '' }], 'spec.alternatives[0].name: Required value'],
    [[{ name: 'a' }, { name: 'a' }], 'spec.alternatives[1].name: Duplicate value: "a"'],
    [Array.from({ length: 11 }, (_, index) => ({ name: `a${index}` })), 'spec.alternatives: Invalid value: 11: must have at most 10 items'],
  ])('refuses alternatives %#', (alternatives, why) => {
    expect(() => setUp().ask({ template, alternatives })).toThrow(why);
  });

  it('places replicas beside each other', () => {
    const { ask } = setUp();
    const { placements = [] } = ask({ template, replicas: 6 }).status;
    expect(placements.map(({ count }) => count)).toEqual([2, 2, 2]);
  });

  it('refuses what does not exist', () => {
    const { ask } = setUp();
    expect(() => ask({ podRef: { name: 'nope', namespace: 'default', uid: '' } })).toThrow('pods "nope" not found');
    expect(() => ask({ template, profile: 'mine' })).toThrow('no profile "mine"');
    expect(() => ask({ template, overrides: { nodes: [{ name: 'nowhere' }] } })).toThrow('nodes "nowhere" not found');
    expect(() => ask({ template: { spec: { containers: [] } } as never })).toThrow('spec.template.spec.containers');
    expect(() => ask({ template, overrides: { weights: { Nope: 3 } } })).toThrow('no plugin Nope');
    expect(() => ask({ template, overrides: { weights: { NodeResourcesFit: 1000 } } })).toThrow('from 0 to 100');
  });
});

describe("the scheduler's settings", () => {
  const edit = (cluster: Cluster, data: Record<string, string>) => {
    const client = cluster.client('you');
    const map = client.get(ConfigMapResource, { namespace: 'kube-system', name: 'kube-scheduler' });
    client.update(ConfigMapResource, { ...map, data: { ...map.data, ...data } } as ConfigMap);
    cluster.sim.runUntilIdle(60_000);
  };
  const text = (profiles: string) => `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n${profiles}`;
  const events = (cluster: Cluster) =>
    cluster
      .client('you')
      .list(EventResource, 'kube-system')
      .items.filter(({ involvedObject }) => involvedObject.name === 'kube-scheduler' && involvedObject.kind === 'ConfigMap')
      .map(({ reason, message }) => `${reason}: ${message}`);

  it('act when the ConfigMap changes; pods of a new profile are taken up', () => {
    const { cluster, client } = setUp();
    client.create(PodResource, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { ...template.spec, schedulerName: 'packer' },
    } as Sent<Pod>);
    cluster.sim.runUntilIdle(60_000);
    const webNode = () => client.get(PodResource, { namespace: 'default', name: 'web' }).spec.nodeName;
    expect(webNode()).toBeUndefined();
    const strategy = '  pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated}}\n';
    edit(cluster, { 'config.yaml': text(`- schedulerName: default-scheduler\n- schedulerName: packer\n${strategy}`) });
    expect(webNode()).toBeDefined();
    expect(events(cluster)).toContain('ConfigurationLoaded: The scheduler uses this configuration');
  });

  it('say clearly what is wrong with a configuration, and keep the one before', () => {
    const { cluster, client } = setUp();
    for (const [profiles, why] of [
      ['- plugins: {score: {enabled: [{name: Nope}]}}', 'Nope does not exist'],
      ['- plugins: {score: {enabled: [{name: NodePorts}]}}', 'plugin "NodePorts" does not extend score plugin'],
      ['- plugins: {score: {enabled: [{name: NodeResourcesFit, weight: -1}]}}', 'invalid weight -1'],
      ['- {schedulerName: a}\n- {schedulerName: a}', 'profiles[1].schedulerName: Duplicate value: "a"'],
      ['- percentageOfNodesToScore: 200', 'profiles[0].percentageOfNodesToScore: Invalid value: 200: not in valid range [0-100]'],
      [
        '- pluginConfig: [{name: InterPodAffinity, args: {hardPodAffinityWeight: 500}}]',
        'profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 500: not in valid range [0-100]',
      ],
      ['- nonsense: 1', 'unknown field "profiles[0].nonsense"'],
      ['- {', 'parse error'],
    ] as const) {
      edit(cluster, { 'config.yaml': text(profiles) });
      expect(events(cluster).some((message) => message.startsWith('InvalidConfiguration') && message.includes(why))).toBe(true);
    }
    client.create(PodResource, { metadata: { name: 'web', namespace: 'default' }, spec: template.spec } as Sent<Pod>);
    cluster.sim.runUntilIdle(60_000);
    expect(client.get(PodResource, { namespace: 'default', name: 'web' }).spec.nodeName).toBeDefined();
  });
});
