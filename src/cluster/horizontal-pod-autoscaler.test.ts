import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { HorizontalPodAutoscalerResource } from '../api/autoscaling/horizontal-pod-autoscaler.ts';
import { EventResource } from '../api/core/event.ts';
import { PodResource } from '../api/core/pod.ts';
import type { MetricSpec, Pod } from '../api/generated/types.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { PodMetricsSource } from '../controller-manager/horizontal-pod-autoscaler/metrics.ts';
import { startControlPlane } from './testing/control-plane.ts';

const metadata = { name: 'web', namespace: 'default' };
const CPU: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };

/** A Deployment of two pods that request 100m each, its autoscaler, and a metrics server that says what `use` says. */
function setUp({ metrics = [CPU], measured = true }: { metrics?: MetricSpec[]; measured?: boolean } = {}) {
  const use = { milli: 50 };
  const source: PodMetricsSource = {
    podMetrics: (namespace, selector) =>
      world.client
        .list(PodResource, namespace)
        .items.filter((pod) => selector.matches(pod.metadata.labels))
        .map(({ metadata: { name } }) => ({
          name,
          timestampMs: world.sim.now,
          windowMs: 15_000,
          containers: [{ name: 'web', milli: { cpu: use.milli } }],
        })),
  };
  const world = startControlPlane(measured ? { metrics: source } : {});
  const { client, sim } = world;
  const containers = [{ name: 'web', image: 'nginx:1', resources: { requests: { cpu: '100m' } } }];
  const labels = { app: 'web' };
  client.create(DeploymentResource, {
    metadata,
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  client.create(HorizontalPodAutoscalerResource, {
    metadata,
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 6, metrics },
  });
  /** Lets time pass; every pod runs and is ready within a second. */
  const run = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      sim.runUntil(sim.now + 1000);
      for (const pod of client.list(PodResource, 'default').items) if (pod.status?.phase === 'Pending') makeReady(pod);
    }
  };
  const makeReady = (pod: Pod) => {
    const now = formatTime(sim.now);
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: now }];
    client.updateStatus(PodResource, { ...pod, status: { ...pod.status, phase: 'Running', startTime: now, conditions } } as Pod);
  };
  const replicas = () => client.get(DeploymentResource, metadata).spec.replicas;
  const autoscaler = () => client.get(HorizontalPodAutoscalerResource, metadata);
  const condition = (type: string) => {
    const found = autoscaler().status?.conditions?.find((each) => each.type === type);
    return found && `${found.status} ${found.reason ?? ''}`;
  };
  return { client, run, use, replicas, autoscaler, condition };
}

describe('the horizontal pod autoscaler', () => {
  it('leaves a workload alone that is on target', () => {
    const { run, replicas, autoscaler, condition } = setUp();
    run(120);
    expect(replicas()).toBe(2);
    expect(autoscaler().status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } }],
    });
    expect([condition('AbleToScale'), condition('ScalingActive')]).toEqual(['True ReadyForNewScale', 'True ValidMetricFound']);
  });

  it('scales up with the load at once, and not beyond the limit', () => {
    const { client, run, use, replicas, condition } = setUp();
    run(60);
    use.milli = 100;
    run(20);
    expect(replicas()).toBe(4);
    run(40);
    expect(replicas()).toBe(6);
    run(40);
    expect([replicas(), condition('ScalingLimited')]).toEqual([6, 'True TooManyReplicas']);
    const rescales = client.list(EventResource, 'default').items.filter(({ reason }) => reason === 'SuccessfulRescale');
    expect(rescales[0]?.message).toBe('New size: 4; reason: cpu resource utilization (percentage of request) above target');
  });

  it('scales down only after five quiet minutes', () => {
    const { run, use, replicas } = setUp();
    run(60);
    use.milli = 5;
    run(200);
    expect(replicas()).toBe(2);
    run(150);
    expect(replicas()).toBe(1);
  });

  it('says so when nobody measures, and does nothing', () => {
    const { run, replicas, condition } = setUp({ measured: false });
    run(60);
    expect([replicas(), condition('ScalingActive')]).toEqual([2, 'False FailedGetResourceMetric']);
  });

  it('says so for a kind of metric that is not simulated', () => {
    const external: MetricSpec = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '10' } } };
    const { run, replicas, condition } = setUp({ metrics: [external] });
    run(60);
    expect([replicas(), condition('ScalingActive')?.startsWith('False')]).toEqual([2, true]);
  });
});
