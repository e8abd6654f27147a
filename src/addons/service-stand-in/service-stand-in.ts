/**
 * Virtual addresses of Services, until kube-proxy writes netfilter rules. Which endpoint is chosen follows the real
 * ones: no translation on a node where kube-proxy has not come up yet.
 */
// Differs: addresses of Services are translated by a function that reads Services and EndpointSlices, not by netfilter rules; it stays up to date on a node whose kube-proxy has stopped.
import { PodResource } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { Machine } from '../../linux/machine.ts';
import { parseIpv4 } from '../../linux/net/ipv4.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { ServiceIndex } from './service-index.ts';
import { VirtualAddresses } from './virtual-addresses.ts';

/** Serves all machines of a cluster. */
export class ServiceStandIn {
  readonly #machineOf: (nodeName: string) => Machine | undefined;
  readonly #index: ServiceIndex;
  readonly #addresses: VirtualAddresses;

  /** The informers are started by whoever owns them. */
  constructor(scope: TaskScope, informers: InformerFactory, machineOf: (nodeName: string) => Machine | undefined) {
    this.#machineOf = machineOf;
    this.#index = new ServiceIndex(informers);
    this.#addresses = new VirtualAddresses(this.#index, scope.random);
    const changed = (pod: Pod) => this.#proxyChanged(pod);
    informers
      .informer(PodResource, { namespace: 'kube-system', labelSelector: 'k8s-app=kube-proxy' })
      .addHandler({ add: changed, update: changed });
  }

  /** A node lost its memory, and with it the rules of its kernel. */
  forget(nodeName: string): void {
    this.#addresses.removeNode(nodeName);
    const machine = this.#machineOf(nodeName);
    if (machine !== undefined) machine.natHook = undefined;
  }

  /** The rules appear when the node's kube-proxy is ready. They stay in the kernel when it ends. */
  #proxyChanged({ spec, status }: Pod): void {
    const name = spec.nodeName ?? '';
    const machine = this.#machineOf(name);
    const ip = parseIpv4(status?.hostIP ?? '');
    const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    if (!ready || machine === undefined || !machine.powered || ip === undefined || machine.natHook !== undefined) return;
    this.#addresses.addNode(name, ip);
    machine.natHook = this.#addresses.hookOf(name);
  }
}
