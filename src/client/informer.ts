/**
 * A component's local copy of a resource, kept fresh by list and watch (`k8s.io/client-go/tools/cache`: Reflector,
 * SharedIndexInformer). Because watch events are tasks of their own, the copy is honestly a little stale.
 * Objects are the store's own frozen references: an informer costs a map entry an object, not a copy.
 */
import { keyOf } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { RequestOptions, WatchEvent, WatchHandle } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { Client } from './client.ts';

/** What a handler is told. `initial` is true for objects of the first list. */
export interface EventHandler<T> {
  add?(object: T, initial: boolean): void;
  update?(object: T, old: T): void;
  delete?(object: T): void;
}

/** Which part of the resource an informer holds. */
export interface InformerOptions {
  namespace?: string;
  fieldSelector?: string;
  labelSelector?: string;
}

const RETRY_FIRST_MS = 800;
const RETRY_MAX_MS = 30_000;

/** A live, indexed copy of the objects of one resource. */
export class Informer<T extends KubernetesObject> {
  readonly resource: ResourceDefinition<T>;
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #options: InformerOptions;
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  #handlers: readonly EventHandler<T>[] = [];
  #watch: WatchHandle | undefined;
  #synced = false;
  #retryMs = RETRY_FIRST_MS;
  #resourceVersion = '';

  constructor(scope: TaskScope, client: Client, resource: ResourceDefinition<T>, options: InformerOptions = {}) {
    this.#scope = scope;
    this.#client = client;
    this.resource = resource;
    this.#options = options;
    scope.onKill(() => this.#watch?.stop());
  }

  /** True once the first list has arrived. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /** The revision up to which this copy is complete. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  /**
   * Adds a handler. One that comes late is told of all objects at once, as initial adds. It is forgotten when `owner`,
   * the process that it belongs to, dies before the informer does.
   */
  addHandler(handler: EventHandler<T>, owner?: TaskScope): this {
    this.#handlers = [...this.#handlers, handler];
    owner?.onKill(() => {
      this.#handlers = this.#handlers.filter((other) => other !== handler);
    });
    if (handler.add) for (const object of [...this.#objects.values()]) handler.add(object, true);
    return this;
  }

  /** Adds an index unless there is one of this name: `values` gives the index values of an object. */
  addIndex(name: string, values: (object: T) => readonly string[]): this {
    if (this.#indexes.has(name)) return this;
    const index = new Index(values);
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) index.update(key, undefined, object);
    return this;
  }

  /** Lists and then watches, for as long as the scope lives. */
  start(): void {
    if (this.#watch === undefined && !this.#synced) this.#listAndWatch();
  }

  /** The object of "namespace/name" (or "name"). */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** All objects, in order of arrival. */
  list(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** The objects with the index value, in order of arrival. The index must have been added. */
  byIndex(name: string, value: string): Iterable<T> {
    return this.#indexes.get(name)?.get(value) ?? [];
  }

  #listAndWatch(): void {
    const { namespace, ...selectors } = this.#options;
    try {
      const list = this.#client.list(this.resource, namespace, selectors);
      this.#replace(list.items);
      this.#resourceVersion = list.metadata.resourceVersion;
      this.#retryMs = RETRY_FIRST_MS;
      this.#startWatch(selectors);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#retry();
    }
  }

  #startWatch(selectors: RequestOptions): void {
    const options = { ...selectors, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true };
    this.#watch = this.#client.watch(this.resource, this.#options.namespace, options, {
      events: (batch) => {
        for (const event of batch) this.#apply(event as WatchEvent<T>);
      },
      closed: () => {
        this.#watch = undefined;
        if (this.#scope.alive) this.#retry();
      },
    });
  }

  #retry(): void {
    this.#scope.after(this.#retryMs, 'relist', this.resource.plural, () => this.#listAndWatch(), { background: true });
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #replace(items: readonly T[]): void {
    const initial = !this.#synced;
    const gone = new Map(this.#objects);
    for (const item of items) {
      gone.delete(keyOf(item));
      this.#set(item, initial);
    }
    for (const object of gone.values()) this.#remove(object);
    this.#synced = true;
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') return; // the server closes the watch right after
    this.#resourceVersion = event.object.metadata.resourceVersion;
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'DELETED') this.#remove(event.object);
    else this.#set(event.object, false);
  }

  #set(object: T, initial: boolean): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.update(key, old, object);
    for (const handler of this.#handlers) {
      if (old === undefined) handler.add?.(object, initial);
      else handler.update?.(object, old);
    }
  }

  #remove(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.update(key, old, undefined);
    for (const handler of this.#handlers) handler.delete?.(object);
  }
}

/** Value → the objects that have it. */
class Index<T> {
  readonly #values: (object: T) => readonly string[];
  readonly #entries = new Map<string, Map<string, T>>();

  constructor(values: (object: T) => readonly string[]) {
    this.#values = values;
  }

  get(value: string): Iterable<T> {
    return this.#entries.get(value)?.values() ?? [];
  }

  update(key: string, old: T | undefined, next: T | undefined): void {
    const before = old === undefined ? [] : this.#values(old);
    const after = next === undefined ? [] : this.#values(next);
    for (const value of before) {
      if (after.includes(value)) continue;
      const entry = this.#entries.get(value);
      entry?.delete(key);
      if (entry?.size === 0) this.#entries.delete(value);
    }
    for (const value of after) {
      let entry = this.#entries.get(value);
      if (entry === undefined) this.#entries.set(value, (entry = new Map<string, T>()));
      if (next !== undefined) entry.set(key, next);
    }
  }
}

/** Informers shared by the parts of one component, one per resource and selection (`informers.SharedInformerFactory`). */
export class InformerFactory {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #informers = new Map<string, Informer<never>>();
  #started = false;

  constructor(scope: TaskScope, client: Client) {
    this.#scope = scope;
    this.#client = client;
  }

  /** The shared informer of the resource; made when first asked for. */
  informer<T extends KubernetesObject>(resource: ResourceDefinition<T>, options: InformerOptions = {}): Informer<T> {
    const key = JSON.stringify([resource.group, resource.plural, options]);
    const known = this.#informers.get(key) as Informer<T> | undefined;
    if (known !== undefined) return known;
    const made = new Informer(this.#scope, this.#client, resource, options);
    this.#informers.set(key, made as unknown as Informer<never>);
    // Once started, a new informer lists in a task of its own, after its maker has added handlers and indexes.
    if (this.#started) this.#scope.post('list', resource.plural, () => made.start());
    return made;
  }

  /** Starts every informer made so far, in the order in which they were made; those made later start by themselves. */
  start(): void {
    this.#started = true;
    for (const informer of this.#informers.values()) informer.start();
  }

  /** True once all have listed. */
  get hasSynced(): boolean {
    for (const informer of this.#informers.values()) if (!informer.hasSynced) return false;
    return true;
  }
}
