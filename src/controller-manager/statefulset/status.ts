/**
 * A StatefulSet's status (`pkg/controller/statefulset/stateful_set_control.go`, completeRollingUpdate). Pure.
 */
import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../../api/generated/types.ts';
import { REVISION_HASH } from '../controller-history.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';

/** The revisions between which the set moves. */
export interface Revisions {
  current: ControllerRevision;
  update: ControllerRevision;
  collisionCount: number;
}

/** Whether the next pod in order may follow this one (`isRunningAndReady`). */
export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
/** The same, and ready for `minReadySeconds` (`isRunningAndAvailable`). */
export const isRunningAndAvailable = (pod: Pod, minReadySeconds: number, nowMs: number): boolean =>
  pod.status?.phase === 'Running' && isPodAvailable(pod, minReadySeconds, nowMs);
/** The name of the ControllerRevision that the pod was made from. */
export const revisionOf = ({ metadata }: Pod): string | undefined => metadata.labels?.[REVISION_HASH];

/** The counts over the pods; once all are updated and ready, the update revision becomes the current one. */
export function statusOf(
  set: StatefulSet,
  { current, update, collisionCount }: Revisions,
  pods: readonly Pod[],
  nowMs: number,
): StatefulSetStatus {
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const ready = pods.filter(isRunningAndReady).length;
  const available = pods.filter((pod) => isRunningAndAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length;
  const updated = alive.filter((pod) => revisionOf(pod) === update.metadata.name).length;
  const old = alive.filter((pod) => revisionOf(pod) === current.metadata.name).length;
  const complete =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === pods.length &&
    ready === pods.length &&
    pods.length === (set.spec.replicas ?? 1);
  const currentReplicas = complete ? updated : old;
  return {
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    replicas: pods.length,
    ...(ready > 0 && { readyReplicas: ready }),
    ...(currentReplicas > 0 && { currentReplicas }),
    ...(updated > 0 && { updatedReplicas: updated }),
    currentRevision: complete ? update.metadata.name : current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount,
    availableReplicas: available,
  };
}
