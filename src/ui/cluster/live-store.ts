/**
 * The one store of live objects, fed by watches: one per resource over all namespaces, shared and counted. Objects are frozen and
 * are the same references until they change; views are told at most once per animation frame.
 */
import type { WatchEvent } from '../../api/request.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ClusterConnection } from './connection.ts';

/** The part of a definition that names a resource: `PodResource` will do. */
export type ResourceRef<T extends KubernetesObject = KubernetesObject> = Pick<ResourceDefinition<T>, 'group' | 'version' | 'plural'>;

/** Which objects of a resource. */
export interface ListFilter {
  /** Absent: all namespaces. */
  namespace?: string;
}

/** What is known of a list. */
export interface LiveList<T extends KubernetesObject> {
  /** In order of first sight. The same array until something in it changes. */
  items: readonly T[];
  /** Whether the whole list has arrived. */
  synced: boolean;
}

interface Feed {
  objects: Map<string, KubernetesObject>;
  /** While the state arrives anew: what has come so far. */
  arriving: Map<string, KubernetesObject> | undefined;
  synced: boolean;
  version: number;
  users: number;
  listeners: Set<() => void>;
  queries: Map<string, { version: number; list: LiveList<KubernetesObject> }>;
  stop: (() => void) | undefined;
  lingering: ReturnType<typeof setTimeout> | undefined;
}

/** A feed that nobody reads is kept this long, ms: switching views does not fetch all again. */
const LINGER_MS = 20_000;
/** How often a hidden page is told, ms: it has no animation frames. */
const HIDDEN_MS = 500;

const nothing: LiveList<never> = { items: [], synced: false };

/** "namespace/name", or the name alone for cluster-scoped objects. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The live objects of the cluster. */
export class LiveStore {
  readonly #connection: ClusterConnection;
  readonly #feeds = new Map<string, Feed>();
  readonly #changed = new Set<Feed>();
  /** Those that still have to hear of a change. */
  readonly #untold = new Set<() => void>();
  #scheduled = false;
  #primed: Readonly<Record<string, readonly KubernetesObject[]>> = {};

  constructor(connection: ClusterConnection) {
    this.#connection = connection;
    connection.onNotice((notice) => {
      if (notice.kind === 'ready') this.#primed = {};
    });
  }

  /** Shows these lists (by "group/version/plural") as long as the cluster has not sent its own. */
  prime(lists: Readonly<Record<string, readonly KubernetesObject[]>>): void {
    this.#primed = lists;
    for (const [name, feed] of this.#feeds) {
      if (feed.synced || !lists[name]) continue;
      feed.objects = byKey(lists[name]);
      feed.synced = true;
      this.#touch(feed);
    }
  }

  /** Keeps a resource watched and hears of its changes. Returns the way to stop. */
  subscribe(resource: ResourceRef, listener: () => void): () => void {
    const feed = this.#feed(resource);
    clearTimeout(feed.lingering);
    feed.users++;
    feed.listeners.add(listener);
    feed.stop ??= this.#watch(resource, feed);
    return () => {
      feed.listeners.delete(listener);
      this.#untold.delete(listener);
      if (--feed.users === 0) feed.lingering = setTimeout(() => this.#drop(resource, feed), LINGER_MS);
    };
  }

  /** The objects that fit the filter; the same result until one of them changes. Does not start a watch. */
  list<T extends KubernetesObject>(resource: ResourceRef<T>, filter: ListFilter = {}): LiveList<T> {
    const feed = this.#feeds.get(nameOf(resource));
    if (!feed) return nothing;
    const query = filter.namespace ?? '';
    const known = feed.queries.get(query);
    if (known?.version === feed.version) return known.list as LiveList<T>;
    const items = select([...feed.objects.values()], filter);
    const same = known && known.list.synced === feed.synced && sameItems(known.list.items, items);
    const list = same ? known.list : { items, synced: feed.synced };
    feed.queries.set(query, { version: feed.version, list });
    return list as LiveList<T>;
  }

  /** One object, if it is known. Does not start a watch. */
  get<T extends KubernetesObject>(resource: ResourceRef<T>, namespace: string | undefined, name: string): T | undefined {
    return this.#feeds.get(nameOf(resource))?.objects.get(keyOf(namespace, name)) as T | undefined;
  }

  #feed(resource: ResourceRef): Feed {
    const name = nameOf(resource);
    let feed = this.#feeds.get(name);
    if (!feed) {
      const primed = this.#primed[name];
      feed = {
        objects: byKey(primed ?? []),
        arriving: new Map(),
        synced: primed !== undefined,
        version: 0,
        users: 0,
        listeners: new Set(),
        queries: new Map(),
        stop: undefined,
        lingering: undefined,
      };
      this.#feeds.set(name, feed);
    }
    return feed;
  }

