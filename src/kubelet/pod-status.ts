/** A pod's status as the kubelet sees it (`pkg/kubelet/kubelet_pods.go`, `generateAPIPodStatus`). */
import { setCondition } from '../apimachinery/conditions.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { ContainerStatus, Pod, PodStatus } from '../api/generated/types.ts';
import { podConditions } from './conditions.ts';
import { containerStatus } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { podPhase } from './phase.ts';
import type { PodPhase } from './phase.ts';
import type { SharedParts } from './shared-parts.ts';
import { qosClassOf } from '../api/core/qos.ts';

/** Why the kubelet fails a pod; reason and message of its status. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** The pod was taken away from its owner: it gets the condition DisruptionTarget. */
  readonly isDisruption?: boolean;
}

/** The kubelet's knowledge of a pod. */
export interface PodView {
  readonly pod: Pod;
  readonly records: readonly ContainerRecord[];
  /** Addresses of the sandbox; empty before it runs. */
  readonly ips: readonly string[];
  /** False before the sandbox runs and after it was stopped. */
  readonly sandboxReady: boolean;
  readonly nodeIp: string;
  readonly shared: SharedParts;
  /** ms; when the kubelet took the pod up. */
  readonly startedAt: number;
  /** No container will be restarted any more. */
  readonly isTerminal: boolean;
  /** The kubelet failed the pod: eviction, deadline, refusal. */
  readonly failure?: PodFailure;
  /** The node never took the pod. */
  readonly isRejected?: boolean;
}

function statuses(view: PodView, wanted: (record: ContainerRecord) => boolean): ContainerStatus[] {
  const defaultReason = view.pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
  return view.records.filter(wanted).map((record) => containerStatus(record, defaultReason));
}

function phaseOf(
  view: PodView,
  before: PodStatus | undefined,
  lists: Pick<PodStatus, 'initContainerStatuses' | 'containerStatuses'>,
): PodPhase {
  if (before?.phase === 'Succeeded' || before?.phase === 'Failed') return before.phase;
  const running = view.records.some(({ state }) => state === 'running');
  if (view.failure && !running) return 'Failed';
  const phase = podPhase(view.pod.spec, lists, view.isTerminal);
  // A terminal phase is told only when nothing runs any more.
  if (running && (phase === 'Succeeded' || phase === 'Failed')) return 'Running';
  // A pod that was killed before it ran ends as Failed.
  return view.isTerminal && !running && phase !== 'Succeeded' ? 'Failed' : phase;
}

/** A refused pod's status has neither conditions nor containers (`rejectPod`). */
function rejectedStatus({ pod, startedAt }: PodView, { reason, message }: PodFailure, before: PodStatus | undefined): PodStatus {
  if (before?.phase === 'Failed') return before;
  return { phase: 'Failed', reason, message, startTime: formatTime(startedAt), qosClass: before?.qosClass ?? qosClassOf(pod.spec) };
}

function withDisruption(before: PodStatus | undefined, message: string, now: string): PodStatus {
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
  return { ...before, conditions: [...setCondition(before?.conditions, condition, now)] };
}

/** The next status, sharing with `before` what did not change; `before` itself when nothing did. */
export function generatePodStatus(view: PodView, before: PodStatus | undefined, now: number): PodStatus {
  const { pod, nodeIp, ips, failure } = view;
  if (view.isRejected && failure) return rejectedStatus(view, failure, before);
  const initContainerStatuses = pod.spec.initContainers?.length
    ? statuses(view, ({ kind }) => kind === 'init' || kind === 'sidecar')
    : undefined;
  const containerStatuses = statuses(view, ({ kind }) => kind === 'regular');
  const ephemeral = pod.spec.ephemeralContainers?.length ? statuses(view, ({ kind }) => kind === 'ephemeral') : undefined;
  const lists = { initContainerStatuses, containerStatuses };
  const phase = phaseOf(view, before, lists);
  const known = failure?.isDisruption ? withDisruption(before, failure.message, formatTime(now)) : before;
  const conditions = podConditions(pod.spec, lists, phase, view.sandboxReady, known, formatTime(now));
  const next: PodStatus = {
    ...before,
    phase,
    conditions,
    ...(failure && { reason: failure.reason, message: failure.message }),
    hostIP: nodeIp,
    hostIPs: view.shared.hostIPs,
    ...(ips.length > 0 && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: before?.startTime ?? formatTime(view.startedAt),
    ...(initContainerStatuses && { initContainerStatuses }),
    containerStatuses,
    ...(ephemeral && { ephemeralContainerStatuses: ephemeral }),
    qosClass: before?.qosClass ?? qosClassOf(pod.spec),
  };
  if (before !== undefined && deepEqual(before, next)) return before;
  return { ...next, conditions: view.shared.conditions(conditions) };
}
