import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { Pod, PodSpec } from '../generated/types.ts';
import { PodResource } from './pod.ts';

const pod = (spec: Partial<PodSpec>, labels: Record<string, string> = {}): Pod =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  });

const prepared = (object: Pod) => PodResource.prepareForCreate?.(object) ?? object;

describe('a new pod', () => {
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { app: 'web' } },
    matchLabelKeys: ['pod-template-hash', 'absent'],
    mismatchLabelKeys: ['tenant'],
  };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };

  it('merges the label keys of its affinity terms into their selectors', () => {
    const { spec } = prepared(pod({ affinity }, { 'pod-template-hash': 'abc', tenant: 'a' }));
    expect(spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector).toEqual({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'pod-template-hash', operator: 'In', values: ['abc'] },
        { key: 'tenant', operator: 'NotIn', values: ['a'] },
      ],
    });
  });

  it('shares the merged affinity with others of its template', () => {
    const first = pod({ affinity }, { tenant: 'a' });
    expect(prepared(first).spec.affinity).toBe(prepared({ ...first, metadata: { ...first.metadata, name: 'q' } }).spec.affinity);
    expect(prepared(pod({ affinity: {} })).spec.affinity).toEqual({});
  });

  it.each<[string, Partial<PodSpec>, string]>([
    [
      'ephemeral containers',
      { ephemeralContainers: [{ name: 'd', image: 'busybox' }] },
      'spec.ephemeralContainers: cannot be set on create',
    ],
    [
      'a node while it is gated',
      { nodeName: 'node-1', schedulingGates: [{ name: 'example.com/gate' }] },
      'spec.nodeName: cannot be set until all schedulingGates have been cleared',
    ],
  ])('may not have %s', (_name, spec, text) => {
    const errors = PodResource.validateCreate?.(prepared(pod(spec))) ?? [];
    expect(errors.map(({ field, detail }) => `${field}: ${detail.replace('Forbidden: ', '')}`)).toEqual([text]);
  });
});
