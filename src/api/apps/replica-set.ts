/** The kind ReplicaSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { defineResource } from '../resource.ts';
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
  subresources: { status: true },
  defaults: (replicaSet) => mapField(withSpec(replicaSet), 'spec', (spec) => withTemplateDefaults(withDefaults(spec, { replicas: 1 }))),
  columns: [],
});
