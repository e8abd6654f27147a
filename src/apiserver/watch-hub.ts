/**
 * Fans committed changes out to watches (`k8s.io/apiserver/pkg/storage/cacher`). Each watch has a buffer, and the
 * delivery of what is in it is a task of the receiver, so that informers are honestly a little stale.
 * Watches that select on one indexed field (a kubelet's `spec.nodeName=node-1`) are found by that field's value, as
 * upstream's `indexedTrigger` does, so an event costs the watchers that want it, not all there are.
 */
import { deepFreeze } from '../apimachinery/freeze.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { resourceExpired } from '../apimachinery/status.ts';
import type { WatchEvent, WatchHandle, WatchSink } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { prefixEnd } from '../etcd/etcd.ts';
import type { Etcd, EtcdEvent } from '../etcd/etcd.ts';
import type { Simulation } from '../sim/simulation.ts';

/** Which objects a watch wants, beyond its resource. */
export interface WatchSelection {
  namespace: string | undefined;
  /** Label and field selectors; undefined when everything matches. */
  matches: ((object: KubernetesObject) => boolean) | undefined;
  /** An exact requirement on an indexed field, if the selector has one. */
  trigger: { field: string; value: string } | undefined;
}

/** How a watch begins. */
export interface WatchOptions {
  selection: WatchSelection;
  /** Changes after this revision; "" or "0": from now on. */
  resourceVersion: string;
  /** The component whose task the delivery is. */
  receiver: string;
  bookmarks: boolean;
  /** See `WatchRequest`. */
  observer: boolean;
  /** Delivered first, in place of changes after `resourceVersion`: the present state. */
  initialEvents: readonly WatchEvent[];
}

interface Watcher extends WatchSelection {
  readonly sink: WatchSink;
  readonly receiver: string;
  readonly resource: string;
  readonly bookmarks: boolean;
  readonly observer: boolean;
  buffer: WatchEvent[];
  stopped: boolean;
  /** Revision of the last change that was handed over. */
  delivered: number;
}

/** A watch as somebody who looks at the apiserver sees it. */
export interface WatchState {
  receiver: string;
  /** Plural of what is watched. */
  resource: string;
  /** The value of the field that it selects on, if it does: "node-1". */
  selects: string | undefined;
  /** Changes that wait to be handed over. */
  waiting: number;
  /** Revision of the last change handed over; 0 before the first. */
  delivered: number;
}

interface Channel {
  readonly definition: ResourceDefinition;
  readonly prefix: string;
  readonly watchers: Set<Watcher>;
  /** field → value → watchers */
  readonly triggered: Map<string, Map<string, Set<Watcher>>>;
}

const TOO_OLD = 'too old resource version';
/** Changes that may wait for one watch: more than a receiver leaves behind that ever runs. */
const MAX_WAITING = 50_000;

/** All watches of an apiserver. */
export class WatchHub {
  readonly #sim: Simulation;
  readonly #etcd: Etcd<KubernetesObject>;
  readonly #channels = new Map<string, Channel>();

  constructor(sim: Simulation, etcd: Etcd<KubernetesObject>) {
    this.#sim = sim;
    this.#etcd = etcd;
    etcd.watch({ key: '/registry/', end: prefixEnd('/registry/') }, 0, (events) => {
      for (const event of events) this.#dispatch(event);
    });
  }

  /** Makes a resource watchable; watches on an earlier definition of it go on. */
  addResource(definition: ResourceDefinition, prefix: string): void {
    const { watchers = new Set<Watcher>(), triggered = new Map<string, Map<string, Set<Watcher>>>() } = this.#channels.get(prefix) ?? {};
    this.#channels.set(prefix, { definition, prefix, watchers, triggered });
  }

  /** Ends the watches of a resource that is no longer served. */
  removeResource(prefix: string): void {
    const channel = this.#channels.get(prefix);
    if (channel === undefined) return;
    this.#close(channel);
    this.#channels.delete(prefix);
  }

