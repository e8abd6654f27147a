/**
 * One worker for many tabs. The owner's relay gives every tab its own ids and sends frames on in both directions: its own tab's
 * directly, other tabs' over the BroadcastChannel. A tab that comes late is told the notices that describe the present.
 */
import type { ClientFrame, Notice, ServerFrame } from '../../worker/protocol.ts';
import type { FramePort } from './connection.ts';

/** The notices that describe a state, and are repeated to who comes late. */
const STATE_NOTICES: readonly Notice['kind'][] = ['ready', 'storage', 'clock', 'crashed'];

interface Route {
  client: string;
  id: number;
}

/** Sends frames between one server port and many clients. */
export class Relay {
  readonly #server: FramePort;
  readonly #clients = new Map<string, (frame: ServerFrame) => void>();
  readonly #routes = new Map<number, Route>();
  readonly #ids = new Map<string, Map<number, number>>();
  readonly #notices = new Map<Notice['kind'], Notice>();
  #lastId = 0;

  constructor(server: FramePort) {
    this.#server = server;
    server.receive = (frame) => this.#fromServer(frame);
  }

  /** Adds a client; frames for it go to `deliver`. A client of the same name is replaced. */
  add(client: string, deliver: (frame: ServerFrame) => void): void {
    this.remove(client);
    this.#clients.set(client, deliver);
    this.#ids.set(client, new Map());
    for (const kind of STATE_NOTICES) {
      const notice = this.#notices.get(kind);
      if (notice) deliver({ type: 'notice', notice });
    }
  }

  /** Ends all that a client has under way. */
  remove(client: string): void {
    for (const id of this.#ids.get(client)?.values() ?? []) {
      this.#routes.delete(id);
      this.#server.send({ type: 'cancel', id });
    }
    this.#ids.delete(client);
    this.#clients.delete(client);
  }

  /** A frame from a client to the server. */
  fromClient(client: string, frame: ClientFrame): void {
    const ids = this.#ids.get(client);
    if (!ids) return;
    let id = ids.get(frame.id);
    if (id === undefined) {
      if (frame.type === 'credit' || frame.type === 'cancel') return;
      id = ++this.#lastId;
      ids.set(frame.id, id);
      this.#routes.set(id, { client, id: frame.id });
    }
    this.#server.send({ ...frame, id });
    if (frame.type === 'cancel') this.#forget(id);
  }

  /** Ends the conversation with the server. */
  close(): void {
    this.#server.receive = undefined;
    this.#server.close();
    this.#clients.clear();
  }

  /** A notice that does not come from the server, to all clients. */
  announce(notice: Notice): void {
    this.#fromServer({ type: 'notice', notice });
  }

  #fromServer(frame: ServerFrame): void {
    if (frame.type === 'notice') {
      if (frame.notice.kind === 'ready') this.#notices.clear();
      this.#notices.set(frame.notice.kind, frame.notice);
      for (const deliver of this.#clients.values()) deliver(frame);
      return;
    }
    const route = this.#routes.get(frame.id);
    if (!route) return;
    if (frame.type !== 'events') this.#forget(frame.id);
    this.#clients.get(route.client)?.({ ...frame, id: route.id });
  }

  #forget(id: number): void {
    const route = this.#routes.get(id);
    if (route) this.#ids.get(route.client)?.delete(route.id);
    this.#routes.delete(id);
  }
}
