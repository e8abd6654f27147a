/** The kind Deployment. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, workloadColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { Deployment, DeploymentSpec } from '../generated/types.ts';

/** `SetDefaults_Deployment`. */
function defaultSpec(spec: DeploymentSpec): DeploymentSpec {
  const next = withDefaults(spec, {
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  return mapField(next, 'strategy', (strategy) => {
    const typed = withDefaults(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return mapField(withDefaults(typed, { rollingUpdate: {} }), 'rollingUpdate', (rolling) =>
      withDefaults(rolling, { maxUnavailable: '25%', maxSurge: '25%' }),
    );
  });
}

/** apps/v1 Deployment. */
export const DeploymentResource = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.Deployment',
  subresources: { status: true },
  defaults: (deployment) => mapField(withSpec(deployment), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec))),
  columns: [
    nameColumn,
    { name: 'Ready', value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    { name: 'Up-to-date', value: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', value: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...workloadColumns<Deployment>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabelSelector(spec.selector),
    ),
  ],
});
