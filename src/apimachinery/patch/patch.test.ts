import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../freeze.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch, createMergePatch, createThreeWayMergePatch } from './merge-patch.ts';
import { schemaOfType } from './schema.ts';
import { createThreeWayPatch } from './strategic-diff.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import type { Json, JsonObject, TypeTable } from './schema.ts';

const TYPES: TypeTable = {
  Pod: { spec: { type: 'object', ref: 'PodSpec' }, labels: { type: 'map', items: { type: 'string' } } },
  PodSpec: {
    containers: { type: 'array', items: { type: 'object', ref: 'Container' }, patchStrategy: 'merge', patchMergeKey: 'name' },
    strategy: { type: 'object', ref: 'Strategy', patchStrategy: 'retainKeys' },
  },
  Container: { name: { type: 'string' }, args: { type: 'array', items: { type: 'string' } } },
  Strategy: { type: { type: 'string' } },
};
const schema = schemaOfType(TYPES, 'Pod');
const first = { name: 'a', image: 'a:1', args: ['x'] };
const spec = { containers: [first, { name: 'b', image: 'b:1' } as JsonObject], strategy: { type: 'Rolling', rolling: {} } };
const pod = deepFreeze({ labels: { app: 'web' }, spec });

describe('strategic merge patch', () => {
  it('changes one container and shares the rest', () => {
    const next = applyStrategicMergePatch(pod, { spec: { containers: [{ name: 'b', image: 'b:2' }] } }, schema);
    expect(next).toEqual({ ...pod, spec: { ...spec, containers: [first, { name: 'b', image: 'b:2' }] } });
    expect(next['labels']).toBe(pod.labels);
    expect(((next['spec'] as JsonObject)['containers'] as Json[])[0]).toBe(first);
  });

  it('returns the object itself when the patch changes nothing', () => {
    expect(applyStrategicMergePatch(pod, { spec: { containers: [{ name: 'a', args: ['x'] }] }, other: null }, schema)).toBe(pod);
  });

  it('clears the keys of a union that $retainKeys does not list', () => {
    const next = applyStrategicMergePatch(pod, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, schema);
    expect((next['spec'] as JsonObject)['strategy']).toEqual({ type: 'Recreate' });
  });

  it('names the missing merge key', () => {
    expect(() => applyStrategicMergePatch(pod, { spec: { containers: [{ image: 'httpd' }] } }, schema)).toThrow(
      'map: map[image:httpd] does not contain declared merge key: name',
    );
  });

  it('keeps what others set when kubectl applies', () => {
    const original = { labels: { app: 'web', old: '1' } };
    const modified = { labels: { app: 'api' } };
    const current = { labels: { app: 'web', old: '1', theirs: 'x' } };
    const { patch, conflict } = createThreeWayPatch(original, modified, current, schema);
    expect(patch).toEqual({ labels: { app: 'api', old: null } });
    expect(conflict).toBe(false);
    expect(applyStrategicMergePatch(current, patch, schema)).toEqual({ labels: { app: 'api', theirs: 'x' } });
  });
});

describe('merge patch', () => {
  it.each([
    [{ a: 'b' }, { a: null, c: 'd' }, { c: 'd' }],
    [{ a: [1] }, { a: [2] }, { a: [2] }],
    [{ a: 'x' }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    [[1], { a: 1 }, { a: 1 }],
    [{ a: 1 }, ['b'], ['b']],
  ] as [Json, Json, Json][])('%j patched with %j is %j', (target, patch, result) => {
    expect(applyMergePatch(deepFreeze(target), patch)).toEqual(result);
  });

  it('makes the patch it applies', () => {
    const [before, after] = [
      { a: 1, b: { c: 1, d: 2 } },
      { b: { c: 2 }, e: [1] },
    ];
    expect(applyMergePatch(before, createMergePatch(before, after))).toEqual(after);
    expect(applyMergePatch(before, {})).toBe(before);
  });

  it('keeps fields of others in a three-way patch', () => {
    expect(createThreeWayMergePatch({ a: 1, b: 1 }, { a: 2 }, { a: 1, b: 1, theirs: 1 })).toEqual({ a: 2, b: null });
  });
});

describe('JSON patch', () => {
  const document = deepFreeze({ spec: { replicas: 1, args: ['a', 'b'] }, 'a/b': 1, status: {} }) satisfies JsonObject;

  it.each([
    [
      { op: 'add', path: '/spec/args/-', value: 'c' },
      { spec: { replicas: 1, args: ['a', 'b', 'c'] }, 'a/b': 1, status: {} },
    ],
    [
      { op: 'replace', path: '/a~1b', value: 2 },
      { ...document, 'a/b': 2 },
    ],
    [
      { op: 'remove', path: '/spec/args/0' },
      { ...document, spec: { replicas: 1, args: ['b'] } },
    ],
    [
      { op: 'move', from: '/a~1b', path: '/status/x' },
      { spec: document.spec, status: { x: 1 } },
    ],
    [
      { op: 'copy', from: '/spec/replicas', path: '/status/x' },
      { ...document, status: { x: 1 } },
    ],
    [{ op: 'test', path: '/nothing', value: null }, document],
  ])('%j', (operation, result) => {
    const next = applyJsonPatch(document, [operation]);
    expect(next).toEqual(result);
  });

  it('shares what no operation touches', () => {
    expect((applyJsonPatch(document, [{ op: 'add', path: '/x', value: 1 }]) as JsonObject)['spec']).toBe(document.spec);
  });

  it.each([
    [{ op: 'remove', path: '/spec/x' }, "error in remove for path: '/spec/x': Unable to remove nonexistent key: x: missing value"],
    [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: 'replace', path: '/x', value: 1 }, 'replace operation does not apply: doc is missing key: /x: missing value'],
    [{ op: 'test', path: '/spec/replicas', value: 2 }, 'testing value /spec/replicas failed: test failed'],
  ])('%j is refused as the apiserver does', (operation, cause) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow('the server rejected our request due to an error in our request');
    try {
      applyJsonPatch(document, [operation]);
    } catch (error) {
      expect(error).toMatchObject({ status: { code: 422, reason: 'Invalid', details: { causes: [{ message: cause }] } } });
    }
  });
});
