/** The kind ReplicationController. */
import { withTemplateDefaults } from './pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabels, nameColumn, workloadColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
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
  subresources: { status: true },
  defaults(controller) {
    const labels = controller.spec?.template?.metadata?.labels;
    const labelled =
      labels && Object.keys(labels).length > 0 && Object.keys(controller.metadata.labels ?? {}).length === 0
        ? { ...controller, metadata: { ...controller.metadata, labels } }
        : controller;
    return mapField(withSpec(labelled), 'spec', (spec) => withTemplateDefaults(withDefaults(spec, { replicas: 1, selector: labels })));
  },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...workloadColumns<ReplicationController>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabels(spec.selector),
    ),
  ],
});
