/**
 * A kubelet that starts and finds pods it knew: what their status says is taken over. After a reload of the whole
 * cluster containers are put back as they were; after a restart of the kubelet alone those that the runtime still has
 * are adopted; after a reboot the others count as lost and start again.
 */
import { formatTime, parseTime } from '../apimachinery/durations.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { ContainerStatus, PodStatus } from '../api/generated/types.ts';
import { BACK_OFF_PERIOD_MS, MAX_CONTAINER_BACK_OFF_MS } from './backoff.ts';
import { containerConfig } from './container-config.ts';
import type { ContainerRecord } from './container-record.ts';
import { startProbes } from './container-starter.ts';
import type { StartContext } from './container-starter.ts';
import type { PodWorker } from './pod-worker.ts';

const RUNTIME_PREFIX = 'containerd://';
const LOST_EXIT_CODE = 255;

/** True for a pod that had got as far as a container on this node; after a reload, as far as an address. */
export function wasHere(status: PodStatus | undefined, isReload: boolean): boolean {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.some(({ containerID }) => containerID) || (isReload && status?.podIP !== undefined);
}

/** Sets the worker's records, and its sandbox where one runs, to what `status` says. */
export function takeOver(worker: PodWorker, status: PodStatus | undefined, context: StartContext): void {
  if (status === undefined) return;
  const statuses = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  for (const known of statuses) {
    const record = worker.container(known.name);
    if (record) recall(record, known, worker.host.scope.now);
  }
  worker.sandbox.ips = (status.podIPs ?? []).map(({ ip }) => ip ?? '');
  if (worker.isTerminated) return;
  if (worker.host.options.restore) putBack(worker, statuses, status, context);
  else adoptRunning(worker, statuses, context);
}

/** The record as the status describes it. Back-off delays are not stored; they follow from the restarts. */
function recall(record: ContainerRecord, status: ContainerStatus, now: number): void {
  const { state, lastState, restartCount, containerID = '' } = status;
  record.id = containerID.replace(RUNTIME_PREFIX, '');
  record.starts = restartCount + (record.id ? 1 : 0);
  record.image = status.image;
  record.imageRef = status.imageID;
  record.lastTerminated = lastState?.terminated;
  if (state?.running) {
    record.state = 'running';
    record.startedAt = state.running.startedAt ? parseTime(state.running.startedAt) : now;
    return;
  }
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended === undefined) return;
  record.state = 'terminated';
  record.terminated = ended;
  record.finishedAt = ended.finishedAt ? parseTime(ended.finishedAt) : now;
  if (state?.terminated === undefined) record.lastTerminated = undefined;
  if (state?.waiting?.reason !== 'CrashLoopBackOff') return;
  record.waiting = { reason: state.waiting.reason, message: state.waiting.message };
  const delayMs = Math.min(BACK_OFF_PERIOD_MS * 2 ** Math.max(0, restartCount - 1), MAX_CONTAINER_BACK_OFF_MS);
  record.backOff = { delayMs, updatedAt: record.finishedAt };
  record.retryAt = record.finishedAt + delayMs;
}

/** Differs: reloading the page is not a reboot of the nodes. The containers run on with their ids, start times and restart counts; programs begin anew. */
function putBack(worker: PodWorker, statuses: readonly ContainerStatus[], status: PodStatus, context: StartContext): void {
  if (worker.sandbox.create(worker.pod.spec.hostNetwork ? undefined : status.podIP) !== undefined) return lose(worker);
  const { host, pod } = worker;
  const { nodeIp } = host.options;
  for (const record of worker.records) {
    if (record.state !== 'running') continue;
    // The node's status may not have named it yet.
    host.options.preloadImage?.(record.spec.image ?? '');
    try {
      const config = containerConfig(record.spec, record.starts - 1, host.volumes.volumesOf(worker.uid), worker.sandbox.etcMounts(), {
        pod,
        runtime: { podIP: status.podIP, podIPs: status.podIPs, hostIP: nodeIp, hostIPs: [{ ip: nodeIp }] },
        services: host.serviceEnv(pod),
        config: host.config,
        allocatable: host.allocatable,
      });
      host.runtime.restoreContainer(worker.sandbox.id, config, { id: record.id, startedAt: record.startedAt });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      markLost(record, host.scope.now);
      continue;
    }
    if (host.runtime.containerStatus(record.id) === undefined) markLost(record, host.scope.now);
    else resumeProbes(worker, record, statuses, context);
  }
}

function adoptRunning(worker: PodWorker, statuses: readonly ContainerStatus[], context: StartContext): void {
  const { runtime } = worker.host;
  for (const record of worker.records) {
    if (record.state !== 'running') continue;
    const found = runtime.containerStatus(record.id);
    if (found?.state === 'CONTAINER_RUNNING') {
      if (!worker.sandbox.isReady) worker.sandbox.adopt(found.sandboxId);
      resumeProbes(worker, record, statuses, context);
    } else markLost(record, worker.host.scope.now);
  }
  if (!worker.sandbox.isReady) lose(worker);
}

function resumeProbes(worker: PodWorker, record: ContainerRecord, statuses: readonly ContainerStatus[], context: StartContext): void {
  const status = statuses.find(({ name }) => name === record.spec.name);
  const current = { ...context, sandboxId: worker.sandbox.id, ips: worker.sandbox.ips };
  startProbes(record, current, status?.started ? (status.ready ?? false) : undefined);
}

/** The pod's sandbox did not survive: everything starts again in a new one. */
function lose(worker: PodWorker): void {
  const { host, pod, records } = worker;
  worker.sandbox.ips = [];
  for (const record of records) {
    record.lost = record.starts > 0;
    if (record.state === 'running') markLost(record, host.scope.now);
  }
  // A pod that is being deleted gets no new sandbox.
  if (pod.metadata.deletionTimestamp === undefined && records.some(({ starts }) => starts > 0)) {
    host.recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  }
}

function markLost(record: ContainerRecord, now: number): void {
  record.state = 'terminated';
  record.finishedAt = now;
  record.terminated = {
    exitCode: LOST_EXIT_CODE,
    reason: 'Unknown',
    startedAt: formatTime(record.startedAt),
    finishedAt: formatTime(now),
    containerID: `${RUNTIME_PREFIX}${record.id}`,
  };
}
