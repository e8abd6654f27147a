/**
 * What answers for Services in a cluster: the programs of kube-proxy, CoreDNS and the ingress controller, and the
 * Internet beyond the LAN. One set of watches serves the latter two.
 */
import { coreDns } from '../addons/coredns/program.ts';
import { DnsIndex } from '../addons/coredns/dns-index.ts';
import { simulatedInternet } from '../addons/coredns/internet.ts';
import type { IngressSurroundings } from '../addons/ingress-nginx/controller.ts';
import type { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import type { Catalogue } from '../container-runtime/images/catalogue.ts';
import type { Fabric } from '../linux/net/fabric.ts';
import type { Executable } from '../linux/process.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { KubeProxies } from './kube-proxies.ts';
import { userWorld } from './late-parts.ts';
import type { ClusterNode } from './node.ts';

/** What the add-ons are connected to. */
export interface NetworkSurroundings {
  catalogue: Catalogue;
  fabric: Fabric;
  nodeOf(nodeName: string): ClusterNode | undefined;
  /** A client that acts as a service account. */
  clientOf(namespace: string, serviceAccount: string): Client;
}

/** Puts the programs into the images, and keeps what they read up to date. */
export class NetworkAddons {
  readonly #informers: InformerFactory;
  readonly #client: Client;
  readonly #clientOf: NetworkSurroundings['clientOf'];
  readonly kubeProxies: KubeProxies;

  constructor(scope: TaskScope, client: Client, { catalogue, fabric, nodeOf, clientOf }: NetworkSurroundings) {
    this.#client = client;
    this.#clientOf = clientOf;
    this.#informers = new InformerFactory(scope, client);
    this.kubeProxies = new KubeProxies(scope.child('kube-proxy'), nodeOf);
    catalogue.provide('registry.k8s.io/kube-proxy', 'kube-proxy', this.kubeProxies.executable);
    catalogue.provide('registry.k8s.io/coredns/coredns', 'coredns', coreDns(new DnsIndex(scope, this.#informers)));
    const ingress = ingressController({ scope, informers: this.#informers, clientOf });
    catalogue.provide('registry.k8s.io/ingress-nginx/controller', 'nginx-ingress-controller', ingress);
    const webhook: Executable = (process) => userWorld.get().admissionWebhook(process);
    catalogue.provide('docker.io/kubarium/admission-webhook', 'webhook', webhook);
    fabric.internet = simulatedInternet;
  }

  start(): void {
    this.#informers.start();
    this.kubeProxies.start(this.#clientOf('kube-system', 'kube-proxy'), this.#client);
  }

  /** A node lost its memory. */
  forget(nodeName: string): void {
    this.kubeProxies.forget(nodeName);
  }
}

/** The ingress controllers of a cluster come to be with the first of their containers. */
function ingressController(surroundings: IngressSurroundings): Executable {
  let executable: Executable | undefined;
  return (process) => {
    const { IngressControllers, nginxIngressController } = userWorld.get();
    executable ??= nginxIngressController(new IngressControllers(surroundings));
    return executable(process);
  };
}
