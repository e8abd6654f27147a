/**
 * "Why?": for anything that is not well, at most five lines of evidence from what the API itself says. The first line
 * is the nearest cause; later lines lead further back.
 */
import { quoteWarning, refOf, secondsSince } from './evidence.ts';
import { nodeState } from './node-state.ts';
import { drawnState, isTroubled, podSummary } from './pod-state.ts';
import { whyPod } from './why-pod.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { selectorFromSet } from '../../apimachinery/labels.ts';
import type { Condition, KubernetesObject } from '../../apimachinery/meta.ts';
import type { Evidence, WhyContext } from './evidence.ts';
import type { Node, PersistentVolumeClaim, Pod, Service } from '../../api/generated/types.ts';

/** A chain is never longer. */
export const MAX_EVIDENCE = 5;

function whyNode(node: Node, context: WhyContext): Evidence[] {
  const lines: Evidence[] = [];
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const state = nodeState(node);
  if (state !== 'ready') {
    const params = {
      reason: ready?.reason ?? '',
      message: ready?.message ?? '',
      seconds: secondsSince(ready?.lastTransitionTime, context.now),
    };
    lines.push({ key: 'nodeNotReady', params, link: { to: 'condition', type: 'Ready' } });
    for (const fault of context.faultsOn?.(node.metadata.name) ?? []) {
      lines.push({ key: 'faultActs', params: { fault: fault.metadata.name }, link: { to: 'object', ref: refOf(fault) } });
    }
  }
  for (const { type, status, reason = '', message = '' } of node.status?.conditions ?? []) {
    if (type !== 'Ready' && status === 'True')
      lines.push({ key: 'conditionSays', params: { type, reason, message }, link: { to: 'condition', type } });
  }
  if (node.spec?.unschedulable) lines.push({ key: 'nodeCordoned', params: {} });
  const taints = (node.spec?.taints ?? []).filter(({ effect, key }) => effect === 'NoExecute' || key.startsWith('node.kubernetes.io/'));
  if (state !== 'ready' && taints.length) {
    lines.push({ key: 'nodeTainted', params: { taints: taints.map(({ key, effect }) => `${key}:${effect}`).join(', ') } });
  }
  if (state !== 'ready') {
    const count = context.pods.filter(({ spec }) => spec.nodeName === node.metadata.name).length;
    if (count) lines.push({ key: 'podsAtRisk', params: { count } });
  }
  return lines;
}

interface WorkloadShape extends KubernetesObject {
  spec?: { replicas?: number; paused?: boolean; completions?: number; suspend?: boolean };
  status?: {
    readyReplicas?: number;
    conditions?: Condition[];
    desiredNumberScheduled?: number;
    numberReady?: number;
    failed?: number;
  };
}

/** Pods that a workload owns, directly or through a ReplicaSet or Job. */
export function podsOf(owner: KubernetesObject, { pods, find }: Pick<WhyContext, 'pods' | 'find'>): Pod[] {
  return pods.filter((pod) => {
    const controller = controllerOf(pod);
    if (!controller) return false;
    if (controller.uid === owner.metadata.uid) return true;
    const parent = find(controller.kind, pod.metadata.namespace, controller.name);
    return parent !== undefined && controllerOf(parent)?.uid === owner.metadata.uid;
  });
}

function badCondition({ type, status }: Condition): boolean {
  if (type === 'ReplicaFailure' || type === 'Failed' || type === 'FailureTarget') return status === 'True';
  return type === 'Progressing' && status === 'False';
}

