/**
 * Keeps a noisy component from flooding the cluster with Events (`k8s.io/client-go/tools/record/events_cache.go`,
 * EventCorrelator): equal events are counted, similar ones combined, and what is still too much is dropped.
 * Knows only what this process has recorded; a restarted component starts afresh, as upstream does.
 * Differs: upstream has three caches of 4096 keys each; this is one of 4096 objects, with small lists inside, for there
 * are thousands of objects with a handful of events each.
 */
import type { Event } from '../api/generated/types.ts';

const MAX_OBJECTS = 4096;
/** From this many different messages with the same reason on, within the interval, events are combined. */
const MAX_SIMILAR_EVENTS = 10;
const SIMILAR_INTERVAL_MS = 600_000;
/** Spam filter: tokens per source and object, and how long one takes to come back. */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;

/** What goes into front of the message of combined events. */
const COMBINED_PREFIX = '(combined from similar events): ';

// Lists here are nearly always of length one; `concat` makes it as long as it is, where push and spread hold seventeen places.
const none: readonly string[] = [];
const noObservations: readonly Observation[] = [];
const noSimilar: readonly Similar[] = [];

/** An event that was written. */
interface Observation {
  readonly fieldPath: string | undefined;
  /** Undefined for the one that stands for all combined ones. */
  readonly message: string | undefined;
  count: number;
  firstTimestamp: string | undefined;
  name: string;
}

/** Events about one object with the same type and reason. */
interface Similar {
  readonly type: string | undefined;
  readonly reason: string | undefined;
  /** Different messages of the interval, at most one short of the limit. */
  messages: readonly string[];
  lastMs: number;
  observations: readonly Observation[];
}

/** All that was said about one object. */
interface Subject {
  tokens: number;
  atMs: number;
  similar: readonly Similar[];
}

/** An event as it is to be written. `isUpdate`: it was written before under this name, so patch it. */
export interface Correlated {
  event: Event;
  isUpdate: boolean;
}

/** One process's memory of what it has recorded. It belongs to one source. */
export class EventCorrelator {
  readonly #subjects = new Map<string, Subject>();

  /** What to write for `event` at virtual time `nowMs`; undefined when the spam filter drops it. */
  correlate(event: Event, nowMs: number): Correlated | undefined {
    const subject = this.#subject(event, nowMs);
    const similar = similarOf(subject, event, nowMs);
    const combined = isCombined(similar, event, nowMs);
    const result = observe(similar, event, combined);
    return passesSpamFilter(subject, nowMs) ? result : undefined;
  }

  /** The memory about the event's object, which is now the one used last. */
  #subject({ involvedObject }: Event, nowMs: number): Subject {
    const { kind, namespace, name, uid } = involvedObject;
    const key = uid ?? `${kind}/${namespace}/${name}`;
    const subject = this.#subjects.get(key) ?? { tokens: SPAM_BURST, atMs: nowMs, similar: noSimilar };
    this.#subjects.delete(key);
    this.#subjects.set(key, subject);
    if (this.#subjects.size > MAX_OBJECTS) {
      for (const oldest of this.#subjects.keys()) {
        this.#subjects.delete(oldest);
        break;
      }
    }
    return subject;
  }
}

function similarOf(subject: Subject, { type, reason }: Event, nowMs: number): Similar {
  let found = subject.similar.find((each) => each.type === type && each.reason === reason);
  if (found === undefined) {
    found = { type, reason, messages: none, lastMs: nowMs, observations: noObservations };
    subject.similar = subject.similar.concat(found);
  } else if (nowMs - found.lastMs > SIMILAR_INTERVAL_MS) found.messages = none;
  return found;
}

/** Notes the message, and tells whether there are too many different ones by now. */
function isCombined(similar: Similar, { message = '' }: Event, nowMs: number): boolean {
  similar.lastMs = nowMs;
  if (similar.messages.includes(message)) return false;
  if (similar.messages.length + 1 >= MAX_SIMILAR_EVENTS) return true;
  similar.messages = similar.messages.concat(message);
  return false;
}

function observe(similar: Similar, event: Event, combined: boolean): Correlated {
  const fieldPath = combined ? undefined : event.involvedObject.fieldPath;
  const message = combined ? undefined : (event.message ?? '');
  const written = combined ? { ...event, message: COMBINED_PREFIX + (event.message ?? '') } : event;
  const last = similar.observations.find((each) => each.message === message && each.fieldPath === fieldPath);
  if (last === undefined) {
    const made = { fieldPath, message, count: written.count ?? 1, firstTimestamp: written.firstTimestamp, name: written.metadata.name };
    similar.observations = similar.observations.concat(made);
    return { event: written, isUpdate: false };
  }
  last.count++;
  const { count, firstTimestamp, name } = last;
  return { event: { ...written, metadata: { ...written.metadata, name }, count, firstTimestamp }, isUpdate: true };
}

function passesSpamFilter(subject: Subject, nowMs: number): boolean {
  const tokens = Math.min(SPAM_BURST, subject.tokens + (nowMs - subject.atMs) / SPAM_REFILL_MS);
  const passes = tokens >= 1;
  subject.tokens = passes ? tokens - 1 : tokens;
  subject.atMs = nowMs;
  return passes;
}
