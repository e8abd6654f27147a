/**
 * What the kubelet remembers of one container of a pod: its place in the runtime, its restarts, why it waits. And the
 * `ContainerStatus` that follows from it (`pkg/kubelet/kubelet_pods.go`, `convertToAPIContainerStatuses`).
 */
import { formatTime } from '../apimachinery/durations.ts';
import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  VolumeMountStatus,
} from '../api/generated/types.ts';
import type { ContainerStatus as RuntimeStatus } from '../container-runtime/cri.ts';
import type { BackOffEntry } from './backoff.ts';
import { isSidecar } from '../api/core/pod-resources.ts';
import type { ContainerProber } from './probes/prober.ts';

/** A container's part in its pod. */
export type ContainerKind = 'init' | 'sidecar' | 'regular' | 'ephemeral';

/** One container of one pod. */
export class ContainerRecord {
  spec: Container;
  readonly kind: ContainerKind;
  /** The current container in the runtime; while it waits, the last one. */
  id = '';
  /** The one before, kept for `logs --previous`. */
  previousId = '';
  state: 'waiting' | 'running' | 'terminated' = 'waiting';
  /** How often it was started. */
  starts = 0;
  /** Why it cannot start; undefined while nothing is wrong. */
  waiting: { reason: string; message?: string } | undefined;
  startedAt = 0;
  finishedAt = 0;
  image = '';
  imageRef = '';
  /** How the current container ended. */
  terminated: ContainerStateTerminated | undefined;
  /** How the one before ended. */
  lastTerminated: ContainerStateTerminated | undefined;
  backOff: BackOffEntry | undefined;
  /** Not to be started before, ms. */
  retryAt = 0;
  prober: ContainerProber | undefined;
  /** A kill is under way. */
  stopping = false;
  /** It ran in a sandbox that is no more. */
  lost = false;
  /** The postStart hook has not come back yet. */
  hookRunning = false;

  constructor(spec: Container, kind: ContainerKind) {
    this.spec = spec;
    this.kind = kind;
    this.image = spec.image ?? '';
  }

  /** Running, hook done, startup probe passed. */
  get started(): boolean {
    return this.state === 'running' && !this.hookRunning && (this.prober?.started ?? true);
  }

  get ready(): boolean {
    if (this.kind === 'init') return this.state === 'terminated' && this.terminated?.exitCode === 0;
    return this.started && this.kind !== 'ephemeral' && (this.prober?.ready ?? true);
  }
}

/** Fresh records for every container of the pod, init containers first. */
export function recordsOf({ spec }: Pod): ContainerRecord[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  const init = initContainers.map((container) => new ContainerRecord(container, isSidecar(container) ? 'sidecar' : 'init'));
  const regular = containers.map((container) => new ContainerRecord(container, 'regular'));
  return init.concat(
    regular,
    ephemeralContainers.map((container) => new ContainerRecord(container, 'ephemeral')),
  );
}

/** "containerd://<id>" */
export const containerIdText = (id: string): string => (id === '' ? '' : `containerd://${id}`);

const MAX_TERMINATION_MESSAGE = 4096;

/** The API's form of an ended container. `log`: its last lines, used with FallbackToLogsOnError. */
export function terminatedState(status: RuntimeStatus, spec: Container, log: () => string): ContainerStateTerminated {
  const exitCode = status.exitCode ?? 0;
  const fallback = spec.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0;
  const message = status.message || (fallback ? log() : '');
  return {
    exitCode,
    reason: status.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message && { message: message.slice(-MAX_TERMINATION_MESSAGE) }),
    startedAt: formatTime(status.startedAt ?? status.createdAt),
    finishedAt: formatTime(status.finishedAt ?? status.createdAt),
    containerID: containerIdText(status.id),
  };
}

const NO_STATE: ContainerState = Object.freeze({});

function stateOf(record: ContainerRecord, defaultReason: string): ContainerState {
  if (record.state === 'running') return { running: { startedAt: formatTime(record.startedAt) } };
  if (record.waiting) return { waiting: record.waiting };
  if (record.terminated) return { terminated: record.terminated };
  return { waiting: { reason: defaultReason } };
}

/** Containers of one template share their mounts' statuses. */
const mountStatuses = new WeakMap<Container, VolumeMountStatus[]>();

function volumeMountStatuses(spec: Container): VolumeMountStatus[] | undefined {
  if (!spec.volumeMounts?.length) return undefined;
  let statuses = mountStatuses.get(spec);
  if (statuses === undefined) {
    statuses = spec.volumeMounts.map(({ name, mountPath, readOnly }) =>
      readOnly ? { name, mountPath, readOnly, recursiveReadOnly: 'Disabled' } : { name, mountPath },
    );
    mountStatuses.set(spec, statuses);
  }
  return statuses;
}

/** The container's status. `defaultReason`: why it waits when nothing is wrong, "ContainerCreating" or "PodInitializing". */
export function containerStatus(record: ContainerRecord, defaultReason: string): ContainerStatus {
  const state = stateOf(record, defaultReason);
  const last = state.terminated
    ? record.lastTerminated
    : state.waiting
      ? (record.terminated ?? record.lastTerminated)
      : record.lastTerminated;
  const { resources } = record.spec;
  const volumeMounts = volumeMountStatuses(record.spec);
  return {
    name: record.spec.name,
    state,
    lastState: last ? { terminated: last } : NO_STATE,
    ready: record.ready,
    restartCount: Math.max(0, record.starts - 1),
    image: record.image,
    imageID: record.imageRef,
    ...(record.id && { containerID: containerIdText(record.id) }),
    started: record.started,
    ...(record.starts > 0 && resources?.requests && { allocatedResources: resources.requests }),
    ...(record.starts > 0 && resources && { resources }),
    ...(volumeMounts && { volumeMounts }),
  };
}
