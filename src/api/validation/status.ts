/**
 * What a status update may say (`ValidatePodStatusUpdate`, `ValidateDeploymentStatus`, `ValidateReplicaSetStatus`,
 * `ValidateStatefulSetStatus`, `ValidateDaemonSetStatus` ... in `pkg/apis/<group>/validation/validation.go`).
 */
import { broken, immutable, NOT_NEGATIVE, validateIP } from './common.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { isDNS1123Subdomain, isQualifiedName } from '../../apimachinery/names.ts';
import { forbiddenField, invalidValue } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { ContainerStatus, Pod } from '../generated/types.ts';

type Counts = Readonly<Record<string, unknown>>;

/** Which of the named counts are negative. */
export function countsNotNegative(status: object | undefined, names: readonly string[]): FieldError[] {
  return names.flatMap((name) => {
    const count = (status as Counts | undefined)?.[name];
    return typeof count === 'number' && count < 0 ? [invalidValue(`status.${name}`, count, NOT_NEGATIVE)] : [];
  });
}

/**
 * The counts of a workload: none negative, none of `parts` more than `replicas`, and no more available than ready.
 * `readyName` is how the kind's text calls the ready ones.
 */
export function validateReplicaCounts(status: object | undefined, parts: readonly string[], readyName = 'readyReplicas'): FieldError[] {
  const counts = (status ?? {}) as Counts;
  const of = (name: string) => Number(counts[name] ?? 0);
  const errors = countsNotNegative(status, ['replicas', ...parts, 'observedGeneration', 'collisionCount']);
  for (const name of parts) {
    if (of(name) > of('replicas')) errors.push(invalidValue(`status.${name}`, of(name), 'cannot be greater than status.replicas'));
  }
  if (of('availableReplicas') > of('readyReplicas')) {
    errors.push(invalidValue('status.availableReplicas', of('availableReplicas'), `cannot be greater than ${readyName}`));
  }
  return errors;
}

/** A collision count only grows, or names would repeat (`ValidateDeploymentStatusUpdate`). */
export function collisionCountKept(
  next: { collisionCount?: number } | undefined,
  old: { collisionCount?: number } | undefined,
): FieldError[] {
  const before = old?.collisionCount;
  if (before === undefined) return [];
  const after = next?.collisionCount;
  return after === undefined || after < before ? [invalidValue('status.collisionCount', after ?? null, 'cannot be decremented')] : [];
}

/** A container that has ended for good does not run again (`ValidateContainerStateTransition`). */
function validateTransitions(
  next: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  path: string,
  mayRestart: (exitCode: number) => boolean,
): FieldError[] {
  return next.flatMap((status, index) => {
    const before = old.find(({ name }) => name === status.name)?.state?.terminated;
    if (before === undefined || status.state?.terminated !== undefined || mayRestart(before.exitCode)) return [];
    return [forbiddenField(`${path}[${index}].state`, 'may not be transitioned to non-terminated state')];
  });
}

/** `ValidatePodStatusUpdate`. */
export function validatePodStatus(next: Pod, old: Pod): FieldError[] {
  const { status, spec } = next;
  const { nominatedNodeName, conditions = [], podIPs = [] } = status ?? {};
  const errors = nominatedNodeName ? broken('status.nominatedNodeName', nominatedNodeName, isDNS1123Subdomain(nominatedNodeName)) : [];
  if (old.status?.qosClass && status?.qosClass) errors.push(...immutable('status.qosClass', status.qosClass, old.status.qosClass));
  if (status === undefined || deepEqual(status, old.status)) return errors;
  conditions.forEach(({ type }, index) => errors.push(...broken(`status.conditions[${index}].type`, type, isQualifiedName(type))));
  podIPs.forEach(({ ip }, index) => errors.push(...validateIP(`status.podIPs[${index}]`, ip)));
  const restartable = (exitCode: number) => spec.restartPolicy === 'Always' || (spec.restartPolicy === 'OnFailure' && exitCode !== 0);
  if (spec.restartPolicy !== 'Always') {
    errors.push(...validateTransitions(status.containerStatuses, old.status?.containerStatuses, 'status.containerStatuses', restartable));
  }
  return errors;
}
