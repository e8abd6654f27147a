/**
 * A watch on its way to a tab: events gather while the tab has given no credit, and newer states of an object replace
 * older ones that were not sent yet, so a slow tab costs memory for what exists, not for all that happened.
 */
import { keyOf } from '../apimachinery/meta.ts';
import type { WatchEvent, WatchHandle } from '../api/request.ts';
import type { ServerFrame } from './protocol.ts';

const MERGE_ABOVE = 256;
const BATCH = 500;

/** One watch of one session. */
export class Stream {
  readonly #id: number;
  readonly #send: (frame: ServerFrame) => void;
  #credit: number;
  #buffer: WatchEvent[] = [];
  #closed = false;
  handle: WatchHandle | undefined;

  constructor(id: number, credit: number, send: (frame: ServerFrame) => void) {
    this.#id = id;
    this.#credit = credit;
    this.#send = send;
  }

  push(events: readonly WatchEvent[]): void {
    for (const event of events) this.#buffer.push(event);
    if (this.#buffer.length > MERGE_ABOVE && this.#credit <= 0) this.#buffer = merged(this.#buffer);
  }

  close(): void {
    this.#closed = true;
    this.flush();
  }

  addCredit(credit: number): void {
    this.#credit += credit;
    this.flush();
  }

  /** Sends what there is credit for. Called when a slice of work is done, so that a burst goes as one message. */
  flush(): void {
    while (this.#credit > 0 && this.#buffer.length > 0) {
      this.#credit--;
      this.#send({ type: 'events', id: this.#id, events: this.#buffer.splice(0, BATCH) });
    }
    if (this.#closed && this.#buffer.length === 0) this.#send({ type: 'closed', id: this.#id });
  }
}

/** The same end state with at most one event an object. Objects that came and went unseen vanish. */
function merged(events: readonly WatchEvent[]): WatchEvent[] {
  const last = new Map<string, WatchEvent>();
  const others: WatchEvent[] = [];
  for (const event of events) {
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') {
      others.push(event);
      continue;
    }
    const key = keyOf(event.object);
    const before = last.get(key);
    last.delete(key);
    if (before?.type === 'ADDED' && event.type === 'DELETED') continue;
    last.set(key, before?.type === 'ADDED' && event.type === 'MODIFIED' ? { type: 'ADDED', object: event.object } : event);
  }
  return [...last.values(), ...others];
}
