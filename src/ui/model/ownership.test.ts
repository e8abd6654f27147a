import { describe, expect, it } from 'vitest';
import { ownerChain, ownerForest, ownerIndex, podLabel, rootOwner, shortName } from './ownership.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

const object = (kind: string, name: string, owner?: KubernetesObject): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name,
    namespace: 'default',
    uid: `${kind}-${name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(owner && {
      ownerReferences: [{ apiVersion: 'v1', kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true }],
    }),
  },
});
const deployment = object('Deployment', 'web');
const replicaSet = object('ReplicaSet', 'web-1', deployment);
const pod = object('Pod', 'web-1-x', replicaSet) as Pod;
const lone = object('Pod', 'lone', object('ReplicaSet', 'gone')) as Pod;

describe('owners', () => {
  const index = ownerIndex([deployment], [replicaSet]);
  it('finds the top of a chain', () => {
    expect(rootOwner(pod, index)).toBe(deployment);
    expect(ownerChain(pod, index)).toEqual([replicaSet, deployment]);
  });
  it('stops where an owner is gone', () => {
    expect(rootOwner(lone, index)).toBe(lone);
  });
  it('builds trees, and keeps pods apart that nobody owns', () => {
    const { trees, loose } = ownerForest([replicaSet, deployment], [pod, lone]);
    expect(trees).toEqual([{ owner: deployment, pods: [], children: [{ owner: replicaSet, pods: [pod], children: [] }] }]);
    expect(loose).toEqual([lone]);
  });
});

describe('names', () => {
  it.each([
    ['web', 12, 'web'],
    ['web-7d4b9c6f5-2xkqp', 12, 'web…2xkqp'],
    ['redis-replica-7d4b9c6f5-2xkqp', 12, 'redis…2xkqp'],
    ['cassandra-0', 12, 'cassandra-0'],
    ['a-very-long-name-of-a-pod', 12, 'a-very…a-pod'],
  ])('%s in %i characters', (name, length, expected) => {
    expect(podLabel(name, length)).toBe(expected);
  });
  it('never ends in a hyphen before the gap', () => {
    expect(shortName('kube-proxy-zxcvb', 11)).toBe('kube…zxcvb');
  });
});
