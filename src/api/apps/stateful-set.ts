/** The kind StatefulSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { defaultClaimTemplate } from '../core/persistent-volume-claim.ts';
import { mapField, mapItems, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, nameColumn, workloadColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { StatefulSet, StatefulSetSpec } from '../generated/types.ts';

/** `SetDefaults_StatefulSet`. */
function defaultSpec(spec: StatefulSetSpec): StatefulSetSpec {
  const next = withDefaults(spec, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  const policied = mapField(next, 'persistentVolumeClaimRetentionPolicy', (policy) =>
    withDefaults(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  );
  const claimed = mapField(policied, 'volumeClaimTemplates', (claims) => mapItems(claims, defaultClaimTemplate));
  return mapField(claimed, 'updateStrategy', (strategy) => {
    const typed = strategy.type ? strategy : withDefaults(strategy, { type: 'RollingUpdate', rollingUpdate: {} });
    if (typed.type !== 'RollingUpdate') return typed;
    return mapField(typed, 'rollingUpdate', (rolling) => withDefaults(rolling, { partition: 0 }));
  });
}

/** apps/v1 StatefulSet. */
export const StatefulSetResource = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.StatefulSet',
  subresources: { status: true },
  defaults: (statefulSet) => mapField(withSpec(statefulSet), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec))),
  columns: [
    nameColumn,
    { name: 'Ready', value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    ageColumn,
    ...workloadColumns<StatefulSet>(({ spec }) => spec.template?.spec),
  ],
});
