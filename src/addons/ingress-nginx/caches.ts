/**
 * What all controllers of a cluster read, watched from the first one's start on: classes, Ingresses, Services, their
 * endpoints and the names of TLS Secrets. nginx's configuration is made anew when somebody asks after a change.
 */
// Differs: all ingress controllers of a cluster share one copy of the API's objects, read with the rights of the cluster itself.
import { ServiceResource } from '../../api/core/service.ts';
import { SecretResource } from '../../api/core/secret.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import { IngressClassResource } from '../../api/networking/ingress-class.ts';
import { IngressResource } from '../../api/networking/ingress.ts';
import type { EndpointSlice, Ingress, IngressClass, Secret, Service, ServicePort } from '../../api/generated/types.ts';
import type { Informer, InformerFactory } from '../../client/informer.ts';
import { serversOf } from './locations.ts';
import type { Server } from './locations.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/** The index that CoreDNS uses too. */
const BY_SERVICE = 'service';

/** Which Ingresses a controller answers for: its flags. */
export interface Selection {
  /** `--controller-class` */
  readonly controller: string;
  /** `--ingress-class`: the value of the old annotation. */
  readonly className: string;
  /** `--watch-ingress-without-class` */
  readonly withoutClass: boolean;
}

/** An address that requests go to: "10.244.1.5:8080". */
export interface Upstream {
  readonly ip: string;
  readonly port: number;
}

/** The caches. */
export class Caches {
  readonly classes: Informer<IngressClass>;
  readonly ingresses: Informer<Ingress>;
  readonly services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #secrets: Informer<Secret>;
  readonly #servers = new Map<string, ReadonlyMap<string, Server>>();

  constructor(informers: InformerFactory) {
    const changed = () => this.#servers.clear();
    const handler = { add: changed, update: changed, delete: changed };
    this.classes = informers.informer(IngressClassResource).addHandler(handler);
    this.ingresses = informers.informer(IngressResource).addHandler({
      ...handler,
      update: (next, old) => {
        if (next.metadata.generation !== old.metadata.generation || next.metadata.annotations !== old.metadata.annotations) changed();
      },
    });
    this.services = informers.informer(ServiceResource);
    this.#secrets = informers.informer(SecretResource, { fieldSelector: 'type=kubernetes.io/tls' });
    this.#slices = informers
      .informer(EndpointSliceResource)
      .addIndex(BY_SERVICE, ({ metadata }) => [`${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`]);
  }

  get hasSynced(): boolean {
    return [this.classes, this.ingresses, this.services, this.#slices, this.#secrets].every(({ hasSynced }) => hasSynced);
  }

  /** Whether a controller answers for the Ingress. */
  isSelected({ metadata, spec }: Ingress, { controller, className, withoutClass }: Selection): boolean {
    const annotation = metadata.annotations?.[CLASS_ANNOTATION];
    if (annotation !== undefined) return annotation === className;
    const name = spec?.ingressClassName;
    if (name === undefined) return withoutClass;
    return this.classes.get(name)?.spec.controller === controller;
  }

  /** The servers of a controller. */
  servers(selection: Selection): ReadonlyMap<string, Server> {
    const key = JSON.stringify(selection);
    let servers = this.#servers.get(key);
    if (servers === undefined) {
      servers = serversOf([...this.ingresses.list()].filter((ingress) => this.isSelected(ingress, selection)));
      this.#servers.set(key, servers);
    }
    return servers;
  }

  /** Whether a TLS Secret has a certificate and a key. */
  hasCertificate(key: string): boolean {
    const data = this.#secrets.get(key)?.data;
    return Boolean(data?.['tls.crt']) && Boolean(data?.['tls.key']);
  }

  /** The port of a Service that an Ingress names by number or name. */
  port(namespace: string, name: string, wanted: { name?: string; number?: number } | undefined): ServicePort | undefined {
    const ports = this.services.get(`${namespace}/${name}`)?.spec.ports;
    return ports?.find((port) => (wanted?.name ? port.name === wanted.name : port.port === wanted?.number));
  }

  /** The ready endpoints of a Service's port. */
  endpoints(namespace: string, name: string, port: ServicePort): Upstream[] {
    const upstreams: Upstream[] = [];
    for (const { endpoints, ports } of this.#slices.byIndex(BY_SERVICE, `${namespace}/${name}`)) {
      const own = ports?.find((other) => (other.name ?? '') === (port.name ?? ''))?.port;
      if (own === undefined) continue;
      for (const { addresses, conditions } of endpoints ?? []) {
        const [ip] = addresses;
        if ((conditions?.ready ?? true) && ip !== undefined) upstreams.push({ ip, port: own });
      }
    }
    return upstreams;
  }
}
