import { describe, expect, it } from 'vitest';
import { schemaOfType } from '../patch/schema.ts';
import { recordUpdate, serverSideApply } from './managed-fields.ts';
import type { FieldWriter } from './managed-fields.ts';
import type { JsonObject, TypeTable } from '../patch/schema.ts';

const TYPES: TypeTable = {
  Deployment: {
    metadata: { type: 'object', ref: 'ObjectMeta' },
    spec: { type: 'object', ref: 'Spec' },
  },
  ObjectMeta: { name: { type: 'string' }, labels: { type: 'map', items: { type: 'string' } } },
  Spec: {
    replicas: { type: 'integer' },
    containers: { type: 'array', items: { type: 'object', ref: 'Container' }, list: 'map', keys: ['name'] },
  },
  Container: { name: { type: 'string' }, image: { type: 'string' }, args: { type: 'array', items: { type: 'string' } } },
};

const writer = (manager: string, now = 't1'): FieldWriter => ({
  manager,
  apiVersion: 'apps/v1',
  now,
  schema: schemaOfType(TYPES, 'Deployment'),
});
const config: JsonObject = {
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { replicas: 2, containers: [{ name: 'a', image: 'a:1' }] },
};

describe('server-side apply', () => {
  it('records what the applier set', () => {
    const object = serverSideApply(undefined, config, writer('kubectl'), false);
    expect((object['metadata'] as JsonObject)['managedFields']).toEqual([
      {
        manager: 'kubectl',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: 't1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': { 'f:replicas': {}, 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
        },
      },
    ]);
  });

  it('keeps the time when the same configuration is applied again', () => {
    const first = serverSideApply(undefined, config, writer('kubectl'), false);
    expect(serverSideApply(first, config, writer('kubectl', 't2'), false)).toEqual(first);
  });

  it('refuses to change a field of another manager, and takes it with force', () => {
    const first = serverSideApply(undefined, config, writer('kubectl'), false);
    const scaled = recordUpdate(first, { ...first, spec: { ...(first['spec'] as JsonObject), replicas: 5 } }, writer('hpa', 't2'));
    expect(() => serverSideApply(scaled, config, writer('kubectl', 't3'), false)).toThrow(
      'Apply failed with 1 conflict: conflict with "hpa" using apps/v1 at t2: .spec.replicas',
    );
    const forced = serverSideApply(scaled, config, writer('kubectl', 't3'), true);
    expect((forced['spec'] as JsonObject)['replicas']).toBe(2);
    expect((forced['metadata'] as JsonObject)['managedFields']).toHaveLength(1);
  });

  it('removes what the applier no longer mentions and nobody else owns', () => {
    const first = serverSideApply(undefined, config, writer('kubectl'), false);
    const next = serverSideApply(first, { metadata: { name: 'web' }, spec: { replicas: 2 } }, writer('kubectl', 't2'), false);
    expect(next).toMatchObject({ metadata: { name: 'web' }, spec: { replicas: 2 } });
    expect(next['spec']).toEqual({ replicas: 2 });
    expect((next['metadata'] as JsonObject)['labels']).toBeUndefined();
  });

  it('gives the fields of an untracked object to one earlier manager', () => {
    expect(() => serverSideApply(config, { ...config, spec: { replicas: 3 } }, writer('kubectl'), false)).toThrow(
      'conflict with "before-first-apply" using apps/v1: .spec.replicas',
    );
  });
});
