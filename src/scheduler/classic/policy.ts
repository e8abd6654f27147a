/**
 * A Policy as a profile: predicates and priorities by name, as `kind: Policy` listed them until release 1.22
 * (`pkg/scheduler/api/v1/types.go`, `algorithmprovider/defaults/defaults.go`).
 */
import { badRequest } from '../../apimachinery/status.ts';
import type { ClassicPolicy, PluginRegistry, SchedulerProfile } from '../config.ts';
import { PREDICATES } from './predicates.ts';
import { MAX_PRIORITY, PRIORITIES } from './priorities.ts';

/** What the DefaultProvider ran. */
export const DEFAULT_POLICY: Required<ClassicPolicy> = {
  predicates: [
    'NoVolumeZoneConflict',
    'MaxEBSVolumeCount',
    'MaxGCEPDVolumeCount',
    'MaxAzureDiskVolumeCount',
    'MatchInterPodAffinity',
    'NoDiskConflict',
    'GeneralPredicates',
    'PodToleratesNodeTaints',
    'CheckNodeUnschedulable',
    'CheckVolumeBinding',
  ].map((name) => ({ name })),
  priorities: [
    'SelectorSpreadPriority',
    'InterPodAffinityPriority',
    'LeastRequestedPriority',
    'BalancedResourceAllocation',
    'NodeAffinityPriority',
    'TaintTolerationPriority',
  ].map((name) => ({ name, weight: 1 })),
};

/** Plugins around the policy, without which nothing is queued, made room for or bound. */
const FRAME = ['SchedulingGates', 'PrioritySort', 'DefaultPreemption', 'DefaultBinder'];

/** The profile without its policy, and the registry to resolve it with. Throws BadRequest for a name that the classic mode does not have. */
export function classicProfile(
  profile: SchedulerProfile,
  policy: ClassicPolicy,
  registry: PluginRegistry,
): { profile: SchedulerProfile; registry: PluginRegistry; maxScore: number } {
  const { predicates = DEFAULT_POLICY.predicates, priorities = DEFAULT_POLICY.priorities } = policy;
  for (const { name } of predicates) {
    if (PREDICATES[name] === undefined)
      throw badRequest(`invalid configuration: predicate name: ${name} not found; there are ${Object.keys(PREDICATES).join(', ')}`);
  }
  for (const { name, weight = 1 } of priorities) {
    if (PRIORITIES[name] === undefined)
      throw badRequest(`invalid configuration: priority name: ${name} not found; there are ${Object.keys(PRIORITIES).join(', ')}`);
    if (!(Number.isInteger(weight) && weight > 0)) throw badRequest(`priority for ${name} should have a positive weight applied to it`);
  }
  // They ran in the order of the table, whatever the order of the Policy.
  const named = new Set(predicates.map(({ name }) => name));
  const ordered = Object.keys(PREDICATES).filter((name) => named.has(name));
  const defaults = [
    ...FRAME.slice(0, 2).map((name) => ({ name })),
    ...ordered.map((name) => ({ name })),
    ...priorities,
    ...FRAME.slice(2).map((name) => ({ name })),
  ];
  const { policy: _policy, plugins: _plugins, ...rest } = profile;
  return {
    profile: rest,
    registry: { factories: { ...registry.factories, ...PREDICATES, ...PRIORITIES }, defaults },
    maxScore: MAX_PRIORITY,
  };
}
