/** No link, file or step of a scenario can make a user's script run: only an update by the visitor does. */
import { expect, it } from 'vitest';
import { ScenarioResource } from '../api/kubarium/scenario.ts';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { Cluster } from './cluster.ts';

const plugin = {
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'SchedulerPlugin',
  metadata: { name: 'mine' },
  spec: { source: 'function score() { return 1; }', approved: true },
} as unknown as KubernetesObject;

const scenario = {
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'sly' },
  spec: {
    title: { en: 'Sly' },
    steps: [
      { at: '1s', apply: [plugin] },
      { at: '2s', apply: [plugin] },
    ],
  },
} as unknown as KubernetesObject;

it('a plugin that is applied twice is not approved, nor one that steps of a scenario apply', () => {
  const cluster = new Cluster({ seed: 1 });
  cluster.boot(600_000);
  const approved = () => cluster.apiServer.reader.list(SchedulerPluginResource).map(({ spec }) => spec.approved === true);
  cluster.applyAsUser([plugin, plugin]);
  expect(approved()).toEqual([false]);
  cluster.applyAsUser([scenario]);
  cluster.sim.runUntilIdle(30_000);
  expect(cluster.apiServer.reader.list(ScenarioResource)[0]?.status?.stepsDone).toBe(2);
  expect(approved()).toEqual([false]);
});
