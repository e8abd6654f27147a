/** What the worker and the other tabs said about the session: clock, storage, readiness, crash. */
import type { ClockState, Notice, RunawayState, StorageState } from '../../worker/protocol.ts';
import type { Cluster } from './connect.ts';
import type { Place } from './ownership.ts';

/** The state of the session besides the clock. Immutable. */
export interface ConnectionState {
  /** `connecting` until the cluster can be used; `crashed` after the simulation stopped. */
  phase: 'connecting' | 'ready' | 'crashed';
  /** Whether this tab or another runs the cluster. */
  place: Place;
  /** The cluster came from storage, not from a fresh start. */
  recovered: boolean;
  /** How long the control plane took to be ready, real ms. */
  bootMs: number;
  storage: StorageState | undefined;
  /** With phase `crashed`. */
  crash: { message: string; revision: number; seed: string } | undefined;
  /** Why the scenario paused itself; cleared when time goes on. */
  runaway: RunawayState | undefined;
  /** Counts how often a cluster became ready: views that show the past begin anew. */
  generation: number;
}

const INITIAL: ConnectionState = {
  phase: 'connecting',
  place: 'starting',
  recovered: false,
  bootMs: 0,
  storage: undefined,
  crash: undefined,
  runaway: undefined,
  generation: 0,
};

/** Follows the notices of a connection. */
export class SessionState {
  #clock: ClockState | undefined;
  #state = INITIAL;
  readonly #clockListeners = new Set<() => void>();
  readonly #stateListeners = new Set<() => void>();

  constructor({ connection, ownership }: Cluster) {
    connection.onNotice((notice) => this.#hear(notice));
    const place = () => this.#change({ place: ownership.place, ...(ownership.place === 'starting' && { phase: 'connecting' as const }) });
    ownership.subscribe(place);
    this.#state = { ...INITIAL, place: ownership.place };
  }

  /** The last clock told. */
  readonly clock = (): ClockState | undefined => this.#clock;
  readonly state = (): ConnectionState => this.#state;
  readonly subscribeClock = (listener: () => void): (() => void) => listen(this.#clockListeners, listener);
  readonly subscribeState = (listener: () => void): (() => void) => listen(this.#stateListeners, listener);

  /** Takes over the clock that a control answered with, before the notice of it comes. */
  setClock(clock: ClockState): void {
    this.#clock = clock;
    for (const listener of this.#clockListeners) listener();
  }

  /** Takes over the storage's state that a control answered with. */
  setStorage(storage: StorageState): void {
    this.#change({ storage });
  }

  #hear(notice: Notice): void {
    switch (notice.kind) {
      case 'ready': {
        const { storage, recovered, bootMs } = notice;
        const generation = this.#state.generation + 1;
        this.#change({ phase: 'ready', storage, recovered, bootMs, crash: undefined, runaway: undefined, generation });
        return this.setClock(notice.clock);
      }
      case 'clock':
        if (!notice.clock.paused && this.#state.runaway) this.#change({ runaway: undefined });
        return this.setClock(notice.clock);
      case 'storage':
        return this.#change({ storage: notice.storage });
      case 'crashed':
        return this.#change({ phase: 'crashed', crash: { message: notice.message, revision: notice.revision, seed: notice.seed } });
      case 'runaway':
        return this.#change({ runaway: notice.runaway });
    }
  }

  #change(change: Partial<ConnectionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#stateListeners) listener();
  }
}

function listen(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
