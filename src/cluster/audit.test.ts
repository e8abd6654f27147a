import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { PodResource } from '../api/core/pod.ts';
import { ServiceAccountResource } from '../api/core/service-account.ts';
import { ClusterRoleBindingResource } from '../api/rbac/cluster-role-binding.ts';
import type { ClusterRoleBinding, Pod } from '../api/generated/types.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { auditEvent } from '../apiserver/audit.ts';
import { Client } from '../client/client.ts';
import type { Sent } from '../client/client.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { newApiServer, reconcileRoles } from './api-server.ts';

function setUp() {
  const sim = new Simulation({ seed: 1 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>(), authorizeComponents: true });
  const admin = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  for (const name of ['default', 'kube-system']) admin.create(NamespaceResource, { metadata: { name } });
  admin.create(ServiceAccountResource, { metadata: { namespace: 'default', name: 'default' } });
  reconcileRoles(server);
  const apiGroup = 'rbac.authorization.k8s.io';
  admin.create(ClusterRoleBindingResource, {
    metadata: { name: 'jane' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:aggregate-to-edit' },
    subjects: [{ apiGroup, kind: 'User', name: 'jane' }],
  } as Sent<ClusterRoleBinding>);
  const jane = new Client(server, { name: 'jane', groups: ['system:authenticated'] }, 'kubectl');
  const events = () => server.audit.list().map(auditEvent);
  return { sim, server, admin, jane, events };
}

const pod = { metadata: { namespace: 'default', name: 'web' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } } as Sent<Pod>;

describe('the audit trail', () => {
  it('tells who wrote what, which rule allowed it, and what admission changed', () => {
    const { sim, jane, events } = setUp();
    sim.perform('kubectl', 'create', 'pods/web', () => jane.create(PodResource, pod));
    const last = events().at(-1);
    expect(last).toMatchObject({
      verb: 'create',
      user: { username: 'jane' },
      userAgent: 'kubectl',
      requestURI: '/api/v1/namespaces/default/pods',
      objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason':
          'RBAC: allowed by ClusterRoleBinding "jane" of ClusterRole "system:aggregate-to-edit" to User "jane"',
      },
    });
    expect(last?.kubarium.rule?.resources).toContain('pods');
    expect(last?.kubarium.task).toBeGreaterThan(0);
    const changed = last?.kubarium.admission.flatMap(({ changes = [] }) => changes.map(({ path }) => path)) ?? [];
    expect(changed).toContain('spec.serviceAccountName');
  });

  it('tells of refusals, by whom and why', () => {
    const { jane, admin, events } = setUp();
    expect(() => jane.create(NamespaceResource, { metadata: { name: 'x' } })).toThrow('is forbidden');
    expect(events().at(-1)).toMatchObject({
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    expect(() => admin.create(PodResource, { ...pod, spec: { ...pod.spec, priorityClassName: 'nope' } } as Sent<Pod>)).toThrow(
      'PriorityClass',
    );
    expect(events().at(-1)?.kubarium.admission.at(-1)).toMatchObject({ phase: 'mutating', outcome: 'refused' });
  });

  it('keeps the reads of users, not of components, and only the latest', () => {
    const { server, admin, events } = setUp();
    const before = server.audit.count;
    admin.list(PodResource, 'default');
    new Client(server, { name: 'system:kube-scheduler', groups: [] }, 'kube-scheduler').list(PodResource);
    expect(server.audit.count).toBe(before + 1);
    for (let index = 0; index < 3000; index++) admin.create(ConfigMapResource, { metadata: { namespace: 'default', name: `c${index}` } });
    expect(events()).toHaveLength(1024 + 1);
    expect(events().at(-1)?.objectRef.name).toBe('c2999');
  });
});
