import { describe, expect, it } from 'vitest';
import { sceneByNode } from './scene-by-node.ts';
import { sceneByOwner } from './scene-by-owner.ts';
import { NO_MEMORY, sceneKey } from './scene.ts';
import { ownerIndex } from '../model/ownership.ts';
import type { Scene, SceneInput, SceneItem } from './scene.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/generated/types.ts';

const metadata = (name: string, more: object = {}) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...more,
});
const node = (name: string, control = false): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: metadata(name, control ? { labels: { 'node-role.kubernetes.io/control-plane': '' } } : {}),
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});
const controlledBy = (name: string, kind = 'ReplicaSet') => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }],
});
const pod = (name: string, nodeName?: string, { namespace = 'default', owner = 'web-1', phase = 'Running' } = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(name, { namespace, ...controlledBy(owner) }),
    spec: { containers: [{ name: 'a' }], nodeName },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  }) as unknown as Pod;
const workload = (kind: string, name: string, more: object = {}): KubernetesObject =>
  ({ apiVersion: 'apps/v1', kind, metadata: metadata(name, { namespace: 'default', ...more }), spec: { replicas: 2 } }) as KubernetesObject;

const workloads = [workload('Deployment', 'web'), workload('ReplicaSet', 'web-1', controlledBy('web', 'Deployment'))];
const input = (pods: Pod[], more: Partial<SceneInput> = {}): SceneInput => ({
  nodes: [node('cp', true), node('n1'), node('n2'), node('n3')],
  pods,
  workloads,
  index: ownerIndex(workloads),
  services: [],
  slices: [],
  related: [],
  namespace: 'default',
  system: 'small',
  arrangement: 'node',
  focus: undefined,
  width: 700,
  selected: undefined,
  words: { endpoints: (count) => `${String(count)} endpoints`, more: (count) => `+${String(count)}` },
  ...more,
});
const items = (scene: Scene, kind: SceneItem['kind']) => scene.items.filter((item) => item.kind === kind);
const place = (scene: Scene, id: string) => {
  const { x, y, box } = scene.items.find((item) => item.id === `Pod/default/${id}`)!;
  return { x, y, box };
};

