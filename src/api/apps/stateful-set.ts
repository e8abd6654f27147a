/** The kind StatefulSet. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { CLAIM_NOT_SIMULATED, defaultClaimTemplate } from '../core/persistent-volume-claim.ts';
import { mapField, mapItems, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, nameColumn, workloadColumns } from '../columns.ts';
import { TEMPLATE_NOT_SIMULATED } from '../core/pod-fidelity.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { isDNS1123Label } from '../../apimachinery/names.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { notNegative, oneOf, validateWorkloadSelector } from '../validation/common.ts';
import { validateReplicaCounts } from '../validation/status.ts';
import { validateAnnotations, validateLabels } from '../validation/object-meta.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import { labelledScale } from '../scale.ts';
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../generated/types.ts';

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

const UPDATE_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function withoutUpdatable({ spec }: StatefulSet) {
  const { selector, serviceName, podManagementPolicy, volumeClaimTemplates } = spec;
  return { selector, serviceName, podManagementPolicy, volumeClaimTemplates };
}

function validateUpdateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy): FieldError[] {
  const path = 'spec.updateStrategy';
  if (!type) return [required(path)];
  if (type === 'OnDelete')
    return rollingUpdate ? [invalidValue(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : [];
  if (type !== 'RollingUpdate') return [invalidValue(path, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")];
  return notNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition);
}

/** `ValidateStatefulSetSpec`. The pod spec is looked at when the pods are made: its volumes may come from the claim templates. */
function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: retention, template } = spec;
  const errors: FieldError[] = [];
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  const kept = 'spec.persistentVolumeClaimRetentionPolicy';
  return [
    ...errors,
    ...validateUpdateStrategy(spec.updateStrategy ?? {}),
    ...oneOf(`${kept}.whenDeleted`, retention?.whenDeleted, ['Delete', 'Retain']),
    ...oneOf(`${kept}.whenScaled`, retention?.whenScaled, ['Delete', 'Retain']),
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'statefulset'),
    ...checks.get().templateMatches(spec.selector, template, 'spec.template'),
    ...validateLabels(template?.metadata?.labels, 'spec.template.labels'),
    ...validateAnnotations(template?.metadata?.annotations, 'spec.template.annotations'),
    ...checks.get().validateRestartingTemplate(template, 'spec.template', 'StatefulSet'),
  ];
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
  subresources: { status: true, scale: labelledScale() },
  defaults: (statefulSet) => mapField(withSpec(statefulSet), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec))),
  validate: validateStatefulSet,
  validateUpdate: (next, old) => (deepEqual(withoutUpdatable(next), withoutUpdatable(old)) ? [] : [forbiddenField('spec', UPDATE_TEXT)]),
  validateStatusUpdate: ({ status }) =>
    validateReplicaCounts(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], 'status.readyReplicas'),
  // The pods' host names are made of it.
  validateName: isDNS1123Label,
  notSimulated: [...TEMPLATE_NOT_SIMULATED, ...CLAIM_NOT_SIMULATED.map((field) => `spec.volumeClaimTemplates[*].spec.${field}`)],
  warnings: ({ spec }) => checks.get().podSpecWarnings(spec.template?.spec, 'spec.template.spec'),
  columns: [
    nameColumn,
    { name: 'Ready', value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    ageColumn,
    ...workloadColumns<StatefulSet>(({ spec }) => spec.template?.spec),
  ],
});
