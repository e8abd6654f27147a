/** The kind ReplicationController. */
import { withTemplateDefaults } from './pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
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
  columns: [],
});
