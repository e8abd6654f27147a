import { describe, expect, it } from 'vitest';
import { APIServiceResource } from '../api/apiregistration/api-service.ts';
import { CustomResourceDefinitionResource } from '../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../api/generated/types.ts';
import type { Sent } from '../client/client.ts';
import { Cluster } from './cluster.ts';

describe('APIServices', () => {
  it('are there for all that is served, and follow CustomResourceDefinitions', () => {
    const cluster = new Cluster({ seed: 3, layout: { workers: 0 } });
    cluster.boot(600_000);
    const client = cluster.client('you');
    const names = () => client.list(APIServiceResource).items.map(({ metadata }) => metadata.name);
    expect(names()).toEqual(expect.arrayContaining(['v1.', 'v1.apps', 'v1.rbac.authorization.k8s.io', 'v2.autoscaling']));
    const apps = client.get(APIServiceResource, { name: 'v1.apps' });
    expect(apps.spec).toEqual({ group: 'apps', groupPriorityMinimum: 17_800, version: 'v1', versionPriority: 15 });
    expect(apps.status?.conditions?.[0]).toMatchObject({ type: 'Available', status: 'True', reason: 'Local' });
    const definition = {
      metadata: { name: 'shelves.shop.io' },
      spec: {
        group: 'shop.io',
        scope: 'Namespaced',
        names: { plural: 'shelves', singular: 'shelf', kind: 'Shelf' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    } as unknown as Sent<CustomResourceDefinition>;
    client.create(CustomResourceDefinitionResource, definition);
    cluster.sim.runUntil(cluster.sim.now + 5000);
    expect(names()).toContain('v1.shop.io');
    client.delete(CustomResourceDefinitionResource, { name: 'shelves.shop.io' });
    cluster.sim.runUntil(cluster.sim.now + 30_000);
    expect(names()).not.toContain('v1.shop.io');
  });
});