  /** Starts a watch. Throws 410 when that revision has been compacted. */
  watch(prefix: string, options: WatchOptions, sink: WatchSink): WatchHandle {
    const { selection, resourceVersion, receiver, bookmarks, observer, initialEvents } = options;
    const channel = this.#channels.get(prefix) as Channel;
    const resource = channel.definition.plural;
    const watcher: Watcher = { ...selection, sink, receiver, resource, bookmarks, observer, buffer: [], stopped: false, delivered: 0 };
    if (initialEvents.length > 0) this.#buffer(watcher, initialEvents);
    else if (resourceVersion && resourceVersion !== '0') this.#catchUp(channel, watcher, Number(resourceVersion));
    this.#setOf(channel, watcher).add(watcher);
    return {
      stop: () => {
        watcher.stopped = true;
        this.#setOf(channel, watcher).delete(watcher);
      },
    };
  }

  /** Ends all watches: the apiserver went down. */
  closeAll(): void {
    for (const channel of this.#channels.values()) this.#close(channel);
  }

  /** All watches of components, in no order. Those of observers are left out: they are no part of the cluster. */
  states(): WatchState[] {
    return [...this.#channels.values()].flatMap((channel) =>
      [...this.#all(channel)]
        .filter(({ observer }) => !observer)
        .map(({ receiver, resource, trigger, buffer, delivered }) => ({
          receiver,
          resource,
          selects: trigger?.value,
          waiting: buffer.length,
          delivered,
        })),
    );
  }

  #close(channel: Channel): void {
    for (const watcher of this.#all(channel)) {
      if (watcher.stopped) continue;
      watcher.stopped = true;
      if (watcher.observer) watcher.sink.closed();
      else this.#sim.schedule(0, watcher.receiver, 'watch closed', channel.definition.plural, () => watcher.sink.closed());
    }
    channel.watchers.clear();
    channel.triggered.clear();
  }

  /** Tells idle watches how far history has moved, so that they survive a compaction (upstream: about once a minute). */
  sendBookmarks(): void {
    const resourceVersion = String(this.#etcd.revision);
    for (const { definition, watchers, triggered } of this.#channels.values()) {
      const { kind } = definition;
      const apiVersion = definition.group ? `${definition.group}/${definition.version}` : definition.version;
      const bookmark: WatchEvent = { type: 'BOOKMARK', object: { kind, apiVersion, metadata: { resourceVersion } } };
      const tell = (watcher: Watcher) => {
        if (watcher.bookmarks && watcher.buffer.length === 0) this.#buffer(watcher, [bookmark]);
      };
      watchers.forEach(tell);
      for (const byValue of triggered.values()) for (const set of byValue.values()) set.forEach(tell);
    }
  }

  #catchUp(channel: Channel, watcher: Watcher, resourceVersion: number): void {
    if (resourceVersion < this.#etcd.compactedRevision)
      throw resourceExpired(`${TOO_OLD}: ${resourceVersion} (${this.#etcd.compactedRevision})`);
    for (const event of this.#etcd.eventsSince(resourceVersion + 1)) {
      if (event.key.startsWith(channel.prefix)) this.#offer(watcher, event, undefined);
    }
  }

  #dispatch(event: EtcdEvent<KubernetesObject>): void {
    const channel = this.#channelOf(event.key);
    if (channel === undefined || (channel.watchers.size === 0 && channel.triggered.size === 0)) return;
    const gone = event.type === 'DELETE' ? tombstone(event) : undefined;
    for (const watcher of channel.watchers) this.#offer(watcher, event, gone);
    for (const [field, byValue] of channel.triggered) {
      const before = event.prevKv && fieldOf(channel.definition, event.prevKv.value, field);
      const after = event.kv && fieldOf(channel.definition, event.kv.value, field);
      if (before !== undefined) byValue.get(before)?.forEach((watcher) => this.#offer(watcher, event, gone));
      if (after !== undefined && after !== before) byValue.get(after)?.forEach((watcher) => this.#offer(watcher, event, gone));
    }
  }

  /** The channel whose prefix the key has: try the key's parents, longest first. */
  #channelOf(key: string): Channel | undefined {
    for (let slash = key.lastIndexOf('/'); slash > 0; slash = key.lastIndexOf('/', slash - 1)) {
      const channel = this.#channels.get(key.slice(0, slash + 1));
      if (channel !== undefined) return channel;
    }
    return undefined;
  }

  /** Turns a change into what this watch sees: an object that begins to match is ADDED, one that ceases to is DELETED. */
  #offer(watcher: Watcher, event: EtcdEvent<KubernetesObject>, gone: KubernetesObject | undefined): void {
    const next = event.kv?.value;
    const old = event.prevKv?.value;
    if (watcher.namespace !== undefined && (next ?? old)?.metadata.namespace !== watcher.namespace) return;
    const { matches } = watcher;
    const did = old !== undefined && (matches === undefined || matches(old));
    const does = next !== undefined && (matches === undefined || matches(next));
    if (does) this.#buffer(watcher, [{ type: did ? 'MODIFIED' : 'ADDED', object: next }]);
    else if (did) this.#buffer(watcher, [{ type: 'DELETED', object: gone ?? tombstone(event) }]);
  }

  #buffer(watcher: Watcher, events: readonly WatchEvent[]): void {
    if (watcher.stopped) return;
    if (watcher.observer) {
      watcher.sink.events(events);
      return;
    }
    if (watcher.buffer.length === 0) {
      this.#sim.schedule(0, watcher.receiver, 'watch', watcher.resource, () => {
        const batch = watcher.buffer;
        watcher.buffer = [];
        watcher.delivered = Math.max(watcher.delivered, Number(batch.at(-1)?.object.metadata?.resourceVersion ?? 0));
        if (!watcher.stopped) watcher.sink.events(batch);
      });
    }
    for (const event of events) watcher.buffer.push(event);
    if (watcher.buffer.length > MAX_WAITING) this.#expire(watcher);
  }

  /** Gives up on a watch whose receiver does not come: it will be told that it must list anew. */
  #expire(watcher: Watcher): void {
    watcher.buffer = [];
    watcher.stopped = true;
    for (const channel of this.#channels.values()) this.#remove(channel, watcher);
    const { status } = resourceExpired(`${TOO_OLD}: ${watcher.delivered} (${this.#etcd.revision})`);
    this.#sim.schedule(0, watcher.receiver, 'watch closed', watcher.resource, () => {
      watcher.sink.events([{ type: 'ERROR', object: status }]);
      watcher.sink.closed();
    });
  }

  #remove(channel: Channel, watcher: Watcher): void {
    channel.watchers.delete(watcher);
    if (watcher.trigger) channel.triggered.get(watcher.trigger.field)?.get(watcher.trigger.value)?.delete(watcher);
  }

  #setOf(channel: Channel, { trigger }: Watcher): Set<Watcher> {
    if (trigger === undefined) return channel.watchers;
    let byValue = channel.triggered.get(trigger.field);
    if (byValue === undefined) channel.triggered.set(trigger.field, (byValue = new Map<string, Set<Watcher>>()));
    let set = byValue.get(trigger.value);
    if (set === undefined) byValue.set(trigger.value, (set = new Set()));
    return set;
  }

  *#all(channel: Channel): Generator<Watcher> {
    yield* channel.watchers;
    for (const byValue of channel.triggered.values()) for (const set of byValue.values()) yield* set;
  }
}

/** The last state of a deleted object, at the revision of its deletion. */
function tombstone(event: EtcdEvent<KubernetesObject>): KubernetesObject {
  const old = event.prevKv?.value as KubernetesObject;
  return deepFreeze({ ...old, metadata: { ...old.metadata, resourceVersion: String(event.revision) } });
}

function fieldOf(definition: ResourceDefinition, object: KubernetesObject, field: string): string | undefined {
  if (field === 'metadata.name') return object.metadata.name;
  return definition.selectableFields?.(object)[field];
}
