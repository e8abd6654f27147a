/**
 * The HorizontalPodAutoscaler controller (`pkg/controller/podautoscaler/horizontal.go`): every 15 s as many replicas as the
 * hungriest metric asks for, within the limits.
 */
import { HorizontalPodAutoscalerResource } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { PodResource } from '../../api/core/pod.ts';
import { resourceByKind } from '../../api/index.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, Pod } from '../../api/generated/types.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { parseSelector } from '../../apimachinery/label-selector-parser.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { badRequest, StatusError } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import { limited } from './behavior.ts';
import { evaluate } from './metrics.ts';
import type { MetricResult, PodMetricsSource } from './metrics.ts';

const PERIOD_MS = 15_000;
/** The longest window or period that the API allows: older memories are of no use. */
const MEMORY_MS = 3_600_000;

type Scale = KubernetesObject & { spec: { replicas?: number }; status: { replicas: number; selector?: string } };

interface Memory {
  wishes: { atMs: number; replicas: number }[];
  changes: { atMs: number; by: number }[];
}

/** Starts the controller. Without `metrics` every autoscaler says that it cannot get any. */
export function startHorizontalPodAutoscalerController(deps: ControllerDeps, metrics: PodMetricsSource | undefined): void {
  const autoscalers = deps.informers.informer(HorizontalPodAutoscalerResource);
  const pods = deps.informers.informer(PodResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const memories = new Map<string, Memory>();
  const controller = startController(deps.scope, 'horizontalpodautoscalers', reconcile, [autoscalers, pods]);
  autoscalers.addHandler(
    {
      add: (autoscaler) => controller.enqueue(keyOf(autoscaler)),
      update: (autoscaler, old) => {
        if (autoscaler.spec !== old.spec) controller.enqueue(keyOf(autoscaler));
      },
    },
    deps.scope,
  );

  function reconcile(key: string): Requeue | undefined {
    const autoscaler = autoscalers.get(key);
    if (autoscaler === undefined) {
      memories.delete(key);
      return undefined;
    }
    const memory = memories.get(key) ?? { wishes: [], changes: [] };
    memories.set(key, memory);
    new Look(deps, autoscaler, pods, metrics, memory).run();
    return requeueAfter(PERIOD_MS, { background: true });
  }
}

/** One look at one autoscaler. */
class Look {
  readonly #deps: ControllerDeps;
  readonly #autoscaler: HorizontalPodAutoscaler;
  readonly #pods: Informer<Pod>;
  readonly #metrics: PodMetricsSource | undefined;
  readonly #memory: Memory;
  readonly #now: number;
  #conditions: readonly HorizontalPodAutoscalerCondition[];

  constructor(
    deps: ControllerDeps,
    autoscaler: HorizontalPodAutoscaler,
    pods: Informer<Pod>,
    metrics: PodMetricsSource | undefined,
    memory: Memory,
  ) {
    this.#deps = deps;
    this.#autoscaler = autoscaler;
    this.#pods = pods;
    this.#metrics = metrics;
    this.#memory = memory;
    this.#now = deps.scope.now;
    this.#conditions = autoscaler.status?.conditions ?? [];
  }

  run(): void {
    const scale = this.#findScale();
    if (scale === undefined) return this.#write(0, 0, []);
    const current = scale.spec.replicas ?? 0;
    if (current === 0) {
      this.#set('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
      return this.#write(0, 0, []);
    }
    const { minReplicas = 1, maxReplicas } = this.#autoscaler.spec;
    if (current > maxReplicas) return this.#rescale(scale, current, maxReplicas, 'Current number of replicas above Spec.MaxReplicas', []);
    if (current < minReplicas) return this.#rescale(scale, current, minReplicas, 'Current number of replicas below Spec.MinReplicas', []);
    const results = this.#evaluate(scale, current);
    const best = results.toSorted((a, b) => b.replicas - a.replicas)[0];
    if (best === undefined) return this.#write(scale.status.replicas, this.#autoscaler.status?.desiredReplicas ?? 0, []);
    this.#set('ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.name}`);
    const desired = this.#limit(current, best.replicas);
    const reason = desired > current ? `${best.name} above target` : 'All metrics below target';
    this.#rescale(scale, current, desired, reason, results);
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#deps.recorder.event(this.#autoscaler, type, reason, message);
  }

  #set(type: string, status: string, reason: string, message: string): void {
    this.#conditions = setCondition(this.#conditions, { type, status, reason, message }, formatTime(this.#now));
  }

  /** The target's scale; undefined, and told, when it cannot be read. */
  #findScale(): Scale | undefined {
    try {
      const scale = this.#getScale();
      this.#set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
      return scale;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#event('Warning', 'FailedGetScale', error.message);
      const why = `the HPA controller was unable to get the target's current scale: ${error.message}`;
      this.#set('AbleToScale', 'False', 'FailedGetScale', why);
      return undefined;
    }
  }

  #getScale(): Scale {
    const { scaleTargetRef } = this.#autoscaler.spec;
    const { apiVersion = '', kind, name } = scaleTargetRef;
    const resource = resourceByKind(apiVersion, kind);
    if (resource === undefined) throw badRequest(`no matches for kind "${kind}" in group "${apiVersion.split('/')[0] ?? ''}"`);
    return this.#deps.client.getSubresource(resource, { namespace: this.#autoscaler.metadata.namespace, name }, 'scale') as Scale;
  }

  /** The metrics that could be evaluated; on the first failure, scaling down is not decided by the others alone. */
  #evaluate(scale: Scale, current: number): MetricResult[] {
    const namespace = this.#autoscaler.metadata.namespace ?? '';
    const selector = parseSelector(scale.status.selector ?? '');
    const pods = [...this.#pods.byIndex('namespace', namespace)].filter(({ metadata }) => selector.matches(metadata.labels));
    const measured = this.#metrics?.podMetrics(namespace, selector);
    const results: MetricResult[] = [];
    const wanted = this.#autoscaler.spec.metrics ?? [];
    let failures = 0;
    let first = '';
    for (const metric of wanted) {
      try {
        results.push(evaluate(metric, current, pods, measured, this.#now));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        const resource = metric.resource?.name ?? metric.containerResource?.name ?? metric.type;
        this.#event('Warning', 'FailedGetResourceMetric', `failed to get ${resource} utilization: ${error.message}`);
        if (failures++ === 0)
          first = `failed to get ${resource} resource metric value: failed to get ${resource} utilization: ${error.message}`;
      }
    }
    const best = Math.max(0, ...results.map(({ replicas }) => replicas));
    if (failures === 0 || (results.length > 0 && best >= current)) return results;
    this.#event(
      'Warning',
      'FailedComputeMetricsReplicas',
      `invalid metrics (${failures} invalid out of ${wanted.length}), first error is: ${first}`,
    );
    this.#set(
      'ScalingActive',
      'False',
      'FailedGetResourceMetric',
      `the HPA was unable to compute the replica count: ${first.slice(first.indexOf(': ') + 2)}`,
    );
    return [];
  }

  #limit(current: number, wish: number): number {
    const { minReplicas = 1, maxReplicas, behavior } = this.#autoscaler.spec;
    const { wishes, changes } = this.#memory;
    const desired = limited({
      currentReplicas: current,
      desired: wish,
      minReplicas,
      maxReplicas,
      behavior,
      recommendations: wishes.map(({ atMs, replicas }) => ({ ageSeconds: (this.#now - atMs) / 1000, replicas })),
      periodStart: (seconds) =>
        changes.filter(({ atMs }) => this.#now - atMs < seconds * 1000).reduce((start, { by }) => start - by, current),
    });
    wishes.push({ atMs: this.#now, replicas: wish });
    while (wishes[0] !== undefined && this.#now - wishes[0].atMs > MEMORY_MS) wishes.shift();
    if (wish > maxReplicas)
      this.#set('ScalingLimited', 'True', 'TooManyReplicas', 'the desired replica count is more than the maximum replica count');
    else if (wish < minReplicas)
      this.#set('ScalingLimited', 'True', 'TooFewReplicas', 'the desired replica count is less than the minimum replica count');
    else this.#set('ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range');
    return desired;
  }

  #rescale(scale: Scale, current: number, desired: number, reason: string, results: readonly MetricResult[]): void {
    const metrics = results.map(({ status }) => status);
    if (desired === current) {
      this.#set('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
      return this.#write(scale.status.replicas, desired, metrics);
    }
    const { apiVersion = '', kind, name } = this.#autoscaler.spec.scaleTargetRef;
    const resource = resourceByKind(apiVersion, kind);
    if (resource === undefined) return;
    const next = { ...scale, spec: { ...scale.spec, replicas: desired } };
    this.#deps.client.updateSubresource(resource, { namespace: this.#autoscaler.metadata.namespace, name }, 'scale', next);
    this.#memory.changes.push({ atMs: this.#now, by: desired - current });
    this.#memory.changes = this.#memory.changes.filter(({ atMs }) => this.#now - atMs <= MEMORY_MS);
    this.#event('Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`);
    this.#set('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${desired}`);
    this.#write(scale.status.replicas, desired, metrics, formatTime(this.#now));
  }

  #write(
    currentReplicas: number,
    desiredReplicas: number,
    currentMetrics: MetricResult['status'][],
    lastScaleTime = this.#autoscaler.status?.lastScaleTime,
  ): void {
    const status = {
      ...(this.#autoscaler.metadata.generation !== undefined && { observedGeneration: this.#autoscaler.metadata.generation }),
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      currentReplicas,
      desiredReplicas,
      ...(currentMetrics.length > 0 && { currentMetrics }),
      conditions: [...this.#conditions],
    };
    if (!deepEqual(this.#autoscaler.status, status))
      this.#deps.client.updateStatus(HorizontalPodAutoscalerResource, { ...this.#autoscaler, status });
  }
}
