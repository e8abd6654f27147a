import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { NodeResource } from '../api/core/node.ts';
import { EventResource } from '../api/core/event.ts';
import { PodResource } from '../api/core/pod.ts';
import { SecretResource } from '../api/core/secret.ts';
import { ServiceAccountResource } from '../api/core/service-account.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { ConfigMap, Event, Namespace, Node, Pod, Secret, Service } from '../api/generated/types.ts';
import { parseQuantity } from '../apimachinery/quantity.ts';
import type { WatchEvent } from '../api/request.ts';
import { Client } from '../client/client.ts';
import type { Sent } from '../client/client.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { newApiServer } from './api-server.ts';

function setUp() {
  const sim = new Simulation({ seed: 7 });
  const etcd = new Etcd<KubernetesObject>();
  const server = newApiServer({ sim, etcd });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  client.create(NamespaceResource, { metadata: { name: 'default' } } as Sent<Namespace>);
  return { sim, etcd, server, client };
}

const configMap = (name: string, data: Record<string, string> = {}): Sent<ConfigMap> => ({
  metadata: { name, namespace: 'default' },
  data,
});

describe('the apiserver', () => {
  it('stores what is created, frozen, with the server-owned metadata', () => {
    const { client } = setUp();
    const made = client.create(ConfigMapResource, configMap('a', { k: 'v' }));
    expect(made).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default', resourceVersion: '3' },
      data: { k: 'v' },
    });
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Object.isFrozen(made.data)).toBe(true);
    expect(client.get(ConfigMapResource, { namespace: 'default', name: 'a' })).toBe(made);
  });

  it('refuses a second object of the same name, a missing one, and an update from an old read', () => {
    const { client } = setUp();
    const made = client.create(ConfigMapResource, configMap('a'));
    expect(() => client.create(ConfigMapResource, configMap('a'))).toThrow('configmaps "a" already exists');
    expect(() => client.get(ConfigMapResource, { namespace: 'default', name: 'b' })).toThrow('configmaps "b" not found');
    client.update(ConfigMapResource, { ...made, data: { k: '1' } });
    expect(() => client.update(ConfigMapResource, { ...made, data: { k: '2' } })).toThrow(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no meaning of %s', (word) => {
    const { client } = setUp();
    const secret = { metadata: { name: 'a', namespace: 'default' }, type: word, data: { a: 'YQ==' } };
    expect(client.create(SecretResource, secret as Sent<Secret>).type).toBe(word);
    client.create(ServiceAccountResource, { metadata: { name: 'default', namespace: 'default' } });
    const pod = {
      metadata: { name: 'a', namespace: 'default' },
      spec: { priorityClassName: word, containers: [{ name: 'c', image: 'i' }] },
    };
    expect(() => client.create(PodResource, pod as Sent<Pod>)).toThrow(`no PriorityClass with name ${word} was found`);
    expect(() => parseQuantity(`1${word}`)).toThrow('quantities must match the regular expression');
  });

  it('selects among Events that are about nothing', () => {
    const { client } = setUp();
    client.create(EventResource, { metadata: { name: 'a', namespace: 'default' } } as Sent<Event>);
    expect(client.list(EventResource, 'default', { fieldSelector: 'involvedObject.kind=' }).items).toHaveLength(1);
  });

  it('takes a status at creation from Nodes only', () => {
    const { client } = setUp();
    const status = { capacity: { cpu: '4' } };
    expect(client.create(NodeResource, { metadata: { name: 'a' }, spec: {}, status } as Sent<Node>).status).toEqual(status);
    const service = { metadata: { name: 'a', namespace: 'default' }, spec: { ports: [{ port: 80 }] } };
    expect(
      client.create(ServiceResource, { ...service, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } } as Sent<Service>).status,
    ).toEqual({
      loadBalancer: {},
    });
  });

  it('gives a Service with local traffic a port for health checks, and takes it back', () => {
    const { client } = setUp();
    const local = (name: string, spec: object = {}) =>
      ({
        metadata: { name, namespace: 'default' },
        spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }], ...spec },
      }) as Sent<Service>;
    const made = client.create(ServiceResource, local('a'));
    const port = made.spec.healthCheckNodePort ?? 0;
    expect(port).toBeGreaterThanOrEqual(30_000);
    expect(client.update(ServiceResource, { ...made, spec: { ...made.spec, healthCheckNodePort: 0 } }).spec.healthCheckNodePort).toBe(port);
    expect(() => client.create(ServiceResource, local('b', { healthCheckNodePort: port }))).toThrow(
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`,
    );
    const current = client.get(ServiceResource, { namespace: 'default', name: 'a' });
    const spread = client.update(ServiceResource, { ...current, spec: { ...current.spec, externalTrafficPolicy: 'Cluster' } });
    expect(spread.spec.healthCheckNodePort).toBeUndefined();
    expect(client.create(ServiceResource, local('b', { healthCheckNodePort: port })).spec.healthCheckNodePort).toBe(port);
  });

  it('does not write when nothing changes', () => {
    const { client, etcd } = setUp();
    const made = client.create(ConfigMapResource, configMap('a', { k: 'v' }));
    const before = etcd.revision;
    expect(client.update(ConfigMapResource, { ...made, data: { k: 'v' } })).toBe(made);
    expect(etcd.revision).toBe(before);
  });

  it('refuses objects in a namespace that does not exist', () => {
    const { client } = setUp();
    expect(() => client.create(ConfigMapResource, { ...configMap('a'), metadata: { name: 'a', namespace: 'nope' } })).toThrow(
      'namespaces "nope" not found',
    );
  });

  it('delivers watch events as a task of the receiver', () => {
    const { client, sim } = setUp();
    const seen: string[] = [];
    client.watch(
      ConfigMapResource,
      undefined,
      { resourceVersion: '2' },
      {
        events: (batch: readonly WatchEvent[]) =>
          seen.push(...batch.map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`)),
        closed: () => seen.push('closed'),
      },
    );
    const made = client.create(ConfigMapResource, configMap('a'));
    client.update(ConfigMapResource, { ...made, data: { k: '1' } });
    expect(seen).toEqual([]);
    sim.runUntilIdle(1000);
    client.delete(ConfigMapResource, { namespace: 'default', name: 'a' });
    sim.runUntilIdle(1000);
    expect(seen).toEqual(['ADDED 3', 'MODIFIED 4', 'DELETED 5']);
  });

  it('patches, lists by label in chunks, and keeps an object until its finalizer is gone', () => {
    const { client } = setUp();
    for (const name of ['a', 'b', 'c'])
      client.create(ConfigMapResource, { ...configMap(name), metadata: { name, namespace: 'default', labels: { app: 'x' } } });
    client.patch(ConfigMapResource, { namespace: 'default', name: 'b' }, 'merge', {
      metadata: { labels: { app: 'y' }, finalizers: ['example.com/wait'] },
    });
    const first = client.list(ConfigMapResource, 'default', { labelSelector: 'app in (x, y)', limit: 2 });
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    const rest = client.list(ConfigMapResource, 'default', { limit: 2, continue: first.metadata.continue });
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['c']);
    client.delete(ConfigMapResource, { namespace: 'default', name: 'b' });
    expect(client.get(ConfigMapResource, { namespace: 'default', name: 'b' }).metadata.deletionTimestamp).toBeDefined();
    client.patch(ConfigMapResource, { namespace: 'default', name: 'b' }, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]);
    expect(client.find(ConfigMapResource, { namespace: 'default', name: 'b' })).toBeUndefined();
  });

  it('gives services their addresses and node ports, and gives them back', () => {
    const { client } = setUp();
    const service = (name: string, spec: object): Sent<Service> =>
      ({ metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } }) as Sent<Service>;
    const a = client.create(ServiceResource, service('a', { type: 'NodePort' }));
    expect(a.spec.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(a.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    const nodePort = a.spec.ports?.[0]?.nodePort;
    expect(() => client.create(ServiceResource, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] }))).toThrow(
      'provided port is already allocated',
    );
    client.delete(ServiceResource, { namespace: 'default', name: 'a' });
    expect(
      client.create(ServiceResource, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] })).spec.ports?.[0]?.nodePort,
    ).toBe(nodePort);
  });
});
