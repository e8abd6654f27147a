/** Why a pod is not well. Goes through its life in order and stops at the first stage that is not done. */
import { eventsOf, eventCount, quote, quoteWarning, refOf, secondsSince } from './evidence.ts';
import { allocatable, cpuText, memoryText, nodeState, podRequests, requestsByNode } from './node-state.ts';
import { drawnState, podCondition, podSummary } from './pod-state.ts';
import { parseTime } from '../../apimachinery/durations.ts';
import type { Evidence, WhyContext } from './evidence.ts';
import type { ContainerStatus, Node, Pod } from '../../api/generated/types.ts';

const SILENT_TAINTS = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'];

/** The reasons in "0/4 nodes are available: 1 node(s) had untolerated taint {a: b}, 3 Insufficient cpu. preemption: ...". */
export function refusals(message: string): { count: number; reason: string }[] {
  const list = /^\d+\/\d+ nodes are available: (.*?)\.(?: |$)/.exec(message)?.[1] ?? '';
  // Reasons may hold commas themselves, so each starts at ", <count> ".
  return list.split(/, (?=\d+ )/).flatMap((part) => {
    const found = /^(\d+) (.*)$/.exec(part);
    return found ? [{ count: Number(found[1]), reason: found[2] ?? '' }] : [];
  });
}

function tooMuch(pod: Pod, resource: 'cpu' | 'memory', { nodes, pods }: WhyContext): Evidence[] {
  const usage = requestsByNode(pods);
  const format = resource === 'cpu' ? cpuText : memoryText;
  let best: { node: Node; free: number } | undefined;
  for (const node of nodes) {
    if (node.spec?.unschedulable || node.spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule')) continue;
    const free = allocatable(node)[resource] - (usage.get(node.metadata.name)?.[resource] ?? 0);
    if (!best || free > best.free) best = { node, free };
  }
  if (!best) return [];
  const params = {
    resource,
    asked: format(podRequests(pod)[resource]),
    free: format(Math.max(0, best.free)),
    node: best.node.metadata.name,
  };
  return [{ key: 'asksTooMuch', params, link: { to: 'object', ref: refOf(best.node) } }];
}

function claims(pod: Pod, context: WhyContext): Evidence[] {
  const { namespace } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }): Evidence[] => {
    const name = persistentVolumeClaim?.claimName;
    if (name === undefined) return [];
    const claim = context.find('PersistentVolumeClaim', namespace, name);
    const link = {
      to: 'object',
      ref: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, ...(namespace ? { namespace } : {}) },
    } as const;
    if (!claim) return [{ key: 'claimMissing', params: { claim: name } }];
    const { phase } = (claim as { status?: { phase?: string } }).status ?? {};
    return phase === 'Bound' ? [] : [{ key: 'claimUnbound', params: { claim: name, phase: phase ?? 'Pending' }, link }];
  });
}

function unscheduled(pod: Pod, context: WhyContext): Evidence[] {
  const condition = podCondition(pod.status, 'PodScheduled');
  if (pod.spec.schedulingGates?.length) {
    const gates = pod.spec.schedulingGates.map(({ name }) => name).join(', ');
    return [{ key: 'schedulingGated', params: { gates }, link: { to: 'condition', type: 'PodScheduled' } }];
  }
  const { schedulerName = 'default-scheduler' } = pod.spec;
  if (condition?.status !== 'False') {
    if (schedulerName !== 'default-scheduler') return [{ key: 'otherScheduler', params: { scheduler: schedulerName } }];
    return [{ key: 'notYetScheduled', params: {} }];
  }
  const failed = eventsOf(pod, context.events).find(({ reason }) => reason === 'FailedScheduling');
  const link: Evidence['link'] = failed ? { to: 'event', uid: failed.metadata.uid } : { to: 'condition', type: 'PodScheduled' };
  const message = condition.message ?? failed?.message ?? '';
  const reasons = refusals(message);
  if (!reasons.length)
    return [
      { key: 'conditionSays', params: { type: 'PodScheduled', reason: condition.reason ?? '', message }, link },
      ...claims(pod, context),
    ];
  const short = reasons.map(({ reason }) => /^Insufficient (cpu|memory)$/.exec(reason)?.[1]).find((found) => found !== undefined);
  return [
    { key: 'noNodeFits', params: { nodes: context.nodes.length, attempts: failed ? eventCount(failed) : 1 }, link },
    ...reasons.slice(0, 3).map(({ count, reason }): Evidence => ({ key: 'nodesRefuse', params: { count, reason }, link })),
    ...(short === 'cpu' || short === 'memory' ? tooMuch(pod, short, context) : []),
    ...claims(pod, context),
  ];
}

function silentNode(pod: Pod, node: Node, { now }: WhyContext): Evidence[] {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const link = { to: 'object', ref: refOf(node) } as const;
  const lines: Evidence[] = [
    { key: 'nodeSilent', params: { node: node.metadata.name, seconds: secondsSince(ready?.lastTransitionTime, now) }, link },
  ];
  const taint = node.spec?.taints?.find(({ key, effect }) => SILENT_TAINTS.includes(key) && effect === 'NoExecute');
  const toleration = pod.spec.tolerations?.find(({ key, effect }) => key === taint?.key && (!effect || effect === 'NoExecute'));
  if (taint && toleration?.tolerationSeconds !== undefined && pod.metadata.deletionTimestamp === undefined) {
    const left = toleration.tolerationSeconds - secondsSince(taint.timeAdded, now);
    lines.push({ key: 'leavesNode', params: { taint: taint.key, seconds: Math.max(0, left) }, link });
  }
  return lines;
}

