/** The kind PodDisruptionBudget. */
import { defineResource } from '../resource.ts';
import type { PodDisruptionBudget } from '../generated/types.ts';

/** policy/v1 PodDisruptionBudget. */
export const PodDisruptionBudgetResource = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  namespaced: true,
  schema: 'policy.v1.PodDisruptionBudget',
  subresources: { status: true },
  columns: [],
});
