/**
 * NetworkPolicies and the sets that they name, kept once for all nodes (felix's calculation graph, `felix/calc`): a pod
 * that comes or goes touches the sets that it is in, a policy only itself. Nodes ask what selects their own pods.
 */
// Differs: one set of watches serves the felixes of all nodes; a node that is cut off goes on with what it has, and catches up later.
import { labelSelectorAsSelector, type Selector } from '../../apimachinery/labels.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { PodResource } from '../../api/core/pod.ts';
import { NetworkPolicyResource } from '../../api/networking/network-policy.ts';
import type { Namespace, NetworkPolicy, NetworkPolicyPeer, Pod } from '../../api/generated/types.ts';
import type { Client } from '../../client/client.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { blockSet, namedPortSet, type PolicySet, selectorSet, type SetPod } from './ip-set.ts';
import { type PolicyChains, renderPolicy } from './policy-rules.ts';

interface KnownPolicy {
  readonly policy: NetworkPolicy;
  readonly selector: Selector;
  readonly chains: PolicyChains;
}

const keyOf = ({ metadata }: { metadata: { namespace?: string; name: string } }): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Follows the API. */
export class PolicyIndex {
  /** Counts changes that some node may have to act on. */
  generation = 0;
  readonly #policies = new Map<string, Map<string, KnownPolicy>>();
  readonly #sets = new Map<string, PolicySet>();
  readonly #pods = new Map<string, SetPod>();
  readonly #labels = new Map<string, Pod['metadata']['labels']>();
  readonly #namespaces = new Map<string, Namespace['metadata']['labels']>();
  readonly #informers: InformerFactory;

