/**
 * The apiserver: route → authorize → admit → registry → etcd, for requests in their decoded form. HTTP, JSON and
 * authentication are done at the edges; everything behind is the same for a kubectl and for a controller.
 * (`k8s.io/apiserver/pkg/server`, `pkg/endpoints/handlers`.)
 */
import { assert } from '../apimachinery/assert.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { methodNotSupported, serviceUnavailable, StatusError } from '../apimachinery/status.ts';
import type { ApiRequest, ApiResponse, Transport, UserInfo, WatchHandle, WatchRequest, WatchSink } from '../api/request.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { Etcd } from '../etcd/etcd.ts';
import type { Simulation } from '../sim/simulation.ts';
import { AdmissionChain } from './admission/admission.ts';
import type { AdmissionPlugin, ObjectReader } from './admission/admission.ts';
import { AuditTrail, isAudited } from './audit.ts';
import { attributesOf, refusal } from './authorization/attributes.ts';
import type { Attributes, Authorizer, Decision } from './authorization/attributes.ts';
import { ServiceAllocator } from './allocators/service-allocator.ts';
import { listObjects, selectionOf } from './list.ts';
import { contextOf, mainResource, ok, statusResource } from './verbs.ts';
import { convertedSink } from './versions/conversion.ts';
import type { VersionConversion } from './versions/conversion.ts';
import { EventLeases } from './registry/event-leases.ts';
import { prefixOf } from './registry/keys.ts';
import { Registry } from './registry/registry.ts';
import type { RegistryDependencies } from './registry/registry.ts';
import { Storage } from './registry/storage.ts';
import type { Subresource } from './subresources/subresource.ts';
import { WatchHub } from './watch-hub.ts';

/** A resource that is answered from somewhere else than etcd: the cluster's Clock. */
export interface VirtualResource {
  definition: ResourceDefinition;
  handle(request: ApiRequest): ApiResponse;
  /** Absent where `definition.verbs` has no watch. */
  watch?(request: WatchRequest, sink: WatchSink): WatchHandle;
}

/** Something served under a path. */
interface ServedResource {
  definition: ResourceDefinition;
  registry?: Registry;
  /** For versions that are not the stored one. */
  conversion?: VersionConversion;
  virtual?: VirtualResource;
}

/** What an apiserver is made of. */
export interface ApiServerOptions {
  sim: Simulation;
  etcd: Etcd<KubernetesObject>;
  resources: readonly ResourceDefinition[];
  admission: readonly AdmissionPlugin[];
  subresources: readonly Subresource[];
  /** Decides who may do what; without one everybody may do everything. */
  authorizer?: Authorizer;
  /** Whether components inside the cluster must be authorized too, not only requests from outside. Default false: tests without roles. */
  authorizeComponents?: boolean;
  /** Called when the server comes up again after `stop` (`PostStartHooks`). */
  postStart?: () => void;
  authenticate?: (token: string) => UserInfo | undefined;
  authenticatePassword?: (name: string, password: string) => UserInfo | undefined;
  /** Throws 403 when the first may not act as the second. */
  authorizeImpersonation?: (caller: UserInfo, user: UserInfo) => void;
  /** Further versions of kinds. */
  conversions?: readonly VersionConversion[];
  virtualResources?: readonly VirtualResource[];
}

const COMPACT_EVERY_MS = 300_000;
const BOOKMARK_EVERY_MS = 60_000;

