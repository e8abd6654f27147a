/** Names of CustomResourceDefinitions that several of a group ask for. */
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { CustomResourceDefinitionResource } from '../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../api/generated/types.ts';
import { Client } from '../client/client.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { CLUSTER_ADMIN } from './admin.ts';
import { newApiServer } from './api-server.ts';

interface Names {
  plural: string;
  kind: string;
  singular?: string;
  shortNames?: string[];
  listKind?: string;
}

function setUp() {
  const sim = new Simulation({ seed: 7 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, CLUSTER_ADMIN, 'test');
  const wait = () => sim.runUntil(sim.now + 5000);
  const schema = { openAPIV3Schema: { type: 'object' } };
  const define = (names: Names, group = 'x.dev') => {
    const spec = { group, names, scope: 'Cluster', versions: [{ name: 'v1', served: true, storage: true, schema }] };
    client.create(CustomResourceDefinitionResource, { metadata: { name: `${names.plural}.${group}` }, spec } as never);
    wait();
  };
  const get = (plural: string, group = 'x.dev') => client.get(CustomResourceDefinitionResource, { name: `${plural}.${group}` });
  const conditions = ({ status }: CustomResourceDefinition) =>
    (status?.conditions ?? []).map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`);
  const remove = (plural: string) => {
    client.delete(CustomResourceDefinitionResource, { name: `${plural}.x.dev` });
    wait();
  };
  const isServed = (plural: string, group = 'x.dev') => server.definition(group, 'v1', plural)?.kind;
  return { client, define, get, conditions, remove, isServed, wait };
}

const FIRST: Names = { plural: 'cats', kind: 'Cat', shortNames: ['ct'] };
const FREE = [
  'NamesAccepted=True NoConflicts: no conflicts found',
  'Established=True InitialNamesAccepted: the initial names have been accepted',
];
const WAITS = 'Established=False NotAccepted: not all names are accepted';

describe('names of definitions', () => {
  it('are accepted as upstream fills them in', () => {
    const { define, get, conditions } = setUp();
    define(FIRST);
    expect(conditions(get('cats'))).toEqual(FREE);
    expect(get('cats').status?.acceptedNames).toEqual({
      plural: 'cats',
      singular: 'cat',
      kind: 'Cat',
      listKind: 'CatList',
      shortNames: ['ct'],
    });
  });

  it.each<[string, Names, string]>([
    ['plural', { plural: 'ct', kind: 'Other' }, 'PluralConflict: "ct" is already in use'],
    ['singular', { plural: 'others', kind: 'Other', singular: 'cat' }, 'SingularConflict: "cat" is already in use'],
    ['short name', { plural: 'others', kind: 'Other', shortNames: ['o', 'ct'] }, 'ShortNamesConflict: "ct" is already in use'],
    [
      'short names',
      { plural: 'others', kind: 'Other', shortNames: ['cats', 'ct'] },
      'ShortNamesConflict: ["cats" is already in use, "ct" is already in use]',
    ],
    ['kind', { plural: 'others', kind: 'Cat', singular: 'other', listKind: 'OtherList' }, 'KindConflict: "Cat" is already in use'],
    ['list kind', { plural: 'others', kind: 'Other', listKind: 'CatList' }, 'ListKindConflict: "CatList" is already in use'],
  ])('wait for a %s that another one has, until that one goes', (_what, names, problem) => {
    const { define, get, conditions, remove, isServed } = setUp();
    define(FIRST);
    define(names);
    expect(conditions(get(names.plural))).toEqual([`NamesAccepted=False ${problem}`, WAITS]);
    expect(isServed(names.plural)).toBeUndefined();
    remove('cats');
    expect(conditions(get(names.plural))).toEqual(FREE);
    expect(isServed(names.plural)).toBe(names.kind);
  });

  it('are apart in other groups', () => {
    const { define, get, conditions, isServed } = setUp();
    define(FIRST);
    define(FIRST, 'y.dev');
    expect(conditions(get('cats', 'y.dev'))).toEqual(FREE);
    expect(isServed('cats', 'y.dev')).toBe('Cat');
  });

  it('of one that is served stay when it asks for taken ones, and change when those are free', () => {
    const { client, define, get, conditions, isServed, remove, wait } = setUp();
    define(FIRST);
    define({ plural: 'dogs', kind: 'Dog' });
    client.patch(CustomResourceDefinitionResource, { name: 'dogs.x.dev' }, 'merge', { spec: { names: { kind: 'Cat' } } });
    wait();
    expect(conditions(get('dogs'))).toEqual(['NamesAccepted=False KindConflict: "Cat" is already in use', FREE[1]]);
    expect(isServed('dogs')).toBe('Dog');
    remove('cats');
    expect(conditions(get('dogs'))).toEqual(FREE);
    expect(isServed('dogs')).toBe('Cat');
  });
});
