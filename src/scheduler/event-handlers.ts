/**
 * From watches to cache and queue (`pkg/scheduler/eventhandlers.go`). Pods that have ended count as deleted.
 */
import type { Node, Pod } from '../api/generated/types.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Informer } from '../client/informer.ts';
import type { Cache } from './cache/cache.ts';
import { Action, nodeChanges, podChanges } from './framework/events.ts';
import type { EventResource } from './framework/events.ts';
import type { Informers } from './framework/interface.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

/** What the handlers act on. */
export interface HandlerTargets {
  readonly cache: Cache;
  readonly queue: SchedulingQueue;
  /** Whether the pod names one of our profiles. */
  isOurs(pod: Pod): boolean;
  /** A waiting pod was deleted. */
  podDeleted(pod: Pod): void;
  /** A claim, volume or class changed. */
  volumesChanged(): void;
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function addPod({ cache, queue, isOurs }: HandlerTargets, pod: Pod): void {
  if (hasEnded(pod)) return;
  if (pod.spec.nodeName) {
    cache.setPod(pod);
    queue.delete(pod);
    queue.move({ resource: 'AssignedPod', action: Action.Add, label: 'AssignedPodAdd', object: pod });
  } else if (isOurs(pod)) queue.add(pod);
}

function deletePod({ cache, queue, podDeleted }: HandlerTargets, pod: Pod): void {
  if (pod.spec.nodeName) cache.removePod(pod);
  else {
    queue.delete(pod);
    podDeleted(pod);
    if (!pod.status?.nominatedNodeName) return;
  }
  queue.move({ resource: 'AssignedPod', action: Action.Delete, label: 'AssignedPodDelete', old: pod });
}

function updatePod(targets: HandlerTargets, pod: Pod, old: Pod): void {
  const { cache, queue, isOurs } = targets;
  if (hasEnded(old)) return;
  if (pod.metadata.uid !== old.metadata.uid) {
    deletePod(targets, old);
    return addPod(targets, pod);
  }
  if (hasEnded(pod)) return deletePod(targets, old.spec.nodeName ? old : pod);
  if (!pod.spec.nodeName) {
    if (!cache.isAssumed(pod.metadata.uid) && isOurs(pod)) queue.update(pod, old);
    return;
  }
  if (!old.spec.nodeName) return addPod(targets, pod);
  cache.setPod(pod);
  if (queue.sizes.unschedulable === 0) return;
  const action = podChanges(pod, old);
  if (action !== Action.Update) queue.move({ resource: 'AssignedPod', action, label: 'AssignedPodUpdate', old, object: pod });
}

function updateNode({ cache, queue }: HandlerTargets, node: Node, old: Node): void {
  cache.setNode(node);
  if (queue.sizes.unschedulable === 0) return;
  const action = nodeChanges(node, old);
  if (action !== 0) queue.move({ resource: 'Node', action, label: 'NodeUpdate', old, object: node });
}

function watchOther(targets: HandlerTargets, resource: EventResource, informer: Informer<KubernetesObject>): void {
  const tell = (action: number, label: string, object: KubernetesObject, old?: KubernetesObject) => {
    targets.volumesChanged();
    targets.queue.move({ resource, action, label: `${resource}${label}`, old, object });
  };
  informer.addHandler({
    add: (object) => tell(Action.Add, 'Add', object),
    update: (object, old) => tell(Action.Update, 'Update', object, old),
  });
}

/** Connects informers with cache and queue. Nodes come first, so that the first pods find them. */
export function addEventHandlers(
  informers: Informers & { others: readonly [EventResource, Informer<KubernetesObject>][] },
  targets: HandlerTargets,
): void {
  const { cache, queue } = targets;
  informers.nodes.addHandler({
    add: (node) => {
      cache.setNode(node);
      queue.move({ resource: 'Node', action: Action.Add, label: 'NodeAdd', object: node });
    },
    update: (node, old) => updateNode(targets, node, old),
    delete: (node) => cache.removeNode(node),
  });
  for (const [resource, informer] of informers.others) watchOther(targets, resource, informer);
  informers.pods.addHandler({
    add: (pod) => addPod(targets, pod),
    update: (pod, old) => updatePod(targets, pod, old),
    delete: (pod) => {
      if (!hasEnded(pod)) deletePod(targets, pod);
    },
  });
}
