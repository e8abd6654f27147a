/**
 * `metadata.managedFields`: who owns what, written by every apply and, for objects that are tracked, every update
 * (`k8s.io/apimachinery/pkg/util/managedfields/internal`).
 * Left out: capping old managers into "ancient-changes" and taking over `kubectl.kubernetes.io/last-applied-configuration`.
 * Differs: on creation upstream compares with the kind's empty Go value, so its sets lack "." at fields which that
 * value always has, such as `f:spec`; here everything new is owned.
 */
import { canonicalJson } from '../safe-encode.ts';
import { badRequest, StatusError } from '../status.ts';
import { createdFields } from './created-fields.ts';
import { FieldSet, pathText } from './field-set.ts';
import { applyConfiguration, updateManagers } from './updater.ts';
import type { FieldConflict, Managers } from './updater.ts';
import type { FieldSchema, Json, JsonObject } from '../patch/schema.ts';
import type { FieldsV1 } from './field-set.ts';
import type { ManagedFieldsEntry, Time } from '../meta.ts';

/** Who writes, and when. */
export interface FieldWriter {
  /** `fieldManager` of the request. */
  readonly manager: string;
  readonly apiVersion: string;
  readonly now: Time;
  /** "status", "scale"; absent for the object itself. */
  readonly subresource?: string;
  readonly schema: FieldSchema | undefined;
}

/** Fields that nobody owns: identity and what the apiserver fills. */
const UNTRACKED = FieldSet.fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
});

