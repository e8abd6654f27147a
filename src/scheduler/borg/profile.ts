/**
 * Borg's ideas as a profile. Placement replaces the scores of resources; preemption knows bands, whose highest, production, is
 * never preempted by its own ("we disallow tasks in the production priority band to preempt one another").
 */
import { notSupported } from '../../apimachinery/status.ts';
import { invalidConfiguration, textOf } from '../config-validation.ts';
import type { BorgOptions, PluginRegistry, SchedulerProfile, Translation } from '../config.ts';
import type { PluginFactory } from '../framework/interface.ts';
import { preemptionBy } from '../plugins/default-preemption.ts';
import type { MayEvict } from '../preemption.ts';
import { avoidFailedPairs, FAILED_PAIRS } from './failed-pairs.ts';
import { PLACEMENTS, placementPlugin } from './placement.ts';

/** Bands by their lowest priority. */
export const BANDS = [
  { name: 'monitoring', from: 1_000_000 },
  { name: 'production', from: 100_000 },
  { name: 'batch', from: 1 },
  { name: 'best effort', from: -Infinity },
] as const;

const PREEMPTION = 'BorgPreemption';
const FAILED_PAIRS_WEIGHT = 5;
const RESOURCE_SCORES = ['NodeResourcesFit', 'NodeResourcesBalancedAllocation'];

/** The band of a priority. */
export const bandOf = (priority: number): (typeof BANDS)[number]['name'] =>
  BANDS.find(({ from }) => priority >= from)?.name ?? 'best effort';

/** A lower priority, but not within the production band (nor within monitoring above it). */
export const mayEvictByBand: MayEvict = (pod, other) => {
  if (other.priority >= pod.priority) return false;
  const band = bandOf(other.priority);
  return band !== bandOf(pod.priority) || band === 'batch' || band === 'best effort';
};

const factories: Readonly<Record<string, PluginFactory>> = {
  BorgWorstFit: placementPlugin('BorgWorstFit', PLACEMENTS.WorstFit),
  BorgBestFit: placementPlugin('BorgBestFit', PLACEMENTS.BestFit),
  BorgHybrid: placementPlugin('BorgHybrid', PLACEMENTS.Hybrid),
  [PREEMPTION]: preemptionBy(PREEMPTION, mayEvictByBand),
  [FAILED_PAIRS]: avoidFailedPairs,
};

/** Adds what the options ask for. Throws BadRequest for options out of range. */
export function borgProfile(profile: SchedulerProfile, options: BorgOptions, registry: PluginRegistry): Translation {
  const { placement, avoidFailedPairs: avoids = false, relaxedRandomization = 0, scoreCache, equivalenceClasses } = options;
  if (placement !== undefined && PLACEMENTS[placement] === undefined) {
    throw invalidConfiguration(textOf([notSupported('borg.placement', placement, Object.keys(PLACEMENTS))]));
  }
  if (!(Number.isInteger(relaxedRandomization) && relaxedRandomization >= 0)) {
    throw invalidConfiguration('borg.relaxedRandomization: must be a whole number, 0 or more');
  }
  const score = registry.defaults
    .map((ref) => (ref.name === 'DefaultPreemption' ? { name: PREEMPTION } : ref))
    .filter(({ name }) => placement === undefined || name !== 'NodeResourcesBalancedAllocation');
  const defaults = [
    ...score,
    ...(placement === undefined ? [] : [{ name: `Borg${placement}`, weight: 10 }]),
    ...(avoids ? [{ name: FAILED_PAIRS, weight: FAILED_PAIRS_WEIGHT }] : []),
  ];
  const { borg: _borg, ...rest } = profile;
  const { plugins = {} } = rest;
  const disabled = placement === undefined ? [] : RESOURCE_SCORES.map((name) => ({ name }));
  const own = { ...plugins, score: { ...plugins.score, disabled: [...(plugins.score?.disabled ?? []), ...disabled] } };
  return {
    profile: { ...rest, plugins: own },
    registry: { ...registry, factories: { ...registry.factories, ...factories }, defaults },
    search: { scoreCache, equivalenceClasses, relaxedRandomization },
  };
}
