/**
 * Services and their endpoints, found by virtual address, by node port and by name. Endpoints are read from the
 * slices when somebody connects, and kept until a slice of that Service changes: a change costs nothing by itself.
 */
import type { Endpoint, EndpointSlice, Service, ServicePort } from '../../api/generated/types.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import type { InformerFactory, Informer } from '../../client/informer.ts';
import { type Ipv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Protocol } from '../../linux/net/socket.ts';

/** One port of a Service. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
}

/** One endpoint as kube-proxy uses it. */
export interface Backend {
  readonly ip: Ipv4;
  readonly port: number;
  readonly nodeName: string;
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const NONE: readonly Backend[] = [];

const sliceOwner = ({ metadata }: EndpointSlice): string => `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
const portKey = (port: number, protocol: string): number => port * 2 + (protocol === 'UDP' ? 1 : 0);
const addressKey = (ip: Ipv4, port: number, protocol: string): number => ip * 2 ** 17 + portKey(port, protocol);

/** Keeps itself up to date from the API. */
export class ServiceIndex {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #byAddress = new Map<number, ServiceTarget>();
  readonly #byNodePort = new Map<number, ServiceTarget>();
  /** "namespace/name" → port name → those that traffic goes to. */
  readonly #backends = new Map<string, Map<string, readonly Backend[]>>();

  constructor(informers: InformerFactory) {
    this.#services = informers.informer(ServiceResource).addHandler({
      add: (service) => this.#put(service),
      update: (service, old) => {
        this.#drop(old);
        this.#put(service);
      },
      delete: (service) => this.#drop(service),
    });
    const changed = (slice: EndpointSlice) => void this.#backends.delete(sliceOwner(slice));
    this.#slices = informers
      .informer(EndpointSliceResource)
      .addIndex('service', (slice) => [sliceOwner(slice)])
      .addHandler({ add: changed, update: changed, delete: changed });
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  /** The Service port that has this virtual address. */
  byAddress(ip: Ipv4, port: number, protocol: Protocol): ServiceTarget | undefined {
    return this.#byAddress.get(addressKey(ip, port, protocol));
  }

  byNodePort(port: number, protocol: Protocol): ServiceTarget | undefined {
    return this.#byNodePort.get(portKey(port, protocol));
  }

  /** All endpoints of a Service, ready or not. */
  *endpoints({ metadata }: Service): Iterable<Endpoint> {
    for (const slice of this.#slices.byIndex('service', `${metadata.namespace}/${metadata.name}`)) yield* slice.endpoints ?? [];
  }

  /**
   * Where traffic of a Service port goes: the ready endpoints, and when there are none those that end but still serve
   * (`pkg/proxy/topology.go`, `CategorizeEndpoints`).
   */
  backends({ service, port }: ServiceTarget): readonly Backend[] {
    const key = `${service.metadata.namespace}/${service.metadata.name}`;
    let byPort = this.#backends.get(key);
    if (byPort === undefined) this.#backends.set(key, (byPort = new Map()));
    const portName = port.name ?? '';
    let backends = byPort.get(portName);
    if (backends === undefined) byPort.set(portName, (backends = this.#collect(key, portName)));
    return backends;
  }

  #collect(key: string, portName: string): readonly Backend[] {
    const ready: Backend[] = [];
    const ending: Backend[] = [];
    for (const slice of this.#slices.byIndex('service', key)) {
      const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port;
      if (port === undefined) continue;
      for (const { addresses, conditions, nodeName = '' } of slice.endpoints ?? []) {
        const ip = parseIpv4(addresses[0] ?? '');
        if (ip === undefined) continue;
        if (conditions?.ready ?? true) ready.push({ ip, port, nodeName });
        else if (conditions?.serving && conditions.terminating) ending.push({ ip, port, nodeName });
      }
    }
    if (ready.length > 0) return ready;
    return ending.length > 0 ? ending : NONE;
  }

  #put(service: Service): void {
    for (const port of service.spec.ports ?? []) {
      const target = { service, port };
      for (const ip of virtualAddresses(service)) this.#byAddress.set(addressKey(ip, port.port, port.protocol ?? 'TCP'), target);
      if (port.nodePort) this.#byNodePort.set(portKey(port.nodePort, port.protocol ?? 'TCP'), target);
    }
  }

  #drop(gone: Service): void {
    const { metadata, spec } = gone;
    const isOld = ({ service }: ServiceTarget) => service.metadata.uid === metadata.uid;
    const forget = (map: Map<number, ServiceTarget>, key: number) => {
      const target = map.get(key);
      if (target !== undefined && isOld(target)) map.delete(key);
    };
    for (const { port, protocol = 'TCP', nodePort } of spec.ports ?? []) {
      for (const ip of virtualAddresses(gone)) forget(this.#byAddress, addressKey(ip, port, protocol));
      if (nodePort) forget(this.#byNodePort, portKey(nodePort, protocol));
    }
    this.#backends.delete(`${metadata.namespace}/${metadata.name}`);
  }
}

function virtualAddresses({ spec, status }: Service): Ipv4[] {
  const ingress = status?.loadBalancer?.ingress?.map(({ ip }) => ip ?? '') ?? [];
  const texts = [spec.clusterIP ?? '', ...(spec.externalIPs ?? []), ...ingress];
  return texts.map(parseIpv4).filter((ip) => ip !== undefined);
}
