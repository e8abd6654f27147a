import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { PolicyRule, Subject } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { ObjectReader } from '../admission/admission.ts';
import { RbacAuthorizer } from './rbac.ts';

type Stored = KubernetesObject & Record<string, unknown>;

const object = (kind: string, name: string, namespace: string | undefined, rest: object): Stored => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' },
  ...rest,
});
const role = (name: string, namespace: string | undefined, rules: PolicyRule[]) =>
  object(namespace ? 'Role' : 'ClusterRole', name, namespace, { rules });
const bound = (name: string, namespace: string | undefined, roleName: string, subjects: Subject[], kind = 'ClusterRole') =>
  object(namespace ? 'RoleBinding' : 'ClusterRoleBinding', name, namespace, { roleRef: { kind, name: roleName }, subjects });

function authorizerOf(objects: Stored[]): RbacAuthorizer {
  const of = ({ kind }: ResourceDefinition) => objects.filter((candidate) => candidate.kind === kind);
  const reader: ObjectReader = {
    get: (resource, namespace, name) =>
      of(resource as unknown as ResourceDefinition).find(
        ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
      ) as never,
    list: (resource) => of(resource as unknown as ResourceDefinition) as never[],
    generation: () => objects.length,
    counter: () => ({ writes: 1 }),
  };
  return new RbacAuthorizer(reader);
}

const READ: PolicyRule = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] };
const objects = [
  role('reader', undefined, [READ]),
  role('one', 'shop', [{ apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['update'] }]),
  role('scaler', undefined, [{ apiGroups: ['*'], resources: ['*/scale'], verbs: ['*'] }]),
  role('paths', undefined, [{ nonResourceURLs: ['/metrics', '/debug/*'], verbs: ['get'] }]),
  bound('r', 'shop', 'reader', [
    { kind: 'User', name: 'jane' },
    { kind: 'ServiceAccount', name: 'bot' },
  ]),
  bound('o', 'shop', 'one', [{ kind: 'User', name: 'jane' }], 'Role'),
  bound('s', undefined, 'scaler', [{ kind: 'Group', name: 'ops' }]),
  bound('p', undefined, 'paths', [{ kind: 'Group', name: 'ops' }]),
  bound('dangling', undefined, 'gone', [{ kind: 'User', name: 'jane' }]),
];

describe('RBAC', () => {
  it.each<
    [
      string,
      {
        user?: string;
        groups?: string[];
        verb?: string;
        group?: string;
        resource?: string;
        namespace?: string;
        name?: string;
        path?: string;
      },
      boolean,
    ]
  >([
    ['allows what a role in the namespace says', {}, true],
    ['allows its subresource', { resource: 'pods/log' }, true],
    ['denies another verb', { verb: 'delete' }, false],
    ['denies another namespace', { namespace: 'other' }, false],
    ['denies all namespaces at once', { namespace: '' }, false],
    ['denies strangers', { user: 'joe' }, false],
    ['knows service accounts by their user name', { user: 'system:serviceaccount:shop:bot' }, true],
    ['does not mix up accounts of other namespaces', { user: 'system:serviceaccount:other:bot' }, false],
    ['allows a named object', { verb: 'update', group: 'apps', resource: 'deployments', name: 'web' }, true],
    ['denies another name', { verb: 'update', group: 'apps', resource: 'deployments', name: 'db' }, false],
    [
      'allows a subresource of anything',
      { user: 'x', groups: ['ops'], verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace: 'any' },
      true,
    ],
    [
      'but not what it belongs to',
      { user: 'x', groups: ['ops'], verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'any' },
      false,
    ],
    ['allows paths', { user: 'x', groups: ['ops'], path: '/debug/pprof' }, true],
    ['denies other paths', { user: 'x', groups: ['ops'], path: '/logs' }, false],
    ['allows superusers everything', { user: 'x', groups: ['system:masters'], verb: 'delete', resource: 'nodes' }, true],
  ])(
    '%s',
    (_name, { user = 'jane', groups = [], verb = 'get', group = '', resource = 'pods', namespace = 'shop', name = '', path }, allowed) => {
      expect(authorizerOf(objects).authorize({ user: { name: user, groups }, verb, group, resource, namespace, name, path }).allowed).toBe(
        allowed,
      );
    },
  );

  it('says which binding allowed it', () => {
    const { reason } = authorizerOf(objects).authorize({
      user: { name: 'jane', groups: [] },
      verb: 'get',
      group: '',
      resource: 'pods',
      namespace: 'shop',
      name: '',
    });
    expect(reason).toBe('RBAC: allowed by RoleBinding "r/shop" of ClusterRole "reader" to User "jane"');
  });

  it('collects the rules of a user', () => {
    expect(authorizerOf(objects).rulesFor({ name: 'jane', groups: [] }, 'shop')).toHaveLength(2);
  });
});
