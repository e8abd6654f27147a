/**
 * What the autoscaler reads of pods' consumption (`k8s.io/metrics`), and how one metric of its spec becomes a number of
 * replicas. Resource and ContainerResource metrics only.
 */
import type { MetricSpec, MetricStatus, MetricTarget, Pod } from '../../api/generated/types.ts';
import { formatQuantity, milliQuantityOf, milliValue } from '../../apimachinery/quantity.ts';
import type { Selector } from '../../apimachinery/labels.ts';
import { badRequest } from '../../apimachinery/status.ts';
import { podRequests, replicasForPods } from './replica-calculator.ts';
import type { Sample } from './replica-calculator.ts';

/** One pod's consumption over a window. */
export interface PodMetrics {
  name: string;
  timestampMs: number;
  windowMs: number;
  /** Thousandths of cores and of bytes, by resource name. */
  containers: readonly { name: string; milli: Readonly<Record<string, number>> }[];
}

/** The metrics server, as the autoscaler sees it; undefined when none answers. */
export interface PodMetricsSource {
  podMetrics(namespace: string, selector: Selector): readonly PodMetrics[] | undefined;
}

/** What one metric asks for. */
export interface MetricResult {
  replicas: number;
  status: MetricStatus;
  /** "cpu resource utilization (percentage of request)" */
  name: string;
}

/** Evaluates a metric. Throws BadRequest in upstream's words. */
export function evaluate(
  metric: MetricSpec,
  currentReplicas: number,
  pods: readonly Pod[],
  measured: readonly PodMetrics[] | undefined,
  nowMs: number,
): MetricResult {
  const source = metric.resource ?? metric.containerResource;
  if (source === undefined) throw badRequest(`metric source type ${JSON.stringify(metric.type)} is not simulated`);
  const { name: resource, target } = source;
  const container = metric.containerResource?.container;
  const samples = samplesOf(resource, container, pods, measured);
  const averageMilli = target.averageUtilization === undefined ? milliValue(target.averageValue ?? '0') : 0;
  const asked =
    target.averageUtilization === undefined
      ? { averageMilli }
      : { utilization: target.averageUtilization, requests: podRequests(pods, resource, container, milliValue) };
  const answer = replicasForPods({ currentReplicas, pods, samples, target: asked, isCpu: resource === 'cpu', nowMs });
  const averageValue = formatQuantity(milliQuantityOf(answer.averageMilli, resource === 'cpu' ? 'DecimalSI' : 'BinarySI'));
  const current = { averageValue, ...(answer.utilization !== undefined && { averageUtilization: answer.utilization }) };
  const status: MetricStatus = metric.resource
    ? { type: 'Resource', resource: { name: resource, current } }
    : { type: 'ContainerResource', containerResource: { name: resource, container: container ?? '', current } };
  return { replicas: answer.replicas, status, name: nameOf(resource, container, target) };
}

function nameOf(resource: string, container: string | undefined, target: MetricTarget): string {
  const what = container === undefined ? `${resource} resource` : `${resource} container resource`;
  return target.averageUtilization === undefined ? what : `${what} utilization (percentage of request)`;
}

function samplesOf(
  resource: string,
  container: string | undefined,
  pods: readonly Pod[],
  measured: readonly PodMetrics[] | undefined,
): Map<string, Sample> {
  const trouble = `unable to get metrics for resource ${resource}: `;
  if (measured === undefined) {
    throw badRequest(
      `${trouble}unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`,
    );
  }
  const known = new Set(pods.map(({ metadata }) => metadata.name));
  const samples = new Map<string, Sample>();
  for (const { name, timestampMs, windowMs, containers } of measured) {
    const counted = containers.filter((each) => container === undefined || each.name === container);
    if (!known.has(name) || counted.length === 0) continue;
    samples.set(name, { milli: counted.reduce((sum, { milli }) => sum + (milli[resource] ?? 0), 0), timestampMs, windowMs });
  }
  if (samples.size === 0) throw badRequest(`${trouble}no metrics returned from resource metrics API`);
  return samples;
}
