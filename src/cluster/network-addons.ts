/**
 * What answers for Services in a cluster: address translation, CoreDNS's program, the ingress controller's, and the
 * Internet beyond the LAN. One set of watches serves all of them.
 */
import { coreDns } from '../addons/coredns/program.ts';
import { DnsIndex } from '../addons/coredns/dns-index.ts';
import { simulatedInternet } from '../addons/coredns/internet.ts';
import { IngressControllers } from '../addons/ingress-nginx/controller.ts';
import { nginxIngressController } from '../addons/ingress-nginx/program.ts';
import { ServiceStandIn } from '../addons/service-stand-in/service-stand-in.ts';
import type { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import type { Catalogue } from '../container-runtime/images/catalogue.ts';
import type { Machine } from '../linux/machine.ts';
import type { Fabric } from '../linux/net/fabric.ts';
import type { TaskScope } from '../sim/task-scope.ts';

/** What the add-ons are connected to. */
export interface NetworkSurroundings {
  catalogue: Catalogue;
  fabric: Fabric;
  machineOf(nodeName: string): Machine | undefined;
  /** A client that acts as a service account. */
  clientOf(namespace: string, serviceAccount: string): Client;
}

/** Puts the programs into the images, and keeps what they read up to date. */
export class NetworkAddons {
  readonly #informers: InformerFactory;
  readonly #services: ServiceStandIn;

  constructor(scope: TaskScope, client: Client, { catalogue, fabric, machineOf, clientOf }: NetworkSurroundings) {
    this.#informers = new InformerFactory(scope, client);
    this.#services = new ServiceStandIn(scope, this.#informers, machineOf);
    catalogue.provide('registry.k8s.io/coredns/coredns', 'coredns', coreDns(new DnsIndex(scope, this.#informers)));
    const controllers = new IngressControllers({ scope, informers: this.#informers, clientOf });
    catalogue.provide('registry.k8s.io/ingress-nginx/controller', 'nginx-ingress-controller', nginxIngressController(controllers));
    fabric.internet = simulatedInternet;
  }

  start(): void {
    this.#informers.start();
  }

  /** A node lost its memory. */
  forget(nodeName: string): void {
    this.#services.forget(nodeName);
  }
}
