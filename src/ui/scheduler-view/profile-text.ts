/**
 * Writes weights into the text of a KubeSchedulerConfiguration, as a person would: the rest of the text, comments included, stays. The
 * text lives in the ConfigMap kube-scheduler of kube-system, key config.yaml.
 */
import { parseDocument } from 'yaml';
import type { Document, YAMLMap, YAMLSeq } from 'yaml';

/** Where the scheduler's settings are. */
export const SETTINGS = { namespace: 'kube-system', name: 'kube-scheduler', key: 'config.yaml' } as const;

const EMPTY = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** The list at a path, made where there is none. */
function listAt(document: Document, path: readonly (string | number)[]): YAMLSeq {
  const found = document.getIn(path);
  if (found !== null && typeof found === 'object' && 'items' in found) {
    return found as YAMLSeq;
  }
  document.setIn(path, document.createNode([]));
  return document.getIn(path) as YAMLSeq;
}

/** An empty list is written "[]", which cannot hold what is added. */
function add(document: Document, list: YAMLSeq, item: Readonly<Record<string, unknown>>): void {
  list.flow = false;
  list.add(document.createNode(item));
}

const named = (list: YAMLSeq, name: string): YAMLMap | undefined =>
  (list.items as YAMLMap[]).find((item) => typeof item.get === 'function' && item.get('name') === name);

/** The profile of that schedulerName, made where there is none. */
function profileAt(document: Document, schedulerName: string): number {
  const profiles = listAt(document, ['profiles']);
  const at = (profiles.items as YAMLMap[]).findIndex((profile) => (profile.get('schedulerName') ?? 'default-scheduler') === schedulerName);
  if (at >= 0) return at;
  add(document, profiles, { schedulerName });
  return profiles.items.length - 1;
}

/**
 * The text with the weights of scores set in that profile; weight 0 disables the plugin's score. Throws an Error for a text that is no
 * YAML.
 */
export function withWeights(text: string, schedulerName: string, weights: Readonly<Record<string, number>>): string {
  const document = parseDocument(text.trim() === '' ? EMPTY : text);
  const [fault] = document.errors;
  if (fault) throw fault;
  const at = profileAt(document, schedulerName);
  for (const [name, weight] of Object.entries(weights)) {
    if (weight === 0) {
      const disabled = listAt(document, ['profiles', at, 'plugins', 'score', 'disabled']);
      if (!named(disabled, name)) add(document, disabled, { name });
      continue;
    }
    const off = document.getIn(['profiles', at, 'plugins', 'score', 'disabled']) as YAMLSeq | undefined;
    if (off?.items) {
      off.items = off.items.filter((item) => (item as YAMLMap).get('name') !== name);
      off.flow = off.items.length === 0;
    }
    const enabled = listAt(document, ['profiles', at, 'plugins', 'multiPoint', 'enabled']);
    const entry = named(enabled, name);
    if (entry) entry.set('weight', weight);
    else add(document, enabled, { name, weight });
  }
  return document.toString({ lineWidth: 0, indentSeq: false });
}

/**
 * The text with that profile in place of what it said about the schedulerName; other profiles stay. Throws an Error for a text that is no
 * YAML.
 */
export function withProfile(text: string, schedulerName: string, profile: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text.trim() === '' ? EMPTY : text);
  const [fault] = document.errors;
  if (fault) throw fault;
  const at = profileAt(document, schedulerName);
  const list = listAt(document, ['profiles']);
  list.items[at] = document.createNode({ schedulerName, ...profile });
  return document.toString({ lineWidth: 0, indentSeq: false });
}
