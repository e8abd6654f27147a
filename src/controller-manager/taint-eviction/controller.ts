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
import type { Informer } from '../../client/informer.ts';
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
  new TaintEvictionController(deps);
}

class TaintEvictionController {
  readonly #deps: ControllerDeps;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #evictions = new Map<string, Eviction>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#nodes = deps.informers.informer(NodeResource);
    this.#pods = indexByNode(deps.informers.informer(PodResource));
    this.#nodes.addHandler(
      {
        add: (node) => this.#nodeChanged(node, undefined),
        update: (node, old) => this.#nodeChanged(node, old),
        delete: ({ metadata }) => this.#podsOf(metadata.name).forEach((pod) => this.#cancel(pod, false)),
      },
      deps.scope,
    );
    this.#pods.addHandler(
      {
        add: (pod) => this.#podChanged(pod),
        update: (pod, old) => {
          if (pod.spec.nodeName !== old.spec.nodeName || pod.spec.tolerations !== old.spec.tolerations) this.#podChanged(pod);
        },
        delete: (pod) => this.#cancel(pod, false),
      },
      deps.scope,
    );
  }

  #podsOf(node: string): Pod[] {
    return [...this.#pods.byIndex(BY_NODE, node)];
  }

  #nodeChanged(node: Node, old: Node | undefined): void {
    if (node.spec?.taints === old?.spec?.taints) return;
    const taints = evicting(node);
    if (taints.length === 0 && (old === undefined || evicting(old).length === 0)) return;
    for (const pod of this.#podsOf(node.metadata.name)) this.#plan(pod, taints);
  }

  #podChanged(pod: Pod): void {
    const node = this.#nodes.get(pod.spec.nodeName ?? '');
    const taints = node === undefined ? [] : evicting(node);
    if (taints.length > 0) this.#plan(pod, taints);
  }

  /** `processPodOnNode`. */
  #plan(pod: Pod, taints: readonly Taint[]): void {
    if (taints.length === 0) return this.#cancel(pod, true);
    const stayMs = toleratedMs(taints, pod.spec.tolerations ?? []);
    if (stayMs === Infinity) return this.#cancel(pod, true);
    const known = this.#evictions.get(keyOf(pod));
    // A toleration counts from when the first taint was seen.
    const startMs = stayMs > 0 && known?.uid === pod.metadata.uid ? known.startMs : this.#deps.scope.now;
    const atMs = startMs + stayMs;
    if (known?.uid === pod.metadata.uid && known.atMs <= atMs) return;
    known?.timer.stop();
    this.#schedule(pod, startMs, atMs);
  }

  #schedule(pod: Pod, startMs: number, atMs: number): void {
    const key = keyOf(pod);
    const timer = this.#deps.scope.after(Math.max(0, atMs - this.#deps.scope.now), 'evict', `pods/${key}`, () => this.#evict(pod), {
      background: atMs > this.#deps.scope.now,
    });
    this.#evictions.set(key, { uid: pod.metadata.uid, startMs, atMs, timer });
  }

  #evict(pod: Pod): void {
    this.#deps.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
    try {
      markAndDelete(this.#deps, pod);
      this.#evictions.delete(keyOf(pod));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (hasReason(error, 'NotFound')) this.#evictions.delete(keyOf(pod));
      else this.#schedule(pod, this.#deps.scope.now, this.#deps.scope.now + RETRY_MS);
    }
  }

  #cancel(pod: Pod, announce: boolean): void {
    const known = this.#evictions.get(keyOf(pod));
    if (known === undefined) return;
    known.timer.stop();
    this.#evictions.delete(keyOf(pod));
    if (announce) this.#deps.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`);
  }
}

const evicting = ({ spec }: Node): Taint[] => (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

/** Says why in the pod's status, then deletes it (`addConditionAndDeletePod`). */
function markAndDelete({ client, scope }: ControllerDeps, { metadata }: Pod): void {
  const pod = client.get(PodResource, metadata);
  if (pod.metadata.uid !== metadata.uid) return;
  if (pod.metadata.deletionTimestamp === undefined) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    };
    const conditions = setCondition(pod.status?.conditions, condition, formatTime(scope.now));
    client.updateStatus(PodResource, { ...pod, status: { ...pod.status, conditions: [...conditions] } });
  }
  client.delete(PodResource, metadata);
}
