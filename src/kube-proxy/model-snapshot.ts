/**
 * The Services of one moment, which stay as they were. Taking one costs nothing: only what changes afterwards is kept,
 * and what did not is read from the next snapshot, or from the model itself.
 */
import type { EntryMap, ModelView, ServicePortEntry } from './service-model.ts';

/** A moment of the model. The model tells the newest snapshot of each change before it happens. */
export class ModelSnapshot implements ModelView, EntryMap {
  readonly endpointCount: number;
  readonly zoneOf: (nodeName: string) => string;
  /** Taken after this one; until then the model's own entries are looked into. */
  next: ModelSnapshot | undefined;
  #live: ReadonlyMap<string, ServicePortEntry>;
  /** What has changed since, as it was; undefined: there was none. */
  readonly #before = new Map<string, ServicePortEntry | undefined>();
  /** All entries, once order or number would be lost. */
  #copy: ReadonlyMap<string, ServicePortEntry> | undefined;

  constructor(live: ReadonlyMap<string, ServicePortEntry>, endpointCount: number, zoneOf: (nodeName: string) => string) {
    this.#live = live;
    this.endpointCount = endpointCount;
    this.zoneOf = zoneOf;
  }

  get entries(): EntryMap {
    return this;
  }

  /** The entry is about to change or to be added. */
  keep(name: string, entry: ServicePortEntry | undefined): void {
    if (this.#copy === undefined && !this.#before.has(name)) this.#before.set(name, entry);
  }

  /** An entry is about to be deleted: its place in the order would be lost. */
  keepAll(): void {
    this.#copy ??= new Map(this);
  }

  get(name: string): ServicePortEntry | undefined {
    if (this.#copy !== undefined) return this.#copy.get(name);
    if (this.#before.has(name)) return this.#before.get(name);
    return this.next === undefined ? this.#live.get(name) : this.next.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *[Symbol.iterator](): MapIterator<[string, ServicePortEntry]> {
    for (const [name, entry] of this.#copy ?? this.next ?? this.#live) {
      const own = this.#copy === undefined && this.#before.has(name) ? this.#before.get(name) : entry;
      if (own !== undefined) yield [name, own];
    }
  }

  *keys(): MapIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): MapIterator<ServicePortEntry> {
    for (const [, entry] of this) yield entry;
  }
}
