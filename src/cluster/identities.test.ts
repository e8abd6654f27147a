import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { ServiceAccountResource } from '../api/core/service-account.ts';
import { ClusterRoleBindingResource } from '../api/rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from '../api/rbac/cluster-role.ts';
import { RoleBindingResource } from '../api/rbac/role-binding.ts';
import type { Deployment } from '../api/generated/types.ts';
import type { Sent } from '../client/client.ts';
import { Cluster } from './cluster.ts';

function booted(seed: number): Cluster {
  const cluster = new Cluster({ seed, layout: { workers: 2 } });
  expect(cluster.boot(600_000)).toBe(true);
  return cluster;
}

const deployment = (name: string): Sent<Deployment> =>
  ({
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } },
    },
  }) as Sent<Deployment>;

const refusals = (cluster: Cluster) =>
  cluster.apiServer.audit
    .list()
    .filter(({ code }) => code === 403)
    .map(({ message }) => message);

describe("the components' identities", () => {
  it('of controllers are ServiceAccounts, of those that run', () => {
    const accounts = booted(1)
      .client('you')
      .list(ServiceAccountResource, 'kube-system')
      .items.map(({ metadata }) => metadata.name);
    expect(accounts).toEqual(expect.arrayContaining(['daemon-set-controller', 'generic-garbage-collector', 'node-controller']));
    expect(accounts).not.toContain('service-controller');
  });

  it('allow everything that a cluster does by itself', () => {
    const cluster = booted(1);
    const client = cluster.client('you');
    client.create(DeploymentResource, deployment('web'));
    cluster.sim.runUntil(cluster.sim.now + 120_000);
    client.patch(DeploymentResource, { namespace: 'default', name: 'web' }, 'merge', {
      spec: { template: { metadata: { annotations: { a: 'b' } } } },
    });
    cluster.sim.runUntil(cluster.sim.now + 120_000);
    client.delete(DeploymentResource, { namespace: 'default', name: 'web' }, { propagationPolicy: 'Foreground' });
    cluster.sim.runUntil(cluster.sim.now + 120_000);
    expect(client.find(DeploymentResource, { namespace: 'default', name: 'web' })).toBeUndefined();
    expect(refusals(cluster)).toEqual([]);
  });

  it('stop a controller without its binding, until the apiserver starts anew', () => {
    const cluster = booted(2);
    const client = cluster.client('you');
    client.delete(ClusterRoleBindingResource, { name: 'system:controller:deployment-controller' });
    client.create(DeploymentResource, deployment('web'));
    cluster.sim.runUntil(cluster.sim.now + 30_000);
    expect(client.list(ReplicaSetResource, 'default').items).toEqual([]);
    expect(refusals(cluster)).toContain(
      'replicasets.apps is forbidden: User "system:serviceaccount:kube-system:deployment-controller" cannot create resource "replicasets" in API group "apps" in the namespace "default"',
    );
    cluster.apiServer.stop();
    cluster.apiServer.start();
    cluster.sim.runUntil(cluster.sim.now + 300_000);
    expect(client.list(ReplicaSetResource, 'default').items).toHaveLength(1);
  });

  it('say which role is missing', () => {
    const cluster = booted(3);
    const client = cluster.client('you');
    client.delete(ClusterRoleResource, { name: 'system:controller:deployment-controller' });
    client.create(DeploymentResource, deployment('web'));
    cluster.sim.runUntil(cluster.sim.now + 30_000);
    expect(refusals(cluster)).toContain(
      'replicasets.apps is forbidden: User "system:serviceaccount:kube-system:deployment-controller" cannot create resource "replicasets" in API group "apps" in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "system:controller:deployment-controller" not found',
    );
  });

  it('without any of them nothing moves, and nothing breaks', () => {
    const cluster = booted(4);
    const client = cluster.client('you');
    for (const { metadata } of client.list(ClusterRoleBindingResource).items) client.delete(ClusterRoleBindingResource, metadata);
    for (const { metadata } of client.list(RoleBindingResource).items) client.delete(RoleBindingResource, metadata);
    client.create(DeploymentResource, deployment('web'));
    cluster.apiServer.hub.closeAll();
    cluster.sim.runUntil(cluster.sim.now + 900_000);
    expect(client.list(ReplicaSetResource, 'default').items).toEqual([]);
    cluster.apiServer.stop();
    cluster.sim.runUntil(cluster.sim.now + 60_000);
    cluster.apiServer.start();
    expect(client.find(ClusterRoleBindingResource, { name: 'system:kube-scheduler' })?.subjects).toHaveLength(1);
  });

  it('keep what an administrator added to a role or protected from repair', () => {
    const cluster = booted(5);
    const client = cluster.client('you');
    const extra = { apiGroups: ['x'], resources: ['y'], verbs: ['get'] };
    client.patch(ClusterRoleResource, { name: 'system:kube-dns' }, 'merge', { rules: [extra] });
    client.patch(ClusterRoleResource, { name: 'system:heapster' }, 'merge', {
      metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
      rules: [],
    });
    cluster.apiServer.stop();
    cluster.apiServer.start();
    expect(client.get(ClusterRoleResource, { name: 'system:kube-dns' }).rules).toEqual([
      extra,
      { apiGroups: [''], resources: ['endpoints'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
    ]);
    expect(client.get(ClusterRoleResource, { name: 'system:heapster' }).rules).toEqual([]);
  });
});