/** The name upstream gives to all earlier writers when an untracked object is applied for the first time. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

interface Tracked {
  readonly managers: Managers;
  readonly times: ReadonlyMap<string, Time>;
}

/** The identity of an entry: an applier is the same whatever version it applied. */
function identifierOf({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  return canonicalJson({
    manager,
    operation,
    apiVersion: operation === 'Apply' ? undefined : apiVersion,
    subresource: subresource || undefined,
  });
}

const metadataOf = (object: Json | undefined): JsonObject => ((object as JsonObject | undefined)?.['metadata'] ?? {}) as JsonObject;
const entriesOf = (object: Json | undefined): ManagedFieldsEntry[] =>
  (metadataOf(object)['managedFields'] ?? []) as unknown as ManagedFieldsEntry[];

function decode(object: Json | undefined): Tracked {
  const managers = new Map<string, FieldSet>();
  const times = new Map<string, Time>();
  for (const entry of entriesOf(object)) {
    const identifier = identifierOf(entry);
    managers.set(identifier, FieldSet.fromFieldsV1((entry.fieldsV1 ?? {}) as FieldsV1));
    if (entry.time !== undefined) times.set(identifier, entry.time);
  }
  return { managers, times };
}

const byOperationTimeName = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): number => {
  const keys = (entry: ManagedFieldsEntry) =>
    [entry.operation, entry.time, entry.manager, entry.apiVersion, entry.subresource].map((key) => key ?? '');
  const [left, right] = [keys(a).join('\0'), keys(b).join('\0')];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** `object` with its managers written down. The time of an entry moves only when its set did. */
function encode(object: Json, managers: Managers, before: Tracked, writer: FieldWriter): JsonObject {
  const entries: ManagedFieldsEntry[] = [];
  for (const [identifier, all] of managers) {
    const set = all.difference(UNTRACKED);
    if (set.empty) continue;
    const previous = before.managers.get(identifier);
    const time = previous?.equals(set) ? before.times.get(identifier) : writer.now;
    const identity = JSON.parse(identifier) as ManagedFieldsEntry;
    entries.push({
      ...identity,
      apiVersion: identity.apiVersion ?? writer.apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: set.toFieldsV1(),
    });
  }
  const { managedFields: _old, ...metadata } = metadataOf(object) as Record<string, Json>;
  if (entries.length > 0) metadata['managedFields'] = entries.sort(byOperationTimeName) as unknown as Json;
  return { ...(object as JsonObject), metadata };
}

/** The object without `metadata.managedFields`. */
function plain(object: Json | undefined): JsonObject {
  if (object === undefined) return {};
  const { managedFields: _old, ...metadata } = metadataOf(object) as Record<string, Json>;
  return { ...(object as JsonObject), metadata };
}

/**
 * `next` with the managers after a create, update or patch by `writer`; `live` is undefined for a create. Cost: one
 * walk over the differing parts.
 */
export function recordUpdate(live: Json | undefined, next: Json, writer: FieldWriter): JsonObject {
  if (live === undefined && entriesOf(next).length === 0) return created(next as JsonObject, writer);
  const before = decode(live);
  const { manager, apiVersion, subresource, schema } = writer;
  const actor = identifierOf({ manager, operation: 'Update', apiVersion, subresource });
  return encode(next, updateManagers(plain(live), plain(next), before.managers, actor, schema), before, writer);
}

/** A new object, all of which is its creator's. */
function created(object: JsonObject, { manager, apiVersion, subresource, now, schema }: FieldWriter): JsonObject {
  const { managedFields: _old, ...metadata } = metadataOf(object) as Record<string, Json>;
  const fieldsV1 = createdFields(object, schema);
  if (Object.keys(fieldsV1).length === 0) return { ...object, metadata };
  const entry: ManagedFieldsEntry = {
    apiVersion,
    manager,
    operation: 'Update',
    ...(subresource && { subresource }),
    time: now,
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
  return { ...object, metadata: { ...metadata, managedFields: [entry] as unknown as Json } };
}

function conflictError(conflicts: readonly FieldConflict[], times: ReadonlyMap<string, Time>): StatusError {
  const named = conflicts.map(({ manager: identifier, path }) => {
    const { manager, operation, apiVersion, subresource } = JSON.parse(identifier) as ManagedFieldsEntry;
    let text = JSON.stringify(manager);
    if (subresource) text += ` with subresource ${JSON.stringify(subresource)}`;
    if (operation === 'Update') {
      const time = times.get(identifier);
      text += ` using ${apiVersion ?? ''}${time === undefined ? '' : ` at ${time}`}`;
    }
    return { manager: text, field: pathText(path) };
  });
  const [first] = named;
  let message = `Apply failed with 1 conflict: conflict with ${first?.manager ?? ''}: ${first?.field ?? ''}`;
  if (named.length > 1) {
    const lines = [...new Set(named.map(({ manager }) => manager))].sort().flatMap((manager) => {
      const fields = named.filter((conflict) => conflict.manager === manager).map(({ field }) => `- ${field}`);
      return [`conflicts with ${manager}:`, ...fields];
    });
    message = `Apply failed with ${named.length} conflicts: ${lines.join('\n')}`;
  }
  const causes = named.map(({ manager, field }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field }));
  return new StatusError(409, 'Conflict', message, { causes });
}

/** An object that nobody tracked is taken to be written by one earlier manager. */
function trackedBeforeApply(live: Json | undefined, { apiVersion, schema }: FieldWriter): Managers {
  const { managers } = decode(live);
  if (live === undefined || managers.size > 0) return managers;
  const earlier = identifierOf({ manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion });
  const all = updateManagers({}, plain(live), managers, earlier, schema);
  return new Map([...all].map(([manager, set]) => [manager, set.difference(UNTRACKED)]));
}

/**
 * Server-side apply (`kubectl apply --server-side`): `config` merged into `live` (undefined creates), with the managers
 * written down. Throws 409 with one cause per field when another manager owns a field that would change and `force` is
 * not set; BadRequest when `config` carries managedFields.
 */
export function serverSideApply(live: Json | undefined, config: JsonObject, writer: FieldWriter, force: boolean): JsonObject {
  if (entriesOf(config).length > 0) throw badRequest('metadata.managedFields must be nil');
  const { manager, apiVersion, subresource, schema } = writer;
  const before = decode(live);
  const managers = trackedBeforeApply(live, writer);
  const actor = identifierOf({ manager, operation: 'Apply', apiVersion, subresource });
  const { object, managers: next, conflicts } = applyConfiguration(plain(live), config, managers, actor, schema, force);
  const foreign = conflicts.filter(({ path }) => !isUntracked(path));
  if (foreign.length > 0) throw conflictError(foreign, before.times);
  return encode(object, next, before, writer);
}

function isUntracked(path: readonly string[]): boolean {
  const single = new FieldSet();
  single.insert(path);
  return single.difference(UNTRACKED).empty;
}
