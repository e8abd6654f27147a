/**
 * The pod conditions that the kubelet owns (`pkg/kubelet/status/generate.go`). Conditions of other owners
 * (readiness gates, DisruptionTarget) stay as they are and come first. `lastTransitionTime` moves with the status only.
 */
import type { ContainerStatus, PodCondition, PodSpec, PodStatus, Time } from '../api/generated/types.ts';
import { isSidecar } from '../api/core/pod-resources.ts';
import { hasAnyRegularContainerStarted } from './phase.ts';
import type { ContainerStatuses, PodPhase } from './phase.ts';

/** The condition types the kubelet writes, in the order in which they appear (`PodConditionByKubelet`). */
export const KUBELET_CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const;

type Finding = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const TRUE: Finding = { status: 'True' };
const isFalse = (reason: string, message?: string): Finding =>
  message === undefined ? { status: 'False', reason } : { status: 'False', reason, message };

function listMessages(unknown: readonly string[], other: readonly string[], otherKind: string): string {
  const messages: string[] = [];
  if (unknown.length > 0) messages.push(`containers with unknown status: [${unknown.join(' ')}]`);
  if (other.length > 0) messages.push(`containers with ${otherKind} status: [${other.join(' ')}]`);
  return messages.join(', ');
}

/** `GenerateContainersReadyCondition`. */
export function containersReady(spec: PodSpec, statuses: ContainerStatuses, phase: PodPhase): Finding {
  if (statuses.containerStatuses === undefined) return isFalse('UnknownContainerStatuses');
  const unknown: string[] = [];
  const unready: string[] = [];
  const look = (name: string, among: readonly ContainerStatus[] | undefined) => {
    const status = among?.find((candidate) => candidate.name === name);
    if (status === undefined) unknown.push(name);
    else if (!status.ready) unready.push(name);
  };
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) look(container.name, statuses.initContainerStatuses);
  }
  for (const container of spec.containers) look(container.name, statuses.containerStatuses);
  if (phase === 'Succeeded' && unknown.length === 0) return isFalse('PodCompleted');
  if (phase === 'Failed') return isFalse('PodFailed');
  const message = listMessages(unknown, unready, 'unready');
  return message === '' ? TRUE : isFalse('ContainersNotReady', message);
}

/** `GeneratePodReadyCondition`: the containers and every readiness gate. */
export function podReady(spec: PodSpec, ready: Finding, others: readonly PodCondition[]): Finding {
  if (ready.status !== 'True') return ready;
  const messages: string[] = [];
  for (const { conditionType } of spec.readinessGates ?? []) {
    const gate = others.find(({ type }) => type === conditionType);
    if (gate === undefined) messages.push(`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`);
    else if (gate.status !== 'True') {
      messages.push(`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${gate.status}`);
    }
  }
  return messages.length === 0 ? TRUE : isFalse('ReadinessGatesNotReady', messages.join(', '));
}

/** `GeneratePodInitializedCondition`. */
export function podInitialized(spec: PodSpec, statuses: ContainerStatuses, phase: PodPhase): Finding {
  const initContainers = spec.initContainers ?? [];
  if (initContainers.length === 0) return phase === 'Succeeded' ? { status: 'True', reason: 'PodCompleted' } : TRUE;
  if (statuses.containerStatuses === undefined) return isFalse('UnknownContainerStatuses');
  const unknown: string[] = [];
  const incomplete: string[] = [];
  for (const container of initContainers) {
    const status = statuses.initContainerStatuses?.find(({ name }) => name === container.name);
    if (status === undefined) unknown.push(container.name);
    else if (isSidecar(container) ? status.started !== true : !status.ready) incomplete.push(container.name);
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' };
  if (hasAnyRegularContainerStarted(spec, statuses.containerStatuses)) return TRUE;
  const message = listMessages(unknown, incomplete, 'incomplete');
  return message === '' ? TRUE : isFalse('ContainersNotInitialized', message);
}

/** All conditions of the pod's next status. `sandboxReady`: the sandbox is up and has its address. */
export function podConditions(
  spec: PodSpec,
  statuses: ContainerStatuses,
  phase: PodPhase,
  sandboxReady: boolean,
  old: PodStatus | undefined,
  now: Time,
): PodCondition[] {
  const before = old?.conditions ?? [];
  const others = before.filter(({ type }) => !(KUBELET_CONDITIONS as readonly string[]).includes(type));
  const ready = containersReady(spec, statuses, phase);
  const findings: Record<(typeof KUBELET_CONDITIONS)[number], Finding> = {
    PodReadyToStartContainers: { status: sandboxReady ? 'True' : 'False' },
    Initialized: podInitialized(spec, statuses, phase),
    Ready: podReady(spec, ready, others),
    ContainersReady: ready,
    PodScheduled: TRUE,
  };
  return others.concat(KUBELET_CONDITIONS.map((type) => keepTransition(type, findings[type], before, now)));
}

function keepTransition(type: string, finding: Finding, before: readonly PodCondition[], now: Time): PodCondition {
  const last = before.find((condition) => condition.type === type);
  if (last?.status === finding.status && last.reason === finding.reason && last.message === finding.message) return last;
  return { type, ...finding, lastTransitionTime: last?.status === finding.status ? last.lastTransitionTime : now };
}
