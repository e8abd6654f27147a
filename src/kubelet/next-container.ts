/**
 * What a pod needs next: the decision of one pod sync, without side effects (`pkg/kubelet/kuberuntime/
 * kuberuntime_manager.go`, `computePodActions`, and `kuberuntime_container.go`, `computeInitContainerActions`).
 */
import type { ContainerRecord } from './container-record.ts';

/** The next step: start a container, wait for an event, or the pod has run its course. */
export type NextStep = { start: ContainerRecord } | 'wait' | 'finished';

/** Whether a container that ended is to be started again (`ShouldContainerBeRestarted`). */
export function shouldRestart(record: ContainerRecord, restartPolicy: string): boolean {
  if (record.kind === 'ephemeral') return false;
  if (record.kind === 'sidecar') return true;
  const failed = record.terminated?.exitCode !== 0;
  if (record.kind === 'init') return failed && restartPolicy !== 'Never';
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && failed);
}

/** In the sandbox of now: a new one begins with the init containers again. */
const hasStarted = (record: ContainerRecord): boolean => record.starts > 0 && !record.lost;

/** True when no regular container runs, will start or will be restarted, or an init container failed for good. */
function isFinished(records: readonly ContainerRecord[], restartPolicy: string): boolean {
  const failedInit = records.some((record) => record.kind === 'init' && record.state === 'terminated' && record.terminated?.exitCode !== 0);
  if (failedInit && restartPolicy === 'Never') return true;
  return records.every((record) => record.kind !== 'regular' || (record.state === 'terminated' && !shouldRestart(record, restartPolicy)));
}

/** Decides from the records, in the order of the pod's spec. */
export function nextStep(records: readonly ContainerRecord[], restartPolicy: string, now: number): NextStep {
  if (isFinished(records, restartPolicy)) return 'finished';
  const due = (record: ContainerRecord) => record.state !== 'running' && record.retryAt <= now;
  for (const record of records) if (record.kind === 'ephemeral' && record.starts === 0 && due(record)) return { start: record };
  const initialized = records.some((record) => record.kind === 'regular' && hasStarted(record));
  for (const record of records) {
    if (record.kind === 'sidecar') {
      if (due(record)) return { start: record };
      if (!initialized && !record.started) return 'wait';
    } else if (record.kind === 'init' && !initialized) {
      if (hasStarted(record) && record.state === 'terminated' && record.terminated?.exitCode === 0) continue;
      return due(record) ? { start: record } : 'wait';
    }
  }
  for (const record of records) {
    if (record.kind !== 'regular' || !due(record)) continue;
    if (record.state === 'waiting' || shouldRestart(record, restartPolicy)) return { start: record };
  }
  return 'wait';
}

/** When the earliest held-back container may start, ms; undefined when none is held back. */
export function nextRetry(records: readonly ContainerRecord[], restartPolicy: string, now: number): number | undefined {
  let earliest: number | undefined;
  for (const record of records) {
    if (record.state === 'running' || record.retryAt <= now) continue;
    if (record.state === 'terminated' && !shouldRestart(record, restartPolicy)) continue;
    if (earliest === undefined || record.retryAt < earliest) earliest = record.retryAt;
  }
  return earliest;
}
