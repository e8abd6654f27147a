/**
 * The kind Pod (`pkg/registry/core/pod/strategy.go`). Its parts: defaults in pod-spec-defaults.ts, rules in ../validation, what an
 * update may change in pod-update.ts, columns in pod-columns.ts.
 */
import { defaultPodSpec } from './pod-spec-defaults.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import { forbiddenField, invalidValue } from '../../apimachinery/status.ts';
import { mapField, withSpec } from '../defaulting.ts';
import { POD_NOT_SIMULATED } from './pod-fidelity.ts';
import { podColumns } from './pod-columns.ts';
import { withLabelKeysMerged } from './pod-affinity-keys.ts';
import { qosClassOf } from './qos.ts';
import { validatePodStatus } from '../validation/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Pod, PodCondition } from '../generated/types.ts';

const GATED: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

/** Rules for pods that templates do not have (`validateContainersOnlyForPod`). */
function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = [...checks.get().validatePodSpec(spec, 'spec')];
  for (const list of ['containers', 'initContainers'] as const) {
    spec[list]?.forEach(({ image }, index) => {
      if (image && image !== image.trim()) {
        errors.push(invalidValue(`spec.${list}[${index}].image`, image, 'must not have leading or trailing whitespace'));
      }
    });
  }
  return errors;
}

/** Rules for new pods alone (`ValidatePodCreate`). */
function validatePodCreate({ spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}

/**
 * Seconds until the kubelet kills: as asked, else the pod's own; 0 for a pod that runs nowhere or has ended
 * (`podStrategy.CheckGracefulDelete`).
 */
function gracePeriodSeconds({ spec, status }: Pod, requested: number | undefined): number {
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

/** v1 Pod. */
export const PodResource = defineResource<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.Pod',
  subresources: { status: true },
  defaults: (pod) => mapField(withSpec(pod), 'spec', defaultPodSpec),
  prepareForCreate(pod) {
    const spec = withLabelKeysMerged(defaultPodSpec(pod.spec ?? { containers: [] }), pod.metadata.labels);
    const status = { phase: 'Pending', qosClass: qosClassOf(spec), ...(spec.schedulingGates?.length && { conditions: [GATED] }) };
    return { ...pod, spec, status };
  },
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: (...given) => checks.get().validatePodUpdate(...given),
  validateStatusUpdate: validatePodStatus,
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
  gracePeriodSeconds,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : checks.get().nameWarnings(metadata.name, "the Pod's hostname")),
    ...checks.get().podSpecWarnings(spec, 'spec'),
  ],
  columns: podColumns,
  notSimulated: POD_NOT_SIMULATED,
});
