/** Who owns which field after a write, and server-side apply, for the kinds of this server. */
import { recordUpdate, serverSideApply } from '../apimachinery/apply/managed-fields.ts';
import type { FieldWriter } from '../apimachinery/apply/managed-fields.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { schemaOfType } from '../apimachinery/patch/schema.ts';
import type { Json, JsonObject } from '../apimachinery/patch/schema.ts';
import { FIELD_TYPES } from '../api/field-table.ts';
import { apiVersionOf } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { FieldManager } from './field-managers.ts';

function writerOf(definition: ResourceDefinition, { name, subresource }: FieldManager, now: number): FieldWriter {
  const schema = definition.applySchema ?? schemaOfType(FIELD_TYPES, definition.schema);
  return { manager: name, apiVersion: apiVersionOf(definition), now: formatTime(now), subresource, schema };
}

/** `next` with its managers after a create (`live` undefined) or update. */
export function recorded(
  definition: ResourceDefinition,
  live: KubernetesObject | undefined,
  next: KubernetesObject,
  manager: FieldManager,
  now: number,
): KubernetesObject {
  const writer = writerOf(definition, manager, now);
  return recordUpdate(live as unknown as Json | undefined, next as unknown as Json, writer) as unknown as KubernetesObject;
}

/** The outcome of `config` applied to `old` (undefined creates). Throws 409 with the conflicts. */
export function applied(
  definition: ResourceDefinition,
  old: KubernetesObject | undefined,
  config: object,
  manager: FieldManager,
  now: number,
  force: boolean,
): KubernetesObject {
  return serverSideApply(
    old as unknown as Json | undefined,
    config as JsonObject,
    writerOf(definition, manager, now),
    force,
  ) as unknown as KubernetesObject;
}
