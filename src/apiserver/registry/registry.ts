/**
 * The generic registry: what create, update and read mean for every kind, with the kind's own rules from its
 * definition (`k8s.io/apiserver/pkg/registry/generic/registry/store.go`, `pkg/registry/rest`).
 */
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual, deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound, OPTIMISTIC_LOCK_ERROR } from '../../apimachinery/status.ts';
import type { FieldError, GroupResource } from '../../apimachinery/status.ts';
import type { RequestOptions, UserInfo } from '../../api/request.ts';
import { apiVersionOf } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../api/validation/object-meta.ts';
import type { Random } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { AdmissionChain, AdmissionRequest, ObjectReader } from '../admission/admission.ts';
import type { ServiceAllocator } from '../allocators/service-allocator.ts';
import type { EventLeases } from './event-leases.ts';
import { etcdKey } from './keys.ts';
import { withManagers } from '../field-managers.ts';
import type { FieldManager } from '../field-managers.ts';
import type { Storage } from './storage.ts';

/** Who asks, and with what options. */
export interface RequestContext {
  user: UserInfo;
  options: RequestOptions;
  /** See `ApiRequest`. */
  external?: boolean;
  /** Takes texts for `Warning` headers that admission has. */
  warn?: (text: string) => void;
  /** Admission has been asked already, about the subresource that this is done through: eviction, scale. */
  admitted?: true;
  /** For managedFields; absent for what the apiserver does by itself. */
  manager?: FieldManager;
}

/** What all registries share. */
export interface RegistryDependencies {
  sim: Simulation;
  admission: AdmissionChain;
  reader: ObjectReader;
  services: ServiceAllocator;
  eventLeases: EventLeases;
}

type WithSpec = KubernetesObject & { spec?: unknown; status?: unknown };

/** Longer lists are read anew. */
const MAX_REMEMBERED = 200;
const MAX_GENERATED_BASE = 58;
const OMITTED_WHEN_EMPTY = new Set(['labels', 'annotations', 'finalizers', 'ownerReferences']);

/** Creates, updates and reads the objects of one kind. */
export class Registry<T extends KubernetesObject = KubernetesObject> {
  readonly definition: ResourceDefinition<T>;
  readonly storage: Storage<T>;
  readonly deps: RegistryDependencies;
  /** Counts writes. */
  writes = 0;
  readonly #lists = new Map<string, readonly T[]>();
  #listedAt = -1;

  constructor(definition: ResourceDefinition<T>, storage: Storage<T>, deps: RegistryDependencies) {
    this.definition = definition;
    this.storage = storage;
    this.deps = deps;
  }

  get groupResource(): GroupResource {
    return { group: this.definition.group, resource: this.definition.plural };
  }

  /** Throws 404. */
  get(namespace: string | undefined, name: string): T {
    const found = this.find(namespace, name);
    if (found === undefined) throw notFound(this.groupResource, name);
    return found;
  }

  find(namespace: string | undefined, name: string): T | undefined {
    return this.storage.get(this.keyOf(namespace, name));
  }

  /** All objects of a namespace, or of all. The same list until something of the kind is written: admission asks again and again. */
  all(namespace = ''): readonly T[] {
    if (this.#listedAt !== this.writes) {
      this.#lists.clear();
      this.#listedAt = this.writes;
    }
    let list = this.#lists.get(namespace);
    if (list === undefined) {
      list = this.storage.page(this.storage.prefix + (namespace ? `${namespace}/` : ''), {}).items;
      if (list.length <= MAX_REMEMBERED) this.#lists.set(namespace, list);
    }
    return list;
  }

  keyOf(namespace: string | undefined, name: string): string {
    return etcdKey(this.storage.prefix, this.definition.namespaced ? namespace : undefined, name);
  }

