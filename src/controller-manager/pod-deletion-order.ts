/**
 * Which pods a ReplicaSet deletes first when it has too many (`pkg/controller/controller_utils.go`, ActivePodsWithRanks).
 */
import type { Pod } from '../api/generated/types.ts';
import { isPodReady, readyCondition } from './pods.ts';

/** Annotation by which a user ranks pods: lower is deleted first, default 0. */
export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };
const NANOS_PER_MS = 1_000_000;

/** A pod with the number of active pods of the same owner's kin on its node. */
export interface RankedPod {
  readonly pod: Pod;
  readonly rank: number;
}

/**
 * Negative when `a` is to be deleted before `b`: not scheduled; Pending, Unknown, Running; not ready; lower deletion
 * cost; more kin on the node; ready for less time; more restarts; younger. Times count in powers of two, so that among
 * pods of about the same age the uid decides, that is, chance.
 */
export function compareForDeletion(a: RankedPod, b: RankedPod, nowMs: number): number {
  return (
    scheduled(a.pod) - scheduled(b.pod) ||
    (PHASE_ORDER[a.pod.status?.phase ?? ''] ?? 0) - (PHASE_ORDER[b.pod.status?.phase ?? ''] ?? 0) ||
    Number(isPodReady(a.pod)) - Number(isPodReady(b.pod)) ||
    deletionCost(a.pod) - deletionCost(b.pod) ||
    b.rank - a.rank ||
    (isPodReady(a.pod) ? compareTimes(readySince(a.pod), readySince(b.pod), a.pod, b.pod, nowMs) : 0) ||
    maxRestarts(b.pod) - maxRestarts(a.pod) ||
    compareTimes(a.pod.metadata.creationTimestamp, b.pod.metadata.creationTimestamp, a.pod, b.pod, nowMs)
  );
}

/**
 * The `count` of `pods` to delete. `related` are all pods of the same owner's kin (all ReplicaSets of the Deployment):
 * pods that share a node with many of them go first (`getPodsToDelete`).
 */
export function podsToDelete(pods: readonly Pod[], related: Iterable<Pod>, count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const perNode = new Map<string, number>();
  for (const { spec } of related) perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1);
  const ranked = pods.map((pod): RankedPod => ({ pod, rank: perNode.get(pod.spec.nodeName ?? '') ?? 0 }));
  ranked.sort((a, b) => compareForDeletion(a, b, nowMs));
  return ranked.slice(0, count).map(({ pod }) => pod);
}

const scheduled = (pod: Pod): number => Number(Boolean(pod.spec.nodeName));

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata.annotations?.[POD_DELETION_COST] ?? 0);
  return Number.isInteger(cost) ? cost : 0;
}

const readySince = (pod: Pod): string | undefined => readyCondition(pod)?.lastTransitionTime;

function maxRestarts({ status }: Pod): number {
  let most = 0;
  for (const { restartCount } of status?.containerStatuses ?? []) most = Math.max(most, restartCount);
  return most;
}

/** The later time first; without a time first of all; on the same power of two of nanoseconds by uid. */
function compareTimes(timeA: string | undefined, timeB: string | undefined, a: Pod, b: Pod, nowMs: number): number {
  if (timeA === timeB) return 0;
  if (timeA === undefined) return -1;
  if (timeB === undefined) return 1;
  const difference = magnitude(nowMs - Date.parse(timeA)) - magnitude(nowMs - Date.parse(timeB));
  if (difference !== 0) return difference;
  return a.metadata.uid < b.metadata.uid ? -1 : 1;
}

/** floor(log2(nanoseconds)), -1 when there is no past (`logarithmicRankDiff`). */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * NANOS_PER_MS));
}
