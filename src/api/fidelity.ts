/** Which fields are stored only: the apiserver's warnings and docs/fidelity.md come from the same tables. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { ResourceDefinition } from './resource.ts';

/** A warning for each field of `object` that has no effect in the simulation. */
export function notSimulatedWarnings(_definition: ResourceDefinition, _object: KubernetesObject): string[] {
  return [];
}
