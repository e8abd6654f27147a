/** Server-side apply: a list of applies and updates by managers -> the object and who owns what. */
import { pathText } from '../../src/apimachinery/apply/field-set.ts';
import { applyConfiguration, updateManagers } from '../../src/apimachinery/apply/updater.ts';
import { deepEqual } from '../../src/apimachinery/freeze.ts';
import { structuralFieldSchema } from '../../src/apimachinery/patch/structural-schema.ts';
import type { Area, Suite } from '../area.ts';
import type { FieldSet } from '../../src/apimachinery/apply/field-set.ts';
import type { Json } from '../../src/apimachinery/patch/schema.ts';
import type { StructuralSchema } from '../../src/apimachinery/patch/structural-schema.ts';
import type { Managers } from '../../src/apimachinery/apply/updater.ts';

interface Operation {
  op: 'apply' | 'update' | 'force-apply';
  manager: string;
  object: Json;
  conflicts?: { manager: string; path: string }[];
}

const keyedList = (keys: string[], properties: Record<string, StructuralSchema>): StructuralSchema => ({
  type: 'array',
  items: { type: 'object', properties },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

/** Schemas of upstream's tests (structured-merge-diff v4.6.0, merge/) that schemas.json of the suite leaves out. */
const MORE_SCHEMAS: Record<string, StructuralSchema> = {
  portListParser: {
    properties: {
      containerPorts: keyedList(['port', 'protocol'], { port: {}, protocol: { default: 'TCP' }, name: {} }),
    },
  },
  bookParser: {
    properties: {
      book: keyedList(['chapter', 'section'], {
        chapter: { default: 1 },
        section: { default: 'A' },
        sentences: keyedList(['page', 'line'], { page: { default: 2 }, line: { default: 3 }, text: {} }),
      }),
    },
  },
  atomicMapParser: { properties: { atomicMap: { additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' } } },
};

/** Replaces `{recursive: name}` by the property of that name, which makes the schema a cyclic graph. */
function tieRecursion(schema: Record<string, unknown>, properties: Record<string, unknown>): void {
  for (const [key, child] of Object.entries(schema)) {
    if (typeof child !== 'object' || child === null) continue;
    const { recursive } = child as { recursive?: unknown };
    if (typeof recursive === 'string') schema[key] = properties[recursive];
    else tieRecursion(child as Record<string, unknown>, properties);
  }
}

function schemaNamed(name: string, suite: Suite): StructuralSchema {
  const { serverSideApply } = suite.readJson('schemas.json') as { serverSideApply: Record<string, StructuralSchema> };
  const schema = serverSideApply[name] ?? MORE_SCHEMAS[name];
  if (!schema) throw new Error(`unknown schema ${name}`);
  tieRecursion(schema as Record<string, unknown>, (schema.properties ?? {}) as Record<string, unknown>);
  return schema;
}

export const run: Area['run'] = (input, suite) => {
  const { schema: name, ops, initial } = input as { schema: string; ops: Operation[]; initial?: Json };
  const schema = structuralFieldSchema(schemaNamed(name, suite));
  let object: Json = initial ?? null;
  let managers: Managers = new Map<string, FieldSet>();
  for (const { op, manager, object: next, conflicts: expected } of ops) {
    if (op === 'update') {
      managers = updateManagers(object, next, managers, manager, schema);
      object = next;
      continue;
    }
    const result = applyConfiguration(object, next, managers, manager, schema, op === 'force-apply');
    const conflicts = result.conflicts.map((conflict) => ({ manager: conflict.manager, path: pathText(conflict.path) }));
    if (!deepEqual(conflicts, expected ?? [])) throw new Error(`conflicts of ${manager}: ${JSON.stringify(conflicts)}`);
    if (conflicts.length === 0) ({ object, managers } = result);
  }
  return { object, managed: Object.fromEntries([...managers].map(([manager, set]) => [manager, set.toFieldsV1()])) };
};
