/**
 * Deletes pods from nodes with NoExecute taints once their tolerations run out (`pkg/controller/tainteviction`).
 */
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Node, Pod, Taint } from '../../api/generated/types.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import type { Timer } from '../../sim/task-scope.ts';
import type { ControllerDeps } from '../deps.ts';
import { BY_NODE, indexByNode } from '../node-pods.ts';
import { toleratedMs } from './tolerance.ts';

const RETRY_MS = 1000;

interface Eviction {
  uid: string;
  startMs: number;
  atMs: number;
  timer: Timer;
}

/** Starts the controller. */
export function startTaintEvictionController(deps: ControllerDeps): void {
  const nodes = deps.informers.informer(NodeResource);
  const pods = indexByNode(deps.informers.informer(PodResource));
  const evictions = new Map<string, Eviction>();
  nodes.addHandler(
    {
      add: (node) => nodeChanged(node, undefined),
      update: nodeChanged,
      delete: ({ metadata }) => podsOf(metadata.name).forEach((pod) => cancel(pod, false)),
    },
    deps.scope,
  );
  pods.addHandler(
    {
      add: podChanged,
      update: (pod, old) => {
        if (pod.spec.nodeName !== old.spec.nodeName || pod.spec.tolerations !== old.spec.tolerations) podChanged(pod);
      },
      delete: (pod) => cancel(pod, false),
    },
    deps.scope,
  );

  const podsOf = (node: string): Pod[] => [...pods.byIndex(BY_NODE, node)];

  function nodeChanged(node: Node, old: Node | undefined): void {
    if (node.spec?.taints === old?.spec?.taints) return;
    const taints = evicting(node);
    if (taints.length === 0 && (old === undefined || evicting(old).length === 0)) return;
    for (const pod of podsOf(node.metadata.name)) plan(pod, taints);
  }

  function podChanged(pod: Pod): void {
    const node = nodes.get(pod.spec.nodeName ?? '');
    const taints = node === undefined ? [] : evicting(node);
    if (taints.length > 0) plan(pod, taints);
  }

  /** `processPodOnNode`. */
  function plan(pod: Pod, taints: readonly Taint[]): void {
    if (taints.length === 0) return cancel(pod, true);
    const stayMs = toleratedMs(taints, pod.spec.tolerations ?? []);
    if (stayMs === Infinity) return cancel(pod, true);
    const known = evictions.get(keyOf(pod));
    // A toleration counts from when the first taint was seen.
    const startMs = stayMs > 0 && known?.uid === pod.metadata.uid ? known.startMs : deps.scope.now;
    const atMs = startMs + stayMs;
    if (known?.uid === pod.metadata.uid && known.atMs <= atMs) return;
    known?.timer.stop();
    schedule(pod, startMs, atMs);
  }

  function schedule(pod: Pod, startMs: number, atMs: number): void {
    const key = keyOf(pod);
    const timer = deps.scope.after(Math.max(0, atMs - deps.scope.now), 'evict', `pods/${key}`, () => evict(pod), { background: atMs > deps.scope.now });
    evictions.set(key, { uid: pod.metadata.uid, startMs, atMs, timer });
  }

  function evict(pod: Pod): void {
    deps.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
    try {
      markAndDelete(deps, pod);
      evictions.delete(keyOf(pod));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (hasReason(error, 'NotFound')) evictions.delete(keyOf(pod));
      else schedule(pod, deps.scope.now, deps.scope.now + RETRY_MS);
    }
  }

  function cancel(pod: Pod, announce: boolean): void {
    const known = evictions.get(keyOf(pod));
    if (known === undefined) return;
    known.timer.stop();
    evictions.delete(keyOf(pod));
    if (announce) deps.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`);
  }
}

const evicting = ({ spec }: Node): Taint[] => (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

/** Says why in the pod's status, then deletes it (`addConditionAndDeletePod`). */
function markAndDelete({ client, scope }: ControllerDeps, { metadata }: Pod): void {
  const pod = client.get(PodResource, metadata);
  if (pod.metadata.uid !== metadata.uid) return;
  if (pod.metadata.deletionTimestamp === undefined) {
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };
    const conditions = setCondition(pod.status?.conditions, condition, formatTime(scope.now));
    client.updateStatus(PodResource, { ...pod, status: { ...pod.status, conditions: [...conditions] } });
  }
  client.delete(PodResource, metadata);
}
