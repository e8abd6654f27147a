import { describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';
import { TaskRing } from './task-ring.ts';
import { auditPage, componentQueues, storeHistory, storeKeys, storeOverview } from './views.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'nginx:1.25' }] },
};

function booted(): { cluster: Cluster; tasks: TaskRing } {
  const cluster = new Cluster({ seed: 1, layout: { workers: 1 } });
  const tasks = new TaskRing();
  cluster.sim.onTask = (task) => tasks.add(task);
  cluster.boot(600_000);
  return { cluster, tasks };
}

describe('what the views ask of the worker', () => {
  it('ties the requests behind a pod to the act that began them', () => {
    const { cluster, tasks } = booted();
    const before = cluster.apiServer.audit.count;
    cluster.applyAsUser([POD] as never);
    cluster.sim.runUntilIdle(600_000);
    const page = auditPage(cluster, tasks, before);
    const [first] = page.events.filter(({ verb }) => verb === 'create');
    expect(first).toMatchObject({ user: { username: 'kubernetes-admin' }, objectRef: { resource: 'pods', name: 'web' } });
    const binding = page.events.find(({ objectRef }) => objectRef.subresource === 'binding');
    const causes = new Map(page.tasks.map(({ id, cause }) => [id, cause]));
    let task = binding?.kubarium.task ?? 0;
    while (task > 0 && task !== first?.kubarium.task) task = causes.get(task) ?? 0;
    expect(task).toBe(first?.kubarium.task);
  });

  it('reads the queues off what waits to run', () => {
    const { cluster } = booted();
    cluster.applyAsUser([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: POD.spec } },
      },
    ] as never);
    const busy = () => componentQueues(cluster).filter(({ due }) => due.length > 0);
    for (let step = 0; step < 10 && busy().length === 0; step++) cluster.sim.step();
    expect(busy()).toMatchObject([{ component: 'deployment-controller', due: ['deployments/default/web'] }]);
  });

  it('shows the store: its branches, a key and its versions, and who watches', () => {
    const { cluster } = booted();
    cluster.applyAsUser([POD] as never);
    cluster.sim.runUntilIdle(600_000);
    const overview = storeOverview(cluster, 50);
    expect(overview.branches.find(({ prefix }) => prefix === '/registry/pods/')?.keys).toBeGreaterThan(5);
    expect(overview.changes.at(-1)?.revision).toBe(overview.revision);
    expect(
      overview.watches.some(({ receiver, resource, selects }) => receiver === 'kubelet/node-1' && resource === 'pods' && selects),
    ).toBe(true);
    const key = '/registry/pods/default/web';
    expect(storeKeys(cluster, { prefix: '/registry/pods/default/', limit: 10 }).keys.map((one) => one.key)).toEqual([key]);
    const versions = storeHistory(cluster, key);
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
    expect(versions.at(-1)?.value).toMatchObject({ status: { phase: 'Running' } });
  });
});
