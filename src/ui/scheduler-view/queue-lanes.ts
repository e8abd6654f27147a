/**
 * The scheduling queue as it can be seen from outside: pods without a node, by what their PodScheduled condition and the record of
 * their last attempt say (`pkg/scheduler/backend/queue/scheduling_queue.go`).
 */
import { parseTime } from '../../apimachinery/durations.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** The lanes. */
export const LANES = ['active', 'backoff', 'unschedulable', 'gated'] as const;
/** One of them. */
export type Lane = (typeof LANES)[number];

/** A pod in a lane. */
export interface QueuedPod {
  pod: Pod;
  lane: Lane;
  /** Virtual ms until it is tried again at the latest; undefined where that is not known. */
  leftMs: number | undefined;
  attempts: number;
}

const INITIAL_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 10_000;
/** A pod that nothing helped is tried again anyway after 5 minutes, looked for every 30 s. */
const FLUSH_MS = 300_000;
const DEFAULT_NAMES: readonly (string | undefined)[] = [undefined, 'default-scheduler'];

/** Back-off after so many attempts: 1 s · 2^(attempts − 1), at most 10 s. */
export const backoffMs = (attempts: number): number =>
  attempts === 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS);

/** Whether the pod waits for any scheduler. */
const waits = ({ metadata, spec, status }: Pod): boolean =>
  !spec.nodeName && metadata.deletionTimestamp === undefined && (status?.phase ?? 'Pending') === 'Pending';

/** Whether the pod is in the queue of kube-scheduler: not when it names another scheduler and nobody has looked at it. */
const isQueued = (pod: Pod): boolean =>
  waits(pod) &&
  (DEFAULT_NAMES.includes(pod.spec.schedulerName) || pod.status?.conditions?.some(({ type }) => type === 'PodScheduled') === true);

function queued(pod: Pod, last: SchedulingDecision | undefined, now: number): QueuedPod {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const attempts = last?.spec.attempt ?? 0;
  const at = last && parseTime(last.metadata.creationTimestamp);
  const left = (until: number) => Math.max(0, until - now);
  if (condition?.reason === 'SchedulingGated') return { pod, lane: 'gated', leftMs: undefined, attempts };
  if (condition?.status !== 'False') return { pod, lane: 'active', leftMs: undefined, attempts };
  if (condition.reason === 'SchedulerError') {
    return { pod, lane: 'backoff', leftMs: at === undefined ? undefined : left(at + backoffMs(attempts)), attempts };
  }
  return { pod, lane: 'unschedulable', leftMs: at === undefined ? undefined : left(at + FLUSH_MS), attempts };
}

/** The pods of each lane. `failed`: failed attempts, the later ones of a pod behind the earlier ones. */
export function lanesOf(pods: readonly Pod[], failed: readonly SchedulingDecision[], now: number): Record<Lane, readonly QueuedPod[]> {
  const last = new Map(failed.map((decision) => [decision.spec.podRef.uid, decision]));
  const lanes: Record<Lane, QueuedPod[]> = { active: [], backoff: [], unschedulable: [], gated: [] };
  for (const pod of pods) {
    if (!isQueued(pod)) continue;
    const entry = queued(pod, last.get(pod.metadata.uid), now);
    lanes[entry.lane].push(entry);
  }
  return lanes;
}

/** "4:05", or "7 s" below a minute. */
export function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Pods to choose from: those that wait, and those that were placed, the last one first. */
export interface PodOrder {
  waiting: readonly Pod[];
  placed: readonly Pod[];
}

/** Sorts the pods; in a large cluster worth keeping until they change. */
export function podOrder(pods: readonly Pod[]): PodOrder {
  const placedAt = new Map<Pod, number>();
  for (const pod of pods) {
    if (!pod.spec.nodeName) continue;
    const condition = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'True');
    placedAt.set(pod, parseTime(condition?.lastTransitionTime ?? pod.metadata.creationTimestamp));
  }
  return { waiting: pods.filter(waits), placed: [...placedAt].sort(([, a], [, b]) => b - a).map(([pod]) => pod) };
}

/** The first of them, at most `most`; the chosen one is always among them. */
export function podChoices({ waiting, placed }: PodOrder, most: number, chosenUid?: string): PodOrder {
  const cut = (list: readonly Pod[], room: number) => list.filter((pod, index) => index < room || pod.metadata.uid === chosenUid);
  return { waiting: cut(waiting, most), placed: cut(placed, Math.max(20, most - waiting.length)) };
}
