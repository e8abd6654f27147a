/**
 * What all CoreDNS pods of a cluster read: Services, EndpointSlices and namespaces, kept up to date by one watch each
 * (`coredns/plugin/kubernetes/controller.go`). Records are made when somebody asks, so a change costs only the caches'
 * own work; what only reverse questions need is indexed at the first of them.
 */
// Differs: all CoreDNS pods share one copy of the API's objects, so that one which is cut off from the apiserver still learns of changes.
import { NamespaceResource } from '../../api/core/namespace.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Namespace, Pod, Service } from '../../api/generated/types.ts';
import type { Informer, InformerFactory } from '../../client/informer.ts';
import { reverseName } from '../../linux/net/dns.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { isListed } from './zone-view.ts';
import type { OwnedEndpoint, ZoneView } from './zone-view.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const BY_SERVICE = 'service';
const BY_REVERSE_NAME = 'reverse-name';
const BY_ADDRESS = 'pod-address';

const ownerOf = ({ metadata }: EndpointSlice): string => metadata.labels?.[SERVICE_NAME] ?? '';
const names = (addresses: readonly string[]): string[] => addresses.map(reverseName).filter((name) => name !== undefined);

/** The view over informers. */
export class DnsIndex implements ZoneView {
  readonly #informers: InformerFactory;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespaces: Informer<Namespace>;
  #pods: Informer<Pod> | undefined;
  #changedAt: number;
  #version = 0;

  /** The informers are started by whoever owns them. */
  constructor(scope: TaskScope, informers: InformerFactory) {
    this.#informers = informers;
    this.#changedAt = scope.now;
    const changed = () => {
      this.#changedAt = scope.now;
      this.#version++;
    };
    const handler = { add: changed, update: changed, delete: changed };
    const renew = () => void this.#version++;
    this.#services = informers.informer(ServiceResource).addHandler(handler);
    this.#slices = informers
      .informer(EndpointSliceResource)
      .addIndex(BY_SERVICE, (slice) => [`${slice.metadata.namespace ?? ''}/${ownerOf(slice)}`])
      .addHandler(handler);
    this.#namespaces = informers.informer(NamespaceResource).addHandler({ add: renew, delete: renew });
  }

  get hasSynced(): boolean {
    return this.#services.hasSynced && this.#slices.hasSynced && this.#namespaces.hasSynced;
  }

  get serial(): number {
    return Math.floor(this.#changedAt / 1000);
  }

  get version(): number {
    return this.#version;
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  slices(namespace: string, name: string): Iterable<EndpointSlice> {
    return this.#slices.byIndex(BY_SERVICE, `${namespace}/${name}`);
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.get(name) !== undefined;
  }

  /** Starts to watch pods, which only `pods verified` needs. */
  watchPods(): void {
    if (this.#pods !== undefined) return;
    this.#pods = this.#informers.informer(PodResource).addIndex(BY_ADDRESS, ({ status }) => (status?.podIPs ?? []).map(({ ip }) => ip));
  }

  hasPod(namespace: string, ip: string): boolean {
    for (const { metadata } of this.#pods?.byIndex(BY_ADDRESS, ip) ?? []) if (metadata.namespace === namespace) return true;
    return false;
  }

  servicesByReverseName(name: string): Iterable<Service> {
    this.#services.addIndex(BY_REVERSE_NAME, ({ spec }) => names(spec.clusterIPs ?? []));
    return this.#services.byIndex(BY_REVERSE_NAME, name);
  }

  *endpointsByReverseName(name: string): Iterable<OwnedEndpoint> {
    this.#slices.addIndex(BY_REVERSE_NAME, ({ endpoints }) =>
      names((endpoints ?? []).filter(({ hostname }) => hostname).flatMap(({ addresses }) => addresses)),
    );
    for (const slice of this.#slices.byIndex(BY_REVERSE_NAME, name)) {
      for (const endpoint of slice.endpoints ?? []) {
        if (!isListed(endpoint)) continue;
        const address = endpoint.addresses.find((own) => reverseName(own) === name);
        if (address !== undefined) yield { namespace: slice.metadata.namespace ?? '', service: ownerOf(slice), endpoint, address };
      }
    }
  }
}
