import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { nameWarnings, podSpecWarnings } from './pod-warnings.ts';
import type { PodSpec } from '../generated/types.ts';

describe('warnings about pods', () => {
  it.each<[string, Partial<PodSpec>, string[]]>([
    ['nothing', {}, []],
    [
      'an old node label',
      { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    [
      'a variable twice',
      { containers: [{ name: 'c', env: [{ name: 'A' }, { name: 'A' }] }] },
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    ['a variable that extends itself', { containers: [{ name: 'c', env: [{ name: 'A' }, { name: 'A', value: '$(A)x' }] }] }, []],
    [
      'a port twice',
      { containers: [{ name: 'c', ports: [{ containerPort: 80 }, { containerPort: 80 }] }] },
      ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    ],
    [
      'a tenth of a byte',
      { containers: [{ name: 'c', resources: { limits: { memory: '100m' } } }] },
      ['spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer'],
    ],
    [
      'a git volume',
      { volumes: [{ name: 'v', gitRepo: { repository: 'x' } }] },
      ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'],
    ],
  ])('%s', (_, spec, expected) => {
    const made = deepFreeze({ containers: [], ...spec });
    expect(podSpecWarnings(made, 'spec')).toEqual(expected);
    expect(podSpecWarnings(made, 'spec')).toEqual(expected);
  });

  it('recommend names without dots', () => {
    expect(nameWarnings('a', 'x')).toEqual([]);
    expect(nameWarnings('a.b', "the Pod's hostname")).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ]);
  });
});
