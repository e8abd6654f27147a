/**
 * How many replicas a metric asks for (`pkg/controller/podautoscaler/replica_calculator.go`). Pure; amounts in thousandths.
 */
import type { Pod } from '../../api/generated/types.ts';
import { badRequest } from '../../apimachinery/status.ts';
import { isPodReady, readyCondition } from '../pods.ts';

/** A changes of less than this share of the target is no reason to scale. */
export const TOLERANCE = 0.1;
/** After its start a pod's CPU counts only if measured while it was ready (`--horizontal-pod-autoscaler-cpu-initialization-period`). */
const CPU_INITIALIZATION_MS = 300_000;
/** A pod that became not ready so early was never ready (`--horizontal-pod-autoscaler-initial-readiness-delay`). */
const INITIAL_READINESS_MS = 30_000;

/** One pod's measurement. */
export interface Sample {
  milli: number;
  timestampMs: number;
  windowMs: number;
}

/** What is asked of each pod: a share of its request, in percent, or an amount. */
export type Target = { utilization: number; requests: ReadonlyMap<string, number> } | { averageMilli: number };

/** All that the number of replicas for one metric depends on. */
export interface Question {
  currentReplicas: number;
  pods: readonly Pod[];
  /** By pod name. */
  samples: ReadonlyMap<string, Sample>;
  target: Target;
  /** CPU of starting pods is not to be trusted. */
  isCpu: boolean;
  nowMs: number;
  tolerance?: number;
  cpuInitializationMs?: number;
}

/** The number of replicas, with the values that the status shows. */
export interface Answer {
  replicas: number;
  /** Percent of the requests; only for a utilization target. */
  utilization?: number;
  averageMilli: number;
}

interface Groups {
  ready: number;
  unready: string[];
  missing: string[];
  ignored: string[];
}

/** The replicas for a metric of each pod. Throws BadRequest in upstream's words when that cannot be told. */
export function replicasForPods(question: Question): Answer {
  const { currentReplicas, target, tolerance = TOLERANCE } = question;
  const groups = groupPods(question);
  const values = new Map([...question.samples].map(([name, { milli }]) => [name, milli]));
  for (const name of [...groups.ignored, ...groups.unready]) values.delete(name);
  if (values.size === 0) throw badRequest('did not receive metrics for targeted pods (pods might be unready)');
  const first = usage(values, target);
  const rebalance = groups.unready.length > 0 && first.ratio > 1;
  const answer = (replicas: number): Answer => ({
    replicas,
    ...(first.utilization !== undefined && { utilization: first.utilization }),
    averageMilli: first.averageMilli,
  });
  if (!rebalance && groups.missing.length === 0) {
    return answer(Math.abs(1 - first.ratio) <= tolerance ? currentReplicas : Math.ceil(first.ratio * groups.ready));
  }
  // Pods without a measurement are assumed to speak against scaling: at the target on the way down, idle on the way up.
  for (const name of groups.missing) {
    if (first.ratio < 1) values.set(name, assumed(target, name));
    else if (first.ratio > 1) values.set(name, 0);
  }
  if (rebalance) for (const name of groups.unready) values.set(name, 0);
  const { ratio } = usage(values, target);
  if (Math.abs(1 - ratio) <= tolerance || (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1)) return answer(currentReplicas);
  const replicas = Math.ceil(ratio * values.size);
  const contrary = (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas);
  return answer(contrary ? currentReplicas : replicas);
}

function assumed(target: Target, name: string): number {
  if ('averageMilli' in target) return target.averageMilli;
  return ((target.requests.get(name) ?? 0) * Math.max(100, target.utilization)) / 100;
}

function usage(values: ReadonlyMap<string, number>, target: Target): { ratio: number; utilization?: number; averageMilli: number } {
  let [total, requested, entries] = [0, 0, 0];
  for (const [name, value] of values) {
    const request = 'requests' in target ? target.requests.get(name) : 0;
    if (request === undefined) continue;
    total += value;
    requested += request;
    entries++;
  }
  const averageMilli = Math.trunc(total / entries);
  if ('averageMilli' in target) return { ratio: averageMilli / target.averageMilli, averageMilli };
  if (requested === 0) throw badRequest('no metrics returned matched known pods');
  const utilization = Math.trunc((total * 100) / requested);
  return { ratio: utilization / target.utilization, utilization, averageMilli };
}

function groupPods({ pods, samples, isCpu, nowMs, cpuInitializationMs = CPU_INITIALIZATION_MS }: Question): Groups {
  const groups: Groups = { ready: 0, unready: [], missing: [], ignored: [] };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const sample = samples.get(name);
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') groups.ignored.push(name);
    else if (pod.status?.phase === 'Pending') groups.unready.push(name);
    else if (sample === undefined) groups.missing.push(name);
    else if (isCpu && isStarting(pod, sample, nowMs, cpuInitializationMs)) groups.unready.push(name);
    else groups.ready++;
  }
  return groups;
}

function isStarting(pod: Pod, sample: Sample, nowMs: number, initializationMs: number): boolean {
  const ready = readyCondition(pod);
  if (ready?.lastTransitionTime === undefined || pod.status?.startTime === undefined) return true;
  const [startMs, changedMs] = [Date.parse(pod.status.startTime), Date.parse(ready.lastTransitionTime)];
  if (startMs + initializationMs > nowMs) return ready.status === 'False' || sample.timestampMs < changedMs + sample.windowMs;
  return ready.status === 'False' && startMs + INITIAL_READINESS_MS > changedMs;
}

/** The replicas for one amount that all pods share (object and external metrics with a Value target). */
export function replicasForValue(
  currentReplicas: number,
  pods: readonly Pod[],
  valueMilli: number,
  targetMilli: number,
  tolerance = TOLERANCE,
): number {
  const ratio = valueMilli / targetMilli;
  if (currentReplicas === 0) return Math.ceil(ratio);
  if (Math.abs(1 - ratio) <= tolerance) return currentReplicas;
  return Math.ceil(ratio * pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length);
}

/** The same with a target per pod (AverageValue). */
export function replicasForAverage(currentReplicas: number, valueMilli: number, perPodMilli: number, tolerance = TOLERANCE): Answer {
  const ratio = valueMilli / (perPodMilli * currentReplicas);
  const replicas = Math.abs(1 - ratio) > tolerance ? Math.ceil(valueMilli / perPodMilli) : currentReplicas;
  return { replicas, averageMilli: Math.ceil(valueMilli / currentReplicas) };
}

/** The pods' requests of a resource by name, of one container or all. Throws BadRequest when one has none (`calculatePodRequests`). */
export function podRequests(
  pods: readonly Pod[],
  resource: string,
  container: string | undefined,
  milliOf: (text: string | number) => number,
): Map<string, number> {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    let sum = 0;
    for (const { name, resources } of spec.containers) {
      if (container !== undefined && container !== name) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined) throw badRequest(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
      sum += milliOf(request);
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}
