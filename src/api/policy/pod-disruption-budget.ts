/** The kind PodDisruptionBudget. */
import { ageColumn, nameColumn } from '../columns.ts';
import { countsNotNegative } from '../validation/status.ts';
import { atMost100Percent, oneOf, validateIntOrPercent, validateLabelSelector } from '../validation/common.ts';
import { invalidValue } from '../../apimachinery/status.ts';
import { withSpec } from '../defaulting.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { PodDisruptionBudget } from '../generated/types.ts';

/** `ValidatePodDisruptionBudgetSpec`. */
function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [field, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    errors.push(...validateIntOrPercent(`spec.${field}`, value), ...atMost100Percent(`spec.${field}`, value));
  }
  errors.push(...validateLabelSelector(selector, 'spec.selector'));
  return [...errors, ...oneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])];
}

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
  defaults: withSpec,
  validate: validateBudget,
  validateStatusUpdate: ({ status }) =>
    countsNotNegative(status, ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']),
  columns: [
    nameColumn,
    { name: 'Min Available', value: ({ spec }) => String(spec.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', value: ({ spec }) => String(spec.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', value: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
});
