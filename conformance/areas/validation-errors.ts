/**
 * Texts of refusals. A case with a field puts its value there in a sound object of the kind and asks the kind's own rules (on an update
 * for immutable fields); the other cases name an error of the API itself.
 */
import { ALL_RESOURCES } from '../../src/api/index.ts';
import { conflict, forbidden, invalid, notFound, OPTIMISTIC_LOCK_ERROR } from '../../src/apimachinery/status.ts';
import { validateObjectMeta } from '../../src/api/validation/object-meta.ts';
import type { Area } from '../area.ts';
import type { FieldError, GroupResource } from '../../src/apimachinery/status.ts';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import type { ResourceDefinition } from '../../src/api/resource.ts';

type Input = Readonly<Record<string, unknown>>;

const METADATA = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2025-01-01T00:00:00Z' };
const container = (name: string) => ({ name, image: 'nginx' });
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container('a')] } };

const SOUND: Record<string, object> = {
  Pod: { spec: { containers: [container('a')] } },
  Deployment: { spec: { selector: { matchLabels: { app: 'x' } }, template } },
  Service: { spec: { ports: [{ port: 80 }] } },
  Namespace: {},
};

/** A copy of `target` with `value` at `steps`; null removes the field. */
function put(target: unknown, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (/^\d+$/.test(step)) {
    const list = [...((target as unknown[] | undefined) ?? [])];
    list[Number(step)] = put(list[Number(step)], rest, value);
    return list;
  }
  const object = { ...(target as Record<string, unknown> | undefined) };
  const next = put(object[step], rest, value);
  if (next === null) delete object[step];
  else object[step] = next;
  return object;
}

const definitionOf = (kind: string): ResourceDefinition => {
  const found = ALL_RESOURCES.find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`no such kind: ${kind}`);
  return found;
};

function soundObject(definition: ResourceDefinition): KubernetesObject {
  const { namespace, ...clusterMetadata } = METADATA;
  const metadata = definition.namespaced ? { ...clusterMetadata, namespace } : clusterMetadata;
  return { apiVersion: definition.version, kind: definition.kind, metadata, ...SOUND[definition.kind] } as KubernetesObject;
}

/** What has to be around the value for it to be wrong by itself. */
function stepsAndValue(field: string, value: unknown): { steps: string[]; value: unknown } {
  const steps = field.replace(/\[(\d+)\]/g, '.$1').split('.');
  if (field === 'metadata.labels') return { steps, value: { key: value } };
  if (field === 'spec.containers[1].name') return { steps: ['spec', 'containers'], value: [container('a'), container(String(value))] };
  if (field.endsWith('volumeMounts[0].name')) return { steps: steps.slice(0, -1), value: { name: value, mountPath: '/v' } };
  return { steps, value };
}

function textOf(field: string, errors: readonly FieldError[]): string {
  const found = errors.find((error) => error.field === field);
  return found ? `${found.field}: ${found.detail}` : `nothing about ${field}: ${JSON.stringify(errors)}`;
}

function fieldText({ kind, field, value }: Input): string {
  const definition = definitionOf(String(kind));
  const old = withDefaults(definition, soundObject(definition));
  if (field === 'spec.selector') {
    const next = put(old, ['spec', 'selector'], value) as KubernetesObject;
    return textOf(field, definition.validateUpdate?.(next, old) ?? []);
  }
  if (field === 'spec') {
    const next = put(old, ['spec', 'hostNetwork'], true) as KubernetesObject;
    return textOf(field, definition.validateUpdate?.(next, old) ?? []);
  }
  const change = stepsAndValue(String(field), value);
  const changed = withDefaults(definition, put(soundObject(definition), change.steps, change.value) as KubernetesObject);
  return textOf(String(field), [...validateObjectMeta(changed, definition), ...(definition.validate?.(changed) ?? [])]);
}

const withDefaults = (definition: ResourceDefinition, object: KubernetesObject): KubernetesObject =>
  definition.defaults?.(object) ?? object;

function resourceOf(text: unknown): GroupResource {
  const [resource = '', ...group] = String(text).split('.');
  return { resource, group: group.join('.') };
}

function causesOf(causes: readonly string[]): FieldError[] {
  return causes.map((cause) => {
    const [field = '', ...detail] = cause.split(': ');
    return { type: 'FieldValueInvalid', field, detail: detail.join(': ') };
  });
}

function apiText(input: Input): string {
  const { kind, name, namespace, causes, verb, user, resource, path } = input;
  if (path !== undefined) return 'the server could not find the requested resource';
  if (verb !== undefined) {
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${String(namespace)}"`;
    const why = `User "${String(user)}" cannot ${String(verb)} resource "${String(resource)}" in API group "" ${where}`;
    return forbidden(resourceOf(resource), '', why).message;
  }
  if (Array.isArray(causes)) return invalid('', String(kind), String(name), causesOf(causes as string[])).message;
  if (namespace !== undefined) {
    const why = `unable to create new content in namespace ${String(namespace)} because it is being terminated`;
    return forbidden(resourceOf(kind), String(name), why).message;
  }
  return kind === 'pods'
    ? notFound(resourceOf(kind), String(name)).message
    : conflict(resourceOf(kind), String(name), OPTIMISTIC_LOCK_ERROR).message;
}

export const run: Area['run'] = (input) => {
  const message = input['field'] === undefined ? apiText(input) : fieldText(input);
  return { message, messagePrefix: message };
};

export const equal: Area['equal'] = (key, actual, expected) =>
  key === 'messagePrefix' ? String(actual).startsWith(String(expected)) : actual === expected;
