/**
 * What state a pod is in, for pictures and words: the seven states of the visual language, and the text that
 * `kubectl get pods` prints (`pkg/printers/internalversion/printers.go`, printPod).
 */
import { isSidecar } from '../../api/core/pod-resources.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../api/generated/types.ts';

/** All states, from the one that wants attention most to the one that wants it least. */
export const POD_STATES = ['failed', 'unknown', 'pending', 'notReady', 'terminating', 'running', 'succeeded'] as const;

/** How a pod is drawn: each has its own fill, glyph and word. */
export type PodState = (typeof POD_STATES)[number];

/** What every list and picture of pods shows. */
export interface PodSummary {
  state: PodState;
  /** kubectl's STATUS: "Running", "CrashLoopBackOff", "Init:0/1". */
  text: string;
  /** kubectl's READY, as two numbers. */
  ready: number;
  total: number;
  /** kubectl's RESTARTS. */
  restarts: number;
}

/** Waiting reasons that mean something is wrong, not merely that time has to pass. */
const BAD_WAITING = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreStartHookError',
  'PostStartHookError',
  'RegistryUnavailable',
  'ImageInspectError',
]);

/** The condition of that type, if the pod has it. */
export const podCondition = (status: PodStatus | undefined, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

function endedText({ state }: ContainerStatus): string {
  const ended = state?.terminated;
  if (ended?.reason) return ended.reason;
  return ended?.signal ? `Signal:${String(ended.signal)}` : `ExitCode:${String(ended?.exitCode ?? 0)}`;
}

interface Tally {
  text: string;
  ready: number;
  restarts: number;
}

/** Goes through the init containers; `initializing` when one of them still holds the others up. */
function initTally(pod: Pod, phaseText: string): Tally & { initializing: boolean; sidecarRestarts: number } {
  const byName = new Map((pod.spec.initContainers ?? []).map((container) => [container.name, container]));
  const tally = { text: phaseText, ready: 0, restarts: 0, sidecarRestarts: 0, initializing: false };
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(byName.get(status.name));
    tally.restarts += status.restartCount;
    if (sidecar) tally.sidecarRestarts += status.restartCount;
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) tally.ready++;
      continue;
    }
    if (terminated) tally.text = `Init:${endedText(status)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') tally.text = `Init:${waiting.reason}`;
    else tally.text = `Init:${String(index)}/${String(byName.size)}`;
    tally.initializing = true;
    break;
  }
  return tally;
}

/** Goes through the containers from the last to the first, so that the first one's reason is what remains. */
function mainTally(pod: Pod, text: string, ready: number, restarts: number): Tally {
  let running = false;
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    restarts += status.restartCount;
    if (status.state?.waiting?.reason) text = status.state.waiting.reason;
    else if (status.state?.terminated) text = endedText(status);
    else if (status.ready && status.state?.running) {
      running = true;
      ready++;
    }
  }
  if (text === 'Completed' && running) text = podCondition(pod.status, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  return { text, ready, restarts };
}

function stateOf(pod: Pod, text: string): PodState {
  const { status, metadata } = pod;
  if (text === 'Unknown' || status?.phase === 'Unknown') return 'unknown';
  if (status?.phase === 'Succeeded') return 'succeeded';
  if (status?.phase === 'Failed') return 'failed';
  if (metadata.deletionTimestamp !== undefined) return 'terminating';
  const waiting = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  if (waiting.some(({ state }) => BAD_WAITING.has(state?.waiting?.reason ?? ''))) return 'failed';
  if (status?.phase !== 'Running') return 'pending';
  return podCondition(status, 'Ready')?.status === 'True' ? 'running' : 'notReady';
}

function summarize(pod: Pod): PodSummary {
  const { status, spec, metadata } = pod;
  let text = status?.reason || status?.phase || 'Pending';
  const scheduled = podCondition(status, 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') text = 'SchedulingGated';
  const init = initTally(pod, text);
  const begun = !init.initializing || podCondition(status, 'Initialized')?.status === 'True';
  const tally = begun ? mainTally(pod, init.text, init.ready, init.sidecarRestarts) : init;
  text = tally.text;
  if (metadata.deletionTimestamp !== undefined) {
    if (status?.reason === 'NodeLost') text = 'Unknown';
    else if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') text = 'Terminating';
  }
  const total = spec.containers.length + (spec.initContainers ?? []).filter(isSidecar).length;
  return { state: stateOf(pod, text), text, ready: tally.ready, total, restarts: tally.restarts };
}

const known = new WeakMap<Pod, PodSummary>();

/** The summary of a pod; computed once per object, as objects are frozen. */
export function podSummary(pod: Pod): PodSummary {
  let summary = known.get(pod);
  if (!summary) {
    summary = summarize(pod);
    known.set(pod, summary);
  }
  return summary;
}

/**
 * The state to draw, given whether the pod's node answers: nobody knows how a pod fares on a node that has gone silent.
 * A pod that has ended stays what it was.
 */
export function drawnState(pod: Pod, nodeSilent: boolean): PodState {
  const { state } = podSummary(pod);
  const { phase } = pod.status ?? {};
  return nodeSilent && phase !== 'Succeeded' && phase !== 'Failed' ? 'unknown' : state;
}

/** Whether something ought to be explained: neither fine, nor finished, nor on its ordered way out. */
export const isTroubled = (state: PodState): boolean =>
  state === 'failed' || state === 'pending' || state === 'notReady' || state === 'unknown';

/** How many pods are in each state, as a tile and a summary sentence need it. */
export type StateCounts = Partial<Record<PodState, number>>;

/** Adds one pod to `counts`. */
export function countState(counts: StateCounts, state: PodState): void {
  counts[state] = (counts[state] ?? 0) + 1;
}
