/** Columns of pods; STATUS is the most read word of Kubernetes (`printPod` in `pkg/printers/internalversion/printers.go`). */
import { ageColumn, nameColumn, since } from '../columns.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { parseTime } from '../../apimachinery/durations.ts';
import { isSidecar } from './pod-resources.ts';
import type { Column } from '../resource.ts';
import type { ContainerStatus, Pod, Time } from '../generated/types.ts';

/** What the columns READY, STATUS and RESTARTS say. */
export interface PodSummary {
  ready: number;
  total: number;
  /** "Running", "CrashLoopBackOff", "Init:1/2", "Terminating" ... */
  reason: string;
  restarts: number;
  /** End of the last container that was restarted. */
  lastRestart?: Time;
}

function later(time: Time | undefined, status: ContainerStatus): Time | undefined {
  const finished = status.lastState?.terminated?.finishedAt;
  if (!finished) return time;
  return time === undefined || parseTime(finished) > parseTime(time) ? finished : time;
}

/** "ExitCode:3" or "Signal:9", for a container that ended without giving a reason. */
const exitText = ({ signal, exitCode }: { signal?: number; exitCode: number }): string =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;

interface InitSummary extends PodSummary {
  initializing: boolean;
  sidecarRestarts: number;
  lastSidecarRestart?: Time;
}

/** Walks the init containers up to the first that is not done. */
function summarizeInit(pod: Pod, reason: string): InitSummary {
  const containers = pod.spec?.initContainers ?? [];
  const summary: InitSummary = {
    ready: 0,
    total: (pod.spec?.containers?.length ?? 0) + containers.filter(isSidecar).length,
    reason,
    restarts: 0,
    initializing: false,
    sidecarRestarts: 0,
  };
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(containers.find(({ name }) => name === status.name));
    summary.restarts += status.restartCount;
    summary.lastRestart = later(summary.lastRestart, status);
    if (sidecar) {
      summary.sidecarRestarts += status.restartCount;
      summary.lastSidecarRestart = later(summary.lastSidecarRestart, status);
    }
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    summary.initializing = true;
    if (terminated) summary.reason = `Init:${terminated.reason || exitText(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${index}/${containers.length}`;
    break;
  }
  return summary;
}

/** Adds the main containers; the last in the list that is not running has the word. */
function summarizeContainers(pod: Pod, init: InitSummary): PodSummary {
  const statuses = pod.status?.containerStatuses ?? [];
  const summary: PodSummary = { ...init, restarts: init.sidecarRestarts, lastRestart: init.lastSidecarRestart };
  let hasRunning = false;
  for (const status of [...statuses].reverse()) {
    summary.restarts += status.restartCount;
    summary.lastRestart = later(summary.lastRestart, status);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) summary.reason = terminated.reason || exitText(terminated);
    else if (status.ready && running) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason === 'Completed' && hasRunning) summary.reason = isCondition(pod.status?.conditions, 'Ready') ? 'Running' : 'NotReady';
  return summary;
}

/** What `kubectl get pods` says about the pod. */
export function summarizePod(pod: Pod): PodSummary {
  const { phase = '', reason: statusReason, conditions } = pod.status ?? {};
  const gated = conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  const init = summarizeInit(pod, gated ? 'SchedulingGated' : statusReason || phase);
  const summary = !init.initializing || isCondition(conditions, 'Initialized') ? summarizeContainers(pod, init) : init;
  if (!pod.metadata.deletionTimestamp) return summary;
  if (statusReason === 'NodeLost') return { ...summary, reason: 'Unknown' };
  return phase === 'Succeeded' || phase === 'Failed' ? summary : { ...summary, reason: 'Terminating' };
}

function restartsText({ restarts, lastRestart }: PodSummary, now: number): string {
  return restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts);
}

/** "1/2": how many of the pod's readiness gates are open. */
function gatesText({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  const open = gates.filter(({ conditionType }) => isCondition(status?.conditions, conditionType));
  return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`;
}

/** NAME, READY, STATUS, RESTARTS, AGE, and the wide ones. */
export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    value(pod) {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    },
  },
  { name: 'Status', value: (pod) => summarizePod(pod).reason },
  { name: 'Restarts', value: (pod, now) => restartsText(summarizePod(pod), now) },
  ageColumn,
  { name: 'IP', priority: 1, value: ({ status }) => status?.podIPs?.[0]?.ip || status?.podIP || '<none>' },
  { name: 'Node', priority: 1, value: ({ spec }) => spec?.nodeName || '<none>' },
  { name: 'Nominated Node', priority: 1, value: ({ status }) => status?.nominatedNodeName || '<none>' },
  { name: 'Readiness Gates', priority: 1, value: gatesText },
];