describe('sceneByNode', () => {
  it('puts a pod on its node, one without a node into the tray, and leaves other namespaces out', () => {
    const { scene } = sceneByNode(input([pod('a', 'n2'), pod('b'), pod('c', 'n1', { namespace: 'other' })]), NO_MEMORY);
    expect(items(scene, 'pod').map(({ id, box }) => [id, box])).toEqual([
      ['Pod/default/b', 'tray'],
      ['Pod/default/a', 'Node//n2'],
    ]);
  });
  it('draws pods of kube-system small, or not at all, or in full when that namespace is looked at', () => {
    const pods = [pod('a', 'n1'), pod('dns', 'n1', { namespace: 'kube-system' })];
    expect(items(sceneByNode(input(pods), NO_MEMORY).scene, 'small')).toHaveLength(1);
    expect(items(sceneByNode(input(pods, { system: 'hidden' }), NO_MEMORY).scene, 'small')).toHaveLength(0);
    expect(items(sceneByNode(input(pods, { namespace: 'kube-system' }), NO_MEMORY).scene, 'pod').map(({ id }) => id)).toEqual([
      'Pod/kube-system/dns',
    ]);
  });
  it('moves nothing when pods come and go', () => {
    const first = sceneByNode(input([pod('a', 'n1'), pod('b', 'n1'), pod('c', 'n2')]), NO_MEMORY);
    const second = sceneByNode(input([pod('b', 'n1'), pod('c', 'n2'), pod('d', 'n1')]), first.memory);
    expect(place(second.scene, 'b')).toEqual(place(first.scene, 'b'));
    expect(place(second.scene, 'c')).toEqual(place(first.scene, 'c'));
    expect(place(second.scene, 'd')).toEqual(place(first.scene, 'a'));
  });
  it('keeps boxes apart and pods inside their box', () => {
    const pods = Array.from({ length: 60 }, (_, index) => pod(`p${String(index)}`, `n${String((index % 3) + 1)}`));
    const { scene } = sceneByNode(input(pods), NO_MEMORY);
    const overlaps = scene.boxes.some((a) =>
      scene.boxes.some((b) => a !== b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
    );
    expect(overlaps).toBe(false);
    for (const item of items(scene, 'pod')) {
      const box = scene.boxes.find(({ id }) => id === item.box)!;
      expect(item.x > box.x && item.x < box.x + box.width && item.y > box.y && item.y < box.y + box.height).toBe(true);
    }
    expect(new Set(items(scene, 'pod').map(({ x, y }) => `${String(x)},${String(y)}`)).size).toBe(60);
  });
  it('makes tiles from 200 pods on, keeps troubled ones single, and one bar a node from 2,000 on', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => pod(`p${String(index)}`, `n${String((index % 3) + 1)}`));
    const tiles = sceneByNode(input([...many(300), pod('bad', 'n1', { phase: 'Failed' })]), NO_MEMORY).scene;
    expect(items(tiles, 'tile').map(({ tile }) => [tile?.owner, tile?.count])).toEqual([
      ['Deployment/default/web', 101],
      ['Deployment/default/web', 100],
      ['Deployment/default/web', 100],
    ]);
    expect(items(tiles, 'pod').map(({ id }) => id)).toEqual(['Pod/default/bad']);
    const bars = sceneByNode(input(many(2100)), NO_MEMORY).scene;
    expect(items(bars, 'tile').map(({ tile }) => [tile?.owner, tile?.count])).toEqual([
      [undefined, 700],
      [undefined, 700],
      [undefined, 700],
    ]);
  });
  it('draws edges for the selected Service only', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: metadata('web', { namespace: 'default' }) } as Service;
    const slice = {
      metadata: metadata('web-x', { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } }),
      endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'a' } }],
    } as unknown as EndpointSlice;
    const given = { services: [service], slices: [slice] };
    expect(sceneByNode(input([pod('a', 'n1')], given), NO_MEMORY).scene.edges).toEqual([]);
    const { scene } = sceneByNode(input([pod('a', 'n1')], { ...given, selected: sceneKey(service) }), NO_MEMORY);
    expect(scene.edges.map(({ source, target }) => [source, target])).toEqual([['Service/default/web', 'Pod/default/a']]);
    expect(items(scene, 'service')[0]?.label).toBe('web\n1 endpoints');
  });
  it('draws no edge from a bare pod to itself', () => {
    const bare = { ...pod('bare', 'n1'), metadata: metadata('bare', { namespace: 'default' }) };
    expect(sceneByNode(input([bare], { selected: 'Pod/default/bare' }), NO_MEMORY).scene.edges).toEqual([]);
  });
  it('draws what an Ingress, a NetworkPolicy and a claim have to do with the selection', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: metadata('web', { namespace: 'default' }) } as Service;
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const related = [
      {
        kind: 'Ingress',
        metadata: metadata('in', { namespace: 'default' }),
        spec: { rules: [{ host: 'a.b', http: { paths: [{ backend }] } }] },
      },
      { kind: 'NetworkPolicy', metadata: metadata('np', { namespace: 'default' }), spec: { podSelector: { matchLabels: { app: 'x' } } } },
      { kind: 'PersistentVolumeClaim', metadata: metadata('data', { namespace: 'default' }), status: { phase: 'Bound' } },
    ] as unknown as KubernetesObject[];
    const a = pod('a', 'n1');
    const labelled = {
      ...a,
      metadata: { ...a.metadata, labels: { app: 'x' } },
      spec: { ...a.spec, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
    };
    const edges = (selected: string) =>
      sceneByNode(input([labelled, pod('b', 'n2')], { services: [service], related, selected }), NO_MEMORY)
        .scene.edges.filter(({ kind }) => kind !== 'owns')
        .map(({ kind, source, target }) => `${kind} ${source} ${target}`);
    expect(edges('Service/default/web')).toEqual(['routes Ingress/default/in Service/default/web']);
    expect(edges('NetworkPolicy/default/np')).toEqual(['covers NetworkPolicy/default/np Pod/default/a']);
    expect(edges('Pod/default/a')).toEqual([
      'covers NetworkPolicy/default/np Pod/default/a',
      'mounts Pod/default/a PersistentVolumeClaim/default/data',
    ]);
  });
  it('places 2,000 pods on 100 nodes quickly enough for a frame', () => {
    const nodes = Array.from({ length: 100 }, (_, index) => node(`n${String(index)}`));
    const pods = Array.from({ length: 2000 }, (_, index) => pod(`p${String(index)}`, `n${String(index % 100)}`));
    const { memory } = sceneByNode(input(pods, { nodes }), NO_MEMORY);
    const runs = Array.from({ length: 5 }, () => {
      const begin = performance.now();
      sceneByNode(input(pods, { nodes }), memory);
      return performance.now() - begin;
    });
    expect(Math.min(...runs)).toBeLessThan(50);
  });
});

describe('sceneByOwner', () => {
  it('draws Services below the owners, and the endpoints of the selected one', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: metadata('web', { namespace: 'default' }) } as Service;
    const slice = {
      metadata: metadata('web-x', { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } }),
      endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'a' } }],
    } as unknown as EndpointSlice;
    const given = { arrangement: 'owner' as const, services: [service], slices: [slice], selected: sceneKey(service) };
    const { scene } = sceneByOwner(input([pod('a', 'n1')], given), NO_MEMORY);
    expect(scene.edges.map(({ kind, source, target }) => `${kind} ${source} ${target}`)).toContain(
      'serves Service/default/web Pod/default/a',
    );
  });
  it('draws a Deployment, its ReplicaSets as boxes with pods, and the pods nobody owns', () => {
    const { scene } = sceneByOwner(
      input([pod('a', 'n1'), pod('b', 'n2'), pod('lone', 'n1', { owner: 'gone' })], { arrangement: 'owner' }),
      NO_MEMORY,
    );
    expect(items(scene, 'workload').map(({ id }) => id)).toEqual(['Deployment/default/web']);
    expect(scene.boxes.map(({ id, pods }) => [id, pods])).toEqual([
      ['ReplicaSet/default/web-1', 2],
      ['loose', 1],
    ]);
    expect(scene.edges.map(({ source, target }) => [source, target])).toEqual([['Deployment/default/web', 'ReplicaSet/default/web-1']]);
  });
});
