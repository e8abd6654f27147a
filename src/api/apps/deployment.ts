/** The kind Deployment. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, workloadColumns } from '../columns.ts';
import { TEMPLATE_NOT_SIMULATED } from '../core/pod-fidelity.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import {
  atMost100Percent,
  goIntOrString,
  immutableSelector,
  invalidGo,
  isZero,
  notNegative,
  validateIntOrPercent,
  validateWorkloadSelector,
} from '../validation/common.ts';
import { collisionCountKept, validateReplicaCounts } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import { labelledScale } from '../scale.ts';
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../generated/types.ts';

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

/** `ValidateDeploymentStrategy`. */
function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, path: string): FieldError[] {
  if (type === 'Recreate') {
    return rollingUpdate ? [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  }
  if (type !== 'RollingUpdate') {
    const shown = `apps.DeploymentStrategy{Type:${JSON.stringify(type ?? '')}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}`;
    return [
      { type: 'FieldValueNotSupported', field: path, detail: `Unsupported value: ${shown}: supported values: "Recreate", "RollingUpdate"` },
    ];
  }
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const at = `${path}.rollingUpdate`;
  const errors = [...validateIntOrPercent(`${at}.maxUnavailable`, maxUnavailable), ...validateIntOrPercent(`${at}.maxSurge`, maxSurge)];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalidGo(`${at}.maxUnavailable`, goIntOrString(maxUnavailable ?? 0), 'may not be 0 when `maxSurge` is 0'));
  }
  return [...errors, ...atMost100Percent(`${at}.maxUnavailable`, maxUnavailable)];
}

/** `ValidateDeploymentSpec`. */
function validateDeployment({ spec }: Deployment): FieldError[] {
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec;
  const errors = [
    ...notNegative('spec.replicas', spec.replicas),
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'deployment'),
    ...checks.get().validateReplicaTemplate(spec.selector, spec.template, 'spec.template', 'ReplicaSet'),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...notNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    errors.push(invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
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
  subresources: { status: true, scale: labelledScale() },
  defaults: (deployment) => mapField(withSpec(deployment), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec))),
  validate: validateDeployment,
  validateUpdate: (next, old) => immutableSelector('spec.selector', next.spec.selector, old.spec.selector),
  validateStatusUpdate: (next, old) => [
    ...validateReplicaCounts(next.status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
    ...collisionCountKept(next.status, old.status),
  ],
  notSimulated: TEMPLATE_NOT_SIMULATED,
  warnings: (...given) => checks.get().workloadWarnings(...given),
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
