import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { CustomResourceDefinitionResource } from '../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../api/generated/types.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { Client } from '../client/client.ts';
import type { Sent } from '../client/client.ts';
import { ControllerManager } from '../controller-manager/controller-manager.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { newApiServer } from './api-server.ts';

const definition = {
  metadata: { name: 'shelves.shop.io' },
  spec: {
    group: 'shop.io',
    scope: 'Namespaced',
    names: { plural: 'shelves', singular: 'shelf', kind: 'Shelf' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
} as unknown as Sent<CustomResourceDefinition>;

function setUp() {
  const sim = new Simulation({ seed: 5 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  client.create(NamespaceResource, { metadata: { name: 'default' } });
  const resources = () => server.storedResources();
  new ControllerManager(new TaskScope(sim, 'kube-controller-manager'), server, { resources });
  sim.runUntilIdle(60_000);
  client.create(CustomResourceDefinitionResource, definition);
  sim.runUntil(sim.now + 60_000);
  const shelves = server.definition('shop.io', 'v1', 'shelves') as ResourceDefinition;
  const reference = (owner: KubernetesObject) => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    blockOwnerDeletion: true,
  });
  const shelf = (name: string, owner?: KubernetesObject) =>
    client.create(shelves, { metadata: { namespace: 'default', name, ...(owner && { ownerReferences: [reference(owner)] }) } });
  const book = (name: string, owner: KubernetesObject) =>
    client.create(ConfigMapResource, { metadata: { namespace: 'default', name, ownerReferences: [reference(owner)] } });
  return { sim, client, shelves, shelf, book };
}

describe('garbage collection of custom resources', () => {
  it.each(['Background', 'Foreground'] as const)('takes what a custom resource owns, custom or not (%s)', (propagationPolicy) => {
    const { sim, client, shelves, shelf, book } = setUp();
    const top = shelf('top');
    shelf('below', top);
    book('novel', top);
    sim.runUntil(sim.now + 10_000);
    client.delete(shelves, { namespace: 'default', name: 'top' }, { propagationPolicy });
    sim.runUntil(sim.now + 60_000);
    expect(client.list(shelves, 'default').items).toEqual([]);
    expect(client.find(ConfigMapResource, { namespace: 'default', name: 'novel' })).toBeUndefined();
  });

  it('takes custom resources whose owner is built in, and goes on when their kind is gone', () => {
    const { sim, client, shelves, shelf } = setUp();
    const owner = client.create(ConfigMapResource, { metadata: { namespace: 'default', name: 'owner' } });
    shelf('top', owner);
    client.delete(ConfigMapResource, { namespace: 'default', name: 'owner' });
    sim.runUntil(sim.now + 60_000);
    expect(client.list(shelves, 'default').items).toEqual([]);
    client.delete(CustomResourceDefinitionResource, { name: 'shelves.shop.io' });
    sim.runUntil(sim.now + 120_000);
    client.create(CustomResourceDefinitionResource, definition);
    sim.runUntil(sim.now + 60_000);
    const again = client.create(ConfigMapResource, { metadata: { namespace: 'default', name: 'owner' } });
    shelf('second', again);
    client.delete(ConfigMapResource, { namespace: 'default', name: 'owner' });
    sim.runUntil(sim.now + 60_000);
    expect(client.list(shelves, 'default').items).toEqual([]);
  });
});
