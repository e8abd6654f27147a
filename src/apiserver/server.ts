/**
 * The apiserver: route → authorize → admit → registry → etcd, for requests in their decoded form. HTTP, JSON and
 * authentication are done at the edges; everything behind is the same for a kubectl and for a controller.
 * (`k8s.io/apiserver/pkg/server`, `pkg/endpoints/handlers`.)
 */
import { assert } from '../apimachinery/assert.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { badRequest, methodNotSupported, serviceUnavailable, StatusError } from '../apimachinery/status.ts';
import type { ApiRequest, ApiResponse, Transport, WatchHandle, WatchRequest, WatchSink } from '../api/request.ts';
import { ServiceResource } from '../api/core/service.ts';
import { notSimulatedWarnings } from '../api/fidelity.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { Etcd } from '../etcd/etcd.ts';
import type { Simulation } from '../sim/simulation.ts';
import { AdmissionChain } from './admission/admission.ts';
import type { AdmissionPlugin } from './admission/admission.ts';
import { ServiceAllocator } from './allocators/service-allocator.ts';
import { listObjects, selectionOf } from './list.ts';
import { patchObject } from './patch.ts';
import { deleteObject } from './registry/deletion.ts';
import { EventLeases } from './registry/event-leases.ts';
import { prefixOf } from './registry/keys.ts';
import { Registry } from './registry/registry.ts';
import type { RequestContext } from './registry/registry.ts';
import { Storage } from './registry/storage.ts';
import type { Subresource } from './subresources/subresource.ts';
import { WatchHub } from './watch-hub.ts';

/** Decides who may do what (`k8s.io/apiserver/pkg/authorization/authorizer`). Refuses by throwing 403. */
export type Authorizer = (request: ApiRequest | (WatchRequest & { verb: 'watch' })) => void;

/** A resource that is answered from somewhere else than etcd: the cluster's Clock. */
export interface VirtualResource {
  definition: ResourceDefinition;
  handle(request: ApiRequest): ApiResponse;
  watch(request: WatchRequest, sink: WatchSink): WatchHandle;
}

/** What an apiserver is made of. */
export interface ApiServerOptions {
  sim: Simulation;
  etcd: Etcd<KubernetesObject>;
  resources: readonly ResourceDefinition[];
  admission: readonly AdmissionPlugin[];
  subresources: readonly Subresource[];
  authorize?: Authorizer;
  virtualResources?: readonly VirtualResource[];
}

/** A write that went through, for the control-loop view. */
export interface AuditRecord {
  /** Task that made the request. */
  task: number;
  at: number;
  userAgent: string;
  user: string;
  verb: ApiRequest['verb'];
  /** "pods/default/web-1", with "/status" behind for subresources. */
  object: string;
  /** etcd's revision afterwards. */
  revision: number;
}

const AUDIT_LENGTH = 512;
const COMPACT_EVERY_MS = 300_000;
const BOOKMARK_EVERY_MS = 60_000;

