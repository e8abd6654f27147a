/**
 * How a component talks to the apiserver: typed verbs over a `Transport`, under the component's own identity
 * (`k8s.io/client-go/kubernetes`).
 */
import type { KubernetesObject, ObjectList } from '../apimachinery/meta.ts';
import { hasReason } from '../apimachinery/status.ts';
import type { ApiRequest, PatchType, RequestOptions, Transport, UserInfo, WatchHandle, WatchSink } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';

/** What a caller sends: any plain object with metadata. The server fills in the rest. */
export type Sent<T extends KubernetesObject> = Omit<T, 'metadata' | 'apiVersion' | 'kind' | 'spec'> & {
  metadata: Partial<T['metadata']>;
} & (T extends { spec: infer Spec } ? { spec?: Spec } : T extends { spec?: infer Spec } ? { spec?: Spec } : unknown);

/** Coordinates of an object: anything with a name and, if namespaced, a namespace. */
export interface ObjectKey {
  namespace?: string;
  name: string;
}

/** A component's connection to the API. Every method throws `StatusError` when the request is refused. */
export class Client {
  readonly #transport: Transport;
  readonly #user: UserInfo;
  readonly #userAgent: string;

  constructor(transport: Transport, user: UserInfo, userAgent: string) {
    this.#transport = transport;
    this.#user = user;
    this.#userAgent = userAgent;
  }

  /** Reads one object. */
  get<T extends KubernetesObject>(resource: ResourceDefinition<T>, key: ObjectKey): T {
    return this.#send(resource, 'get', key) as T;
  }

  /** Reads one object; undefined when there is none. */
  find<T extends KubernetesObject>(resource: ResourceDefinition<T>, key: ObjectKey): T | undefined {
    try {
      return this.get(resource, key);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Lists a namespace, or all of them when `namespace` is undefined. */
  list<T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace?: string, options?: RequestOptions): ObjectList<T> {
    return this.#send(resource, 'list', { namespace }, { options }) as unknown as ObjectList<T>;
  }

  /** Creates an object; `metadata.generateName` asks for a generated name. */
  create<T extends KubernetesObject>(resource: ResourceDefinition<T>, object: Sent<T>, options?: RequestOptions): T {
    return this.#send(resource, 'create', { namespace: object.metadata.namespace }, { body: object, options }) as T;
  }

  /** Replaces an object; 409 when its resourceVersion is not the stored one. */
  update<T extends KubernetesObject>(resource: ResourceDefinition<T>, object: T): T {
    return this.#send(resource, 'update', object.metadata, { body: object }) as T;
  }

  /** Replaces the status of an object; the rest of it is ignored. */
  updateStatus<T extends KubernetesObject>(resource: ResourceDefinition<T>, object: T): T {
    return this.#send(resource, 'update', object.metadata, { body: object, subresource: 'status' }) as T;
  }

  /** Changes parts of an object. */
  patch<T extends KubernetesObject>(
    resource: ResourceDefinition<T>,
    key: ObjectKey,
    patchType: PatchType,
    body: unknown,
    more: { subresource?: string; options?: RequestOptions } = {},
  ): T {
    return this.#send(resource, 'patch', key, { body, patchType, ...more }) as T;
  }

  /** Deletes an object, gracefully where the kind has grace. */
  delete(resource: ResourceDefinition, key: ObjectKey, options?: RequestOptions): void {
    this.#send(resource, 'delete', key, { options });
  }

  /** Deletes all objects of a namespace (or of all) that the selectors in `options` match. */
  deleteCollection(resource: ResourceDefinition, namespace?: string, options?: RequestOptions): void {
    this.#send(resource, 'deletecollection', { namespace }, { options });
  }

  /** Posts to a subresource: "binding", "eviction", "scale" ... */
  createSubresource(resource: ResourceDefinition, key: ObjectKey, subresource: string, body: unknown): KubernetesObject {
    return this.#send(resource, 'create', key, { body, subresource });
  }

  /** Reads a subresource, such as "scale". */
  getSubresource(resource: ResourceDefinition, key: ObjectKey, subresource: string, options?: RequestOptions): KubernetesObject {
    return this.#send(resource, 'get', key, { subresource, options });
  }

  /** Replaces a subresource, such as "scale". */
  updateSubresource(resource: ResourceDefinition, key: ObjectKey, subresource: string, body: unknown): KubernetesObject {
    return this.#send(resource, 'update', key, { subresource, body });
  }

  /** Watches from `options.resourceVersion`. */
  watch(resource: ResourceDefinition, namespace: string | undefined, options: RequestOptions, sink: WatchSink): WatchHandle {
    const { group, version, plural } = resource;
    return this.#transport.watch(
      { group, version, resource: plural, namespace, options, user: this.#user, userAgent: this.#userAgent },
      sink,
    );
  }

  #send(
    resource: ResourceDefinition,
    verb: ApiRequest['verb'],
    key: { namespace?: string; name?: string },
    more: Pick<ApiRequest, 'body' | 'subresource' | 'patchType' | 'options'> = {},
  ): KubernetesObject {
    const request: ApiRequest = {
      verb,
      group: resource.group,
      version: resource.version,
      resource: resource.plural,
      namespace: resource.namespaced ? key.namespace : undefined,
      name: verb === 'create' && !more.subresource ? undefined : key.name,
      user: this.#user,
      userAgent: this.#userAgent,
      ...more,
    };
    return this.#transport.request(request).object as KubernetesObject;
  }
}
