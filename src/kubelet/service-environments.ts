/**
 * The service variables of a namespace's pods, computed once until a Service changes (`pkg/kubelet/kubelet_pods.go`,
 * `getServiceEnvVarMap`): the namespace's own services and, for every pod, the apiserver's.
 */
import type { Pod, Service } from '../api/generated/types.ts';
import type { Informer } from '../client/informer.ts';
import { serviceEnvironment } from './service-env.ts';
import type { EnvEntry } from './service-env.ts';

const MASTER_NAMESPACE = 'default';
const MASTER_SERVICE = 'kubernetes';

/** Cached lists of variables; pods of one namespace share them. */
export class ServiceEnvironments {
  readonly #services: Informer<Service>;
  /** "namespace" or "namespace/links" → variables. */
  readonly #cache = new Map<string, readonly EnvEntry[]>();

  constructor(services: Informer<Service>) {
    this.#services = services;
    services.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    const changed = (service: Service) => this.#changed(service);
    services.addHandler({ add: changed, update: changed, delete: changed });
  }

  start(): void {
    this.#services.start();
  }

  /** The variables of the pod's containers. */
  of({ metadata, spec }: Pod): readonly EnvEntry[] {
    const namespace = metadata.namespace ?? '';
    const links = spec.enableServiceLinks ?? true;
    const key = links ? `${namespace}/links` : namespace;
    let entries = this.#cache.get(key);
    if (entries === undefined) {
      entries = serviceEnvironment(this.#select(namespace, links));
      this.#cache.set(key, entries);
    }
    return entries;
  }

  #select(namespace: string, links: boolean): Service[] {
    const byName = new Map<string, Service>();
    const master = this.#services.get(`${MASTER_NAMESPACE}/${MASTER_SERVICE}`);
    if (master) byName.set(MASTER_SERVICE, master);
    if (links) for (const service of this.#services.byIndex('namespace', namespace)) byName.set(service.metadata.name, service);
    return [...byName.values()];
  }

  #changed({ metadata }: Service): void {
    if (metadata.namespace === MASTER_NAMESPACE && metadata.name === MASTER_SERVICE) this.#cache.clear();
    this.#cache.delete(`${metadata.namespace ?? ''}/links`);
  }
}
