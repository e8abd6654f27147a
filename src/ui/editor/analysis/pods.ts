/** The pods that objects are or make, read from objects of any shape: what is being typed fits no type yet. */
import type { KubernetesObject } from '../../../apimachinery/meta.ts';
import type { PodSpec, PodTemplateSpec } from '../../../api/generated/types.ts';
import type { LabelledPods } from '../../model/findings.ts';

/** True for a map. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** The list, or none. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** The labels that are texts. */
export const textLabels = (value: unknown): Record<string, string> =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
    : {};
/** The object's spec, if it is a map. */
export const specOf = (object: KubernetesObject): Record<string, unknown> | undefined => {
  const { spec } = object as KubernetesObject & { spec?: unknown };
  return isRecord(spec) ? spec : undefined;
};

/** Where a kind keeps its pod template. */
export function templateOf(object: KubernetesObject): { template: PodTemplateSpec; path: string } | undefined {
  const spec = specOf(object);
  if (!isRecord(spec)) return undefined;
  if (object.kind === 'Pod') return { template: { metadata: object.metadata, spec: spec as unknown as PodSpec }, path: '' };
  const job = isRecord(spec.jobTemplate) ? spec.jobTemplate : undefined;
  const holder = object.kind === 'CronJob' ? (isRecord(job?.spec) ? job.spec : undefined) : spec;
  if (!isRecord(holder?.template)) return undefined;
  return {
    template: holder.template as unknown as PodTemplateSpec,
    path: object.kind === 'CronJob' ? 'spec.jobTemplate.spec.template' : 'spec.template',
  };
}

/** The pods that an object is or makes, by their labels. */
export function podsOf(object: KubernetesObject, namespace: string): LabelledPods | undefined {
  const found = templateOf(object);
  if (!found) return undefined;
  const { metadata, spec } = found.template;
  const portNames = listOf(spec?.containers).flatMap((container) => (isRecord(container) ? listOf(container.ports) : []));
  return {
    namespace: object.metadata.namespace ?? namespace,
    labels: textLabels(metadata?.labels),
    portNames: portNames.flatMap((port) => (isRecord(port) && typeof port.name === 'string' ? [port.name] : [])),
  };
}

/** "ConfigMap/default/settings" */
export const nameOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;