function whyWorkload(object: WorkloadShape, context: WhyContext): Evidence[] {
  const { spec, status } = object;
  const desired = object.kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1);
  const ready = object.kind === 'DaemonSet' ? (status?.numberReady ?? 0) : (status?.readyReplicas ?? 0);
  const counted = object.kind !== 'Job' && object.kind !== 'CronJob';
  const conditions = (status?.conditions ?? []).filter(badCondition);
  if ((!counted || ready >= desired) && !conditions.length && !status?.failed) return [];
  const lines: Evidence[] = [];
  if (counted && ready < desired) lines.push({ key: 'replicasMissing', params: { ready, desired } });
  if (spec?.paused) lines.push({ key: 'rolloutPaused', params: {} });
  for (const { type, reason = '', message = '' } of conditions.slice(0, 2)) {
    lines.push({ key: 'conditionSays', params: { type, reason, message }, link: { to: 'condition', type } });
  }
  const groups = new Map<string, Pod[]>();
  for (const pod of podsOf(object, context)) {
    if (!isTroubled(drawnState(pod, isSilent(pod, context)))) continue;
    const { text } = podSummary(pod);
    groups.set(text, [...(groups.get(text) ?? []), pod]);
  }
  const [worst] = [...groups].sort(([, a], [, b]) => b.length - a.length);
  if (worst?.[1][0]) {
    const [text, [first, ...rest]] = worst as [string, [Pod, ...Pod[]]];
    lines.push({
      key: 'podsAre',
      params: { count: rest.length + 1, text, pod: first.metadata.name },
      link: { to: 'object', ref: refOf(first) },
    });
    lines.push(...whyPod(first, context));
  } else lines.push(...quoteWarning(object, context));
  return lines;
}

const isSilent = (pod: Pod, { nodes }: WhyContext): boolean =>
  nodes.some((node) => node.metadata.name === pod.spec.nodeName && nodeState(node) === 'unknown');

function whyService(service: Service, { pods }: WhyContext): Evidence[] {
  const wanted = service.spec?.selector;
  if (!wanted || service.spec?.type === 'ExternalName' || !Object.keys(wanted).length) return [];
  const selector = selectorFromSet(wanted);
  const inNamespace = pods.filter(({ metadata }) => metadata.namespace === service.metadata.namespace);
  const matching = inNamespace.filter(({ metadata }) => selector.matches(metadata.labels));
  const text = Object.entries(wanted)
    .map(([key, label]) => `${key}=${label}`)
    .join(',');
  if (matching.some((pod) => podSummary(pod).state === 'running')) return [];
  const [first] = matching;
  if (first) {
    const params = { count: matching.length, selector: text, pod: first.metadata.name };
    return [{ key: 'noneReady', params, link: { to: 'object', ref: refOf(first) } }];
  }
  const lines: Evidence[] = [{ key: 'selectorMatchesNothing', params: { selector: text } }];
  const near = new Map<string, Pod[]>();
  for (const pod of inNamespace) {
    for (const key of Object.keys(wanted)) {
      const label = pod.metadata.labels?.[key];
      if (label === undefined || label === wanted[key]) continue;
      near.set(`${key}=${label}`, [...(near.get(`${key}=${label}`) ?? []), pod]);
    }
  }
  for (const [label, [pod, ...rest]] of [...near].sort(([, a], [, b]) => b.length - a.length).slice(0, 2)) {
    if (pod) lines.push({ key: 'nearMiss', params: { count: rest.length + 1, label }, link: { to: 'object', ref: refOf(pod) } });
  }
  return lines;
}

function whyClaim(claim: PersistentVolumeClaim, context: WhyContext): Evidence[] {
  if (claim.status?.phase === 'Bound') return [];
  const said = quoteWarning(claim, context, ['WaitForFirstConsumer', 'ProvisioningFailed', 'FailedBinding', 'ExternalProvisioning']);
  const waits = said[0]?.params['reason'] === 'WaitForFirstConsumer';
  if (waits) return [{ key: 'waitsForConsumer', params: {} }, ...said];
  const className = claim.spec?.storageClassName;
  if (className === undefined) return [{ key: 'noDefaultClass', params: {} }, ...said];
  return said;
}

const WORKLOADS = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job'];

/** Why an object is not well: at most `MAX_EVIDENCE` lines, the nearest cause first; empty when nothing needs explaining. */
export function why(object: KubernetesObject, context: WhyContext): Evidence[] {
  return chain(object, context).slice(0, MAX_EVIDENCE);
}

function chain(object: KubernetesObject, context: WhyContext): Evidence[] {
  if (object.kind === 'Pod') return whyPod(object as Pod, context);
  if (object.kind === 'Node') return whyNode(object as Node, context);
  if (object.kind === 'Service') return whyService(object as Service, context);
  if (object.kind === 'PersistentVolumeClaim') return whyClaim(object as PersistentVolumeClaim, context);
  if (WORKLOADS.includes(object.kind)) return whyWorkload(object, context);
  return [];
}
