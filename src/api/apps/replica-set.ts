/** The kind ReplicaSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, replicaColumns, workloadColumns } from '../columns.ts';
import { TEMPLATE_NOT_SIMULATED } from '../core/pod-fidelity.ts';
import { immutableSelector, notNegative, validateWorkloadSelector } from '../validation/common.ts';
import { validateReplicaCounts } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import { labelledScale } from '../scale.ts';
import type { ReplicaSet } from '../generated/types.ts';

/** apps/v1 ReplicaSet. */
export const ReplicaSetResource = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.ReplicaSet',
  subresources: { status: true, scale: labelledScale() },
  defaults: (replicaSet) => mapField(withSpec(replicaSet), 'spec', (spec) => withTemplateDefaults(withDefaults(spec, { replicas: 1 }))),
  validate: ({ spec }) => [
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'deployment'),
    ...checks.get().validateReplicaTemplate(spec.selector, spec.template, 'spec.template', 'ReplicaSet'),
  ],
  validateUpdate: (next, old) => immutableSelector('spec.selector', next.spec.selector, old.spec.selector),
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
  notSimulated: TEMPLATE_NOT_SIMULATED,
  warnings: (...given) => checks.get().workloadWarnings(...given),
  columns: [
    nameColumn,
    ...replicaColumns,
    ageColumn,
    ...workloadColumns<ReplicaSet>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabelSelector(spec.selector),
    ),
  ],
});