  #watch({ group, version, plural }: ResourceRef, feed: Feed): () => void {
    const { stop } = this.#connection.watch(
      { group, version, resource: plural },
      {
        events: (batch) => this.#apply(feed, batch),
        restarted: () => {
          feed.arriving = new Map();
        },
      },
    );
    return stop;
  }

  #drop(resource: ResourceRef, feed: Feed): void {
    feed.stop?.();
    this.#feeds.delete(nameOf(resource));
  }

  #apply(feed: Feed, batch: readonly WatchEvent[]): void {
    for (const event of batch) {
      if (event.type === 'ERROR') continue;
      if (event.type === 'BOOKMARK') {
        if (feed.arriving) this.#arrived(feed, feed.arriving);
        continue;
      }
      const target = feed.arriving ?? feed.objects;
      const key = keyOf(event.object.metadata.namespace, event.object.metadata.name);
      if (event.type === 'DELETED') target.delete(key);
      else target.set(key, frozen(event.object));
    }
    if (!feed.arriving) this.#touch(feed);
  }

  #arrived(feed: Feed, objects: Map<string, KubernetesObject>): void {
    feed.objects = objects;
    feed.arriving = undefined;
    feed.synced = true;
    this.#touch(feed);
  }

  #touch(feed: Feed): void {
    feed.version++;
    this.#changed.add(feed);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.hidden) setTimeout(() => this.#tell(), HIDDEN_MS);
    else requestAnimationFrame(() => this.#tell());
  }

  #tell(): void {
    this.#scheduled = false;
    const waiting = this.#untold.size > 0;
    for (const { listeners } of this.#changed) for (const listener of listeners) this.#untold.add(listener);
    this.#changed.clear();
    if (!waiting) this.#tellNext();
  }

  /** One listener a task: each draws its part of the page at once, and all together would keep the page from answering. */
  #tellNext(): void {
    const [listener] = this.#untold;
    if (!listener) return;
    this.#untold.delete(listener);
    try {
      listener();
    } finally {
      // Whoever fails must not keep the news from the others.
      if (this.#untold.size > 0) inNextTask(() => this.#tellNext());
    }
  }
}

let channel: MessageChannel | undefined;
const tasks: (() => void)[] = [];

/** Runs it after what waits already; sooner than a timer, which browsers hold back to 4 ms. */
function inNextTask(run: () => void): void {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => tasks.shift()?.();
  }
  tasks.push(run);
  channel.port2.postMessage(0);
}

function nameOf({ group, version, plural }: ResourceRef): string {
  return `${group}/${version}/${plural}`;
}

const byKey = (objects: readonly KubernetesObject[]): Map<string, KubernetesObject> =>
  new Map(objects.map((object) => [keyOf(object.metadata.namespace, object.metadata.name), object]));

function select(objects: KubernetesObject[], { namespace }: ListFilter): KubernetesObject[] {
  return namespace === undefined ? objects : objects.filter(({ metadata }) => metadata.namespace === namespace);
}

/**
 * Makes a panel that changes an object it was given fail where it does. Only in development: what arrives through a port belongs to this
 * tab alone, and freezing thousands of pods costs frames.
 */
function frozen<T>(value: T): T {
  if (!import.meta.env.DEV || typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

function sameItems(a: readonly KubernetesObject[], b: readonly KubernetesObject[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
