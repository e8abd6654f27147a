/**
 * The scheduler's picture of the cluster: nodes with their pods, the assumed ones included
 * (`pkg/scheduler/backend/cache`). Watches change it piece by piece.
 * Differs: there is no separate snapshot to update; a scheduling attempt is one synchronous task, so nothing can change
 * under it and plugins read this cache itself.
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { Snapshot } from '../framework/interface.ts';
import { ChangeLog } from './change-log.ts';
import { NodeInfo } from './node-info.ts';
import { ImageStates } from './image-states.ts';
import { claimKeys } from './pod-claims.ts';
import { NodeTree } from './node-tree.ts';
import { PodInfo } from './pod-info.ts';

interface PodState {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Chosen a node, binding not yet seen through the watch. */
  assumed: boolean;
}

/** Nodes and the pods on them. */
export class Cache implements Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #pods = new Map<string, PodState>();
  readonly #tree = new NodeTree();
  readonly #images = new ImageStates();
  readonly #withAffinity = new Set<NodeInfo>();
  readonly #withRequiredAntiAffinity = new Set<NodeInfo>();
  readonly #claims = new Map<string, number>();
  readonly changes: ChangeLog = new ChangeLog();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #list: readonly NodeInfo[] | undefined;

  get nodes(): readonly NodeInfo[] {
    return (this.#list ??= this.#makeList());
  }

  #makeList(): readonly NodeInfo[] {
    return this.#tree.interleaved().map((name, place) => {
      const info = this.#nodeInfo(name);
      info.place = place;
      return info;
    });
  }

  get images(): ImageStates {
    return this.#images;
  }

  get nodesWithAffinity(): ReadonlySet<NodeInfo> {
    return this.#withAffinity;
  }

  get nodesWithRequiredAntiAffinity(): ReadonlySet<NodeInfo> {
    return this.#withRequiredAntiAffinity;
  }

  isClaimUsed(key: string): boolean {
    return this.#claims.has(key);
  }

  get(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  setNode(node: Node): void {
    const { name } = node.metadata;
    const info = this.#nodeInfo(name);
    const old = info.node;
    if (this.#tree.set(node, old)) {
      this.#list = undefined;
      this.changes.reset();
    }
    info.setNode(node);
    this.changes.add(info);
    if (old?.status?.images !== node.status?.images) info.images = this.#images.set(name, old?.status?.images, node.status?.images);
  }

  removeNode({ metadata: { name } }: Node): void {
    const info = this.#nodes.get(name);
    if (info?.node === undefined) return;
    this.#tree.remove(info.node);
    info.place = -1;
    this.#list = undefined;
    this.changes.reset();
    info.images = this.#images.set(name, info.node.status?.images, undefined);
    info.removeNode();
    this.#dropIfEmpty(info);
  }

  /** Counts the pod on the node before its binding has been confirmed. */
  assume(info: PodInfo, nodeName: string): void {
    this.#add(info, nodeName, true);
  }

  isAssumed(uid: string): boolean {
    return this.#pods.get(uid)?.assumed === true;
  }

  /** Takes an assumed pod back: its binding failed. */
  forget(uid: string): void {
    const state = this.#pods.get(uid);
    if (state?.assumed) this.#remove(state);
  }

  /** An assigned pod, new or changed, as the watch shows it. */
  setPod(pod: Pod): void {
    const nodeName = pod.spec.nodeName ?? '';
    const state = this.#pods.get(pod.metadata.uid);
    if (state === undefined) return this.#add(new PodInfo(pod), nodeName, false);
    const known = state.info;
    const next = new PodInfo(pod);
    const same = known.facts === next.facts && known.terms === next.terms && known.group === next.group && sameClaims(known.pod, pod);
    if (same && state.nodeName === nodeName) {
      // Which victims hurt least depends on when they started, and nothing else does.
      if (known.pod.status?.startTime !== pod.status?.startTime) this.changes.add(this.#nodeInfo(nodeName));
      known.update(pod);
      state.assumed = false;
      return;
    }
    this.#remove(state);
    this.#add(next, nodeName, false);
  }

  removePod({ metadata: { uid } }: Pod): void {
    const state = this.#pods.get(uid);
    if (state !== undefined) this.#remove(state);
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (info === undefined) {
      this.#nodes.set(name, (info = new NodeInfo(name)));
      info.slot = this.#freeSlots.pop() ?? this.#slots++;
    }
    return info;
  }

  #add(info: PodInfo, nodeName: string, assumed: boolean): void {
    const node = this.#nodeInfo(nodeName);
    this.#pods.set(info.uid, { info, nodeName, assumed });
    node.addPod(info);
    this.changes.add(node);
    this.#countClaims(info.pod, 1);
    this.#indexAffinity(node);
  }

  #remove({ info, nodeName }: PodState): void {
    this.#pods.delete(info.uid);
    this.#countClaims(info.pod, -1);
    const node = this.#nodes.get(nodeName);
    if (node === undefined) return;
    node.removePod(info);
    this.changes.add(node);
    this.#indexAffinity(node);
    this.#dropIfEmpty(node);
  }

  #countClaims(pod: Pod, delta: number): void {
    for (const key of claimKeys(pod)) {
      const uses = (this.#claims.get(key) ?? 0) + delta;
      if (uses > 0) this.#claims.set(key, uses);
      else this.#claims.delete(key);
    }
  }

  #indexAffinity(node: NodeInfo): void {
    if (node.podsWithAffinity.size > 0) this.#withAffinity.add(node);
    else this.#withAffinity.delete(node);
    if (node.podsWithRequiredAntiAffinity.size > 0) this.#withRequiredAntiAffinity.add(node);
    else this.#withRequiredAntiAffinity.delete(node);
  }

  #dropIfEmpty(node: NodeInfo): void {
    if (node.node === undefined && node.pods.size === 0) {
      this.#nodes.delete(node.name);
      this.#freeSlots.push(node.slot);
    }
  }
}

function sameClaims(a: Pod, b: Pod): boolean {
  return a.spec.volumes === b.spec.volumes || claimKeys(a).join() === claimKeys(b).join();
}
