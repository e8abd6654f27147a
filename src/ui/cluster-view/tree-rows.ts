/** The picture as rows of a tree: nodes (or owners) with their pods, then Services and workloads. */
import { endpointCount } from './scene-strip.ts';
import { sceneKey } from './scene.ts';
import { isControlPlane, nodeState } from '../model/node-state.ts';
import { rootOwner } from '../model/ownership.ts';
import { countState, drawnState } from '../model/pod-state.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { isInView } from '../model/system-namespaces.ts';
import type { Arrangement } from './scene.ts';
import type { ViewObjects } from './use-objects.ts';
import type { NodeState } from '../model/node-state.ts';
import type { PodState, StateCounts } from '../model/pod-state.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Node, Pod } from '../../api/generated/types.ts';

/** A row of the tree. */
export type TreeRow =
  | { kind: 'group'; id: string; open: boolean; count: number; states: StateCounts; title: GroupTitle; object?: KubernetesObject }
  | { kind: 'pod'; id: string; pod: Pod; state: PodState }
  | { kind: 'object'; id: string; object: KubernetesObject; endpoints?: number };

/** What a group is called. */
export type GroupTitle =
  | { is: 'node'; name: string; state: NodeState; control: boolean; cordoned: boolean }
  | { is: 'owner'; name: string; ownerKind: string }
  | { is: 'tray' | 'loose' | 'services' | 'related' | 'workloads' };

interface Group {
  id: string;
  title: GroupTitle;
  object?: KubernetesObject;
  rows: TreeRow[];
  states: StateCounts;
}

const nodeGroup = (node: Node): Group => ({
  id: sceneKey(node),
  title: {
    is: 'node',
    name: node.metadata.name,
    state: nodeState(node),
    control: isControlPlane(node),
    cordoned: node.spec?.unschedulable === true,
  },
  object: node,
  rows: [],
  states: {},
});

function groupKey(pod: Pod, arrangement: Arrangement, { index }: ViewObjects): { key: string; owner?: KubernetesObject } {
  if (arrangement === 'node') return { key: pod.spec.nodeName ? `Node//${pod.spec.nodeName}` : 'tray' };
  const owner = rootOwner(pod, index);
  return owner === pod ? { key: 'loose' } : { key: sceneKey(owner), owner };
}

/** The rows, group by group; `closed` holds the ids of groups that are folded. */
export function treeRows(
  objects: ViewObjects,
  pods: readonly Pod[],
  arrangement: Arrangement,
  namespace: string | undefined,
  closed: ReadonlySet<string>,
): TreeRow[] {
  const groups = new Map<string, Group>();
  const silent = new Set(objects.nodes.filter((node) => nodeState(node) === 'unknown').map(({ metadata }) => metadata.name));
  if (arrangement === 'node') for (const node of objects.nodes) groups.set(sceneKey(node), nodeGroup(node));
  for (const pod of pods) {
    const { key, owner } = groupKey(pod, arrangement, objects);
    let group = groups.get(key);
    if (!group) {
      const title: GroupTitle = owner
        ? { is: 'owner', name: owner.metadata.name, ownerKind: owner.kind }
        : { is: key === 'tray' ? 'tray' : 'loose' };
      group = { id: key, title, rows: [], states: {}, ...(owner && { object: owner }) };
      groups.set(key, group);
    }
    const state = drawnState(pod, silent.has(pod.spec.nodeName ?? ''));
    group.rows.push({ kind: 'pod', id: sceneKey(pod), pod, state });
    countState(group.states, state);
  }
  const inView = (object: KubernetesObject) => isInView(object, namespace);
  const services = objects.services.filter(inView);
  if (services.length) {
    const rows = services.map((object): TreeRow => ({
      kind: 'object',
      id: sceneKey(object),
      object,
      endpoints: endpointCount(object, objects.slices),
    }));
    groups.set('services', { id: 'services', title: { is: 'services' }, rows, states: {} });
  }
  const related = objects.related.filter(inView);
  if (related.length) {
    const rows = related.map((object): TreeRow => ({ kind: 'object', id: sceneKey(object), object }));
    groups.set('related', { id: 'related', title: { is: 'related' }, rows, states: {} });
  }
  const workloads = objects.workloads.filter((object) => inView(object) && !controllerOf(object));
  if (workloads.length && arrangement === 'node') {
    const rows = workloads.map((object): TreeRow => ({ kind: 'object', id: sceneKey(object), object }));
    groups.set('workloads', { id: 'workloads', title: { is: 'workloads' }, rows, states: {} });
  }
  return [...groups.values()].flatMap(({ id, title, object, rows, states }) => {
    const open = !closed.has(id);
    const head: TreeRow = { kind: 'group', id, open, count: rows.length, states, title, ...(object && { object }) };
    return open ? [head, ...rows] : [head];
  });
}