  /** Creates the object and returns what is stored. */
  create(context: RequestContext, namespace: string | undefined, body: KubernetesObject): T {
    const { definition } = this;
    // A dry run draws from a stream of its own: it must not change what happens afterwards.
    const random = context.options.dryRun ? this.deps.sim.random.fork('dry-run') : this.deps.sim.random;
    const keepsStatus = !definition.subresources.status || definition.statusAtCreation === true;
    const named = this.#nameAndStamp(random, namespace, keepsStatus ? body : withoutStatus(body));
    let object = this.#defaulted(definition.prepareForCreate?.(named) ?? named);
    const request = this.admissionRequest('CREATE', context, '', object, undefined);
    object = this.deps.admission.mutate(request, object) as T;
    this.#refuseIfInvalid(object, [
      ...validateObjectMeta(object, definition),
      ...(definition.validate?.(object) ?? []),
      ...(definition.validateCreate?.(object) ?? []),
    ]);
    const key = this.keyOf(object.metadata.namespace, object.metadata.name);
    if (this.storage.get(key) !== undefined) throw alreadyExists(this.groupResource, object.metadata.name);
    object = this.deps.services.allocate(definition, object, undefined);
    object = withManagers(definition, undefined, object, context.manager, this.deps.sim.now);
    this.deps.admission.validate({ ...request, object });
    if (context.options.dryRun) {
      this.deps.services.release(definition, object, undefined);
      return deepFreeze(object);
    }
    this.writes++;
    return this.storage.create(key, object, definition.kind === 'Event' ? this.deps.eventLeases.current() : 0);
  }

  /** Stores a new object as it is, past admission and checks: what the server itself begins with. The caller has seen that there is none. */
  seed<B extends { metadata: Partial<ObjectMeta> }>(body: B): T {
    const object = this.#nameAndStamp(this.deps.sim.random, body.metadata.namespace, body as unknown as KubernetesObject);
    this.writes++;
    return this.storage.create(this.keyOf(object.metadata.namespace, object.metadata.name), object);
  }

  /** Replaces the main resource. Returns the stored object, which is the old one when nothing changed. */
  update(context: RequestContext, body: KubernetesObject): T {
    const old = this.#oldFor(body);
    const { definition } = this;
    let next = this.#withServerOwnedMeta(body, old);
    if (definition.subresources.status) next = withStatusOf(next, old);
    next = this.#defaulted(definition.prepareForUpdate?.(next, old) ?? next);
    next = this.#counted(next, old);
    const request = context.admitted ? undefined : this.admissionRequest('UPDATE', context, '', next, old);
    if (request) next = this.deps.admission.mutate(request, next) as T;
    this.#refuseIfInvalid(next, [
      ...validateObjectMeta(next, definition),
      ...validateObjectMetaUpdate(next, old),
      ...(definition.validate?.(next) ?? []),
      ...(definition.validateUpdate?.(next, old) ?? []),
    ]);
    next = this.deps.services.allocate(definition, next, old);
    next = withManagers(definition, old, next, context.manager, this.deps.sim.now);
    if (request) this.deps.admission.validate({ ...request, object: next });
    return this.commit(context, next, old);
  }

  /**
   * Replaces the status and, as upstream's strategies do, the annotations (a Deployment's revision) and finalizers (a
   * load balancer's) that are given; the rest stays as it is.
   */
  updateStatus(context: RequestContext, body: KubernetesObject): T {
    const old = this.#oldFor(body);
    const { annotations = old.metadata.annotations, finalizers = old.metadata.finalizers } = body.metadata;
    const isSame = annotations === old.metadata.annotations && finalizers === old.metadata.finalizers;
    const metadata = isSame ? old.metadata : { ...old.metadata, annotations, finalizers };
    const managedFields = context.manager?.applied ? body.metadata.managedFields : metadata.managedFields;
    const written = {
      ...old,
      metadata: managedFields === metadata.managedFields ? metadata : { ...metadata, managedFields },
      status: (body as WithSpec).status,
    } as T;
    const next = withManagers(
      this.definition,
      old,
      written,
      context.manager && { ...context.manager, subresource: 'status' },
      this.deps.sim.now,
    );
    const request = this.admissionRequest('UPDATE', context, 'status', next, old);
    const admitted = this.deps.admission.mutate(request, next) as T;
    this.#refuseIfInvalid(admitted, this.definition.validateStatusUpdate?.(admitted, old) ?? []);
    this.deps.admission.validate({ ...request, object: admitted });
    return this.commit(context, admitted, old);
  }

  /** Writes `next`, or removes the object when it was only waiting for its last finalizer. */
  commit(context: RequestContext, next: T, old: T): T {
    if (context.options.dryRun) return deepFreeze(next);
    const { metadata } = next;
    const mayGo = metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length && !metadata.deletionGracePeriodSeconds;
    if (mayGo && old.metadata.finalizers?.length && !hasNamespaceFinalizer(next)) return this.remove(next);
    if (deepEqual(next, old)) return old;
    this.writes++;
    return this.storage.update(this.keyOf(metadata.namespace, metadata.name), next, old);
  }

  /** Takes the object out of the store, at once. */
  remove(object: T): T {
    this.writes++;
    this.storage.delete(this.keyOf(object.metadata.namespace, object.metadata.name));
    this.deps.services.release(this.definition, object, undefined);
    return object;
  }

  admissionRequest(
    operation: AdmissionRequest['operation'],
    context: RequestContext,
    subresource: string,
    object: T | undefined,
    old: T | undefined,
  ): AdmissionRequest {
    const { namespace, name } = ((object ?? old) as T).metadata;
    const { definition, deps } = this;
    return {
      operation,
      resource: definition,
      subresource,
      namespace,
      name,
      object,
      old,
      ...context,
      reader: deps.reader,
      now: deps.sim.now,
    };
  }

  /** Name, uid and creation time: what the server gives a new object. */
  #nameAndStamp(random: Random, namespace: string | undefined, body: KubernetesObject): T {
    const { definition, deps } = this;
    const sent: Partial<ObjectMeta> = withoutEmptyParts(body.metadata ?? {});
    if (definition.namespaced && sent.namespace && namespace && sent.namespace !== namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    const base = sent.generateName ?? '';
    const name = sent.name || (base && base.slice(0, MAX_GENERATED_BASE) + random.suffix(5));
    const {
      resourceVersion: _resourceVersion,
      deletionTimestamp: _deletion,
      deletionGracePeriodSeconds: _grace,
      selfLink: _self,
      ...kept
    } = sent;
    const metadata: ObjectMeta = {
      ...kept,
      name,
      ...(definition.namespaced && { namespace: sent.namespace ?? namespace ?? 'default' }),
      uid: random.uuid(),
      resourceVersion: '',
      creationTimestamp: formatTime(deps.sim.now),
      ...(countsGeneration(definition) && { generation: 1 }),
    };
    return { ...body, apiVersion: apiVersionOf(definition), kind: definition.kind, metadata } as T;
  }

  /** The stored object that `body` wants to replace; throws 404, or 409 when `body` was read from an older or another one. */
  #oldFor(body: KubernetesObject): T {
    const { name, namespace, uid, resourceVersion } = body.metadata;
    const old = this.get(namespace, name);
    if (uid && uid !== old.metadata.uid)
      throw conflict(this.groupResource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`);
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      throw conflict(this.groupResource, name, OPTIMISTIC_LOCK_ERROR);
    return old;
  }

  /** The update with the metadata that only the server writes taken from the stored object. */
  #withServerOwnedMeta(body: KubernetesObject, old: T): T {
    const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion } = old.metadata;
    const {
      selfLink: _selfLink,
      deletionTimestamp: _deletion,
      deletionGracePeriodSeconds: _grace,
      generation: _generation,
      ...sent
    } = withoutEmptyParts(body.metadata);
    const metadata = {
      ...sent,
      uid,
      creationTimestamp,
      resourceVersion,
      ...(generation !== undefined && { generation }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp, deletionGracePeriodSeconds }),
    };
    return { ...body, apiVersion: old.apiVersion, kind: old.kind, metadata } as T;
  }

  #defaulted(object: T): T {
    return this.definition.defaults?.(object) ?? object;
  }

  #counted(next: T, old: T): T {
    const { generation } = old.metadata;
    if (generation === undefined || !specChanged(next, old)) return next;
    return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
  }

  #refuseIfInvalid(object: T, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(this.definition.group, this.definition.kind, object.metadata.name, errors);
  }
}

function countsGeneration(definition: ResourceDefinition): boolean {
  return definition.generation ?? definition.subresources.status === true;
}

/** Empty maps and lists of metadata are left out, as Go's `omitempty` does. The same reference when there are none. */
function withoutEmptyParts<M extends Partial<ObjectMeta>>(metadata: M): M {
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const empty = (part: object | undefined) => part !== undefined && Object.keys(part).length === 0;
  if (!empty(labels) && !empty(annotations) && !empty(finalizers) && !empty(ownerReferences)) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([key, part]) => !OMITTED_WHEN_EMPTY.has(key) || !empty(part as object))) as M;
}

/** Status is the server's to write: most creates begin without it. */
function withoutStatus(body: KubernetesObject): KubernetesObject {
  const { status: _status, ...rest } = body as WithSpec;
  return rest;
}

function withStatusOf<T extends KubernetesObject>(next: T, old: T): T {
  const { status: _status, ...rest } = next as WithSpec;
  const status = (old as WithSpec).status;
  return (status === undefined ? rest : { ...rest, status }) as unknown as T;
}

/** Anything besides metadata and status. */
function specChanged(next: KubernetesObject, old: KubernetesObject): boolean {
  const strip = ({ metadata: _metadata, status: _status, ...rest }: WithSpec) => rest;
  return !deepEqual(strip(next), strip(old));
}

function hasNamespaceFinalizer(object: KubernetesObject): boolean {
  if (object.kind !== 'Namespace') return false;
  return ((object as WithSpec).spec as { finalizers?: string[] } | undefined)?.finalizers?.length !== 0;
}
