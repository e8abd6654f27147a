/**
 * The phase of a pod from the states of its containers (`pkg/kubelet/kubelet_pods.go`, `getPhase`), and the questions
 * about container states that phase and conditions share (`pkg/kubelet/container/helpers.go`).
 */
import { isSidecar } from '../api/core/pod-resources.ts';
import type { ContainerStatus, PodSpec } from '../api/generated/types.ts';

/** The container statuses of a pod; of `PodStatus` only what the phase depends on. */
export interface ContainerStatuses {
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

/** `v1.PodPhase` as the kubelet sets it. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** True once any regular container runs or has run (`HasAnyRegularContainerStarted`). */
export function hasAnyRegularContainerStarted(
  spec: Pick<PodSpec, 'containers'>,
  statuses: readonly ContainerStatus[] | undefined,
): boolean {
  return spec.containers.some(({ name }) => {
    const status = statuses?.find((candidate) => candidate.name === name);
    return status?.state?.running !== undefined || status?.state?.terminated !== undefined;
  });
}

interface Counts {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
}

function countInitContainers(spec: PodSpec, statuses: ContainerStatuses): { pending: number; failed: number } {
  let [pending, failed] = [0, 0];
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) continue;
    const status = statuses.initContainerStatuses?.find(({ name }) => name === container.name);
    const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated);
    if (ended === undefined) pending++;
    else if (ended.exitCode !== 0) failed++;
  }
  return { pending, failed };
}

/** Adds the sidecars to `counts`; returns how many have not started. Terminated ones do not matter to the phase. */
function countSidecars(spec: PodSpec, statuses: ContainerStatuses, counts: Counts): number {
  let pending = 0;
  for (const container of spec.initContainers ?? []) {
    if (!isSidecar(container)) continue;
    const status = statuses.initContainerStatuses?.find(({ name }) => name === container.name);
    if (status?.state?.running) {
      if (status.started !== true) pending++;
      counts.running++;
    } else if (status?.state?.waiting) {
      if (status.lastState?.terminated) continue;
      pending++;
      counts.waiting++;
    } else if (!status?.state?.terminated) {
      if (status) pending++;
      counts.unknown++;
    }
  }
  return pending;
}

function countContainers(spec: PodSpec, statuses: ContainerStatuses, counts: Counts): void {
  for (const container of spec.containers) {
    const status = statuses.containerStatuses?.find(({ name }) => name === container.name);
    if (status?.state?.running) counts.running++;
    else if (status?.state?.terminated) {
      counts.stopped++;
      // An absent code is Go's zero.
      if ((status.state.terminated.exitCode ?? 0) === 0) counts.succeeded++;
    } else if (status?.state?.waiting) {
      if (status.lastState?.terminated) counts.stopped++;
      else counts.waiting++;
    } else counts.unknown++;
  }
}

/**
 * The pod's phase. `isTerminal`: the kubelet has decided that no container will be restarted, whatever the restart
 * policy says (deletion, eviction, deadline).
 */
export function podPhase(spec: PodSpec, statuses: ContainerStatuses, isTerminal: boolean): PodPhase {
  const init = countInitContainers(spec, statuses);
  const counts: Counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0 };
  const pendingSidecars = countSidecars(spec, statuses, counts);
  countContainers(spec, statuses, counts);
  if (init.failed > 0 && spec.restartPolicy === 'Never') return 'Failed';
  const initialized = hasAnyRegularContainerStarted(spec, statuses.containerStatuses);
  if (init.pending > 0 || (pendingSidecars > 0 && !initialized) || counts.waiting > 0) return 'Pending';
  if (counts.unknown > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.stopped === 0) return 'Pending';
  if (isTerminal) return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
  if (spec.restartPolicy === 'Always' || spec.restartPolicy === undefined) return 'Running';
  if (counts.stopped === counts.succeeded) return 'Succeeded';
  return spec.restartPolicy === 'Never' ? 'Failed' : 'Running';
}
