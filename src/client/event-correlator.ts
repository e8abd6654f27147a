/**
 * Keeps a noisy component from flooding the cluster with Events (`k8s.io/client-go/tools/record/events_cache.go`,
 * EventCorrelator): equal events are counted, similar ones combined, and what is still too much is dropped.
 * Knows only what this process has recorded; a restarted component starts afresh, as upstream does.
 */
import type { Event } from '../api/generated/types.ts';

const MAX_CACHE_ENTRIES = 4096;
/** From this many different messages with the same reason on, within the interval, events are combined. */
const MAX_SIMILAR_EVENTS = 10;
const SIMILAR_INTERVAL_MS = 600_000;
/** Spam filter: tokens per source and object, and how long one takes to come back. */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;

/** What goes into front of the message of combined events. */
const COMBINED_PREFIX = '(combined from similar events): ';

/** A map that forgets what was used longest ago. */
class LruMap<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_CACHE_ENTRIES) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Observation {
  count: number;
  firstTimestamp: string | undefined;
  name: string;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** An event as it is to be written. `isUpdate`: it was written before under this name, so patch it. */
export interface Correlated {
  event: Event;
  isUpdate: boolean;
}

/** One process's memory of what it has recorded. */
export class EventCorrelator {
  readonly #similar = new LruMap<Similar>();
  readonly #observations = new LruMap<Observation>();
  readonly #buckets = new LruMap<Bucket>();

  /** What to write for `event` at virtual time `nowMs`; undefined when the spam filter drops it. */
  correlate(event: Event, nowMs: number): Correlated | undefined {
    const { event: combined, key } = this.#aggregate(event, nowMs);
    const result = this.#observe(combined, key);
    return this.#passesSpamFilter(event, nowMs) ? result : undefined;
  }

  #aggregate(event: Event, nowMs: number): { event: Event; key: string } {
    const aggregateKey = aggregateKeyOf(event);
    let similar = this.#similar.get(aggregateKey);
    if (similar === undefined || nowMs - similar.lastMs > SIMILAR_INTERVAL_MS) similar = { messages: new Set(), lastMs: nowMs };
    const message = event.message ?? '';
    similar.messages.add(message);
    similar.lastMs = nowMs;
    this.#similar.set(aggregateKey, similar);
    if (similar.messages.size < MAX_SIMILAR_EVENTS) return { event, key: `${aggregateKey}\n${event.involvedObject.fieldPath ?? ''}\n${message}` };
    similar.messages.delete(message); // the set stays one short of the limit
    return { event: { ...event, message: COMBINED_PREFIX + message }, key: aggregateKey };
  }

  #observe(event: Event, key: string): Correlated {
    const last = this.#observations.get(key);
    const observed: Event =
      last === undefined
        ? event
        : { ...event, metadata: { ...event.metadata, name: last.name }, count: last.count + 1, firstTimestamp: last.firstTimestamp };
    this.#observations.set(key, { count: observed.count ?? 1, firstTimestamp: observed.firstTimestamp, name: observed.metadata.name });
    return { event: observed, isUpdate: last !== undefined };
  }

  #passesSpamFilter(event: Event, nowMs: number): boolean {
    const key = spamKeyOf(event);
    const bucket = this.#buckets.get(key) ?? { tokens: SPAM_BURST, atMs: nowMs };
    const tokens = Math.min(SPAM_BURST, bucket.tokens + (nowMs - bucket.atMs) / SPAM_REFILL_MS);
    const passes = tokens >= 1;
    this.#buckets.set(key, { tokens: passes ? tokens - 1 : tokens, atMs: nowMs });
    return passes;
  }
}

function spamKeyOf({ source, involvedObject }: Event): string {
  const { kind, namespace, name, uid, apiVersion } = involvedObject;
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].join('\n');
}

function aggregateKeyOf(event: Event): string {
  return [spamKeyOf(event), event.type, event.reason, event.reportingComponent, event.reportingInstance].join('\n');
}
