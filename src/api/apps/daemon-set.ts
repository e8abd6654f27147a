/** The kind DaemonSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, formatLabels, nameColumn, workloadColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { DaemonSet, DaemonSetSpec } from '../generated/types.ts';

/** `SetDefaults_DaemonSet`. */
function defaultSpec(spec: DaemonSetSpec): DaemonSetSpec {
  const next = withDefaults(spec, { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 });
  return mapField(next, 'updateStrategy', (strategy) => {
    const typed = withDefaults(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return mapField(withDefaults(typed, { rollingUpdate: {} }), 'rollingUpdate', (rolling) =>
      withDefaults(rolling, { maxUnavailable: 1, maxSurge: 0 }),
    );
  });
}

/** apps/v1 DaemonSet. */
export const DaemonSetResource = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.DaemonSet',
  subresources: { status: true },
  defaults: (daemonSet) => mapField(withSpec(daemonSet), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec))),
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', value: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', value: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', value: ({ spec }) => formatLabels(spec.template?.spec?.nodeSelector) },
    ageColumn,
    ...workloadColumns<DaemonSet>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabelSelector(spec.selector),
    ),
  ],
});
