/** What a scheduler case is, and the profile it asks for. */
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import type { Node, Pod } from '../../src/api/generated/types.ts';
import type { SchedulerProfile } from '../../src/scheduler/config.ts';

export interface SchedulerCase {
  plugin: string;
  /** "default-profile": all plugins run; "single-plugin": only this one; "plugin-only": it is called without a cluster. */
  harness: string;
  extensionPoint: 'preFilter' | 'filter' | 'score' | 'normalizedScore' | 'preemption';
  pluginArgs: Record<string, unknown>;
  /** Preemption: the filters of the profile; absent: all plugins. */
  enabledFilters?: string[];
  nodes: Node[];
  existingPods: Pod[];
  otherObjects: KubernetesObject[];
  pod: Pod;
}

/** What was found for one node. */
export interface NodeAnswer {
  code?: string;
  reasons?: readonly string[];
  score?: number;
  insufficient?: readonly { resource: string; requested: number; used: number; capacity: number }[];
}

export const isScore = ({ extensionPoint }: SchedulerCase): boolean => extensionPoint === 'score' || extensionPoint === 'normalizedScore';

/** A profile cannot do without these. */
const BASIC = ['PrioritySort', 'DefaultBinder'];

/** The profile of the case. */
export function profileOf({ plugin, harness, extensionPoint, enabledFilters, pluginArgs }: SchedulerCase): SchedulerProfile {
  const whole = extensionPoint === 'preemption' ? enabledFilters === undefined : harness === 'default-profile';
  const own = extensionPoint === 'preemption' ? [...(enabledFilters ?? []), 'DefaultPreemption'] : [plugin];
  const multiPoint = whole ? {} : { disabled: [{ name: '*' }], enabled: [...BASIC, ...own].map((name) => ({ name })) };
  return { schedulerName: 'default-scheduler', plugins: { multiPoint }, pluginConfig: [{ name: plugin, args: pluginArgs }] };
}