  constructor(scope: TaskScope, client: Client) {
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(NamespaceResource).addHandler({
      add: (namespace) => this.#namespaceChanged(namespace),
      update: (namespace) => this.#namespaceChanged(namespace),
      delete: ({ metadata }) => void this.#namespaces.delete(metadata.name),
    });
    this.#informers.informer(PodResource).addHandler({
      add: (pod) => this.#podChanged(pod),
      update: (pod) => this.#podChanged(pod),
      delete: (pod) => this.#podGone(pod),
    });
    this.#informers.informer(NetworkPolicyResource).addHandler({
      add: (policy) => this.#policyChanged(policy),
      update: (policy) => this.#policyChanged(policy),
      delete: (policy) => this.#policyGone(policy),
    });
  }

  start(): void {
    this.#informers.start();
  }

  get hasSynced(): boolean {
    return this.#informers.hasSynced;
  }

  /** What is rendered of the policies that select a pod, in the order of their names. */
  policiesOf(namespace: string, pod: string): PolicyChains[] {
    const policies = this.#policies.get(namespace);
    if (policies === undefined) return [];
    const labels = this.#labels.get(`${namespace}/${pod}`);
    return [...policies.values()]
      .filter(({ selector }) => selector.matches(labels))
      .map(({ chains }) => chains)
      .sort((a, b) => (a.policy < b.policy ? -1 : 1));
  }

  #policyChanged(policy: NetworkPolicy): void {
    const namespace = policy.metadata.namespace ?? '';
    let policies = this.#policies.get(namespace);
    if (policies === undefined) this.#policies.set(namespace, (policies = new Map()));
    if (policies.get(policy.metadata.name)?.policy.spec === policy.spec) return;
    const chains = renderPolicy(policy, {
      peer: (ns, peer) => this.#peerSet(ns, peer),
      namedPort: (name, protocol) => this.#portSet(name, protocol),
    });
    policies.set(policy.metadata.name, { policy, selector: labelSelectorAsSelector(policy.spec.podSelector ?? {}), chains });
    this.#forgetSets();
    this.generation++;
  }

  #policyGone({ metadata }: NetworkPolicy): void {
    this.#policies.get(metadata.namespace ?? '')?.delete(metadata.name);
    this.#forgetSets();
    this.generation++;
  }

  /** Sets that no policy names any more. */
  #forgetSets(): void {
    const used = new Set<PolicySet>();
    for (const policies of this.#policies.values())
      for (const { chains } of policies.values()) for (const set of chains.sets) used.add(set);
    for (const [key, set] of this.#sets) if (!used.has(set)) this.#sets.delete(key);
  }

  #peerSet(policyNamespace: string, { ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer): PolicySet {
    if (ipBlock !== undefined) return this.#set(JSON.stringify(ipBlock), () => blockSet(ipBlock.cidr, ipBlock.except ?? []));
    const inNamespace = namespaceSelector === undefined ? policyNamespace : undefined;
    const key = JSON.stringify([inNamespace, namespaceSelector, podSelector]);
    const namespaces = inNamespace === undefined ? labelSelectorAsSelector(namespaceSelector) : undefined;
    const ofNamespace = (name: string) =>
      namespaces === undefined ? name === inNamespace : namespaces.matches(this.#namespaces.get(name));
    return this.#set(key, () => selectorSet(key, ofNamespace, labelSelectorAsSelector(podSelector ?? {})));
  }

  #portSet(name: string, protocol: string): PolicySet {
    const port = `${name} ${protocol}`;
    return this.#set(port, () => namedPortSet(port));
  }

  #set(key: string, make: () => PolicySet): PolicySet {
    let set = this.#sets.get(key);
    if (set === undefined) {
      this.#sets.set(key, (set = make()));
      for (const pod of this.#pods.values()) change(set, undefined, pod);
    }
    return set;
  }

  #podChanged(pod: Pod): void {
    const key = keyOf(pod);
    const { labels } = pod.metadata;
    if (this.#labels.get(key) !== labels) {
      this.#labels.set(key, labels);
      this.generation++;
    }
    const before = this.#pods.get(key);
    const ip = addressOf(pod);
    if (before?.ip === ip && before?.labels === labels) return;
    const after = ip === undefined ? undefined : { namespace: pod.metadata.namespace ?? '', ip, labels, ports: portsOf(pod) };
    if (after === undefined) this.#pods.delete(key);
    else this.#pods.set(key, after);
    this.#changeSets(before, after);
  }

  #podGone(pod: Pod): void {
    const key = keyOf(pod);
    const before = this.#pods.get(key);
    this.#pods.delete(key);
    this.#labels.delete(key);
    this.#changeSets(before, undefined);
  }

  #changeSets(before: SetPod | undefined, after: SetPod | undefined): void {
    for (const set of this.#sets.values()) if (change(set, before, after)) this.generation++;
  }

  /** Pods of a namespace may be in other sets when its labels change. */
  #namespaceChanged({ metadata }: Namespace): void {
    const known = this.#namespaces.has(metadata.name);
    const same = known && JSON.stringify(this.#namespaces.get(metadata.name)) === JSON.stringify(metadata.labels);
    if (same) return;
    const pods = known ? [...this.#pods.values()].filter(({ namespace }) => namespace === metadata.name) : [];
    const before = pods.map((pod) => [...this.#sets.values()].map((set) => set.entryOf(pod)));
    this.#namespaces.set(metadata.name, metadata.labels);
    pods.forEach((pod, index) => {
      [...this.#sets.values()].forEach((set, at) => {
        if (exchange(set, before[index]?.[at], set.entryOf(pod))) this.generation++;
      });
    });
  }
}

const change = (set: PolicySet, before: SetPod | undefined, after: SetPod | undefined): boolean =>
  exchange(set, before && set.entryOf(before), after && set.entryOf(after));

function exchange(set: PolicySet, before: string | undefined, after: string | undefined): boolean {
  if (before === after) return false;
  if (before !== undefined) set.remove(before);
  if (after !== undefined) set.add(after);
  return true;
}

/** The address that sets know a pod by: of a pod that has one of its own, and that has not ended. */
function addressOf({ spec, status }: Pod): string | undefined {
  if (spec.hostNetwork || status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  return status?.podIP || undefined;
}

function portsOf({ spec }: Pod): Map<string, number> {
  const ports = new Map<string, number>();
  for (const container of spec.containers)
    for (const { name, containerPort, protocol = 'TCP' } of container.ports ?? [])
      if (name) ports.set(`${name} ${protocol.toLowerCase()}`, containerPort);
  return ports;
}
