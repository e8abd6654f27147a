/** The kind DaemonSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, formatLabels, nameColumn, workloadColumns } from '../columns.ts';
import { TEMPLATE_NOT_SIMULATED } from '../core/pod-fidelity.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { required } from '../../apimachinery/status.ts';
import {
  atMost100Percent,
  goIntOrString,
  immutableSelector,
  invalidGo,
  isZero,
  notNegative,
  oneOf,
  validateIntOrPercent,
  validateWorkloadSelector,
} from '../validation/common.ts';
import { collisionCountKept, countsNotNegative } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../generated/types.ts';

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

/** `ValidateDaemonSetUpdateStrategy`. */
function validateUpdateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): FieldError[] {
  if (type !== 'RollingUpdate') return oneOf('spec.updateStrategy.type', type, ['RollingUpdate', 'OnDelete'], true);
  const path = 'spec.updateStrategy.rollingUpdate';
  if (!rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...validateIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...atMost100Percent(`${path}.maxUnavailable`, maxUnavailable),
    ...validateIntOrPercent(`${path}.maxSurge`, maxSurge),
    ...atMost100Percent(`${path}.maxSurge`, maxSurge),
  ];
  const surges = !isZero(maxSurge);
  if (surges && !isZero(maxUnavailable)) {
    errors.push(invalidGo(`${path}.maxSurge`, goIntOrString(maxSurge ?? 0), 'may not be set when maxUnavailable is non-zero'));
  }
  if (!surges && isZero(maxUnavailable)) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

/** `ValidateDaemonSetSpec`. */
function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'daemonset'),
    ...checks.get().validateReplicaTemplate(spec.selector, spec.template, 'spec.template', 'DaemonSet'),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateUpdateStrategy(spec.updateStrategy ?? {}),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
];

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
  validate: validateDaemonSet,
  validateUpdate: (next, old) => immutableSelector('spec.selector', next.spec.selector, old.spec.selector),
  validateStatusUpdate: (next, old) => [...countsNotNegative(next.status, COUNTS), ...collisionCountKept(next.status, old.status)],
  notSimulated: TEMPLATE_NOT_SIMULATED,
  warnings: ({ spec }) => checks.get().podSpecWarnings(spec.template?.spec, 'spec.template.spec'),
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
