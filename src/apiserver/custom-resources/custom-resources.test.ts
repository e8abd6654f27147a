import { describe, expect, it } from 'vitest';
import { compileJsonPath } from './json-path.ts';
import { prune, validateValue, withSchemaDefaults } from './schema.ts';
import type { CustomSchema } from './schema.ts';

const object = {
  spec: { size: 3, 'a.b': 'x', items: [{ n: 1 }, { n: 2 }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

describe('JSONPath of columns', () => {
  it.each<[string, unknown[] | undefined]>([
    ['.spec.size', [3]],
    ["$.spec['a.b']", ['x']],
    ['.spec.items[1].n', [2]],
    ['.spec.items[*].n', [1, 2]],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.status.conditions[?(@.type!="Ready")].status', ['False']],
    ['.spec.nothing.below', []],
    ['spec.size', undefined],
    ['.spec..n', undefined],
  ])('%s', (path, expected) => {
    expect(compileJsonPath(path)?.(object)).toEqual(expected);
  });
});

const schema: CustomSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 2, pattern: '^[a-z]+$' },
    size: { type: 'integer', minimum: 1, maximum: 5, default: 1 },
    mode: { type: 'string', enum: ['fast', 'slow'] },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    list: { type: 'array', maxItems: 1, items: { type: 'object', properties: { a: { type: 'boolean', default: true } } } },
  },
};

describe('structural schemas', () => {
  it.each<[string, object, string[]]>([
    ['takes what fits', { name: 'ab', size: 5, mode: 'fast', port: 'http', labels: { a: 'b' } }, []],
    ['wants required fields', {}, ['name: Required value']],
    ['checks types', { name: 'ab', size: 'x' }, ['size: Invalid value: "string": size in body must be of type integer: "string"']],
    ['checks bounds', { name: 'ab', size: 0 }, ['size: Invalid value: 0: size in body should be greater than or equal to 1']],
    ['checks enums', { name: 'ab', mode: 'x' }, ['mode: Unsupported value: "x": supported values: "fast", "slow"']],
    [
      'checks lengths and patterns',
      { name: 'A' },
      [
        'name: Invalid value: "A": name in body should be at least 2 chars long',
        'name: Invalid value: "A": name in body should match \'^[a-z]+$\'',
      ],
    ],
    ['checks list sizes', { name: 'ab', list: [{}, {}] }, ['list: Too many: 2: must have at most 1 items']],
    [
      'checks values of maps',
      { name: 'ab', labels: { a: 1 } },
      ['labels.a: Invalid value: "integer": labels.a in body must be of type string: "integer"'],
    ],
  ])('%s', (_name, value, expected) => {
    expect(validateValue(value, schema, '').map(({ field, detail }) => `${field}: ${detail}`)).toEqual(expected);
  });

  it('prunes what they do not know, and says so', () => {
    const unknown: string[] = [];
    const value = { name: 'ab', extra: 1, free: { any: 1 }, list: [{ a: true, b: 2 }], labels: { k: 'v' } };
    expect(prune(value, schema, '', unknown)).toEqual({ name: 'ab', free: { any: 1 }, list: [{ a: true }], labels: { k: 'v' } });
    expect(unknown).toEqual(['extra', 'list[0].b']);
    const clean = { name: 'ab' };
    expect(prune(clean, schema, '', [])).toBe(clean);
  });

  it('fill in defaults, also in lists', () => {
    expect(withSchemaDefaults({ name: 'ab', list: [{}] }, schema)).toEqual({ name: 'ab', size: 1, list: [{ a: true }] });
    const full = { name: 'ab', size: 2 };
    expect(withSchemaDefaults(full, schema)).toBe(full);
  });
});
