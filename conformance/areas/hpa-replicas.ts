/** How many replicas a metric asks for. */
import type { Pod } from '../../src/api/generated/types.ts';
import { milliValue } from '../../src/apimachinery/quantity.ts';
import { badRequest } from '../../src/apimachinery/status.ts';
import {
  podRequests,
  replicasForAverage,
  replicasForPods,
  replicasForValue,
} from '../../src/controller-manager/horizontal-pod-autoscaler/replica-calculator.ts';
import type { Answer, Sample, Target } from '../../src/controller-manager/horizontal-pod-autoscaler/replica-calculator.ts';
import type { Area, Case } from '../area.ts';

interface GivenContainer {
  name: string;
  request: string | null;
  usage: string | null;
}
interface GivenPod {
  name: string;
  phase: string;
  deleting: boolean;
  startTime: string;
  ready: { status: string; lastTransitionTime: string };
  containers?: GivenContainer[];
  value?: number | null;
  valueMilli?: number | null;
}
interface Metric {
  kind: string;
  name: string;
  container?: string;
  targetUtilization?: number;
  targetMilli?: number;
  perPodTargetMilli?: number;
  valuesMilli?: number[];
}
type Input = Parameters<Area['run']>[0];

function podOf({ name, phase, deleting, startTime, ready, containers = [] }: GivenPod): Pod {
  const made = {
    metadata: { name, deletionTimestamp: deleting ? startTime : undefined },
    spec: {
      containers: containers.map((each) => ({
        name: each.name,
        resources: { requests: each.request === null ? {} : { cpu: each.request, memory: each.request } },
      })),
    },
    status: { phase, startTime, conditions: [{ type: 'Ready', ...ready }] },
  };
  return made as unknown as Pod;
}

function samplesOf(
  given: readonly GivenPod[],
  { container }: Metric,
  sample: { timestamp: string; windowSeconds: number },
): Map<string, Sample> {
  const at = { timestampMs: Date.parse(sample.timestamp), windowMs: sample.windowSeconds * 1000 };
  const samples = new Map<string, Sample>();
  for (const { name, containers = [], valueMilli } of given) {
    const measured = containers.filter((each) => container === undefined || each.name === container);
    const complete = measured.length > 0 && measured.every(({ usage }) => usage !== null && usage !== undefined);
    if (complete) samples.set(name, { milli: measured.reduce((sum, { usage }) => sum + milliValue(usage ?? 0), 0), ...at });
    else if (valueMilli !== null && valueMilli !== undefined) samples.set(name, { milli: valueMilli, ...at });
  }
  return samples;
}

function targetOf(metric: Metric, pods: readonly Pod[]): Target {
  if (metric.targetUtilization === undefined) return { averageMilli: metric.targetMilli ?? 0 };
  return { utilization: metric.targetUtilization, requests: podRequests(pods, metric.name, metric.container, milliValue) };
}

function answerFor(input: Input): Answer {
  const metric = input['metric'] as Metric;
  const given = input['pods'] as GivenPod[];
  const pods = given.map(podOf);
  const currentReplicas = Number(input['currentReplicas']);
  const tolerance = Number(input['tolerance'] ?? 0.1);
  const value = (metric.valuesMilli ?? []).reduce((sum, each) => sum + each, 0);
  if (metric.kind === 'object-per-pod' || metric.kind === 'external-per-pod')
    return replicasForAverage(currentReplicas, value, metric.perPodTargetMilli ?? 1, tolerance);
  if (metric.kind === 'object' || metric.kind === 'external') {
    return { replicas: replicasForValue(currentReplicas, pods, value, metric.targetMilli ?? 1, tolerance), averageMilli: value };
  }
  const samples = samplesOf(given, metric, input['sample'] as { timestamp: string; windowSeconds: number });
  if (samples.size === 0)
    throw badRequest(`unable to get metrics for resource ${metric.name}: no metrics returned from resource metrics API`);
  return replicasForPods({
    currentReplicas,
    pods,
    samples,
    target: targetOf(metric, pods),
    isCpu: metric.name === 'cpu' && metric.kind !== 'pods',
    nowMs: Date.parse(String(input['now'])),
    tolerance,
    cpuInitializationMs: 120_000,
  });
}

export const run: Area['run'] = (input) => {
  try {
    const { replicas, utilization, averageMilli } = answerFor(input);
    return { replicas, currentUtilization: utilization, currentAverageMilli: averageMilli };
  } catch (error) {
    if (error instanceof Error) return { errorContains: error.message };
    throw error;
  }
};

/** Refusals are judged by a part of their text. */
export function equal(key: string, actual: unknown, expected: unknown, _case: Case): boolean {
  return key === 'errorContains' ? String(actual).includes(String(expected)) : actual === expected;
}
