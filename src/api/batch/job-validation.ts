/** Rules of Jobs, alone and inside CronJobs (`ValidateJob`, `ValidateJobUpdate` in `pkg/apis/batch/validation/validation.go`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { immutable, immutableSelector, IMMUTABLE, invalidGo, notNegative, oneOf, validateLabelSelector } from '../validation/common.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { templateMatches } from '../validation/templates.ts';
import { validatePodTemplate } from '../validation/pod-spec.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Job, JobSpec, PodFailurePolicy } from '../generated/types.ts';

const MAX_INDEXED_PARALLELISM = 100_000;

function validateFailurePolicy({ rules = [] }: PodFailurePolicy, spec: JobSpec, path: string): FieldError[] {
  const names = [...(spec.template?.spec?.containers ?? []), ...(spec.template?.spec?.initContainers ?? [])].map(({ name }) => name);
  return rules.flatMap(({ action, onExitCodes, onPodConditions = [] }, index) => {
    const at = `${path}.rules[${index}]`;
    const errors = oneOf(`${at}.action`, action, ['Count', 'FailIndex', 'FailJob', 'Ignore'], true);
    if (onExitCodes) {
      const { operator, values = [], containerName } = onExitCodes;
      errors.push(...oneOf(`${at}.onExitCodes.operator`, operator, ['In', 'NotIn'], true));
      if (containerName !== undefined && !names.includes(containerName)) {
        errors.push(
          invalidValue(
            `${at}.onExitCodes.containerName`,
            containerName,
            'must be one of the container or initContainer names in the pod template',
          ),
        );
      }
      if (values.length === 0) errors.push(invalidValue(`${at}.onExitCodes.values`, values, 'at least one value is required'));
      if (operator === 'In' && values.includes(0)) {
        errors.push(invalidValue(`${at}.onExitCodes.values[${values.indexOf(0)}]`, 0, 'must not be 0 for the In operator'));
      }
    }
    if (onExitCodes && onPodConditions.length > 0)
      errors.push(invalidValue(at, '', 'specifying both OnExitCodes and OnPodConditions is not supported'));
    if (!onExitCodes && onPodConditions.length === 0)
      errors.push(invalidValue(at, '', 'specifying one of OnExitCodes and OnPodConditions is required'));
    return errors;
  });
}

/** A Job's pods end: they may not restart always. */
function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const at = `${path}.template.spec.restartPolicy`;
  const policy = spec.template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') return [required(at, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(at, policy, ['OnFailure', 'Never'])];
  return spec.podFailurePolicy && policy !== 'Never'
    ? [invalidValue(at, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completionMode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  const errors = oneOf(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']);
  if (completionMode === 'Indexed') {
    if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
    if (parallelism > MAX_INDEXED_PARALLELISM) {
      errors.push(
        invalidValue(
          `${path}.parallelism`,
          parallelism,
          `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`,
        ),
      );
    }
  } else if (backoffLimitPerIndex !== undefined) {
    errors.push(invalidValue(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'));
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  return errors;
}

/** `validateJobSpec`: everything but the selector, which a CronJob's template does not have. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  return [
    ...notNegative(`${path}.parallelism`, spec.parallelism),
    ...notNegative(`${path}.completions`, spec.completions),
    ...notNegative(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds),
    ...notNegative(`${path}.backoffLimit`, spec.backoffLimit),
    ...notNegative(`${path}.ttlSecondsAfterFinished`, spec.ttlSecondsAfterFinished),
    ...notNegative(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex),
    ...notNegative(`${path}.maxFailedIndexes`, spec.maxFailedIndexes),
    ...validateIndexed(spec, path),
    ...(spec.podFailurePolicy ? validateFailurePolicy(spec.podFailurePolicy, spec, `${path}.podFailurePolicy`) : []),
    ...oneOf(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed']),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, path),
  ];
}

/** `ValidateJob`. */
export function validateJob({ spec }: Job): FieldError[] {
  return [
    ...validateJobSpec(spec, 'spec'),
    ...(spec.selector ? validateLabelSelector(spec.selector, 'spec.selector') : [required('spec.selector')]),
    ...templateMatches(spec.selector, spec.template, 'spec.template'),
  ];
}

/** An indexed Job may change completions, together with and equal to parallelism. */
function validateCompletions(next: JobSpec, old: JobSpec): FieldError[] {
  if (next.completions === old.completions) return [];
  const elastic = next.completionMode === 'Indexed' && next.completions !== undefined && next.completions === next.parallelism;
  if (elastic) return [];
  if (next.completionMode !== 'Indexed') return immutable('spec.completions', next.completions, old.completions);
  return [
    invalidValue('spec.completions', next.completions, `can only be modified in tandem with parallelism when completionMode is Indexed`),
  ];
}

/** `ValidateJobUpdate`. While a Job is suspended and has not started, its pods' scheduling may still change. */
export function validateJobUpdate({ spec: next }: Job, { spec: old, status }: Job): FieldError[] {
  const errors = [...validateCompletions(next, old), ...immutableSelector('spec.selector', next.selector, old.selector)];
  if (!deepEqual(next.template, old.template) && !(old.suspend && status?.startTime === undefined)) {
    // Differs: the refusal of a changed Job template names the template in short; upstream prints all of it as a Go struct.
    errors.push(invalidGo('spec.template', 'core.PodTemplateSpec{…}', IMMUTABLE));
  }
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) {
    errors.push(...immutable(`spec.${field}`, next[field], old[field]));
  }
  return errors;
}
