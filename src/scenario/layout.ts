/** What the head of a scenario says about the cluster to build and how its clock starts. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Scenario, ScenarioCluster } from '../api/kubarium/scenario.ts';

/** The parts of a scenario that must be known before its cluster exists. */
export interface ScenarioStart {
  /** The scenario's name; "" for the default cluster. */
  name: string;
  layout: ScenarioCluster;
  pace: { paused: boolean; speed: number | 'max' };
}

/** Reads the `Scenario` among the objects; without one, the default cluster runs at once. */
export function scenarioOf(objects: readonly KubernetesObject[]): ScenarioStart {
  const scenario = objects.find((object) => object.kind === 'Scenario' && object.apiVersion.startsWith('kubarium.dev/')) as Scenario | undefined;
  if (scenario === undefined) return { name: '', layout: {}, pace: { paused: false, speed: 1 } };
  const { cluster = {}, clock = {} } = scenario.spec;
  const speed = clock.speed === 'max' ? 'max' : Number(clock.speed ?? 1);
  return {
    name: scenario.metadata.name,
    layout: cluster,
    pace: { paused: (clock.start ?? 'paused') === 'paused', speed: speed === 'max' || speed > 0 ? speed : 1 },
  };
}

/** The seed that the scenario asks for; `fallback` when it does not. */
export function seedOf(objects: readonly KubernetesObject[], fallback: number): number {
  const scenario = objects.find(({ kind }) => kind === 'Scenario') as Scenario | undefined;
  return scenario?.spec.seed ?? fallback;
}
