/** Pods that are to get a node once others have made way (`pkg/scheduler/backend/queue/nominator.go`). */
import { ChangeLog } from '../cache/change-log.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Nominator } from '../framework/interface.ts';

const NONE: readonly PodInfo[] = [];

/** Node name → pods nominated to it. */
export class NominatedPods implements Nominator {
  readonly #byNode = new Map<string, PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();
  /** The names of nodes to which other pods are nominated than before. */
  readonly changes: ChangeLog<string> = new ChangeLog();

  nominatedPods(nodeName: string): readonly PodInfo[] {
    return this.#byNode.size === 0 ? NONE : (this.#byNode.get(nodeName) ?? NONE);
  }

  /** The node the pod is nominated to; "" for none. */
  nodeOf(uid: string): string {
    return this.#nodeOf.get(uid) ?? '';
  }

  /** Nominates the pod to the node; "" takes its nomination back. */
  set(info: PodInfo, nodeName: string): void {
    this.delete(info.uid);
    if (nodeName === '') return;
    this.#nodeOf.set(info.uid, nodeName);
    this.changes.add(nodeName);
    this.#byNode.set(nodeName, [...(this.#byNode.get(nodeName) ?? []), info]);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    this.changes.add(nodeName);
    const rest = (this.#byNode.get(nodeName) ?? []).filter((info) => info.uid !== uid);
    if (rest.length > 0) this.#byNode.set(nodeName, rest);
    else this.#byNode.delete(nodeName);
  }
}
