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
const SIMILAR_INTERVAL_SECONDS = 600;
/** Spam filter: tokens per source and object, and how long one takes to come back. */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;

/** What goes into front of the message of combined events. */
const COMBINED_PREFIX = '(combined from similar events): ';

// Lists here are short; `concat` makes them as long as they are, where push and spread hold seventeen places.
const noObservations: readonly Observation[] = [];

/** An event that was written. One record for each: there are five for every pod. */
interface Observation {
  readonly type: string | undefined;
  readonly reason: string | undefined;
  readonly fieldPath: string | undefined;
  /** Undefined for the one that stands for all combined ones. */
  readonly message: string | undefined;
  readonly firstTimestamp: string | undefined;
  readonly name: string;
  count: number;
  /** Counts among the different messages of the interval. */
  isRecent: boolean;
  /** When an event of this type and reason last came; of the group's first record. Whole seconds, for they stay small integers. */
  lastSecond: number;
}

/** All that was said about one object. */
interface Subject {
  tokens: number;
  atMs: number;
  observations: readonly Observation[];
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
    const result = observe(subject, event, isCombined(subject, event, nowMs), nowMs);
    return passesSpamFilter(subject, nowMs) ? result : undefined;
  }

  /** The memory about the event's object, which is now the one used last. */
  #subject({ involvedObject }: Event, nowMs: number): Subject {
    const { kind, namespace, name, uid } = involvedObject;
    const key = uid ?? `${kind}/${namespace}/${name}`;
    const subject = this.#subjects.get(key) ?? { tokens: SPAM_BURST, atMs: nowMs, observations: noObservations };
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

/** Whether there are too many different messages of this type and reason by now, this one included. */
function isCombined(subject: Subject, { type, reason, message = '' }: Event, nowMs: number): boolean {
  const similar = subject.observations.filter((each) => each.type === type && each.reason === reason);
  const [first] = similar;
  if (first === undefined) return false;
  const isOver = nowMs / 1000 - first.lastSecond > SIMILAR_INTERVAL_SECONDS;
  first.lastSecond = Math.floor(nowMs / 1000);
  if (isOver) for (const each of similar) each.isRecent = false;
  const recent = new Set(similar.filter(({ isRecent }) => isRecent).map((each) => each.message));
  recent.delete(undefined);
  return !recent.has(message) && recent.size + 1 >= MAX_SIMILAR_EVENTS;
}

function observe(subject: Subject, event: Event, combined: boolean, nowMs: number): Correlated {
  const { type, reason, metadata, count: given = 1, firstTimestamp: begun } = event;
  const fieldPath = combined ? undefined : event.involvedObject.fieldPath;
  const message = combined ? undefined : (event.message ?? '');
  const written = combined ? { ...event, message: COMBINED_PREFIX + (event.message ?? '') } : event;
  const last = subject.observations.find(
    (each) => each.type === type && each.reason === reason && each.message === message && each.fieldPath === fieldPath,
  );
  if (last === undefined) {
    const lastSecond = Math.floor(nowMs / 1000);
    const made = { type, reason, fieldPath, message, firstTimestamp: begun, name: metadata.name, count: given, isRecent: true, lastSecond };
    subject.observations = subject.observations.concat(made);
    return { event: written, isUpdate: false };
  }
  last.count++;
  last.isRecent = true;
  const { count, firstTimestamp, name } = last;
  return { event: { ...written, metadata: { ...metadata, name }, count, firstTimestamp }, isUpdate: true };
}

function passesSpamFilter(subject: Subject, nowMs: number): boolean {
  const tokens = Math.min(SPAM_BURST, subject.tokens + (nowMs - subject.atMs) / SPAM_REFILL_MS);
  const passes = tokens >= 1;
  subject.tokens = passes ? tokens - 1 : tokens;
  subject.atMs = nowMs;
  return passes;
}
