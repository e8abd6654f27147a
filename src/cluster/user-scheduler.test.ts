/** Whole schedulers of users: they bind the pods of their schedulerName, with rights of their own, once they are allowed to. */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClusterRoleBindingResource } from '../api/rbac/cluster-role-binding.ts';
import { EventResource } from '../api/core/event.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin, SchedulerPluginSpec } from '../api/kubarium/scheduler-plugin.ts';
import { SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../api/generated/types.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { Sent } from '../client/client.ts';
import { quickJsHost } from '../scheduler/quickjs-host.ts';
import { installUserPluginHost } from '../scheduler/user-plugin.ts';
import { Cluster } from './cluster.ts';

beforeAll(async () => installUserPluginHost(quickJsHost(await newQuickJSWASMModuleFromVariant(variant))));

const ROUND_ROBIN = `let turn = 0;
function schedule(pod, nodes, pods) {
  const free = nodes.filter((node) => !node.spec.taints);
  if (free.length === 0) return { reason: 'every node is tainted' };
  const node = free[turn++ % free.length];
  return { nodeName: node.metadata.name, reason: 'turn ' + turn + ', ' + pods.filter(({ spec }) => spec.schedulerName === 'mine').length + ' of mine run' };
}`;

function setUp(source: string, { approved = true, ...spec }: Partial<SchedulerPluginSpec> = {}) {
  const cluster = new Cluster({ seed: 1, layout: { nodePools: [{ name: 'node', count: 3, cpu: '4', memory: '8Gi' }] } });
  cluster.boot(600_000);
  const { sim } = cluster;
  const client = cluster.client('you');
  const create = (name: string, schedulerName = 'mine') =>
    client.create(PodResource, {
      metadata: { name, namespace: 'default' },
      spec: { schedulerName, containers: [{ name: 'c', image: 'nginx:1.27' }] },
    } as Sent<Pod>);
  const plugin = () => client.get(SchedulerPluginResource, { name: 'mine' });
  const change = (next: Partial<SchedulerPluginSpec>) => {
    client.update(SchedulerPluginResource, { ...plugin(), spec: { ...plugin().spec, ...next } });
    sim.runUntilIdle(5000);
  };
  client.create(SchedulerPluginResource, {
    metadata: { name: 'mine' },
    spec: { mode: 'Scheduler', source, ...spec },
  } as Sent<SchedulerPlugin>);
  sim.runUntilIdle(5000);
  if (approved) change({ approved });
  return {
    cluster,
    sim,
    client,
    create,
    plugin,
    change,
    wait: (ms = 5000) => sim.runUntil(sim.now + ms),
    ready: () => plugin().status?.conditions?.[0],
    pod: (name: string) => client.get(PodResource, { namespace: 'default', name }),
    events: (reason: string) => client.list(EventResource, 'default').items.filter((event) => event.reason === reason),
    decisions: () => client.list(SchedulingDecisionResource, 'default').items,
  };
}

describe("a user's scheduler", () => {
  it('binds the pods of its schedulerName, and no others, under its own name', () => {
    const { create, wait, pod, events, decisions, ready, plugin } = setUp(ROUND_ROBIN);
    expect(ready()).toMatchObject({ status: 'True', reason: 'Schedules' });
    expect(plugin().status?.extensionPoints).toEqual(['schedule']);
    for (const name of ['a', 'b', 'c', 'd']) create(name);
    create('other', 'default-scheduler');
    wait(30_000);
    expect(['a', 'b', 'c', 'd'].map((name) => pod(name).spec.nodeName)).toEqual(['node-1', 'node-2', 'node-3', 'node-1']);
    expect(pod('d').status?.phase).toBe('Running');
    const scheduled = events('Scheduled').filter(({ source }) => source?.component === 'mine');
    expect(scheduled.map(({ message }) => message)).toContain('Successfully assigned default/b to node-2');
    expect(scheduled).toHaveLength(4);
    const second = decisions().find(({ spec }) => spec.podRef.name === 'b');
    expect(second?.spec.profile).toBe('mine');
    expect(second?.status).toMatchObject({
      result: 'Scheduled',
      decidedBy: 'mine',
      nodeName: 'node-2',
      preFilter: [{ plugin: 'mine', code: 'Success', nodes: 1, reasons: ['turn 2, 1 of mine run'] }],
      rejections: [{ plugin: 'mine', reasons: ['mine chose node-2'], count: 3, nodes: ['control-plane', 'node-1', 'node-3'] }],
      scores: [],
    });
  });

  it('acts as a user of its own, which RBAC lets do what kube-scheduler may', () => {
    const { create, wait, cluster, pod, client } = setUp(ROUND_ROBIN);
    const asked = new Map<string, Set<string>>();
    cluster.apiServer.audit.subscribe(({ user, verb, resource, subresource = '' }) => {
      if (!user.name.startsWith('kubarium:scheduler:')) return;
      const what = `${verb} ${resource}${subresource && '/'}${subresource}`;
      asked.set(what, (asked.get(what) ?? new Set()).add(user.name));
    });
    create('a');
    wait();
    expect(pod('a').spec.nodeName).toBe('node-1');
    expect([...(asked.get('create pods/binding') ?? [])]).toEqual(['kubarium:scheduler:mine']);
    client.delete(ClusterRoleBindingResource, { name: 'kubarium:schedulers-as-kube-scheduler' });
    create('b');
    wait(30_000);
    expect(pod('b').spec.nodeName).toBeUndefined();
  });

  it('does not run before the visitor agrees: its pods wait, and no file or link carries consent', () => {
    const { create, wait, pod, events, ready, change, cluster, plugin } = setUp(ROUND_ROBIN, { approved: false });
    const manifest = { apiVersion: 'kubarium.dev/v1alpha1', kind: 'SchedulerPlugin', metadata: { name: 'mine' } };
    cluster.applyAsUser([{ ...manifest, spec: { ...plugin().spec, approved: true } } as unknown as KubernetesObject]);
    create('a');
    wait();
    expect(ready()).toMatchObject({ status: 'False', reason: 'NotApproved' });
    expect(pod('a').spec.nodeName).toBeUndefined();
    expect(events('FailedScheduling')).toEqual([]);
    change({ approved: true });
    wait();
    expect(pod('a').spec.nodeName).toBe('node-1');
    change({ mode: 'Plugin', source: 'function score() { return 1; }' });
    expect(plugin().spec.approved).toBe(false);
  });

  it('says why there is no node now, and is asked again when nodes change', () => {
    const { create, wait, pod, events, client, sim } = setUp(
      "const schedule = (pod, nodes) => nodes.find((n) => n.metadata.labels.disk === 'ssd')?.metadata.name ?? { reason: 'no node has an SSD' };",
    );
    create('a');
    wait(60_000);
    expect(pod('a').status?.conditions?.[0]).toMatchObject({ type: 'PodScheduled', reason: 'Unschedulable' });
    expect(events('FailedScheduling').map(({ message }) => message)).toEqual(['0/4 nodes are available: no node has an SSD.']);
    const node = client.get(NodeResource, { name: 'node-2' });
    client.update(NodeResource, { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, disk: 'ssd' } } });
    sim.runUntilIdle(5000);
    expect(pod('a').spec.nodeName).toBe('node-2');
  });

  it.each([
    ['throws', 'function schedule(pod) {\n  return pod.nope.nope;\n}', '(line 2)'],
    ['returns a number', 'function schedule() { return 7; }', 'returned 7; it should return the name of a node, or { reason }'],
    ['returns an empty object', 'function schedule() { return {}; }', 'returned {}'],
    ['returns a list', "function schedule() { return ['node-1']; }", 'returned ["node-1"]'],
    ['names no node of the cluster', "function schedule() { return 'node-9'; }", 'returned "node-9", but there is no such node'],
    ['tries fetch', "function schedule() { return fetch('/'); }", "ReferenceError: 'fetch' is not defined"],
  ])('that %s says so on the pod and on itself, and is asked again after back-off', (_what, source, why) => {
    const { create, wait, events, ready, plugin, change, pod } = setUp(source);
    create('a');
    wait(8000);
    const [failed] = events('FailedScheduling');
    expect(failed?.message).toContain('scheduler "mine": schedule(pod, nodes, pods)');
    expect(failed?.message).toContain(why);
    expect(pod('a').status?.conditions?.[0]).toMatchObject({ reason: 'SchedulerError' });
    expect(ready()).toMatchObject({ status: 'True', reason: 'Failing' });
    expect(ready()?.message).toContain(why);
    // At 0, 1, 3 and 7 seconds.
    expect(plugin().status?.failures).toBeGreaterThanOrEqual(1);
    expect(failed?.count).toBe(4);
    change({ source: ROUND_ROBIN });
    change({ approved: true });
    wait(15_000);
    expect(pod('a').spec.nodeName).toBe('node-1');
    expect(ready()).toMatchObject({ status: 'True', reason: 'Schedules', message: '' });
  });

  it('that loops for ever is stopped in each call, and altogether after five; other pods go on', () => {
    const { create, wait, events, ready, pod, change } = setUp('function schedule() { for (;;); }');
    create('a');
    create('other', 'default-scheduler');
    wait(60_000);
    expect(pod('other').spec.nodeName).toBeDefined();
    expect(events('FailedScheduling')[0]?.message).toContain('it was stopped after 2,000,000 steps: it seems to loop for ever');
    expect(ready()).toMatchObject({ status: 'False', reason: 'Stopped' });
    change({ approved: false });
    change({ source: ROUND_ROBIN });
    change({ approved: true });
    wait();
    expect(pod('a').spec.nodeName).toBe('node-1');
  });

  it('is gone with its object', () => {
    const { create, wait, pod, client } = setUp(ROUND_ROBIN);
    client.delete(SchedulerPluginResource, { name: 'mine' });
    create('a');
    wait(30_000);
    expect(pod('a').spec.nodeName).toBeUndefined();
  });

  it('answers dry runs in a world of its own, and compares with kube-scheduler', () => {
    const { create, wait, client, pod } = setUp(ROUND_ROBIN);
    const dryRun = (overrides?: object) =>
      client.create(SchedulingDecisionResource, {
        metadata: { generateName: 'try-', namespace: 'default' },
        spec: { podRef: { name: 'a', namespace: 'default', uid: '' }, profile: 'mine', overrides },
      } as unknown as Sent<SchedulingDecision>).status;
    create('a');
    wait();
    expect([dryRun().nodeName, dryRun().nodeName]).toEqual(['node-1', 'node-1']);
    expect(dryRun({ profile: {} }).scores.map(({ plugin }) => plugin)).toContain('NodeResourcesFit');
    const both = client.create(SchedulingDecisionResource, {
      metadata: { generateName: 'both-', namespace: 'default' },
      spec: {
        podRef: { name: 'a', namespace: 'default', uid: '' },
        profile: 'mine',
        alternatives: [{ name: 'default', overrides: { profile: {} } }],
      },
    } as unknown as Sent<SchedulingDecision>).status;
    expect(both).toMatchObject({ decidedBy: 'mine', alternatives: [{ name: 'default', status: { result: 'Scheduled' } }] });
    expect(both.alternatives?.[0]?.status?.decidedBy).toBeUndefined();
    create('b');
    wait();
    expect(pod('b').spec.nodeName).toBe('node-2');
  });

  it('shares no schedulerName: the second one waits', () => {
    const { client, sim } = setUp(ROUND_ROBIN);
    const made = client.create(SchedulerPluginResource, {
      metadata: { name: 'second' },
      spec: { mode: 'Scheduler', schedulerName: 'mine', source: ROUND_ROBIN },
    } as Sent<SchedulerPlugin>);
    client.update(SchedulerPluginResource, { ...made, spec: { ...made.spec, approved: true } });
    sim.runUntilIdle(5000);
    const { status } = client.get(SchedulerPluginResource, { name: 'second' });
    expect(status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'NameTaken' });
  });

  it.each([
    [{ mode: 'Scheduler', schedulerName: 'default-scheduler', source: 'x' }, 'is the name of kube-scheduler'],
    [{ mode: 'Scheduler', schedulerName: 'Mine!', source: 'x' }, 'a lowercase RFC 1123 subdomain'],
    [{ schedulerName: 'mine', source: 'x' }, 'may only be set when mode is Scheduler'],
    [{ mode: 'Webhook', source: 'x' }, 'supported values: "Plugin", "Scheduler"'],
    [{ mode: 'Scheduler' }, 'a script that defines schedule(pod, nodes, pods)'],
  ])('%j is refused: %s', (spec, why) => {
    const cluster = new Cluster({ seed: 1 });
    cluster.boot(600_000);
    const create = () => cluster.client('you').create(SchedulerPluginResource, { metadata: { name: 'x' }, spec } as Sent<SchedulerPlugin>);
    expect(create).toThrow(StatusError);
    expect(create).toThrow(why);
  });

  it('that is no whole scheduler, or a plugin that is one, is told what is missing', () => {
    const { ready, change } = setUp('function score() { return 1; }');
    expect(ready()).toMatchObject({
      status: 'False',
      reason: 'NothingToRun',
      message: expect.stringContaining('schedule(pod, nodes, pods)') as string,
    });
    change({ mode: 'Plugin', source: ROUND_ROBIN });
    change({ approved: true });
    expect(ready()?.message).toContain('set spec.mode: Scheduler');
  });
});
