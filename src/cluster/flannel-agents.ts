/**
 * flannel's daemons, one on each node: when the flannel pod of a node runs, the node's pod network begins to work and
 * learns the routes to the others (`flannel-io/flannel` main.go, `pkg/subnet/kube`). One watch serves all of them.
 */
// Differs: the kernels of all nodes share one table of routes, so that a node whose daemon has stopped still learns of new nodes.
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import type { Node, Pod } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import { parseCidr, parseIpv4 } from '../linux/net/ipv4.ts';
import { SharedRoutes } from '../linux/net/routes.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ClusterNode } from './node.ts';

/** Keeps the pod network of all nodes in step with the API. */
export class FlannelAgents {
  readonly #nodeByName: (name: string) => ClusterNode | undefined;
  readonly #nodes: InformerFactory;
  readonly #pods: InformerFactory;
  /** Nodes whose daemon runs. */
  readonly #running = new Set<string>();
  /** Pod subnet and address of every node that has both. */
  readonly #peers = new Map<string, { podCidr: string; nodeIp: string }>();
  /** The same as routes, which the kernels of all nodes share. */
  readonly #routes = new SharedRoutes();

  /** `flannel` acts as the daemons' service account, which knows nodes; that its pods run is seen with `kubarium`. */
  constructor(
    scope: TaskScope,
    { flannel, kubarium }: { flannel: Client; kubarium: Client },
    nodeByName: (name: string) => ClusterNode | undefined,
  ) {
    this.#nodeByName = nodeByName;
    this.#nodes = new InformerFactory(scope, flannel);
    this.#pods = new InformerFactory(scope, kubarium);
    this.#nodes.informer(NodeResource).addHandler({
      add: (node) => this.#nodeChanged(node),
      update: (node) => this.#nodeChanged(node),
      delete: (node) => this.#nodeGone(node),
    });
    this.#pods.informer(PodResource, { namespace: 'kube-flannel', labelSelector: 'app=flannel' }).addHandler({
      add: (pod) => this.#podChanged(pod),
      update: (pod) => this.#podChanged(pod),
      delete: (pod) => this.#running.delete(pod.spec.nodeName ?? ''),
    });
  }

  start(): void {
    this.#nodes.start();
    this.#pods.start();
  }

  /** A node lost its memory: its daemon must come up anew. */
  forget(nodeName: string): void {
    this.#running.delete(nodeName);
  }

  #nodeChanged({ metadata, spec, status }: Node): void {
    const podCidr = spec.podCIDR;
    const nodeIp = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    const known = this.#peers.get(metadata.name);
    if (!podCidr || !nodeIp || (known?.podCidr === podCidr && known.nodeIp === nodeIp)) return;
    this.#peers.set(metadata.name, { podCidr, nodeIp });
    const subnet = parseCidr(podCidr);
    const gateway = parseIpv4(nodeIp);
    if (subnet !== undefined && gateway !== undefined) this.#routes.set(subnet.network, subnet.prefixLength, gateway);
  }

  #nodeGone({ metadata }: Node): void {
    const peer = this.#peers.get(metadata.name);
    this.#peers.delete(metadata.name);
    this.#running.delete(metadata.name);
    const subnet = parseCidr(peer?.podCidr ?? '');
    if (subnet !== undefined) this.#routes.delete(subnet.network, subnet.prefixLength);
  }

  #podChanged({ spec, status }: Pod): void {
    const name = spec.nodeName ?? '';
    const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    const own = this.#peers.get(name);
    const node = this.#nodeByName(name);
    if (!ready || this.#running.has(name) || own === undefined || node === undefined) return;
    this.#running.add(name);
    node.startFlannel(own.podCidr, this.#routes);
  }
}
