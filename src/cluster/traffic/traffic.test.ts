/** Traffic in a whole cluster: requests that really travel, counted, sampled, and felt by metrics and an autoscaler. */
import { describe, expect, it } from 'vitest';
import { HorizontalPodAutoscalerResource } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import { TrafficGeneratorResource } from '../../api/kubarium/traffic-generator.ts';
import type { TrafficGeneratorStatus } from '../../api/kubarium/traffic-generator.ts';
import { isReady, User } from '../testing/user.ts';

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: registry.k8s.io/hpa-example, resources: {requests: {cpu: 200m}}, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {containers: [{name: c, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const GENERATOR = `
apiVersion: kubarium.dev/v1alpha1
kind: TrafficGenerator
metadata: {name: visitors}
spec: {from: {selector: app=client}, to: {service: web}, rate: 20, sample: 50}
`;
const HPA = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 6
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
`;

function started(seed = 7): User {
  const user = new User({ seed, layout: { workers: 2 } });
  user.apply(MANIFESTS);
  user.waitUntil(() => user.pods().length === 3 && user.pods().every(isReady), 60);
  user.wait(5);
  user.apply(GENERATOR);
  return user;
}

const at = { namespace: 'default', name: 'visitors' };
const statusOf = (user: User): TrafficGeneratorStatus => user.client.get(TrafficGeneratorResource, at).status ?? {};

describe('a TrafficGenerator', () => {
  it('sends requests at its rate, which the Service spreads, and samples them', () => {
    const user = started();
    user.wait(10.5);
    const { sent = 0, answered, failed, byBackend = {}, byResult, traces = [] } = statusOf(user);
    expect(sent).toBeGreaterThanOrEqual(180);
    expect(sent).toBeLessThanOrEqual(220);
    expect({ answered, failed, byResult }).toEqual({ answered: sent, failed: 0, byResult: { 200: sent } });
    expect(Object.values(byBackend)).toHaveLength(2);
    for (const count of Object.values(byBackend)) expect(count).toBeGreaterThan(50);
    expect(traces.length).toBeGreaterThanOrEqual(2);
    const [sample] = user.client.list(PacketTraceResource, 'default').items;
    expect(sample).toMatchObject({ spec: { from: { pod: 'client' } }, status: { verdict: 'Delivered' } });
  });

  it('stops while paused, and goes on at another rate', () => {
    const user = started();
    user.wait(3);
    user.client.patch(TrafficGeneratorResource, at, 'merge', { spec: { paused: true } });
    user.wait(2);
    const { sent } = statusOf(user);
    user.wait(5);
    expect(statusOf(user).sent).toBe(sent);
    user.client.patch(TrafficGeneratorResource, at, 'merge', { spec: { paused: false, rate: 100 } });
    user.wait(5);
    expect(statusOf(user).sent).toBeGreaterThan((sent ?? 0) + 350);
    user.client.delete(TrafficGeneratorResource, at);
    user.wait(3);
  });

  it('counts what fails, and says why', () => {
    const user = started();
    user.apply('{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: nobody}, ports: [{port: 80}]}}');
    user.wait(6);
    const { failed = 0, lastError, byResult } = statusOf(user);
    expect(failed).toBeGreaterThan(40);
    expect(lastError).toBe('refused');
    expect(byResult?.['refused']).toBe(failed);
  });

  it('is felt by metrics and by an autoscaler', () => {
    const user = started();
    user.apply(HPA);
    user.wait(90);
    const hpa = user.client.get(HorizontalPodAutoscalerResource, { namespace: 'default', name: 'web' });
    expect(hpa.status?.desiredReplicas).toBeGreaterThan(2);
  });

  it('sends the same with the same seed', () => {
    const run = () => {
      const user = started(3);
      user.wait(5.5);
      return JSON.stringify(statusOf(user));
    };
    expect(run()).toBe(run());
  });
});
