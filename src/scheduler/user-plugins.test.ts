import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { Sent } from '../client/client.ts';
import { quickJsHost } from './quickjs-host.ts';
import { setUp } from './testing/setup.ts';
import { installUserPluginHost } from './user-plugin.ts';

beforeAll(async () => installUserPluginHost(quickJsHost(await newQuickJSWASMModuleFromVariant(variant))));

const EVEN = `function score(pod, node) {
  const digit = Number(node.metadata.name.at(-1));
  return digit % 2 === 0 ? 100 : 0;
}`;

function withPlugin(source: string, approved = true) {
  const cluster = setUp();
  const { client, sim, addNode } = cluster;
  for (const name of ['node-1', 'node-2', 'node-3']) addNode(name, '8');
  const made = client.create(SchedulerPluginResource, {
    metadata: { name: 'mine' },
    spec: { source, weight: 10, approved },
  } as Sent<SchedulerPlugin>);
  if (approved) client.update(SchedulerPluginResource, { ...made, spec: { ...made.spec, approved } });
  sim.runUntilIdle(60_000);
  const plugin = () => client.get(SchedulerPluginResource, { name: 'mine' });
  const ready = () => plugin().status?.conditions?.[0];
  return { ...cluster, made, plugin, ready };
}

describe("a user's plugin", () => {
  it('shows up as one more column, and decides', () => {
    const { addPod, sim, podOf, decisions, ready } = withPlugin(EVEN);
    expect(ready()).toMatchObject({ status: 'True', reason: 'TakesPart' });
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(podOf('web').spec.nodeName).toBe('node-2');
    expect(decisions()[0]?.status.scores.find(({ plugin }) => plugin === 'mine')).toMatchObject({ weight: 10, raw: [0, 100, 0] });
  });

  it('does not run before it is approved, and nobody can create it approved', () => {
    const { made, ready, addPod, sim, decisions } = withPlugin(EVEN, false);
    expect(made.spec.approved).toBe(false);
    expect(ready()).toMatchObject({ status: 'False', reason: 'NotApproved' });
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(decisions()[0]?.status.scores.some(({ plugin }) => plugin === 'mine')).toBe(false);
  });

  it('loses its approval when its source changes', () => {
    const { client, plugin, sim, ready } = withPlugin(EVEN);
    client.update(SchedulerPluginResource, { ...plugin(), spec: { ...plugin().spec, source: `${EVEN}//` } });
    sim.runUntilIdle(60_000);
    expect(plugin().spec.approved).toBe(false);
    expect(ready()?.reason).toBe('NotApproved');
  });

  it('filters, with its own words', () => {
    const { addPod, sim, podOf, messages } = withPlugin(
      "export function filter(pod, node) { return pod.metadata.name === 'web' ? node.metadata.name === 'node-3' : 'not today'; }",
    );
    addPod('web');
    addPod('late');
    sim.runUntilIdle(10_000);
    expect(podOf('web').spec.nodeName).toBe('node-3');
    expect(messages().some((text) => text.startsWith('FailedScheduling: 0/3 nodes are available: 3 not today.'))).toBe(true);
  });

  it.each([
    ['loops for ever', 'function score() { for (;;); }', 'it was stopped after 2,000,000 steps: it seems to loop for ever'],
    ['throws', 'function score(pod, node) {\n  return node.nope.nope;\n}', '(line 2)'],
    ['returns nonsense', "function score() { return 'high'; }", 'returned "high" for node node-1; it should return a number from 0 to 100'],
    ['returns NaN', 'function score() { return 0 / 0; }', 'returned NaN'],
    ['scores too high', 'function score() { return 1000; }', 'returned 1000'],
    ['tries fetch', "function score() { return fetch('/'); }", "ReferenceError: 'fetch' is not defined"],
    ['asks the time', 'function score() { return new Date().getTime(); }', "'Date' is not defined"],
    ['filters with a number', 'function filter() { return 7; }', 'it should return true, false or a text'],
    ['eats memory', 'const a = []; function score() { for (;;) a.push({}); }', 'plugin "mine"'],
  ])('that %s fails the attempt by name, and the rest goes on', (_what, source, why) => {
    const { addPod, sim, messages, plugin, client, podOf } = withPlugin(source);
    addPod('web');
    sim.runUntilIdle(3000);
    expect(messages().some((text) => text.startsWith('FailedScheduling') && text.includes('plugin "mine"') && text.includes(why))).toBe(
      true,
    );
    expect(plugin().status?.lastFailure).toContain(why);
    client.delete(SchedulerPluginResource, { name: 'mine' });
    sim.runUntil(sim.now + 30_000);
    expect(podOf('web').spec.nodeName).toBeDefined();
  });

  it('that fails again and again is stopped, says so, and pods go on without it until it changes', () => {
    const { addPod, sim, podOf, ready, client, plugin } = withPlugin("function score() { throw new Error('no'); }");
    addPod('web');
    sim.runUntil(sim.now + 60_000);
    expect(podOf('web').spec.nodeName).toBeDefined();
    expect(ready()).toMatchObject({ status: 'False', reason: 'Stopped' });
    expect(ready()?.message).toContain('stopped after 5 failures');
    expect(plugin().status?.failures).toBe(5);
    client.update(SchedulerPluginResource, { ...plugin(), spec: { ...plugin().spec, source: EVEN } });
    client.update(SchedulerPluginResource, { ...plugin(), spec: { ...plugin().spec, approved: true } });
    sim.runUntilIdle(10_000);
    expect(ready()).toMatchObject({ status: 'True', reason: 'TakesPart' });
  });

  it('that cannot be read says where', () => {
    const { ready } = withPlugin('function score( {');
    expect(ready()).toMatchObject({ status: 'False', reason: 'DoesNotCompile' });
    expect(ready()?.message).toContain('SyntaxError');
  });
});
