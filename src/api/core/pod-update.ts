/** What an update may change in a pod: almost nothing (`ValidatePodUpdate` in `pkg/apis/core/validation/validation.go`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { MAX_INT32 } from '../validation/common.ts';
import { rangeMessage } from '../../apimachinery/names.ts';
import type { Container, Pod, PodSpec, Toleration } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

function validateImages(
  next: readonly Container[] = [],
  old: readonly Container[] = [],
  path: string,
): { errors: FieldError[]; stop: boolean } {
  if (next.length !== old.length) return { errors: [forbiddenField(path, 'pod updates may not add or remove containers')], stop: true };
  return { errors: next.flatMap(({ image }, index) => (image ? [] : [required(`${path}[${index}].image`)])), stop: false };
}

function validateDeadline(next: number | undefined, old: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (next === undefined)
    return old === undefined ? [] : [invalidValue(path, null, 'must not update from a positive integer to nil value')];
  if (next < 0 || next > MAX_INT32) return [invalidValue(path, next, rangeMessage(0, MAX_INT32))];
  return old !== undefined && old < next ? [invalidValue(path, next, 'must be less than or equal to previous value')] : [];
}

const ignoringSeconds = ({ tolerationSeconds: _seconds, ...rest }: Toleration) => rest;

function validateTolerationsKept(next: readonly Toleration[] = [], old: readonly Toleration[] = []): FieldError[] {
  const kept = old.every((toleration) => next.some((candidate) => deepEqual(ignoringSeconds(candidate), ignoringSeconds(toleration))));
  return kept ? [] : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateGatesRemoved(next: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  const added = (next.schedulingGates ?? []).filter(({ name }) => !before.has(name)).map(({ name }) => name);
  if (added.length === 0) return [];
  return [forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gates '${added.join(',')}'`)];
}

const withImagesOf = (containers: Container[] | undefined, source: readonly Container[] | undefined): Container[] | undefined =>
  containers?.map((container, index) => ({ ...container, image: source?.[index]?.image }));

/** The new spec with everything that may change set back: equal to the old one unless something else changed. */
function withoutPermitted(next: PodSpec, old: PodSpec): PodSpec {
  const gated = (old.schedulingGates?.length ?? 0) > 0;
  const graceFixed = (old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
  return {
    ...next,
    containers: withImagesOf(next.containers, old.containers) ?? [],
    initContainers: withImagesOf(next.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(graceFixed && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
    // A pod that is not scheduled yet may narrow down where it may run.
    ...(gated && { nodeSelector: old.nodeSelector, affinity: old.affinity }),
  };
}

/** Differs: the refusal of a pod update lists the changed fields as JSON, where upstream prints a diff of Go structs. */
function describeChange(next: PodSpec, old: PodSpec): string {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort() as (keyof PodSpec)[];
  return keys
    .filter((key) => !deepEqual(next[key], old[key]))
    .map((key) => `- ${key}: ${JSON.stringify(old[key] ?? null)}\n+ ${key}: ${JSON.stringify(next[key] ?? null)}`)
    .join('\n');
}

/** `ValidatePodUpdate` beyond the rules of every pod. */
export function validatePodUpdate({ spec: next }: Pod, { spec: old }: Pod): FieldError[] {
  if (next === old) return [];
  const main = validateImages(next.containers, old.containers, 'spec.containers');
  if (main.stop) return main.errors;
  const init = validateImages(next.initContainers, old.initContainers, 'spec.initContainers');
  const errors = [...main.errors, ...init.errors];
  if (init.stop) return errors;
  const deadline = validateDeadline(next.activeDeadlineSeconds, old.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0) return errors;
  errors.push(...validateTolerationsKept(next.tolerations, old.tolerations), ...validateGatesRemoved(next, old));
  const remaining = withoutPermitted(next, old);
  if (!deepEqual(remaining, old)) {
    const what = `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${describeChange(remaining, old)}`;
    errors.push(forbiddenField('spec', what));
  }
  return errors;
}
