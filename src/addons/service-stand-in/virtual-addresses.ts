/**
 * What kube-proxy's rules would make of a new connection: a Service's address becomes the address of one of its
 * endpoints (`pkg/proxy/iptables/proxier.go`).
 */
import type { Service } from '../../api/generated/types.ts';
import type { Flow, NatHook } from '../../linux/net/connect.ts';
import type { Ipv4 } from '../../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { Random } from '../../sim/random.ts';
import type { Backend, ServiceIndex, ServiceTarget } from './service-index.ts';

const LOOPBACK_PREFIX = 0x7f;
const DEFAULT_AFFINITY_SECONDS = 10_800;

interface Remembered {
  readonly backend: Backend;
  readonly until: number;
}

/** Translates addresses of Services for all nodes on which kube-proxy has set its rules. */
export class VirtualAddresses {
  readonly #index: ServiceIndex;
  readonly #random: Random;
  /** Address → name of the nodes that translate. */
  readonly #nodes = new Map<Ipv4, string>();
  /** Session affinity: "uid/client" → backend. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(index: ServiceIndex, random: Random) {
    this.#index = index;
    this.#random = random;
  }

  addNode(name: string, ip: Ipv4): void {
    this.#nodes.set(ip, name);
  }

  removeNode(name: string): void {
    for (const [ip, known] of this.#nodes) if (known === name) this.#nodes.delete(ip);
  }

  /** The hook of the node's machine. */
  hookOf(nodeName: string): NatHook {
    return (netns, flow) => {
      const { destination, destinationPort, protocol } = flow;
      const target = this.#index.byAddress(destination, destinationPort, protocol);
      if (target !== undefined)
        return this.#translate(target, flow, this.#localOnly(target.service, nodeName, 'internalTrafficPolicy'), netns);
      return this.#nodePort(nodeName, netns, flow);
    };
  }

  #nodePort(nodeName: string, netns: NetworkNamespace, flow: Flow): ReturnType<NatHook> {
    const { machine } = netns;
    const loopback = flow.destination >>> 24 === LOOPBACK_PREFIX;
    if (loopback && netns !== machine.netns) return undefined;
    const entered = loopback ? nodeName : this.#nodes.get(flow.destination);
    if (entered === undefined) return undefined;
    const target = this.#index.byNodePort(flow.destinationPort, flow.protocol);
    if (target === undefined) return undefined;
    // A pod, and a node that asks itself, count as inside of the cluster: "Local" does not bind them.
    const outside = netns === machine.netns && entered !== nodeName;
    return this.#translate(target, flow, outside ? this.#localOnly(target.service, entered, 'externalTrafficPolicy') : undefined, netns);
  }

  #localOnly({ spec }: Service, nodeName: string, policy: 'internalTrafficPolicy' | 'externalTrafficPolicy'): string | undefined {
    return spec[policy] === 'Local' ? nodeName : undefined;
  }

  #translate(target: ServiceTarget, flow: Flow, onlyOn: string | undefined, { machine }: NetworkNamespace): ReturnType<NatHook> {
    const all = this.#index.backends(target);
    if (all.length === 0) return 'reject';
    const usable = onlyOn === undefined ? all : all.filter(({ nodeName }) => nodeName === onlyOn);
    if (usable.length === 0) return 'drop';
    const backend = this.#choose(target.service, flow.source, usable, machine.now);
    return { ...flow, destination: backend.ip, destinationPort: backend.port };
  }

  /** Chance decides, as the rules' `statistic` match does, unless the Service keeps clients where they were. */
  #choose({ metadata, spec }: Service, client: Ipv4, usable: readonly Backend[], now: number): Backend {
    const key = `${metadata.uid}/${client}`;
    const sticky = spec.sessionAffinity === 'ClientIP';
    const known = sticky ? this.#remembered.get(key) : undefined;
    const same =
      known !== undefined && known.until > now
        ? usable.find(({ ip, port }) => ip === known.backend.ip && port === known.backend.port)
        : undefined;
    const backend = same ?? (usable[usable.length === 1 ? 0 : this.#random.int(usable.length)] as Backend);
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
    if (sticky) this.#remembered.set(key, { backend, until: now + seconds * 1000 });
    return backend;
  }
}
