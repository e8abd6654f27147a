import { describe, expect, it } from 'vitest';
import { FIELD_TYPES } from '../api/field-table.ts';
import { Random } from '../sim/random.ts';
import { schemaOfType } from '../apimachinery/patch/schema.ts';
import type { Json, JsonObject } from '../apimachinery/patch/schema.ts';
import { compareTyped } from '../apimachinery/apply/compare-typed.ts';
import { createdFields } from '../apimachinery/apply/created-fields.ts';
import { FieldSet } from '../apimachinery/apply/field-set.ts';

const schema = schemaOfType(FIELD_TYPES, 'core.v1.Pod');
const untracked = FieldSet.fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': { '.': {}, 'f:name': {}, 'f:uid': {}, 'f:generation': {} },
});

const full: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', uid: 'x', generation: 1, labels: { app: 'a', 'x.y/z': 'b' }, annotations: {}, finalizers: ['a/b', 'c/d'] },
  spec: {
    nodeSelector: { a: 'b' },
    containers: [
      { name: 'b', image: 'x', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }, { containerPort: 80 }], args: ['1'] },
      { name: 'a', env: [{ name: 'E', value: '1' }], resources: { limits: { cpu: '1' } } },
    ],
    tolerations: [{ key: 'a' }],
    securityContext: {},
    volumes: [],
    unknown: { a: [1, 2], b: null },
  },
  status: null,
};

/** The object without some of its parts. */
function thinned(value: Json, random: Random): Json {
  if (Array.isArray(value)) return value.filter(() => random.int(6) > 0).map((item: Json) => thinned(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key === 'name' || key === 'containerPort' || random.int(5) > 0);
  return Object.fromEntries(kept.map(([key, child]) => [key, thinned(child, random)]));
}

describe('what the creator of an object owns', () => {
  it('is what a comparison with nothing says', () => {
    const random = new Random('created');
    for (let round = 0; round < 300; round++) {
      const object = round === 0 ? full : (thinned(full, random) as JsonObject);
      const expected = compareTyped({}, object, schema).added.difference(untracked).toFieldsV1();
      expect(createdFields(object, schema)).toEqual(expected);
    }
  });

  it('is one frozen set for all objects of one shape', () => {
    const of = (name: string) => createdFields({ ...full, metadata: { name, labels: { app: name } } }, schema);
    expect(of('a')).toBe(of('b'));
    expect(Object.isFrozen(of('a'))).toBe(true);
  });
});
