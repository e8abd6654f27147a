/** `activeDeadlineSeconds` of a pod (`pkg/kubelet/active_deadline.go`). */
import type { Pod } from '../api/generated/types.ts';
import type { TaskScope, Timer } from '../sim/task-scope.ts';
import { podObject } from './container-starter.ts';

/** Message of the pod and of its event. */
export const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline';

/** Calls `expire` when the pod's time is over, counted from `startedAt` (ms); undefined for a pod without a deadline. */
export function armDeadline(scope: TaskScope, pod: Pod, startedAt: number, expire: () => void): Timer | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  if (seconds === undefined) return undefined;
  const delayMs = Math.max(0, startedAt + seconds * 1000 - scope.now);
  return scope.after(delayMs, 'active deadline', podObject(pod), expire, { background: true });
}
