/** Patches of built-in kinds: {patchType, object, patch} -> {result}. */
import { TYPES } from '../../src/api/generated/field-facts.ts';
import { applyJsonPatch } from '../../src/apimachinery/patch/json-patch.ts';
import { applyMergePatch } from '../../src/apimachinery/patch/merge-patch.ts';
import { schemaOfType } from '../../src/apimachinery/patch/schema.ts';
import { applyStrategicMergePatch } from '../../src/apimachinery/patch/strategic-merge-patch.ts';
import type { Area } from '../area.ts';
import type { Json, JsonObject } from '../../src/apimachinery/patch/schema.ts';

/** "apps/v1" and "v1" as the generated facts name them: "apps.v1.Deployment", "core.v1.Pod". */
function typeNameOf({ apiVersion, kind }: JsonObject): string {
  const [group = '', version] = String(apiVersion).split('/');
  return version === undefined ? `core.${group}.${String(kind)}` : `${group.split('.')[0] ?? ''}.${version}.${String(kind)}`;
}

export const run: Area['run'] = (input) => {
  const { patchType, object, patch } = input as { patchType: string; object: JsonObject; patch: Json };
  switch (patchType) {
    case 'json':
      return { result: applyJsonPatch(object, patch) };
    case 'merge':
      return { result: applyMergePatch(object, patch) };
    default:
      return { result: applyStrategicMergePatch(object, patch as JsonObject, schemaOfType(TYPES, typeNameOf(object))) };
  }
};
