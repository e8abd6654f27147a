/** Profiles to compare, in the form of KubeSchedulerConfiguration (`spec.overrides.profile` of a dry run). */

/** One of them. */
export const PROFILE_IDS = ['now', 'default', 'packer', 'classic', 'worstFit', 'bestFit', 'hybrid'] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];

const RESOURCES = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** The profile; undefined for the one that holds now. */
export const PROFILES: Readonly<Record<ProfileId, Readonly<Record<string, unknown>> | undefined>> = {
  now: undefined,
  default: {},
  packer: { pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated', resources: RESOURCES } } }] },
  classic: { policy: {} },
  worstFit: { borg: { placement: 'WorstFit' } },
  bestFit: { borg: { placement: 'BestFit' } },
  hybrid: { borg: { placement: 'Hybrid' } },
};