/** One apiserver. */
export class ApiServer implements Transport {
  readonly hub: WatchHub;
  readonly services: ServiceAllocator;
  /** The latest requests, who made them and what the pipeline said to them. */
  readonly audit: AuditTrail;
  /** Called when a version of a kind begins or ends to be served at run time. */
  onServed: ((definition: ResourceDefinition) => void) | undefined;
  readonly #options: ApiServerOptions;
  /** By group and plural. */
  readonly #registries = new Map<string, Registry>();
  /** By group, version and plural. */
  readonly #served = new Map<string, ServedResource>();
  readonly #registryDependencies: RegistryDependencies;
  #resources: readonly ResourceDefinition[] | undefined;
  readonly #subresources = new Map<string, Subresource>();
  #running = true;
  #compactAt = 0;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const { sim, etcd } = options;
    this.hub = new WatchHub(sim, etcd);
    this.audit = new AuditTrail(sim);
    this.services = new ServiceAllocator(sim.random.fork('kube-apiserver'));
    const deps = {
      sim,
      admission: new AdmissionChain(options.admission),
      services: this.services,
      eventLeases: new EventLeases(sim, etcd),
      reader: {
        get: <T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace: string | undefined, name: string) =>
          this.registry(resource.group, resource.plural).find(namespace, name) as T | undefined,
        list: <T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace?: string) =>
          this.registry(resource.group, resource.plural).all(namespace) as readonly T[],
        generation: (resource: ResourceDefinition) => this.registry(resource.group, resource.plural).writes,
        counter: (resource: ResourceDefinition) => this.registry(resource.group, resource.plural),
      },
    };
    this.#registryDependencies = deps;
    for (const definition of options.resources) {
      const virtual = options.virtualResources?.find((resource) => resource.definition === definition);
      const conversion = options.conversions?.find((candidate) => candidate.definition === definition);
      if (virtual === undefined) this.serve(definition, conversion);
      else this.#served.set(`${definition.group}/${definition.version}/${definition.plural}`, { definition, virtual });
    }
    for (const subresource of options.subresources) this.#subresources.set(`${subresource.resource}/${subresource.name}`, subresource);
    for (const service of deps.reader.list(ServiceResource)) this.services.restore(service);
    this.#startHousekeeping();
  }

  /** Reads past the pipeline, for what decides about requests. */
  get reader(): ObjectReader {
    return this.#registryDependencies.reader;
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
    if (this.#running) return;
    this.#running = true;
    this.#options.postStart?.();
  }

  /** The registry of a resource. Throws 404 for a resource that is not served. */
  registry(group: string, plural: string): Registry {
    const registry = this.#registries.get(`${group}/${plural}`);
    if (registry === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    return registry;
  }

  request(request: ApiRequest): ApiResponse {
    this.#mustRun();
    const served = this.#find(request);
    if (!isAudited(request)) return this.#answer(served, request, this.#decide(request, request.verb));
    const { admission } = this.#registryDependencies;
    const { etcd } = this.#options;
    // Admission may send requests itself.
    const outer = admission.steps;
    admission.steps = undefined;
    const decision = this.#decide(request, request.verb);
    try {
      const response = this.#answer(served, request, decision);
      this.audit.answered(request, response, decision, admission.steps, etcd.revision);
      return response;
    } catch (error) {
      this.audit.refused(request, error, decision, admission.steps, etcd.revision);
      throw error;
    } finally {
      admission.steps = outer;
    }
  }

  #answer(served: ServedResource, request: ApiRequest, decision: Decision | undefined): ApiResponse {
    if (decision?.allowed === false) throw refusal(attributesOf(request, request.verb), decision.reason);
    if (served.definition.verbs !== undefined && !request.subresource && !served.definition.verbs.includes(request.verb))
      throw methodNotSupported({ group: request.group, resource: request.resource }, request.verb);
    if (served.virtual !== undefined) {
      if (request.subresource) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
      return served.virtual.handle(request);
    }
    const { registry } = served;
    assert(registry !== undefined, `${request.resource} has a registry`);
    return request.subresource ? this.#subresource(registry, request) : mainResource(registry, served.conversion, request);
  }

  watch(request: WatchRequest, sink: WatchSink): WatchHandle {
    this.#mustRun();
    const { virtual, registry, conversion, definition } = this.#find(request);
    const decision = this.#decide(request, 'watch');
    if (decision?.allowed === false) throw refusal(attributesOf(request, 'watch'), decision.reason);
    if (definition.verbs !== undefined && !definition.verbs.includes('watch'))
      throw methodNotSupported({ group: request.group, resource: request.resource }, 'watch');
    if (virtual?.watch !== undefined) return virtual.watch(request, sink);
    assert(registry !== undefined, `${request.resource} has a registry`);
    const { resourceVersion = '', allowWatchBookmarks = false, sendInitialEvents } = request.options ?? {};
    const wantsState = sendInitialEvents ?? (resourceVersion === '' || resourceVersion === '0');
    const selection = selectionOf(registry.definition, request);
    const initialEvents = wantsState ? this.#initialEvents(registry, request) : [];
    return this.hub.watch(
      registry.storage.prefix,
      {
        selection,
        resourceVersion: wantsState ? '' : resourceVersion,
        receiver: request.userAgent,
        bookmarks: allowWatchBookmarks,
        observer: request.observer ?? false,
        initialEvents,
      },
      conversion === undefined ? sink : convertedSink(conversion, sink),
    );
  }

  /** Who bears this token; undefined when it is not valid. */
  authenticate(token: string): UserInfo | undefined {
    return this.#options.authenticate?.(token);
  }

  /** Whose name and password these are; undefined when they are wrong. */
  authenticatePassword(name: string, password: string): UserInfo | undefined {
    return this.#options.authenticatePassword?.(name, password);
  }

  /** Throws 403 when the request is not allowed; for what the edges do without `request`: exec, port-forward. */
  authorize(request: WatchRequest & { subresource?: string }, verb: string): void {
    this.#mustAllow(attributesOf(request, verb));
  }

  /** Throws 403 when the user may not GET this path: discovery, health, OpenAPI. */
  authorizePath(user: UserInfo, path: string): void {
    this.#mustAllow({ user, verb: 'get', group: '', resource: '', namespace: '', name: '', path });
  }

  #mustAllow(attributes: Attributes): void {
    const { allowed, reason } = this.#options.authorizer?.authorize(attributes) ?? { allowed: true, reason: '' };
    if (!allowed) throw refusal(attributes, reason);
  }

  /** What the authorizers say; undefined where nobody has to be asked. */
  #decide(request: WatchRequest & { subresource?: string }, verb: string): Decision | undefined {
    const { authorizer, authorizeComponents = false } = this.#options;
    if (authorizer === undefined || !(authorizeComponents || request.external)) return undefined;
    return authorizer.authorize(attributesOf(request, verb));
  }

  /** Throws 403 when `caller` may not act as `user`. */
  authorizeImpersonation(caller: UserInfo, user: UserInfo): void {
    this.#options.authorizeImpersonation?.(caller, user);
  }

  /** What is served under this path, if anything. */
  definition(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#served.get(`${group}/${version}/${plural}`)?.definition;
  }

  /** All kinds served, in the order of discovery. The same list until something is added or removed. */
  resources(): readonly ResourceDefinition[] {
    this.#resources ??= [...this.#served.values()].map(({ definition }) => definition);
    return this.#resources;
  }

  /** The kinds that are in the store, each once. */
  storedResources(): readonly ResourceDefinition[] {
    return [...this.#registries.values()].map(({ definition }) => definition);
  }

  /** Serves a kind: of a CustomResourceDefinition, at run time. `conversion` for a version that is not the stored one. */
  serve(definition: ResourceDefinition, conversion?: VersionConversion): void {
    const key = `${conversion?.storedGroup ?? definition.group}/${definition.plural}`;
    let registry = this.#registries.get(key);
    if (conversion === undefined) {
      const prefix = prefixOf(definition);
      registry = new Registry(definition, new Storage(this.#options.etcd, prefix), this.#registryDependencies);
      this.#registries.set(key, registry);
      this.hub.addResource(definition, prefix);
    }
    assert(registry !== undefined, `${key}: the stored version is served first`);
    this.#served.set(`${definition.group}/${definition.version}/${definition.plural}`, { definition, registry, conversion });
    this.#resources = undefined;
    this.onServed?.(definition);
  }

  /** Ends serving one version of a kind; watches on it end when it was the last. */
  withdraw(group: string, version: string, plural: string): void {
    const key = `${group}/${version}/${plural}`;
    const withdrawn = this.#served.get(key);
    this.#served.delete(key);
    this.#resources = undefined;
    if (withdrawn !== undefined) this.onServed?.(withdrawn.definition);
    if ([...this.#served.values()].some(({ definition }) => definition.group === group && definition.plural === plural)) return;
    const registry = this.#registries.get(`${group}/${plural}`);
    if (registry === undefined) return;
    this.#registries.delete(`${group}/${plural}`);
    this.hub.removeResource(registry.storage.prefix);
  }

  #find({ group, version, resource }: Pick<ApiRequest, 'group' | 'version' | 'resource'>): ServedResource {
    const served = this.#served.get(`${group}/${version}/${resource}`);
    if (served === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    return served;
  }

  #subresource(registry: Registry, request: ApiRequest): ApiResponse {
    const { definition } = registry;
    const context = contextOf(request);
    const { subresource = '', namespace, name = '' } = request;
    if (subresource === 'status' && definition.subresources.status) {
      if (request.verb === 'get') return ok(registry.get(namespace, name));
      if (request.verb !== 'patch' && request.verb !== 'update') throw methodNotSupported(registry.groupResource, request.verb);
      return statusResource(registry, context, request);
    }
    const handler = this.#subresources.get(`${definition.plural}/${subresource}`) ?? this.#subresources.get(`*/${subresource}`);
    if (handler === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    const warnings: string[] = [];
    const response = handler.handle({
      registry,
      context: { ...context, warn: (text) => warnings.push(text) },
      request,
      server: this,
    });
    if (response === undefined) throw methodNotSupported(registry.groupResource, request.verb);
    return warnings.length > 0 ? { ...response, warnings: [...warnings, ...response.warnings] } : response;
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

  #mustRun(): void {
    if (!this.#running) throw serviceUnavailable('dial tcp 192.168.0.10:6443: connect: connection refused');
  }

  /** Compaction keeps five to ten minutes of history, as upstream's compactor does; expired leases end; bookmarks go out. */
  #startHousekeeping(): void {
    const { sim, etcd } = this.#options;
    const every = (periodMs: number, action: string, run: () => void) => {
      const again = () =>
        sim.schedule(
          periodMs,
          'kube-apiserver',
          action,
          '',
          () => {
            run();
            again();
          },
          { background: true },
        );
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
