/**
 * A tab's end of the conversation with the worker that runs the cluster (frames: src/worker/protocol.ts). It outlives the port
 * it speaks through: when the worker is restarted or another tab takes the cluster over, the connection is attached to the new
 * port, open watches are sent again, and calls without an answer fail with 503.
 */
import type { ApiResponse, WatchEvent } from '../../api/request.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Status } from '../../apimachinery/status.ts';
import type { ApiCall, ClientFrame, Controls, Notice, ServerFrame, WatchCall } from '../../worker/protocol.ts';

/** Anything frames go through: a Worker, a MessagePort, a relay through another tab. */
export interface FramePort {
  send(frame: ClientFrame): void;
  /** Set by the connection; called for each frame that arrives. */
  receive: ((frame: ServerFrame) => void) | undefined;
  close(): void;
}

/** Receives a watch's events. */
export interface WatchReceiver {
  /** In order. Until the first BOOKMARK, ADDED events describe the state at the beginning. */
  events(batch: readonly WatchEvent[]): void;
  /** The watch begins anew: what follows is the whole state again, up to the next BOOKMARK. */
  restarted(): void;
}

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}
interface OpenWatch {
  call: WatchCall;
  receiver: WatchReceiver;
}

/** Batches that may be under way per watch; the worker waits beyond. */
const CREDIT = 8;
/** An ended watch is begun again after this, ms: an apiserver that is down ends watches at once. */
const RETRY_MS = 1000;

/** The conversation. One per tab. */
export class ClusterConnection {
  #port: FramePort | undefined;
  #lastId = 0;
  readonly #calls = new Map<number, Call>();
  readonly #watches = new Map<number, OpenWatch>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #waiting: ClientFrame[] = [];
  /** Watches that the server ended and that will begin again. */
  readonly #ended = new Set<number>();

  /** Speaks through `port` from now on. */
  attach(port: FramePort): void {
    this.detach('the cluster was moved to another place');
    this.#port = port;
    port.receive = (frame) => this.#receive(frame);
    for (const frame of this.#waiting.splice(0)) port.send(frame);
    const open = [...this.#watches];
    this.#watches.clear();
    for (const [, watch] of open) {
      watch.receiver.restarted();
      this.#begin(watch);
    }
  }

  /** Gives the port up. Calls that were sent and have no answer fail; others wait for the next port. */
  detach(reason: string): void {
    if (!this.#port) return;
    this.#port.receive = undefined;
    this.#port.close();
    this.#port = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(new StatusError(503, 'ServiceUnavailable', reason));
  }

  /** One request to the API. Rejects with a `StatusError`; aborting gives up waiting, the request may still have an effect. */
  async request(request: ApiCall, signal?: AbortSignal): Promise<ApiResponse> {
    return (await this.#call((id) => ({ type: 'request', id, request }), signal)) as ApiResponse;
  }

  /** One of the controls that are no API objects. Rejects with a `StatusError`. */
  async control<Name extends keyof Controls>(name: Name, params: Controls[Name]['params']): Promise<Controls[Name]['result']> {
    return (await this.#call((id) => ({ type: 'control', id, name, params }) as ClientFrame)) as Controls[Name]['result'];
  }

  /** Watches a resource until `stop()`, over interruptions. */
  watch(call: WatchCall, receiver: WatchReceiver): { stop(): void } {
    const watch: OpenWatch = { call: { observer: true, ...call }, receiver };
    this.#begin(watch);
    return {
      stop: () => {
        for (const [id, open] of this.#watches) {
          if (open !== watch) continue;
          this.#watches.delete(id);
          this.#send({ type: 'cancel', id });
        }
      },
    };
  }

  /** Hears what the worker says unasked. Returns the way to stop. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #begin(watch: OpenWatch): void {
    const id = ++this.#lastId;
    this.#watches.set(id, watch);
    // Without a port there is nothing to do: attach() begins all open watches.
    this.#port?.send({ type: 'watch', id, request: watch.call, credit: CREDIT });
  }

  #call(frame: (id: number) => ClientFrame, signal?: AbortSignal): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => {
        if (!this.#calls.delete(id)) return;
        this.#send({ type: 'cancel', id });
        reject(new StatusError(499, 'ClientClosedRequest', 'the request was given up'));
      });
      this.#send(frame(id));
    });
  }

  #send(frame: ClientFrame): void {
    if (this.#port) this.#port.send(frame);
    else if (frame.type === 'request' || frame.type === 'control') this.#waiting.push(frame);
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'response':
        return this.#answer(frame.id)?.resolve(frame.response);
      case 'result':
        return this.#answer(frame.id)?.resolve(frame.result);
      case 'failure':
        return this.#fail(frame.id, frame.status);
      case 'events':
        return this.#events(frame.id, frame.events);
      case 'closed':
        return this.#closed(frame.id);
      case 'notice':
        if (frame.notice.kind === 'ready') for (const id of this.#ended) this.#beginAgain(id);
        for (const listener of this.#listeners) listener(frame.notice);
    }
  }

  #answer(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #fail(id: number, status: Status): void {
    if (this.#watches.has(id)) return this.#closed(id);
    this.#answer(id)?.reject(new StatusError(status.code, status.reason ?? 'InternalError', status.message ?? '', status.details));
  }

  #events(id: number, events: readonly WatchEvent[]): void {
    const watch = this.#watches.get(id);
    if (!watch) return;
    watch.receiver.events(events.filter(({ type }) => type !== 'ERROR'));
    this.#send({ type: 'credit', id, credit: 1 });
  }

  /** The server ended the watch: the revision was compacted, the apiserver is down, or a fresh cluster takes its place. */
  #closed(id: number): void {
    if (!this.#watches.has(id)) return;
    this.#ended.add(id);
    setTimeout(() => this.#beginAgain(id), RETRY_MS);
  }

  #beginAgain(id: number): void {
    this.#ended.delete(id);
    const watch = this.#watches.get(id);
    if (!watch) return; // stopped, or begun again already
    this.#watches.delete(id);
    watch.receiver.restarted();
    this.#begin(watch);
  }
}
