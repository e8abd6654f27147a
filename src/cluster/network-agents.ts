/**
 * The daemons of the network add-on, one on each node: when the pod of a node is Ready, the node's pod network begins to
 * work and learns the ways to the others. One watch of nodes serves all of them.
 */
// Differs: the kernels of all nodes share their tables of peers, so that a node whose daemon has stopped still learns of new nodes.
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import type { Node, Pod } from '../api/generated/types.ts';
import { assert } from '../apimachinery/assert.ts';
import type { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import { BLOCK_PREFIX, type Block, BlockIpam } from '../cni/calico/ipam.ts';
import { PeerTables } from '../cni/flannel/backend.ts';
import { parseCidr, parseIpv4 } from '../linux/net/ipv4.ts';
import { SharedRoutes } from '../linux/net/routes.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { CLUSTER_CIDR } from './bootstrap/release.ts';
import { networkParts } from './late-parts.ts';
import { enforcesPolicies, needsNoAgent, type NetworkPlan } from './network-plan.ts';
import type { ClusterNode } from './node.ts';
import type { PodNetworkTables } from './node-pod-network.ts';

/** Where the pods of each add-on's DaemonSet are, of those that have one. */
const DAEMONS: Readonly<
  Partial<Record<NetworkPlan['addon'], { readonly namespace: string; readonly account: string; readonly labelSelector: string }>>
> = {
  flannel: { namespace: 'kube-flannel', account: 'flannel', labelSelector: 'app=flannel' },
  canal: { namespace: 'kube-system', account: 'canal', labelSelector: 'k8s-app=canal' },
  calico: { namespace: 'kube-system', account: 'calico-node', labelSelector: 'k8s-app=calico-node' },
};

/** Clients that the daemons act with: their own service account, and `kubarium`, which sees their pods. */
export interface AgentClients {
  readonly clientOf: (namespace: string, serviceAccount: string) => Client;
  readonly kubarium: Client;
}

/** Keeps the pod network of all nodes in step with the API. */
export class NetworkAgents {
  readonly #nodeByName: (name: string) => ClusterNode | undefined;
  readonly #plan: NetworkPlan;
  readonly #nodes: InformerFactory;
  readonly #pods: InformerFactory;
  /** Nodes whose daemon runs. */
  readonly #running = new Set<string>();
  /** Pod subnet and address of every node that has both. */
  readonly #peers = new Map<string, { podCidr: string; nodeIp: string }>();
  readonly #tables: PodNetworkTables;

  constructor(
    scope: TaskScope,
    plan: NetworkPlan,
    { clientOf, kubarium }: AgentClients,
    nodeByName: (name: string) => ClusterNode | undefined,
  ) {
    this.#nodeByName = nodeByName;
    this.#plan = plan;
    const daemon = DAEMONS[plan.addon];
    const client = daemon === undefined ? kubarium : clientOf(daemon.namespace, daemon.account);
    const pool = parseCidr(CLUSTER_CIDR);
    assert(pool !== undefined, 'the pod network is a CIDR');
    this.#tables = {
      peers: new PeerTables(),
      blocks: new SharedRoutes(),
      ipam: new BlockIpam(pool, (block) => this.#routeTo(block)),
      policies: enforcesPolicies(plan) ? new (networkParts.get().PolicyIndex)(scope, client) : undefined,
    };
    this.#nodes = new InformerFactory(scope, client);
    this.#pods = new InformerFactory(scope, kubarium);
    this.#nodes.informer(NodeResource).addHandler({
      add: (node) => this.#nodeChanged(node),
      update: (node) => this.#nodeChanged(node),
      delete: (node) => this.#nodeGone(node),
    });
    if (daemon === undefined) return;
    const { namespace, labelSelector } = daemon;
    this.#pods.informer(PodResource, { namespace, labelSelector }).addHandler({
      add: (pod) => this.#podChanged(pod),
      update: (pod) => this.#podChanged(pod),
      delete: (pod) => this.#podGone(pod),
    });
  }

  start(): void {
    if (needsNoAgent(this.#plan)) return;
    this.#nodes.start();
    this.#pods.start();
    this.#tables.policies?.start();
  }

  /** A node comes back from storage: its network works before its kubelet looks. */
  restore(node: ClusterNode, podCidr: string): void {
    this.#setPeer(node.name, podCidr, node.plan.ip);
    node.startNetwork(podCidr, this.#tables);
  }

  /** A node lost its memory: its daemon must come up anew. */
  forget(nodeName: string): void {
    this.#running.delete(nodeName);
  }

  #nodeChanged({ metadata, spec, status }: Node): void {
    const podCidr = spec.podCIDR;
    const nodeIp = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    if (!podCidr || !nodeIp) return;
    this.#setPeer(metadata.name, podCidr, nodeIp);
    if (this.#plan.addon === 'bridge') this.#begin(metadata.name);
  }

  #setPeer(name: string, podCidr: string, nodeIp: string): void {
    const known = this.#peers.get(name);
    if (known?.podCidr === podCidr && known.nodeIp === nodeIp) return;
    this.#peers.set(name, { podCidr, nodeIp });
    this.#tables.peers.set(podCidr, nodeIp);
    for (const block of this.#tables.ipam.blocks(name)) this.#routeTo(block);
  }

  /** A block is behind its node, or with VXLAN behind that node's device. */
  #routeTo({ network, nodeName }: Block): void {
    const peer = this.#peers.get(nodeName);
    const overlay = this.#plan.addon === 'calico' && this.#plan.backend === 'vxlan';
    const gateway = overlay ? parseCidr(peer?.podCidr ?? '')?.network : parseIpv4(peer?.nodeIp ?? '');
    if (gateway !== undefined) this.#tables.blocks.set(network, BLOCK_PREFIX, gateway);
  }

  #nodeGone({ metadata }: Node): void {
    const peer = this.#peers.get(metadata.name);
    this.#peers.delete(metadata.name);
    this.#running.delete(metadata.name);
    if (peer !== undefined) this.#tables.peers.delete(peer.podCidr);
    for (const { network } of this.#tables.ipam.blocks(metadata.name)) this.#tables.blocks.delete(network, BLOCK_PREFIX);
  }

  #podChanged({ spec, status }: Pod): void {
    const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    if (ready) this.#begin(spec.nodeName ?? '');
  }

  #podGone({ spec }: Pod): void {
    const name = spec.nodeName ?? '';
    if (this.#running.delete(name)) this.#nodeByName(name)?.pods.stop();
  }

  #begin(name: string): void {
    const own = this.#peers.get(name);
    const node = this.#nodeByName(name);
    if (this.#running.has(name) || own === undefined || node === undefined) return;
    this.#running.add(name);
    node.startNetwork(own.podCidr, this.#tables);
  }
}
