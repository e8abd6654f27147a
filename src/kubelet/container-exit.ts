/** What follows from a container's exit: its terminated state, and how long its restart is held back (`doBackOff`). */
import { goDuration } from '../apimachinery/durations.ts';
import type { Pod } from '../api/generated/types.ts';
import type { ContainerRuntime } from '../container-runtime/cri.ts';
import { backOffRemaining } from './backoff.ts';
import { terminatedState } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { pullBackOffText } from './images.ts';

/** `FallbackToLogsOnError`: the last 80 lines. */
const LOG_TAIL_LINES = 80;

/** "web_default(uid)" (`format.Pod`). */
export const podText = ({ metadata }: Pod): string => `${metadata.name}_${metadata.namespace ?? ''}(${metadata.uid})`;

/** Takes the exit of a running container over from the runtime. Returns false when it has not exited. */
export function takeExit(record: ContainerRecord, runtime: ContainerRuntime, now: number): boolean {
  const status = record.state === 'running' ? runtime.containerStatus(record.id) : undefined;
  if (status?.state !== 'CONTAINER_EXITED') return false;
  record.state = 'terminated';
  record.stopping = false;
  record.hookRunning = false;
  record.finishedAt = status.finishedAt ?? now;
  record.terminated = terminatedState(status, record.spec, () => {
    const lines = runtime.logs(record.id).slice(-LOG_TAIL_LINES);
    return lines.map(({ text }) => text).join('\n');
  });
  record.prober?.stop();
  record.prober = undefined;
  return true;
}

/**
 * Sets when the container may start again: the first restart is immediate, later ones wait as CrashLoopBackOff.
 * Returns the text of the BackOff event when it waits.
 */
export function holdBack(record: ContainerRecord, pod: Pod, now: number): string | undefined {
  const remaining = backOffRemaining(record.backOff, record.finishedAt, now);
  record.retryAt = now + remaining;
  if (remaining === 0) return undefined;
  const { name } = record.spec;
  const delay = goDuration(record.backOff?.delayMs ?? 0);
  record.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${delay} restarting failed container=${name} pod=${podText(pod)}` };
  return restartBackOffText(record, pod);
}

const restartBackOffText = ({ spec }: ContainerRecord, pod: Pod): string =>
  `Back-off restarting failed container ${spec.name} in pod ${podText(pod)}`;

/**
 * A pod with a container in back-off is synced again after this, ms. Differs: upstream's pod worker waits 10 s and up to
 * half as long again, by chance (`completeWork`, `workerBackOffJitterFactor`).
 */
export const BACK_OFF_SYNC_MS = 12_000;

/** The events of one more sync of a pod, for each container that is still held back; `record` counts them together. */
export function tellBackOffs(
  records: readonly ContainerRecord[],
  pod: Pod,
  now: number,
  record: (container: ContainerRecord, type: 'Normal' | 'Warning', reason: string, message: string) => void,
): void {
  for (const container of records) {
    const reason = container.state !== 'running' && container.retryAt > now ? container.waiting?.reason : undefined;
    if (reason === 'CrashLoopBackOff') record(container, 'Warning', 'BackOff', restartBackOffText(container, pod));
    else if (reason === 'ImagePullBackOff') {
      record(container, 'Normal', 'BackOff', pullBackOffText(container.spec.image ?? ''));
      record(container, 'Warning', 'Failed', `Error: ${reason}`);
    }
  }
}
