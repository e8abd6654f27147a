import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { defaultPodSpec, defaultPodTemplate, imageTag } from './pod-spec-defaults.ts';
import { qosClassOf } from './qos.ts';
import type { Container, PodSpec, Volume } from '../generated/types.ts';

const spec = (container: Partial<Container> = {}, rest: Partial<PodSpec> = {}): PodSpec =>
  deepFreeze({ containers: [{ name: 'c', image: 'nginx:1.25', ...container }], ...rest });
const first = (made: PodSpec): Container => made.containers[0] as Container;

describe('defaults of pod specs', () => {
  it('are those of a plain pod', () => {
    expect(defaultPodSpec(spec())).toEqual({
      containers: [
        {
          name: 'c',
          image: 'nginx:1.25',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    });
  });

  it('are the same object for all pods of one template', () => {
    const template = deepFreeze(defaultPodTemplate({ spec: spec({ resources: { limits: { cpu: '1' } } }) }));
    const one = defaultPodSpec(template.spec);
    expect(defaultPodSpec(template.spec)).toBe(one);
    expect(defaultPodSpec(one)).toBe(one);
    expect(defaultPodTemplate(template)).toBe(template);
  });

  it('take requests from limits in pods, not in templates', () => {
    const limited = spec({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } });
    expect(first(defaultPodSpec(limited)).resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
    expect(first(defaultPodTemplate({ spec: limited }).spec).resources?.requests).toEqual({ cpu: '500m' });
  });

  it.each([
    ['nginx', 'latest', 'Always'],
    ['nginx:latest', 'latest', 'Always'],
    ['registry:5000/nginx', 'latest', 'Always'],
    ['registry:5000/nginx:1.25', '1.25', 'IfNotPresent'],
    ['nginx@sha256:0123', '', 'IfNotPresent'],
  ])('pull %s (tag %j) %s', (image, tag, policy) => {
    expect(imageTag(image)).toBe(tag);
    expect(first(defaultPodSpec(spec({ image }))).imagePullPolicy).toBe(policy);
  });

  it('complete probes, ports and references', () => {
    const made = first(
      defaultPodSpec(
        spec({
          ports: [{ containerPort: 80 }],
          livenessProbe: { httpGet: { port: 80 }, periodSeconds: 0 },
          env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        }),
      ),
    );
    expect(made.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }]);
    expect(made.livenessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(made.env?.[0]?.valueFrom?.fieldRef?.apiVersion).toBe('v1');
  });

  it("make ports of host network pods the host's", () => {
    const host = spec({ ports: [{ containerPort: 80 }] }, { hostNetwork: true });
    expect(first(defaultPodSpec(host)).ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
  });

  it.each<[string, Partial<Volume>, Partial<Volume>]>([
    ['without source', {}, { emptyDir: {} }],
    ['of a ConfigMap', { configMap: { name: 'a' } }, { configMap: { name: 'a', defaultMode: 420 } }],
    ['on the host', { hostPath: { path: '/a' } }, { hostPath: { path: '/a', type: '' } }],
    [
      'projected',
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } },
    ],
  ])('complete a volume %s', (_, source, expected) => {
    expect(defaultPodSpec(spec({}, { volumes: [{ name: 'v', ...source }] })).volumes).toEqual([{ name: 'v', ...expected }]);
  });
});

describe('quality of service', () => {
  it.each([
    ['BestEffort', {}],
    ['Burstable', { requests: { cpu: '1' } }],
    ['Burstable', { limits: { cpu: '1' } }],
    ['Guaranteed', { limits: { cpu: '1', memory: '1Gi' } }],
    ['Burstable', { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }],
  ])('is %s for %j', (expected, resources) => {
    expect(qosClassOf(defaultPodSpec(spec({ resources })))).toBe(expected);
  });
});
