/**
 * All that the scheduler knows of one node, kept up to date pod by pod (`pkg/scheduler/framework/types.go`, NodeInfo).
 */
import { HostPorts } from './host-ports.ts';
import type { PodGroup } from './pod-group.ts';
import type { PodInfo } from './pod-info.ts';
import { claimKeys } from './pod-claims.ts';
import { Resource, resourceOf } from './resource.ts';
import type { Node, Taint } from '../../api/generated/types.ts';
import type { Labels } from '../../apimachinery/labels.ts';

/** An image and the nodes that have it; one record shared by all of them. */
export interface ImageState {
  readonly sizeBytes: number;
  readonly nodes: Set<string>;
}

const NO_TAINTS: readonly Taint[] = [];
let generations = 0;

/** One node and the pods that run or are assumed to run there. */
export class NodeInfo {
  readonly name: string;
  /** Its place in arrays over all nodes; -1 for a node that is no member of a cache. */
  slot = -1;
  /** Its index in the list of all nodes, as of the last look at that list; -1 for a node that is not in it. */
  place = -1;
  /** Undefined while pods are known on a node that is not (or no longer) known itself. */
  node: Node | undefined;
  labels: Labels;
  taints: readonly Taint[] = NO_TAINTS;
  allocatable = new Resource();
  readonly requested: Resource = new Resource();
  /** Sums with the scoring defaults of containers without requests. */
  nonZeroMilliCPU = 0;
  nonZeroMemory = 0;
  readonly pods: Map<string, PodInfo> = new Map();
  /** The pods with any inter-pod (anti-)affinity. */
  readonly podsWithAffinity: Map<string, PodInfo> = new Map();
  readonly podsWithRequiredAntiAffinity: Map<string, PodInfo> = new Map();
  readonly hostPorts: HostPorts = new HostPorts();
  /** Image name → state, for images that the node has. */
  images: ReadonlyMap<string, ImageState> = new Map();
  /** The kinds of pods that selectors can tell apart, and how many there are of each. */
  readonly groups: Map<PodGroup, number> = new Map();
  /** "namespace/claim" → number of pods here that use it. */
  readonly claims: Map<string, number> = new Map();
  /** Grows with every change, over all nodes; equal generations mean an unchanged node. */
  generation = 0;

  constructor(name: string) {
    this.name = name;
  }

  setNode(node: Node): void {
    const status = node.status;
    if (this.node?.status?.allocatable !== status?.allocatable || this.node === undefined)
      this.allocatable = resourceOf(status?.allocatable);
    this.node = node;
    this.labels = node.metadata.labels;
    this.taints = node.spec.taints ?? NO_TAINTS;
    this.#touch();
  }

  removeNode(): void {
    this.node = undefined;
    this.#touch();
  }

  addPod(info: PodInfo): void {
    this.#account(info, 1);
    this.pods.set(info.uid, info);
    const { terms } = info;
    if (terms !== undefined) this.podsWithAffinity.set(info.uid, info);
    if (terms !== undefined && terms.requiredAntiAffinity.length > 0) this.podsWithRequiredAntiAffinity.set(info.uid, info);
    this.#touch();
  }

  removePod(info: PodInfo): void {
    const known = this.pods.get(info.uid);
    if (known === undefined) return;
    this.#account(known, -1);
    this.pods.delete(info.uid);
    this.podsWithAffinity.delete(info.uid);
    this.podsWithRequiredAntiAffinity.delete(info.uid);
    this.#touch();
  }

  /** A copy to try things on; pods are shared. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name);
    if (this.node !== undefined) copy.setNode(this.node);
    copy.images = this.images;
    for (const info of this.pods.values()) copy.addPod(info);
    copy.slot = this.slot;
    copy.generation = this.generation;
    return copy;
  }

  #account({ pod, facts, group }: PodInfo, sign: 1 | -1): void {
    const members = (this.groups.get(group) ?? 0) + sign;
    if (members > 0) this.groups.set(group, members);
    else this.groups.delete(group);
    this.requested.add(facts.requests, sign);
    this.nonZeroMilliCPU += sign * facts.nonZero.milliCPU;
    this.nonZeroMemory += sign * facts.nonZero.memory;
    for (const port of facts.hostPorts) {
      if (sign > 0) this.hostPorts.add(port);
      else this.hostPorts.remove(port);
    }
    for (const key of claimKeys(pod)) {
      const uses = (this.claims.get(key) ?? 0) + sign;
      if (uses > 0) this.claims.set(key, uses);
      else this.claims.delete(key);
    }
  }

  #touch(): void {
    this.generation = ++generations;
  }
}
