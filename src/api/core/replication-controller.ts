/** The kind ReplicationController. */
import { withTemplateDefaults } from './pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabels, nameColumn, replicaColumns, workloadColumns } from '../columns.ts';
import { selectorFromSet } from '../../apimachinery/labels.ts';
import { TEMPLATE_NOT_SIMULATED } from './pod-fidelity.ts';
import { required } from '../../apimachinery/status.ts';
import { notNegative } from '../validation/common.ts';
import { validateReplicaCounts } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import { replicaScale } from '../scale.ts';
import type { ReplicationController } from '../generated/types.ts';

/** v1 ReplicationController. */
export const ReplicationControllerResource = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.ReplicationController',
  subresources: { status: true, scale: replicaScale(({ spec }) => selectorFromSet(spec.selector).toString()) },
  defaults(controller) {
    const labels = controller.spec?.template?.metadata?.labels;
    const labelled =
      labels && Object.keys(labels).length > 0 && Object.keys(controller.metadata.labels ?? {}).length === 0
        ? { ...controller, metadata: { ...controller.metadata, labels } }
        : controller;
    return mapField(withSpec(labelled), 'spec', (spec) => withTemplateDefaults(withDefaults(spec, { replicas: 1, selector: labels })));
  },
  validate: ({ spec }) => [
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(Object.keys(spec.selector ?? {}).length > 0 ? [] : [required('spec.selector')]),
    ...notNegative('spec.replicas', spec.replicas),
    ...checks.get().validateReplicaTemplate({ matchLabels: spec.selector }, spec.template, 'spec.template', 'ReplicationController'),
  ],
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
  notSimulated: TEMPLATE_NOT_SIMULATED,
  columns: [
    nameColumn,
    ...replicaColumns,
    ageColumn,
    ...workloadColumns<ReplicationController>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabels(spec.selector),
    ),
  ],
});
