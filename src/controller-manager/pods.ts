/**
 * What controllers ask about pods (`pkg/api/v1/pod/util.go`, `pkg/controller/controller_utils.go`).
 */
import type { Pod, PodCondition } from '../api/generated/types.ts';
import { findCondition } from '../apimachinery/conditions.ts';
import { controllerOf } from '../apimachinery/meta.ts';
import type { Informer } from '../client/informer.ts';

/** Neither finished nor being deleted (`IsPodActive`). */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Succeeded or Failed: it will never run again (`IsPodTerminal`). */
export function isPodTerminal({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** The pod's Ready condition. */
export function readyCondition(pod: Pod): PodCondition | undefined {
  return findCondition(pod.status?.conditions, 'Ready');
}

/** True when the Ready condition is True (`IsPodReady`). */
export function isPodReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Ready for at least `minReadySeconds` (`IsPodAvailable`). */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  return ready.lastTransitionTime !== undefined && Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= nowMs;
}

/** In how many ms the first ready pod becomes available; undefined when none waits for `minReadySeconds`. */
export function nextAvailabilityMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let soonest: number | undefined;
  for (const pod of pods) {
    const ready = readyCondition(pod);
    if (ready?.status !== 'True' || ready.lastTransitionTime === undefined) continue;
    const inMs = Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - nowMs;
    if (inMs > 0 && (soonest === undefined || inMs < soonest)) soonest = inMs;
  }
  return soonest;
}

/** Index of an informer by the uid of the managing controller; pods without one are under `orphansOf(namespace)`. */
export const BY_CONTROLLER = 'controllerUid';
/** The index value of a namespace's orphans. */
export const orphansOf = (namespace: string | undefined): string => `orphans/${namespace ?? ''}`;

/** Adds the index `BY_CONTROLLER` (`AddPodControllerIndexer`). */
export function indexByController<T extends Parameters<typeof controllerOf>[0]>(informer: Informer<T>): Informer<T> {
  return informer.addIndex(BY_CONTROLLER, (object) => {
    const owner = controllerOf(object);
    return [owner?.uid ?? orphansOf(object.metadata.namespace)];
  });
}

/** The objects that `owner` manages, and the orphans of its namespace: what it may claim (`FilterPodsByOwner`). */
export function* claimable<T extends Parameters<typeof controllerOf>[0]>(
  informer: Informer<T>,
  owner: { metadata: { uid: string; namespace?: string } },
): IterableIterator<T> {
  yield* informer.byIndex(BY_CONTROLLER, owner.metadata.uid);
  yield* informer.byIndex(BY_CONTROLLER, orphansOf(owner.metadata.namespace));
}
