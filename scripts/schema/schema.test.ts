import { unpackTypes } from '../../src/api/packed-facts.ts';
import type { TypeFacts } from '../../src/api/generated/field-facts.ts';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../stages.ts';
import type { Definitions } from './definitions.ts';
import { makeEditorSchema, withoutDescriptions } from './emit-editor.ts';
import { emitFieldFacts } from './emit-field-facts.ts';
import { emitTypes } from './emit-types.ts';
import { readFacts } from './facts.ts';
import { readNewerFields, rootsOf } from './scope.ts';
import type { Root } from './scope.ts';
import { readSource } from './source.ts';

let definitions: Definitions = {};
let roots: Root[] = [];
const newer = readNewerFields();
const facts = readFacts();

beforeAll(() => {
  const source = readSource(path.join(ROOT, 'node_modules/@kubernetes/client-node'), path.join(ROOT, 'node_modules/kubernetes-types'));
  definitions = source.definitions;
  roots = rootsOf(source.names, newer);
});

describe('definitions', () => {
  it('gives every type the name that Kubernetes gives it', () => {
    expect(Object.keys(definitions)).toEqual(
      expect.arrayContaining([
        'io.k8s.api.core.v1.Pod',
        'io.k8s.api.core.v1.Event',
        'io.k8s.api.events.v1.Event',
        'io.k8s.api.autoscaling.v1.Scale',
        'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
        'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
      ]),
    );
  });

  it('tells quantities, times and int-or-strings from strings', () => {
    const field = (type: string, name: string) => definitions[`io.k8s.api.core.v1.${type}`]?.properties?.[name];
    expect(field('ResourceRequirements', 'limits')?.additionalProperties).toEqual({
      $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity',
    });
    expect(field('PodStatus', 'startTime')?.$ref).toMatch(/v1\.Time$/);
    expect(field('ServicePort', 'targetPort')?.$ref).toMatch(/IntOrString$/);
    expect(field('Container', 'image')?.type).toBe('string');
  });
});

describe('kinds served', () => {
  const names = () => roots.map((root) => `${root.group}/${root.version} ${root.kind}`);

  it('are the stable ones of the release modelled', () => {
    expect(names()).toEqual(
      expect.arrayContaining(['/v1 Pod', 'apps/v1 Deployment', 'autoscaling/v2 HorizontalPodAutoscaler', 'policy/v1 Eviction']),
    );
  });

  it('leave out alpha, beta and later kinds', () => {
    expect(names().filter((name) => /alpha|beta|VolumeAttributesClass|ResourceClaim|MutatingAdmissionPolicy/.test(name))).toEqual([]);
  });
});

describe('types.ts', () => {
  const interfaceOf = (name: string): string => {
    const types = emitTypes(definitions, roots, '');
    return new RegExp(`export interface ${name}\\b[^}]*}`).exec(types)?.[0] ?? '';
  };

  it('makes the spec of a root kind required and writes its names as literals', () => {
    const deployment = interfaceOf('Deployment');
    expect(deployment).toContain("apiVersion: 'apps/v1';");
    expect(deployment).toContain("kind: 'Deployment';");
    expect(deployment).toContain('spec: DeploymentSpec;');
    expect(deployment).toContain('status?: DeploymentStatus;');
  });

  it('keeps the plain name for core when two groups have it', () => {
    expect(interfaceOf('Event')).toContain('involvedObject');
    expect(interfaceOf('EventsV1Event')).toContain('regarding');
  });
});

describe('field-facts.ts', () => {
  const factsOf = (type: string): TypeFacts => {
    const lines = emitFieldFacts(definitions, roots, facts, newer, '').split('\n');
    const line = lines.find((text) => text.startsWith(`'${type}':`)) ?? '';
    return unpackTypes({ [type]: line.slice(type.length + 4, -2) })[type] ?? {};
  };

  it('knows how lists merge', () => {
    const ports = { type: 'array', items: { type: 'object', ref: 'core.v1.ServicePort' } };
    const merge = { list: 'map', keys: ['port', 'protocol'], patchMergeKey: 'port', patchStrategy: 'merge' };
    expect(factsOf('core.v1.ServiceSpec')['ports']).toEqual({ ...ports, ...merge });
    expect(factsOf('meta.v1.ObjectMeta')['finalizers']).toMatchObject({ list: 'set', patchStrategy: 'merge' });
  });

  it('flags fields of later releases', () => {
    expect(factsOf('core.v1.PodSpec')['hostnameOverride']).toEqual({ type: 'string', newer: true });
  });

  it('knows what every field of every type was packed from', () => {
    expect(factsOf('core.v1.Container')['command']).toMatchObject({ type: 'array', items: { type: 'string' }, list: 'atomic' });
    expect(factsOf('core.v1.Container')['name']).toEqual({ type: 'string', required: true });
    expect(factsOf('core.v1.PodSpec')['overhead']).toEqual({ type: 'map', items: { type: 'quantity' } });
    expect(factsOf('apps.v1.DeploymentSpec')['replicas']).toEqual({ type: 'integer', format: 'int32' });
    expect(factsOf('meta.v1.LabelSelector')['matchLabels']).toEqual({ type: 'map', items: { type: 'string' } });
  });
});

describe('the editor schema', () => {
  const extra = { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Fault', schema: { type: 'object', description: 'a fault' } };
  const schema = () => makeEditorSchema(definitions, roots, facts, newer, [extra]) as { definitions: Definitions; allOf: unknown[] };
  const container = () => schema().definitions['io.k8s.api.core.v1.Container'];

  it('closes objects, lists values, takes numbers for quantities', () => {
    expect(container()?.additionalProperties).toBe(false);
    expect(container()?.properties?.imagePullPolicy?.enum).toEqual(['Always', 'IfNotPresent', 'Never']);
    expect(schema().definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']?.type).toEqual(['string', 'number']);
  });

  it('does not offer fields of later releases', () => {
    expect(container()?.properties).not.toHaveProperty('restartPolicyRules');
  });

  it('takes in the kinds of kubarium.dev', () => {
    expect(schema().definitions['kubarium.dev.v1alpha1.Fault']).toEqual(extra.schema);
    expect(JSON.stringify(schema().allOf)).toContain('"const":"Fault"');
  });

  it('drops texts but not properties that are called description', () => {
    const bare = withoutDescriptions({ description: 'text', properties: { description: { type: 'string' } } });
    expect(bare).toEqual({ properties: { description: { type: 'string' } } });
  });
});