/** One apiserver. */
export class ApiServer implements Transport {
  readonly hub: WatchHub;
  readonly services: ServiceAllocator;
  /** The latest writes, oldest first. */
  readonly audit: AuditRecord[] = [];
  readonly #options: ApiServerOptions;
  readonly #registries = new Map<string, Registry>();
  readonly #subresources = new Map<string, Subresource>();
  #running = true;
  #compactAt = 0;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const { sim, etcd } = options;
    this.hub = new WatchHub(sim, etcd);
    this.services = new ServiceAllocator(sim.random.fork('kube-apiserver'));
    const deps = {
      sim,
      admission: new AdmissionChain(options.admission),
      services: this.services,
      eventLeases: new EventLeases(sim, etcd),
      reader: {
        get: <T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace: string | undefined, name: string) =>
          this.registry(resource.group, resource.plural).find(namespace, name) as T | undefined,
        list: <T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace?: string) => {
          const { storage } = this.registry(resource.group, resource.plural);
          return storage.page(storage.prefix + (namespace ? `${namespace}/` : ''), {}).items as T[];
        },
        generation: (resource: ResourceDefinition) => this.registry(resource.group, resource.plural).writes,
      },
    };
    for (const definition of options.resources) {
      const prefix = prefixOf(definition);
      this.#registries.set(`${definition.group}/${definition.plural}`, new Registry(definition, new Storage(etcd, prefix), deps));
      this.hub.addResource(definition, prefix);
    }
    for (const subresource of options.subresources) this.#subresources.set(`${subresource.resource}/${subresource.name}`, subresource);
    for (const service of deps.reader.list(ServiceResource)) this.services.restore(service);
    this.#startHousekeeping();
  }

  get running(): boolean {
    return this.#running;
  }

  /** Stops answering and ends all watches, as a killed process would; `start` brings it back. */
  stop(): void {
    this.#running = false;
    this.hub.closeAll();
  }

  start(): void {
    this.#running = true;
  }

  /** The registry of a resource. Throws 404 for a resource that is not served. */
  registry(group: string, plural: string): Registry {
    const registry = this.#registries.get(`${group}/${plural}`);
    if (registry === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    return registry;
  }

  request(request: ApiRequest): ApiResponse {
    this.#mustRun();
    this.#options.authorize?.(request);
    const virtual = this.#virtual(request);
    if (virtual !== undefined) return virtual.handle(request);
    const registry = this.registry(request.group, request.resource);
    const response = request.subresource ? this.#subresource(registry, request) : this.#main(registry, request);
    if (request.verb !== 'get' && request.verb !== 'list') this.#record(request, response);
    return response;
  }

  watch(request: WatchRequest, sink: WatchSink): WatchHandle {
    this.#mustRun();
    this.#options.authorize?.({ ...request, verb: 'watch' });
    const virtual = this.#virtual(request);
    if (virtual !== undefined) return virtual.watch(request, sink);
    const registry = this.registry(request.group, request.resource);
    const { resourceVersion = '', allowWatchBookmarks = false, sendInitialEvents } = request.options ?? {};
    const wantsState = sendInitialEvents ?? (resourceVersion === '' || resourceVersion === '0');
    const selection = selectionOf(registry.definition, request);
    const initialEvents = wantsState ? this.#initialEvents(registry, request) : [];
    return this.hub.watch(
      registry.storage.prefix,
      { selection, resourceVersion, receiver: request.userAgent, bookmarks: allowWatchBookmarks, observer: request.observer ?? false, initialEvents },
      sink,
    );
  }

  #main(registry: Registry, request: ApiRequest): ApiResponse {
    const { verb, namespace, name = '', body } = request;
    const context: RequestContext = { user: request.user, options: request.options ?? {} };
    switch (verb) {
      case 'get':
        return ok(registry.get(namespace, name));
      case 'list':
        return ok(listObjects(registry, request));
      case 'create': {
        const object = registry.create(context, namespace, body as KubernetesObject);
        return { code: 201, object, warnings: warningsFor(registry.definition, object, undefined) };
      }
      case 'update': {
        const sent = bodyFor(request);
        const old = registry.find(namespace, name);
        const object = registry.update(context, sent);
        return { code: 200, object, warnings: warningsFor(registry.definition, object, old) };
      }
      case 'patch':
        return this.#patch(registry, context, request);
      case 'delete':
        return ok(deleteObject(registry, context, namespace, name).object);
      case 'deletecollection': {
        const list = listObjects(registry, { ...request, verb: 'list' });
        for (const { metadata } of list.items) deleteObject(registry, context, metadata.namespace, metadata.name);
        return ok(list);
      }
    }
  }

  #patch(registry: Registry, context: RequestContext, request: ApiRequest): ApiResponse {
    const old = registry.get(request.namespace, request.name ?? '');
    const object = registry.update(context, patchObject(registry.definition, old, request));
    return { code: 200, object, warnings: warningsFor(registry.definition, object, old) };
  }

  #subresource(registry: Registry, request: ApiRequest): ApiResponse {
    const { definition } = registry;
    const context: RequestContext = { user: request.user, options: request.options ?? {} };
    const { subresource = '', namespace, name = '' } = request;
    if (subresource === 'status' && definition.subresources.status) {
      if (request.verb === 'get') return ok(registry.get(namespace, name));
      const body = request.verb === 'patch' ? patchObject(definition, registry.get(namespace, name), request) : bodyFor(request);
      return ok(registry.updateStatus(context, body));
    }
    const handler = this.#subresources.get(`${definition.plural}/${subresource}`) ?? this.#subresources.get(`*/${subresource}`);
    if (handler === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    const response = handler.handle({ registry, context, request, server: this });
    if (response === undefined) throw methodNotSupported(registry.groupResource, request.verb);
    return response;
  }

  #initialEvents(registry: Registry, request: WatchRequest) {
    const { labelSelector, fieldSelector } = request.options ?? {};
    const list = listObjects(registry, { ...request, verb: 'list', options: { labelSelector, fieldSelector } });
    return [
      ...list.items.map((object) => ({ type: 'ADDED' as const, object })),
      ...(request.options?.allowWatchBookmarks
        ? [
            {
              type: 'BOOKMARK' as const,
              object: {
                kind: registry.definition.kind,
                apiVersion: list.apiVersion,
                metadata: { resourceVersion: list.metadata.resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } },
              },
            },
          ]
        : []),
    ];
  }

  #virtual({ group, resource }: { group: string; resource: string }): VirtualResource | undefined {
    return this.#options.virtualResources?.find(({ definition }) => definition.group === group && definition.plural === resource);
  }

  #mustRun(): void {
    if (!this.#running) throw serviceUnavailable('dial tcp 192.168.0.10:6443: connect: connection refused');
  }

  #record(request: ApiRequest, response: ApiResponse): void {
    const { sim, etcd } = this.#options;
    const { metadata } = response.object as KubernetesObject;
    const path = [request.resource, request.namespace ?? metadata?.namespace, request.name ?? metadata?.name, request.subresource];
    this.audit.push({
      task: sim.current?.id ?? 0,
      at: sim.now,
      userAgent: request.userAgent,
      user: request.user.name,
      verb: request.verb,
      object: path.filter(Boolean).join('/'),
      revision: etcd.revision,
    });
    if (this.audit.length >= 2 * AUDIT_LENGTH) this.audit.splice(0, AUDIT_LENGTH);
  }

  /** Compaction keeps five to ten minutes of history, as upstream's compactor does; expired leases end; bookmarks go out. */
  #startHousekeeping(): void {
    const { sim, etcd } = this.#options;
    const every = (periodMs: number, action: string, run: () => void) => {
      const again = () => sim.schedule(periodMs, 'kube-apiserver', action, '', () => { run(); again(); }, { background: true });
      again();
    };
    every(COMPACT_EVERY_MS, 'compact', () => {
      if (this.#compactAt > etcd.compactedRevision) etcd.compact(this.#compactAt);
      this.#compactAt = etcd.revision;
    });
    every(BOOKMARK_EVERY_MS, 'bookmarks', () => {
      etcd.leases.expire(sim.now);
      if (this.#running) this.hub.sendBookmarks();
    });
  }
}

function ok(object: ApiResponse['object']): ApiResponse {
  return { code: 200, object, warnings: [] };
}

/** The body of an update, which must speak of the object in the URL. */
function bodyFor({ body, namespace, name, resource }: ApiRequest): KubernetesObject {
  const object = body as KubernetesObject;
  assert(typeof object === 'object' && object !== null, `${resource}: an update has a body`);
  const { metadata } = object;
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (metadata.namespace !== undefined && namespace !== undefined && metadata.namespace !== namespace)
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`);
  return metadata.namespace === namespace ? object : { ...object, metadata: { ...metadata, namespace } };
}

function warningsFor(definition: ResourceDefinition, object: KubernetesObject, old: KubernetesObject | undefined): string[] {
  return [...(definition.warnings?.(object, old) ?? []), ...notSimulatedWarnings(definition, object)];
}
