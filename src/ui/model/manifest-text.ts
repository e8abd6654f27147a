/** Objects as YAML for people: in Kubernetes' order, without what nobody writes by hand. */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** The annotation of `kubectl apply`, named again so that this file does not bring the field tables of apply with it. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Json = unknown;
const isRecord = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Written by the apiserver, never by a person. */
const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** What an object was asked to be: without status, server fields, and the annotation that apply keeps. */
export function withoutServerFields(object: KubernetesObject): Record<string, unknown> {
  const { status: _status, metadata, ...rest } = object as KubernetesObject & { status?: unknown };
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_FIELDS.includes(key));
  const { [LAST_APPLIED]: _applied, ...annotations } = metadata.annotations ?? {};
  const clean = Object.fromEntries(kept.filter(([key]) => key !== 'annotations'));
  return { ...rest, metadata: { ...clean, ...(Object.keys(annotations).length > 0 && { annotations }) } };
}

/** For reading: without `managedFields` and the copy of the manifest that apply keeps, which both say again what stands elsewhere. */
export function forReading(object: KubernetesObject): Record<string, unknown> {
  const { managedFields: _fields, annotations: all, ...metadata } = object.metadata;
  const { [LAST_APPLIED]: _applied, ...annotations } = all ?? {};
  return { ...object, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) } };
}

const FIRST = ['apiVersion', 'kind', 'metadata'];
const METADATA_FIRST = ['name', 'generateName', 'namespace', 'labels', 'annotations'];
const LAST = ['status'];

function ordered(value: Record<string, unknown>, first: readonly string[], last: readonly string[]): Record<string, unknown> {
  const rank = (key: string): number => {
    const at = first.indexOf(key);
    return at >= 0 ? at : last.includes(key) ? 1000 : 500;
  };
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => rank(a) - rank(b)));
}

/** YAML as `kubectl` and most manifests write it: two spaces, lists not indented below their key, no wrapped lines. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false, version: '1.2', schema: 'yaml-1.1' });
}

/** An object as YAML, top-level fields and metadata in their usual order. */
export function objectText(object: Record<string, unknown>): string {
  const metadata = isRecord(object['metadata']) ? { metadata: ordered(object['metadata'], METADATA_FIRST, []) } : {};
  return toYaml(ordered({ ...object, ...metadata }, FIRST, LAST));
}

/** An object as a manifest that could be applied again. */
export function manifestText(object: KubernetesObject): string {
  return objectText(withoutServerFields(object));
}

/**
 * `value` with its keys in the order of `model`, new keys behind: so that a comparison of two texts shows changes, not orders.
 * List items are paired by `name` where they have one, else by position.
 */
export function orderedLike(value: unknown, model: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = Array.isArray(model) ? model : [];
    return value.map((item: unknown, at) => {
      const name = isRecord(item) ? item['name'] : undefined;
      const same = name === undefined ? items[at] : items.find((other) => isRecord(other) && other['name'] === name);
      return orderedLike(item, same);
    });
  }
  if (!isRecord(value)) return value;
  const like = isRecord(model) ? model : {};
  const keys = [...Object.keys(like).filter((key) => key in value), ...Object.keys(value).filter((key) => !(key in like))];
  return Object.fromEntries(keys.map((key) => [key, orderedLike(value[key], like[key])]));
}
