/**
 * Columns and cell texts that many kinds share (`pkg/printers/internalversion/printers.go`, `pkg/printers/tablegenerator.go`).
 */
import { formatTime, humanDuration, parseTime } from '../apimachinery/durations.ts';
import { labelSelectorAsSelector } from '../apimachinery/labels.ts';
import type { Column } from './resource.ts';
import type { Container, LabelSelector, PodSpec, Time } from './generated/types.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** "5m30s" since `time`; "<unknown>" for a time that is not set (`translateTimestampSince`). */
export function since(time: Time | undefined, now: number): string {
  return time ? humanDuration(now - parseTime(time)) : '<unknown>';
}

/** The object's name. */
export const nameColumn: Column<KubernetesObject> = { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name };

/** Time since creation. */
export const ageColumn: Column<KubernetesObject> = { name: 'Age', value: ({ metadata }, now) => since(metadata.creationTimestamp, now) };

/** What kinds without a printer of their own show in place of the age (`rest.DefaultTableConvertor`). */
export const createdAtColumn: Column<KubernetesObject> = {
  name: 'Created At',
  type: 'date',
  value: ({ metadata }) => (metadata.creationTimestamp ? formatTime(parseTime(metadata.creationTimestamp)) : '<unknown>'),
};

/** "a=1,b=2" in the order of keys, "<none>" for none (`labels.FormatLabels`). */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels?.[key]}`).join(',');
}

/** The selector in text form, "<none>" when it selects all or nothing (`metav1.FormatLabelSelector`). */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  try {
    return labelSelectorAsSelector(selector).toString() || '<none>';
  } catch {
    return '<error>';
  }
}

/** "a,b,c + 2 more..." with at most `most` entries. */
export function formatList(entries: readonly string[], most: number, separator = ','): string {
  const text = entries.slice(0, most).join(separator);
  return entries.length > most ? `${text} + ${entries.length - most} more...` : text;
}

const ACCESS_MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** "RWO,ROX", each once, in Kubernetes' order (`GetAccessModesAsString`). */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Object.keys(ACCESS_MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => ACCESS_MODES[mode])
    .join(',');
}

/** Desired, Current and Ready, of kinds that keep a number of pods. */
export const replicaColumns: readonly Column<
  KubernetesObject & { spec: { replicas?: number }; status?: { replicas?: number; readyReplicas?: number } }
>[] = [
  { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
  { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
  { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
];

/** Containers, Images and (unless `selector` is absent) Selector, for `-o wide`. */
export function workloadColumns<T extends KubernetesObject>(
  podSpec: (object: T) => PodSpec | undefined,
  selector?: (object: T) => string,
): Column<T>[] {
  const joined = (object: T, text: (container: Container) => string | undefined) =>
    (podSpec(object)?.containers ?? []).map((container) => text(container) ?? '').join(',');
  return [
    { name: 'Containers', priority: 1, value: (object) => joined(object, ({ name }) => name) },
    { name: 'Images', priority: 1, value: (object) => joined(object, ({ image }) => image) },
    ...(selector ? [{ name: 'Selector', priority: 1, value: selector }] : []),
  ];
}
