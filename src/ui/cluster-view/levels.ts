/** One level deeper or higher, led by the selection. */
import { rootOwner } from '../model/ownership.ts';
import { isSystemNamespace } from '../model/system-namespaces.ts';
import type { Focus } from './view-state.ts';
import type { ViewObjects } from './use-objects.ts';
import type { Pod } from '../../api/generated/types.ts';

/** An object somebody points at. */
interface Pointed {
  kind: string;
  namespace?: string;
  name: string;
}

/** The pod that a selection leads to: itself, or the first one below it. */
function podOf(selected: Pointed | undefined, { pods, index }: Pick<ViewObjects, 'pods' | 'index'>): Pod | undefined {
  if (!selected) return undefined;
  if (selected.kind === 'Pod')
    return pods.find(({ metadata }) => metadata.name === selected.name && metadata.namespace === selected.namespace);
  if (selected.kind === 'Node')
    return pods.find(({ spec, metadata }) => spec.nodeName === selected.name && !isSystemNamespace(metadata.namespace));
  return pods.find((pod) => {
    const { kind, metadata } = rootOwner(pod, index);
    return kind === selected.kind && metadata.name === selected.name && metadata.namespace === selected.namespace;
  });
}

const podFocus = (pod: Pod): Focus => {
  const { name, namespace = '' } = pod.metadata;
  return { level: 'pod', pod: { name, namespace }, ...(pod.spec.nodeName && { node: pod.spec.nodeName }) };
};

/** What lies one level deeper; the same focus when there is nothing deeper. */
export function deeper(focus: Focus, selected: Pointed | undefined, objects: Pick<ViewObjects, 'nodes' | 'pods' | 'index'>): Focus {
  const pod = podOf(selected, objects);
  if (focus.level === 'cluster') {
    if (pod && !pod.spec.nodeName) return podFocus(pod);
    const node = selected?.kind === 'Node' ? selected.name : (pod?.spec.nodeName ?? objects.nodes.at(-1)?.metadata.name);
    return node === undefined ? focus : { level: 'node', node };
  }
  if (focus.level === 'node') {
    const there =
      pod && (focus.node === undefined || pod.spec.nodeName === focus.node)
        ? pod
        : podOf({ kind: 'Node', name: focus.node ?? '' }, objects);
    return there ? podFocus(there) : focus;
  }
  if (focus.level === 'pod' && focus.pod) {
    const container = podOf({ kind: 'Pod', ...focus.pod }, objects)?.spec.containers[0]?.name;
    return container === undefined ? focus : { ...focus, level: 'container', container };
  }
  return focus;
}

/** One level higher. */
export function higher({ level, node, pod }: Focus): Focus {
  if (level === 'container') return { level: 'pod', node, pod };
  if (level === 'pod' && node !== undefined) return { level: 'node', node };
  return { level: 'cluster' };
}
