import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../api/generated/types.ts';
import { containerFacts, normalizedImageName } from './resource.ts';

const container = (cpu?: string, more: Partial<Container> = {}): Container => ({
  name: 'c',
  ...(cpu && { resources: { requests: { cpu } } }),
  ...more,
});
const sidecar = (cpu: string) => container(cpu, { restartPolicy: 'Always' });

describe('what a pod requests', () => {
  it.each<[string, Partial<PodSpec>, number]>([
    ['is the sum of its containers', { containers: [container('100m'), container('0.5')] }, 600],
    [
      'is that of the largest init container where it is larger',
      { containers: [container('1')], initContainers: [container('2'), container('3')] },
      3000,
    ],
    ['adds sidecars to the containers', { containers: [container('1')], initContainers: [sidecar('500m')] }, 1500],
    [
      'adds sidecars to the init containers after them only',
      { containers: [container('1')], initContainers: [container('3'), sidecar('1'), container('2500m')] },
      3500,
    ],
    ['includes the overhead', { containers: [container('1')], overhead: { cpu: '250m' } }, 1250],
  ])('%s', (_name, spec, milliCPU) => {
    expect(containerFacts(spec as PodSpec).requests.milliCPU).toBe(milliCPU);
  });

  it('counts 100m and 200Mi for scoring where nothing is requested, but not for an explicit 0', () => {
    const { nonZero } = containerFacts({ containers: [container(), container('0')] });
    expect(nonZero).toEqual({ milliCPU: 100, memory: 2 * 200 * 1024 * 1024 });
  });

  it('is computed once for pods that share their containers', () => {
    const containers = [container('1')];
    expect(containerFacts({ containers })).toBe(containerFacts({ containers, nodeName: 'node-1' }));
    expect(containerFacts({ containers, overhead: { cpu: '1' } }).requests.milliCPU).toBe(2000);
  });

  it('adds ":latest" to image names without a tag', () => {
    expect(['nginx', 'nginx:1', 'host:5000/nginx', 'nginx@sha256:ab'].map(normalizedImageName)).toEqual([
      'nginx:latest',
      'nginx:1',
      'host:5000/nginx:latest',
      'nginx@sha256:ab',
    ]);
  });
});
