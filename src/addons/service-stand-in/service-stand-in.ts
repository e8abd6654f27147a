/**
 * Virtual addresses and names of Services, until kube-proxy writes netfilter rules and CoreDNS answers packets itself.
 * Which endpoint, which record and who is asked follow the real ones: no answer without a CoreDNS pod that the asking
 * process can reach, no translation on a node where kube-proxy has not come up yet.
 */
// Differs: addresses of Services are translated by a function that reads Services and EndpointSlices, not by netfilter rules; it stays up to date on a node whose kube-proxy has stopped.
// Differs: CoreDNS serves the records of the cluster domain only; every other name does not exist, because no DNS server is outside.
import { PodResource } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { Client } from '../../client/client.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { Machine } from '../../linux/machine.ts';
import { connect } from '../../linux/net/connect.ts';
import { parseIpv4 } from '../../linux/net/ipv4.ts';
import type { ResolveOutcome, Resolver } from '../../linux/net/resolve.ts';
import type { Process } from '../../linux/process.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { resolveName } from './cluster-dns.ts';
import { ServiceIndex } from './service-index.ts';
import { candidates, parseResolvConf } from './stub-resolver.ts';
import type { ResolvConf } from './stub-resolver.ts';
import { VirtualAddresses } from './virtual-addresses.ts';

const DNS_PORT = 53;
/** Two attempts of five seconds at every server. */
const RESOLVER_GIVES_UP_MS = 10_000;

const NOT_FOUND: ResolveOutcome = { error: 'not found' };

/** Serves all machines of a cluster. */
export class ServiceStandIn {
  readonly #scope: TaskScope;
  readonly #machineOf: (nodeName: string) => Machine | undefined;
  readonly #informers: InformerFactory;
  readonly #index: ServiceIndex;
  readonly #addresses: VirtualAddresses;
  /** By text: pods of one namespace share it. */
  readonly #resolvConfs = new Map<string, ResolvConf>();

  constructor(scope: TaskScope, client: Client, machineOf: (nodeName: string) => Machine | undefined) {
    this.#scope = scope;
    this.#machineOf = machineOf;
    this.#informers = new InformerFactory(scope, client);
    this.#index = new ServiceIndex(this.#informers);
    this.#addresses = new VirtualAddresses(this.#index, scope.random);
    const changed = (pod: Pod) => this.#proxyChanged(pod);
    this.#informers
      .informer(PodResource, { namespace: 'kube-system', labelSelector: 'k8s-app=kube-proxy' })
      .addHandler({ add: changed, update: changed });
  }

  start(): void {
    this.#informers.start();
  }

  /** A node lost its memory, and with it the rules of its kernel. */
  forget(nodeName: string): void {
    this.#addresses.removeNode(nodeName);
    const machine = this.#machineOf(nodeName);
    if (machine !== undefined) machine.natHook = undefined;
  }

  /** DNS for every machine. */
  readonly resolver: Resolver = (process, name) => {
    const conf = this.#resolvConf(process.context.fs.read('/etc/resolv.conf') ?? '');
    if (!conf.nameservers.some((server) => isDnsServer(process, server))) return { error: 'no answer', afterMs: RESOLVER_GIVES_UP_MS };
    for (const candidate of candidates(name, conf)) {
      const addresses = resolveName(this.#index, this.#scope.random, candidate);
      if (addresses !== undefined) return { addresses, name: candidate };
    }
    return NOT_FOUND;
  };

  #resolvConf(text: string): ResolvConf {
    let conf = this.#resolvConfs.get(text);
    if (conf === undefined) this.#resolvConfs.set(text, (conf = parseResolvConf(text)));
    return conf;
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

/** Whether a CoreDNS answers the process there. */
function isDnsServer({ context }: Process, server: string): boolean {
  const ip = parseIpv4(server);
  if (ip === undefined) return false;
  const outcome = connect(context.netns, ip, DNS_PORT, 'UDP');
  return outcome.state === 'connected' && outcome.socket.process.argv[0] === '/coredns';
}
