/** Who owns whom, along controller references: Deployment ▸ ReplicaSet ▸ Pod, CronJob ▸ Job ▸ Pod, and so on. */
import { controllerOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

/** Workloads by uid, to follow references upwards. */
export type OwnerIndex = ReadonlyMap<string, KubernetesObject>;

/** An index over the objects that may own others. */
export function ownerIndex(...lists: (readonly KubernetesObject[])[]): OwnerIndex {
  const index = new Map<string, KubernetesObject>();
  for (const list of lists) for (const object of list) index.set(object.metadata.uid, object);
  return index;
}

/** The owner at the top of the chain that is still known; the object itself when nothing owns it. */
export function rootOwner(object: KubernetesObject, index: OwnerIndex): KubernetesObject {
  let top = object;
  // Chains are at most three long; the bound keeps a malicious cycle from hanging the page.
  for (let step = 0; step < 8; step++) {
    const reference = controllerOf(top);
    const owner = reference && index.get(reference.uid);
    if (!owner) return top;
    top = owner;
  }
  return top;
}

/** Owners from the nearest to the top; references to objects that are gone end it. */
export function ownerChain(object: KubernetesObject, index: OwnerIndex): KubernetesObject[] {
  const chain: KubernetesObject[] = [];
  for (let at = object; chain.length < 8;) {
    const reference = controllerOf(at);
    const owner = reference && index.get(reference.uid);
    if (!owner) break;
    chain.push(owner);
    at = owner;
  }
  return chain;
}

/** One top owner with all that hangs below it. */
export interface OwnerTree {
  owner: KubernetesObject;
  /** ReplicaSets of a Deployment, Jobs of a CronJob. */
  children: OwnerTree[];
  pods: Pod[];
}

/** The forest of owners: those nobody owns, in the order given, and the pods that nobody owns. */
export function ownerForest(owners: readonly KubernetesObject[], pods: readonly Pod[]): { trees: OwnerTree[]; loose: Pod[] } {
  const trees = new Map<string, OwnerTree>(owners.map((owner) => [owner.metadata.uid, { owner, children: [], pods: [] }]));
  const loose: Pod[] = [];
  for (const pod of pods) {
    const tree = trees.get(controllerOf(pod)?.uid ?? '');
    if (tree) tree.pods.push(pod);
    else loose.push(pod);
  }
  const tops: OwnerTree[] = [];
  for (const tree of trees.values()) {
    const above = trees.get(controllerOf(tree.owner)?.uid ?? '');
    if (above && above !== tree) above.children.push(tree);
    else tops.push(tree);
  }
  return { trees: tops, loose };
}

/** What a ReplicaSet adds to a Deployment's name, and a pod to its owner's (`k8s.io/apimachinery/pkg/util/rand`, the alphabet without vowels). */
const GENERATED = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}(?=-[bcdfghjklmnpqrstvwxz2456789]{5}$)/;

/** A pod's name for a small label: without the hash that all its siblings share, and cut in the middle: "web…x2k4p". */
export function podLabel(name: string, length: number): string {
  const short = name.replace(GENERATED, '');
  return short === name ? shortName(name, length) : shortName(short.length <= length ? short.replace(/-(?=.{5}$)/, '…') : short, length);
}

/** A name cut to `length` in the middle, so that the part that differs among its siblings stays: "web…x2k4p". */
export function shortName(name: string, length: number): string {
  if (name.length <= length) return name;
  const tail = name.slice(-5);
  return `${name.slice(0, Math.max(1, length - tail.length - 1)).replace(/-+$/, '')}…${tail}`;
}

/** The letter on a workload's card. */
export const LETTERS: Readonly<Record<string, string>> = {
  Deployment: 'D',
  ReplicaSet: 'R',
  ReplicationController: 'R',
  StatefulSet: 'S',
  DaemonSet: 'A',
  Job: 'J',
  CronJob: 'C',
};
