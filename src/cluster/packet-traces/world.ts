/** What traces and traffic see of a cluster, and who is where in its network. */
import type { Pod } from '../../api/generated/types.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Client } from '../../client/client.ts';
import type { Sandbox } from '../../container-runtime/sandbox.ts';
import { Machine } from '../../linux/machine.ts';
import type { Fabric } from '../../linux/net/fabric.ts';
import { broadcastOf } from '../../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { Looker } from '../../linux/net/resolve.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type { KubeProxies } from '../kube-proxies.ts';
import type { ClusterNode } from '../node.ts';
import type { PlaceOf } from './step-recorder.ts';

/** The parts of a cluster that are needed. */
export interface TraceSurroundings {
  readonly scope: TaskScope;
  readonly client: Client;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  readonly fabric: Fabric;
  readonly proxies: KubeProxies;
  /** The network add-on's name. */
  readonly cni: string;
  /** Whether it implements NetworkPolicy. */
  readonly enforcesPolicies: boolean;
}

/** The machine's name in the place of a node. */
const EXTERNAL_HOST = 'external-client';
/** Who answers questions of a client outside. */
const PUBLIC_RESOLVER = '1.1.1.1';

/** A namespace/name of an object; a name alone is in `namespace`. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** "web" or "shop/web". */
export function objectName(text: string, namespace: string): ObjectName {
  const [first = '', second] = text.split('/');
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/** Who is where. */
export class TraceWorld {
  readonly surroundings: TraceSurroundings;
  #external: Machine | undefined;

  constructor(surroundings: TraceSurroundings) {
    this.surroundings = surroundings;
  }

  /** The pod as the API has it. */
  pod({ namespace, name }: ObjectName): Pod | undefined {
    return this.surroundings.client.find(PodResource, { namespace, name });
  }

  /** The pod's namespaces on its node; undefined while it does not run. */
  sandboxOf({ metadata, spec }: Pod): Sandbox | undefined {
    const runtime = this.surroundings.nodes.get(spec.nodeName ?? '')?.runtime;
    const found = runtime?.listSandboxes().findLast(({ podUid, state }) => podUid === metadata.uid && state === 'SANDBOX_READY');
    return found && runtime?.sandbox(found.id);
  }

  /** What a program in the pod sees: as if it ran in its first container. */
  lookerIn(sandbox: Sandbox): Looker {
    const container = sandbox.containers.find(({ running }) => running);
    return { context: container ?? sandbox };
  }

  /**
   * A client outside of the cluster, on the network of the nodes; made when it is first needed.
   */
  // Differs: a client outside is a machine on the nodes' own LAN, for there is no router with a kernel of its own.
  external(): Machine {
    if (this.#external !== undefined) return this.#external;
    const { scope, fabric } = this.surroundings;
    const machine = new Machine(scope.child(EXTERNAL_HOST), { hostname: EXTERNAL_HOST, milliCpu: 1000, memoryBytes: 2 ** 30 });
    machine.netns.forwards = false;
    fabric.plug(machine, broadcastOf(fabric.cidr) - 1);
    machine.context.fs.write('/etc/resolv.conf', `nameserver ${PUBLIC_RESOLVER}\n`);
    this.#external = machine;
    return machine;
  }

  /** Names of places, remembered for as long as the function lives. */
  places(): PlaceOf {
    const known = new Map<NetworkNamespace, ReturnType<PlaceOf>>();
    return (netns) => {
      let place = known.get(netns);
      if (place === undefined) known.set(netns, (place = this.#placeOf(netns)));
      return place;
    };
  }

  #placeOf(netns: NetworkNamespace): ReturnType<PlaceOf> {
    const { machine } = netns;
    const { hostname: node } = machine;
    if (machine === this.#external) return { node: '', place: 'external client' };
    if (netns === machine.netns) return { node, place: 'host' };
    const config = this.sandboxIn(netns)?.config;
    return { node, place: config === undefined ? netns.name : `pod ${config.podNamespace}/${config.podName}` };
  }

  /** The sandbox that a namespace belongs to. */
  sandboxIn(netns: NetworkNamespace): Sandbox | undefined {
    const runtime = this.surroundings.nodes.get(netns.machine.hostname)?.runtime;
    if (runtime === undefined) return undefined;
    for (const { id } of runtime.listSandboxes()) {
      const sandbox = runtime.sandbox(id);
      if (sandbox?.netns === netns && netns !== netns.machine.netns) return sandbox;
    }
    return undefined;
  }

  /** kube-proxy's mode on a node, or the cluster's. */
  proxyMode(node: string): string {
    const { proxies } = this.surroundings;
    return proxies.of(node)?.mode ?? proxies.shared.config.mode;
  }
}
