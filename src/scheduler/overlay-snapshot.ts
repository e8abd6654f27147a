/**
 * The scheduler's picture of the cluster with some nodes supposed to be otherwise: for dry runs. Nodes that are not
 * changed are those of the cache; a changed one is a copy, made when it is first needed.
 */
import type { NodeOverride } from '../api/kubarium/scheduling-decision.ts';
import type { Node } from '../api/generated/types.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { claimKeys } from './cache/pod-claims.ts';
import type { Snapshot } from './framework/interface.ts';

/** A changeable layer over a snapshot. */
export class OverlaySnapshot implements Snapshot {
  readonly #base: Snapshot;
  readonly #changed = new Map<string, NodeInfo>();
  readonly #claims = new Map<string, number>();
  #nodes: readonly NodeInfo[] | undefined;

  constructor(base: Snapshot) {
    this.#base = base;
  }

  get nodes(): readonly NodeInfo[] {
    if (this.#changed.size === 0) return this.#base.nodes;
    return (this.#nodes ??= this.#base.nodes.map((node) => this.#changed.get(node.name) ?? node));
  }

  get(name: string): NodeInfo | undefined {
    return this.#changed.get(name) ?? this.#base.get(name);
  }

  get images(): Snapshot['images'] {
    return this.#base.images;
  }

  get nodesWithAffinity(): ReadonlySet<NodeInfo> {
    return this.#layered(this.#base.nodesWithAffinity, ({ podsWithAffinity }) => podsWithAffinity.size > 0);
  }

  get nodesWithRequiredAntiAffinity(): ReadonlySet<NodeInfo> {
    return this.#layered(this.#base.nodesWithRequiredAntiAffinity, (node) => node.podsWithRequiredAntiAffinity.size > 0);
  }

  isClaimUsed(key: string): boolean {
    return this.#base.isClaimUsed(key) || (this.#claims.get(key) ?? 0) > 0;
  }

  /** Supposes the node to be as the override says. Returns false when there is no such node. */
  override({ name, labels, allocatable, taints, unschedulable }: NodeOverride): boolean {
    const info = this.#copyOf(name);
    if (info?.node === undefined) return false;
    const { metadata, spec, status } = info.node;
    const next: Node = {
      ...info.node,
      metadata: { ...metadata, labels: { ...metadata.labels, ...labels } },
      spec: { ...spec, ...(taints && { taints: [...taints] }), ...(unschedulable !== undefined && { unschedulable }) },
      status: { ...status, allocatable: { ...status?.allocatable, ...allocatable } },
    };
    info.setNode(next);
    return true;
  }

  /** Supposes the pod to run on the node. */
  addPod(info: PodInfo, nodeName: string): void {
    this.#copyOf(nodeName)?.addPod(info);
    for (const key of claimKeys(info.pod)) this.#claims.set(key, (this.#claims.get(key) ?? 0) + 1);
  }

  /** Supposes the pod not to run on the node. */
  removePod(info: PodInfo, nodeName: string): void {
    if (this.#base.get(nodeName)?.pods.has(info.uid)) this.#copyOf(nodeName)?.removePod(info);
  }

  #copyOf(name: string): NodeInfo | undefined {
    const known = this.#changed.get(name);
    if (known !== undefined) return known;
    const copy = this.#base.get(name)?.clone();
    if (copy === undefined) return undefined;
    this.#changed.set(name, copy);
    this.#nodes = undefined;
    return copy;
  }

  #layered(base: ReadonlySet<NodeInfo>, belongs: (node: NodeInfo) => boolean): ReadonlySet<NodeInfo> {
    if (this.#changed.size === 0) return base;
    const set = new Set([...base].filter(({ name }) => !this.#changed.has(name)));
    for (const node of this.#changed.values()) if (belongs(node)) set.add(node);
    return set;
  }
}
