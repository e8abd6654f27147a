/** What the head of a scenario says about the cluster to build and how its clock starts. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';
import { DEFAULT_SEED, scenarioOf } from './header.ts';

/** The parts of a scenario that must be known before its cluster exists. */
export interface ScenarioStart {
  /** The scenario's name; "" for the default cluster. */
  name: string;
  seed: number;
  layout: ScenarioCluster;
  pace: { paused: boolean; speed: number | 'max' };
}

/** Reads the `Scenario` among the objects; without one, the default cluster runs at once. */
export function startOf(objects: readonly KubernetesObject[]): ScenarioStart {
  const scenario = scenarioOf(objects);
  if (scenario === undefined) return { name: '', seed: DEFAULT_SEED, layout: {}, pace: { paused: false, speed: 1 } };
  const { seed = DEFAULT_SEED, cluster = {}, clock = {} } = scenario.spec;
  const speed = clock.speed === 'max' ? 'max' : Number(clock.speed ?? 1);
  return {
    name: scenario.metadata.name,
    seed,
    layout: cluster,
    pace: { paused: (clock.start ?? 'paused') === 'paused', speed: speed === 'max' || speed > 0 ? speed : 1 },
  };
}
