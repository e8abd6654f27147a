import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { Sent } from '../client/client.ts';
import { quickJsHost } from './quickjs-host.ts';
import { setUp } from './testing/setup.ts';
import { installUserPluginHost } from './user-plugin.ts';
import type { UserPluginHost } from './user-plugin.ts';

let host: UserPluginHost;
beforeAll(async () => installUserPluginHost((host = quickJsHost(await newQuickJSWASMModuleFromVariant(variant)))));

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

  it.each([
    ['makes long texts', "function score() { for (;;) 'x'.repeat(1e6); }"],
    ['fills lists', 'function score() { for (;;) new Array(1e5).fill(0); }'],
    [
      'sorts and sorts',
      'function score() { for (;;) { const a = []; for (let i = 0; i < 2e4; i++) a.push((i * 7919) % 20011); a.sort(); } }',
    ],
    ['joins a list', "const a = new Array(1e5).fill('xxxxxxxx'); function score() { for (;;) a.join(','); }"],
    ['writes JSON', 'const a = new Array(1e4).fill({ x: 1 }); function score() { for (;;) JSON.stringify(a); }'],
    ['fills its memory and goes on', 'const a = []; function score() { for (;;) try { for (;;) a.push({}); } catch {} }'],
  ])('that %s is stopped by its budget: built-in functions cost what they do', (_what, source) => {
    const program = host.compile(source);
    const started = process.cpuUsage();
    expect(() => program.call('score', {}, {})).toThrow('it was stopped after 2,000,000 steps');
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
    program.dispose();
  });

  it('may use built-in functions as usual', () => {
    const program = host.compile(`function score(pod, node) {
      const parts = node.name.split('-').map((part) => part.toUpperCase());
      const list = [3, 1, 2].sort().concat([...'ab'], 'x'.padStart(3, '.'));
      return [parts.join('/'), list.toString(), /e-(\\d)/.exec(node.name)[1], JSON.stringify({ a: [1] }), new Uint8Array(3).fill(7).join('')];
    }`);
    expect(program.call('score', {}, { name: 'node-7' })).toEqual(['NODE/7', '1,2,3,a,b,..x', '7', '{"a":[1]}', '777']);
    program.dispose();
  });

  it('sees nothing of dry runs: neither what they kept nor how often they failed', () => {
    const { scheduler, addPod, sim, podOf, decisions, plugin } = withPlugin(`let calls = 0;
      function score(pod) {
        if (pod.metadata.name === 'bad') throw new Error('no');
        return ++calls;
      }`);
    const dryRun = (name: string) =>
      scheduler.dryRun({
        metadata: { name: `try-${name}`, namespace: 'default' },
        spec: { podRef: { name, namespace: 'default', uid: '' }, template: { spec: { containers: [{ name: 'c', image: 'x' }] } } },
      } as unknown as SchedulingDecision);
    const scores = ({ status }: SchedulingDecision) => status.scores.find((column) => column.plugin === 'mine')?.raw;
    expect([scores(dryRun('a')), scores(dryRun('b'))]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(dryRun('bad').status.result).toBe('Error');
    addPod('web');
    sim.runUntilIdle(60_000);
    expect(podOf('web').spec.nodeName).toBeDefined();
    expect(decisions().map(scores)).toContainEqual([1, 2, 3]);
    expect(plugin().status?.failures).toBe(0);
  });
});