function leaving(pod: Pod, { now }: WhyContext): Evidence[] {
  const { deletionTimestamp, finalizers } = pod.metadata;
  if (deletionTimestamp === undefined) return [];
  const seconds = Math.max(0, Math.round((parseTime(deletionTimestamp) - now) / 1000));
  const lines: Evidence[] = [{ key: 'beingDeleted', params: { seconds } }];
  if (finalizers?.length) lines.push({ key: 'finalizers', params: { names: finalizers.join(', ') } });
  return lines;
}

function ended(status: ContainerStatus, pod: Pod, previous: boolean): Evidence[] {
  const last = (previous ? status.lastState : status.state)?.terminated;
  if (!last) return [];
  const { name } = status;
  if (last.reason === 'OOMKilled') {
    const limit = pod.spec.containers.find((container) => container.name === name)?.resources?.limits?.['memory'] ?? '-';
    return [{ key: 'outOfMemory', params: { container: name, limit } }];
  }
  if (last.exitCode === 0 && !previous) return [];
  const link = { to: 'logs', container: name, previous } as const;
  return [
    { key: 'containerEnded', params: { container: name, code: last.exitCode, reason: last.reason ?? '' }, link },
    { key: 'readLogs', params: { container: name }, link },
  ];
}

function containerTroubles(pod: Pod, context: WhyContext): Evidence[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const lines: Evidence[] = [];
  const total = pod.spec.initContainers?.length ?? 0;
  const busy = initContainerStatuses.findIndex(({ state, ready }) => !ready && state?.terminated?.exitCode !== 0);
  const initialized = podCondition(pod.status, 'Initialized')?.status === 'True';
  if (busy >= 0 && !initialized)
    lines.push({ key: 'initRuns', params: { container: initContainerStatuses[busy]?.name ?? '', index: busy + 1, total } });
  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const { waiting, terminated } = status.state ?? {};
    if (waiting?.reason === 'PodInitializing') continue;
    if (waiting?.reason === 'CrashLoopBackOff') {
      const params = { container: status.name, restarts: status.restartCount, message: waiting.message ?? '' };
      lines.push({ key: 'restartsAgain', params }, ...ended(status, pod, true));
    } else if (waiting?.reason) {
      lines.push({
        key: 'containerWaits',
        params: { container: status.name, image: status.image, reason: waiting.reason, message: waiting.message ?? '' },
      });
    } else if (terminated) lines.push(...ended(status, pod, false));
    if (lines.length >= 4) break;
  }
  const said = new Set(lines.map(({ params }) => params['message']));
  const warning = quoteWarning(pod, context).filter(({ params }) => !said.has(params['message'] ?? ''));
  return [...lines, ...(lines.some(({ key }) => key === 'containerWaits') ? claims(pod, context) : []), ...warning];
}

function notReady(pod: Pod, context: WhyContext): Evidence[] {
  const unready = (pod.status?.containerStatuses ?? []).filter(({ ready, state }) => !ready && state?.running);
  const probe = eventsOf(pod, context.events).find(({ reason }) => reason === 'Unhealthy');
  const ready = podCondition(pod.status, 'Ready');
  const lines: Evidence[] = unready
    .slice(0, 2)
    .map(({ name }) => ({ key: 'containerNotReady', params: { container: name }, link: { to: 'condition', type: 'ContainersReady' } }));
  if (probe) lines.push({ ...quote(probe), key: 'probeFails' });
  if (!lines.length && ready?.status === 'False') {
    const params = { type: 'Ready', reason: ready.reason ?? '', message: ready.message ?? '' };
    lines.push({ key: 'conditionSays', params, link: { to: 'condition', type: 'Ready' } });
  }
  return lines;
}

/** The chain of evidence for a pod; empty when nothing needs explaining. */
export function whyPod(pod: Pod, context: WhyContext): Evidence[] {
  const node = context.nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
  const silent = node !== undefined && nodeState(node) === 'unknown';
  const state = drawnState(pod, silent);
  const { status } = pod;
  if (state === 'running' || state === 'succeeded') return [];
  const lines: Evidence[] = [];
  if (node && silent && state === 'unknown') lines.push(...silentNode(pod, node, context));
  lines.push(...leaving(pod, context));
  if (status?.phase === 'Failed') {
    if (status.reason || status.message)
      lines.push({ key: 'podFailed', params: { reason: status.reason ?? podSummary(pod).text, message: status.message ?? '' } });
    return [...lines, ...containerTroubles(pod, context)];
  }
  if (lines.length) return lines;
  if (!pod.spec.nodeName) return unscheduled(pod, context);
  const found =
    state === 'notReady'
      ? [...containerTroubles(pod, context).filter(({ key }) => key !== 'eventSays'), ...notReady(pod, context)]
      : containerTroubles(pod, context);
  return found.length ? found : eventsOf(pod, context.events).slice(0, 1).map(quote);
}
