/** What is supposed in a what-if, and the overrides of the dry run that it comes to. */
import type { SchedulingDecision, SchedulingOverrides } from '../../api/kubarium/scheduling-decision.ts';

/** The supposed changes. */
export interface Changes {
  /** By plugin. */
  weights: Readonly<Record<string, number>>;
  /** cpu in thousandths, memory in Mi. */
  requests: Readonly<Record<string, number>>;
  /** By node. */
  labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const NO_CHANGES: Changes = { weights: {}, requests: {}, labels: {} };

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** The overrides of the dry run; undefined when nothing is supposed. */
export function overridesOf({ weights, requests, labels }: Changes): SchedulingOverrides | undefined {
  if (isEmpty(weights) && isEmpty(requests) && isEmpty(labels)) return undefined;
  const asked = Object.entries(requests).map(([name, value]) => [name, name === 'cpu' ? `${String(value)}m` : `${String(value)}Mi`]);
  return {
    ...(!isEmpty(weights) && { weights }),
    ...(!isEmpty(requests) && { requests: Object.fromEntries(asked) as Record<string, string> }),
    ...(!isEmpty(labels) && { nodes: Object.entries(labels).map(([name, set]) => ({ name, labels: set })) }),
  };
}

/** The weights that differ from those of the profile. */
export function changedWeights({ status }: SchedulingDecision, { weights }: Changes): Record<string, number> {
  const own = new Map(status.scores.map(({ plugin, weight }) => [plugin, weight]));
  return Object.fromEntries(Object.entries(weights).filter(([plugin, weight]) => own.get(plugin) !== weight));
}

/** With one weight, request or label changed; back at its own value a change is none. */
export function withWeight(changes: Changes, plugin: string, weight: number, own: number): Changes {
  return { ...changes, weights: withOrWithout(changes.weights, plugin, weight === own ? undefined : weight) };
}

/** See `withWeight`. */
export function withRequest(changes: Changes, resource: string, value: number, own: number): Changes {
  return { ...changes, requests: withOrWithout(changes.requests, resource, value === own ? undefined : value) };
}

/** `value` undefined takes the label back. */
export function withLabel(changes: Changes, node: string, key: string, value: string | undefined): Changes {
  const set = withOrWithout(changes.labels[node] ?? {}, key, value);
  return { ...changes, labels: withOrWithout(changes.labels, node, isEmpty(set) ? undefined : set) };
}

function withOrWithout<T>(record: Readonly<Record<string, T>>, key: string, value: T | undefined): Readonly<Record<string, T>> {
  const { [key]: _old, ...rest } = record;
  return value === undefined ? rest : { ...rest, [key]: value };
}

const LABEL = /^([a-z0-9A-Z]([-\w./]*[a-z0-9A-Z])?)=([-\w.]*)$/;

/** "disk=ssd" as key and value; undefined for a text that is no label. */
export function parseLabel(text: string): { key: string; value: string } | undefined {
  const [, key, , value] = LABEL.exec(text.trim()) ?? [];
  return key === undefined || value === undefined ? undefined : { key, value };
}
