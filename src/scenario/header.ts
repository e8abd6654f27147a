/** Finds the header of a scenario among its objects. Alone in its file, because the page needs it before the reader of YAML is loaded. */
import type { Scenario } from '../api/kubarium/scenario.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** The `Scenario` among the objects of a scenario. */
export function scenarioOf(objects: readonly KubernetesObject[]): Scenario | undefined {
  return objects.find(({ apiVersion, kind }) => apiVersion === 'kubarium.dev/v1alpha1' && kind === 'Scenario') as Scenario | undefined;
}

/** Used when a scenario names no seed. */
export const DEFAULT_SEED = 1;
