/** Strategic merge patches on the test type MergeItem: apply, two-way diff, three-way diff. */
import { canonicalJson } from '../../src/apimachinery/safe-encode.ts';
import { deepEqual } from '../../src/apimachinery/freeze.ts';
import { schemaOfType } from '../../src/apimachinery/patch/schema.ts';
import { createThreeWayPatch, createTwoWayPatch } from '../../src/apimachinery/patch/strategic-diff.ts';
import { applyStrategicMergePatch } from '../../src/apimachinery/patch/strategic-merge-patch.ts';
import type { Area, Suite } from '../area.ts';
import type { FieldFacts, JsonObject, TypeTable } from '../../src/apimachinery/patch/schema.ts';

/** A field in schemas.json: a scalar type, or a list, object or map of a named type with its strategy. */
type SuiteField = string | { list?: string; object?: string; map?: string; patchStrategy?: string; patchMergeKey?: string };

function factsOf(field: SuiteField): FieldFacts {
  if (typeof field === 'string') return { type: field };
  const { list, object, map, patchStrategy, patchMergeKey } = field;
  const named = (name: string): FieldFacts => (/^[A-Z]/.test(name) ? { type: 'object', ref: name } : { type: name });
  const patch = { patchStrategy, patchMergeKey };
  if (list !== undefined) return { type: 'array', items: named(list), ...patch };
  if (map !== undefined) return { type: 'map', items: named(map), ...patch };
  return { ...named(object ?? 'any'), ...patch };
}

const tables = new WeakMap<Suite['file'], TypeTable>();

function typesOf(suite: Suite): TypeTable {
  let table = tables.get(suite.file);
  if (!table) {
    const { strategicMergePatch } = suite.readJson('schemas.json') as { strategicMergePatch: Record<string, Record<string, SuiteField>> };
    const types = Object.entries(strategicMergePatch).map(([name, fields]) => {
      return [name, Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, factsOf(field)]))] as const;
    });
    tables.set(suite.file, (table = Object.fromEntries(types)));
  }
  return table;
}

export const run: Area['run'] = (input, suite) => {
  const {
    op,
    schema: type,
    original,
    patch = {},
    modified = {},
    current = {},
  } = input as {
    op: string;
    schema: string;
    original: JsonObject;
    patch?: JsonObject;
    modified?: JsonObject;
    current?: JsonObject;
  };
  const schema = schemaOfType(typesOf(suite), type);
  switch (op) {
    case 'apply':
      return { result: applyStrategicMergePatch(original, patch, schema) };
    case 'diff2':
      return { patch: createTwoWayPatch(original, modified, schema) };
    case 'diff3': {
      const answer = createThreeWayPatch(original, modified, current, schema);
      const result = applyStrategicMergePatch(current, answer.patch, schema);
      return { patch: answer.patch, result, conflictWithoutOverwrite: answer.conflict };
    }
    default:
      throw new Error(`unknown op ${op}`);
  }
};

/** All lists sorted, for the cases where upstream's test sorts before it compares. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]));
}

export const equal: Area['equal'] = (_key, actual, expected, { input }) =>
  input['listOrder'] === 'ignored' ? deepEqual(sorted(actual), sorted(expected)) : deepEqual(actual, expected);
