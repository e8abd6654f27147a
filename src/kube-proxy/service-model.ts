/**
 * Services and endpoints, parsed once for the kube-proxies of all nodes (`pkg/proxy/servicechangetracker.go`,
 * `endpointschangetracker.go`). A changed slice touches only the ports of its Service; a proxier is told the names of
 * what changed and reads the rest from here.
 */
// Differs: one set of watches serves the kube-proxies of all nodes; a node that is cut off stops applying what they bring, and catches up later.
// Differs: Services have one order everywhere, that of their arrival; upstream walks a Go map, whose order is another one each time.
import { NodeResource } from '../api/core/node.ts';
import { ServiceResource } from '../api/core/service.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Node, Service } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';
import { type Informer, InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { type Endpoint, mergeEndpoints } from './endpoints.ts';
import { ModelSnapshot } from './model-snapshot.ts';
import { parseServicePorts, type ServicePortInfo, usesLocalEndpoints } from './service-port.ts';
import { haveHints } from './topology.ts';

/** A Service port with its endpoints; replaced as a whole when either changes. */
export interface ServicePortEntry {
  readonly info: ServicePortInfo;
  /** Sorted by text. */
  readonly endpoints: readonly Endpoint[];
  /** Whether two nodes may see it differently. */
  readonly nodeDependent: boolean;
}

/** What proxiers ask of a map of Service ports. */
export type EntryMap = Pick<ReadonlyMap<string, ServicePortEntry>, 'get' | 'has' | 'keys' | 'values' | typeof Symbol.iterator>;

/** What proxiers read of the model. */
export interface ModelView {
  /** All Service ports by name, in the order of their arrival. */
  readonly entries: EntryMap;
  /** Endpoints of all Service ports together. */
  readonly endpointCount: number;
  zoneOf(nodeName: string): string;
}

/** Who wants to hear of changes. */
export interface ServiceModelListener {
  /** The port appeared, changed or disappeared: see `entries`. */
  servicePortChanged(name: string): void;
  /** The zone of the node changed. */
  nodeChanged(nodeName: string): void;
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Services of other proxies, and slices of headless Services (`cmd/kube-proxy/app/server.go`). */
const SELECTOR = '!service.kubernetes.io/service-proxy-name,!service.kubernetes.io/headless';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const NO_ENDPOINTS: readonly Endpoint[] = [];

const sliceOwner = ({ metadata }: EndpointSlice): string => `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
const keyOfService = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;

/** The state that proxiers bring into kernels. Give it objects by `attach` (an apiserver) or by `putService` and `putSlice`. */
export class ServiceModel implements ModelView {
  readonly #entries = new Map<string, ServicePortEntry>();
  /** "namespace/name" → its ports' names. */
  readonly #ports = new Map<string, readonly string[]>();
  /** "namespace/name" → its slices by name. */
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #zones = new Map<string, string>();
  readonly #listeners = new Set<ServiceModelListener>();
  #informers: InformerFactory | undefined;
  #endpointCount = 0;
  /** The newest snapshot, and whether the model has changed since. */
  #snapshot: ModelSnapshot | undefined;
  #changed = false;

  /** Starts to follow an apiserver. */
  attach(scope: TaskScope, client: Client): void {
    const informers = new InformerFactory(scope, client);
    const services: Informer<Service> = informers.informer(ServiceResource, { labelSelector: SELECTOR });
    services.addHandler({
      add: (service) => this.putService(service),
      update: (service) => this.putService(service),
      delete: (service) => this.removeService(keyOfService(service)),
    });
    informers.informer(EndpointSliceResource, { labelSelector: SELECTOR }).addHandler({
      add: (slice) => this.putSlice(slice),
      update: (slice, old) => {
        if (sliceOwner(old) !== sliceOwner(slice)) this.removeSlice(old);
        this.putSlice(slice);
      },
      delete: (slice) => this.removeSlice(slice),
    });
    informers.informer(NodeResource).addHandler({
      add: (node) => this.putNode(node),
      update: (node) => this.putNode(node),
      delete: ({ metadata }) => void this.#zones.delete(metadata.name),
    });
    this.#informers = informers;
    informers.start();
  }

  /** False until the first lists have arrived: rules written before would cut connections. */
  get hasSynced(): boolean {
    return this.#informers?.hasSynced ?? true;
  }

  /** All Service ports by name, in the order of their arrival. */
  get entries(): ReadonlyMap<string, ServicePortEntry> {
    return this.#entries;
  }

  /** Endpoints of all Service ports together. */
  get endpointCount(): number {
    return this.#endpointCount;
  }

  /** The model as it is now, which stays as it is: one for all who ask before the next change. */
  snapshot(): ModelView {
    if (this.#snapshot === undefined || this.#changed) {
      const zones = this.#zones;
      const next = new ModelSnapshot(this.#entries, this.#endpointCount, (name) => zones.get(name) ?? '');
      if (this.#snapshot !== undefined) this.#snapshot.next = next;
      this.#snapshot = next;
      this.#changed = false;
    }
    return this.#snapshot;
  }

  zoneOf(nodeName: string): string {
    return this.#zones.get(nodeName) ?? '';
  }

  listen(listener: ServiceModelListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  putNode({ metadata }: Node): void {
    const zone = metadata.labels?.[ZONE_LABEL] ?? '';
    if (this.zoneOf(metadata.name) === zone) return;
    this.#zones.set(metadata.name, zone);
    for (const listener of this.#listeners) listener.nodeChanged(metadata.name);
  }

  putService(service: Service): void {
    const key = keyOfService(service);
    const infos = parseServicePorts(service);
    const names = infos.map(({ name }) => name);
    for (const gone of this.#ports.get(key) ?? []) if (!names.includes(gone)) this.#remove(gone);
    if (names.length === 0) this.#ports.delete(key);
    else this.#ports.set(key, names);
    for (const info of infos) this.#putPort(info);
  }

  removeService(key: string): void {
    for (const name of this.#ports.get(key) ?? []) this.#remove(name);
    this.#ports.delete(key);
  }

  putSlice(slice: EndpointSlice): void {
    const owner = sliceOwner(slice);
    let slices = this.#slices.get(owner);
    if (slices === undefined) this.#slices.set(owner, (slices = new Map()));
    slices.set(slice.metadata.name, slice);
    this.#mergeAll(owner);
  }

  removeSlice(slice: EndpointSlice): void {
    const owner = sliceOwner(slice);
    const slices = this.#slices.get(owner);
    if (!slices?.delete(slice.metadata.name)) return;
    if (slices.size === 0) this.#slices.delete(owner);
    this.#mergeAll(owner);
  }

  #mergeAll(service: string): void {
    for (const name of this.#ports.get(service) ?? []) {
      const entry = this.#entries.get(name);
      if (entry !== undefined) this.#putPort(entry.info);
    }
  }

  #putPort(info: ServicePortInfo): void {
    const old = this.#entries.get(info.name);
    const before = old?.info.protocol === info.protocol ? old.endpoints : NO_ENDPOINTS;
    const endpoints = mergeEndpoints(this.#slices.get(info.service)?.values() ?? [], info, before);
    if (old !== undefined && old.endpoints === endpoints && (old.info === info || JSON.stringify(old.info) === JSON.stringify(info)))
      return;
    const firewalled = info.sourceRanges.length > 0 && info.loadBalancerVIPs.length > 0;
    const nodeDependent = usesLocalEndpoints(info) || firewalled || haveHints(endpoints);
    this.#snapshot?.keep(info.name, old);
    this.#endpointCount += endpoints.length - (old?.endpoints.length ?? 0);
    this.#entries.set(info.name, { info, endpoints, nodeDependent });
    this.#tell(info.name);
  }

  #remove(name: string): void {
    this.#snapshot?.keepAll();
    this.#endpointCount -= this.#entries.get(name)?.endpoints.length ?? 0;
    this.#entries.delete(name);
    this.#tell(name);
  }

  #tell(name: string): void {
    this.#changed = true;
    for (const listener of this.#listeners) listener.servicePortChanged(name);
  }
}
