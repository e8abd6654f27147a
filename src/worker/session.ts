/**
 * One tab's connection: its requests run at once, between two tasks of the simulation, as acts of user "you"; its
 * watches are observers, so that looking changes nothing.
 */
import { StatusError } from '../apimachinery/status.ts';
import type { Status } from '../apimachinery/status.ts';
import { userRequests } from '../apiserver/user-requests.ts';
import type { ApiRequest, UserInfo } from '../api/request.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ApiCall, ClientFrame, Controls, ServerFrame, WatchCall } from './protocol.ts';
import { Stream } from './stream.ts';

/** Whoever sits before the screen. */
export const ADMIN: UserInfo = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated', 'system:masters'] };
/** How the user's acts are labelled. */
export const USER_AGENT = 'you';

/** What a session asks of the host. */
export interface SessionHost {
  readonly cluster: Cluster;
  /** Resolves when users may write objects of the resource: what they need beyond an idle cluster is loaded. */
  writable(resource: string): Promise<void>;
  /** Resolves when everything up to the present revision is on disk. */
  durable(): Promise<void>;
  /** The queue may have grown. */
  wake(): void;
  control<Name extends keyof Controls>(name: Name, params: Controls[Name]['params']): Promise<Controls[Name]['result']>;
}

const WRITES: ReadonlySet<ApiRequest['verb']> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Serves the frames of one port. */
export class Session {
  readonly #host: SessionHost;
  readonly #send: (frame: ServerFrame) => void;
  readonly #streams = new Map<number, Stream>();

  constructor(host: SessionHost, send: (frame: ServerFrame) => void) {
    this.#host = host;
    this.#send = send;
  }

  /** Handles one frame. Never throws. */
  receive(frame: ClientFrame): void {
    switch (frame.type) {
      case 'request':
        void this.#request(frame.id, frame.request);
        return;
      case 'watch':
        this.#watch(frame.id, frame.request, frame.credit);
        return;
      case 'credit':
        this.#streams.get(frame.id)?.addCredit(frame.credit);
        return;
      case 'cancel':
        this.#cancel(frame.id);
        return;
      case 'control':
        void this.#control(frame.id, frame.name, frame.params);
    }
  }

  /** Sends the events that have gathered. */
  flush(): void {
    for (const stream of this.#streams.values()) stream.flush();
  }

  /** A fresh cluster is there: every watch ends, and the tab lists anew. */
  reset(): void {
    for (const stream of this.#streams.values()) {
      stream.handle?.stop();
      stream.close();
    }
    this.#streams.clear();
  }

  /** The tab is gone. */
  close(): void {
    for (const stream of this.#streams.values()) stream.handle?.stop();
    this.#streams.clear();
  }

  async #request(id: number, call: ApiCall): Promise<void> {
    try {
      const changes = WRITES.has(call.verb);
      // What is behind a subresource may be loaded late, too.
      if (changes || call.subresource !== undefined) await this.#host.writable(call.resource);
      const { body, warnings } = changes ? userRequests.get().decodeBody(call) : { body: call.body, warnings: [] };
      const request: ApiRequest = { ...call, body, user: ADMIN, userAgent: USER_AGENT };
      const object = [call.resource, call.namespace, call.name].filter(Boolean).join('/');
      const writes = changes && !call.options?.dryRun;
      const { cluster } = this.#host;
      const run = () => cluster.apiServer.request(request);
      const response = writes ? cluster.sim.perform(USER_AGENT, call.verb, object, run) : run();
      if (writes) {
        this.#host.wake();
        await this.#host.durable();
      }
      this.#send({ type: 'response', id, response: { ...response, warnings: [...warnings, ...response.warnings] } });
    } catch (error) {
      this.#send({ type: 'failure', id, status: statusOf(error) });
    }
  }

  #watch(id: number, call: WatchCall, credit: number): void {
    const stream = new Stream(id, credit, this.#send);
    this.#streams.set(id, stream);
    try {
      const request = {
        ...call,
        options: { ...call.options, allowWatchBookmarks: true },
        user: ADMIN,
        userAgent: USER_AGENT,
        observer: true,
      };
      stream.handle = this.#host.cluster.apiServer.watch(request, {
        events: (batch) => {
          stream.push(batch);
          this.#host.wake();
        },
        closed: () => {
          stream.close();
          this.#streams.delete(id);
        },
      });
      stream.flush();
    } catch (error) {
      this.#streams.delete(id);
      this.#send({ type: 'failure', id, status: statusOf(error) });
    }
  }

  #cancel(id: number): void {
    this.#streams.get(id)?.handle?.stop();
    this.#streams.delete(id);
  }

  async #control<Name extends keyof Controls>(id: number, name: Name, params: Controls[Name]['params']): Promise<void> {
    try {
      this.#send({ type: 'result', id, result: await this.#host.control(name, params) });
    } catch (error) {
      this.#send({ type: 'failure', id, status: statusOf(error) });
    }
  }
}

/** A failure as a Status: an internal error where it is none already. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`).status;
}
