/** Faults of servers: a socket whose program answers every HTTP request with a given status. */
import type { ListeningSocket, Service } from '../../linux/net/socket.ts';

/** Answers HTTP with a fixed status; all else goes to the program. */
class FaultyService implements Service {
  readonly original: Service;
  readonly #status: number;

  constructor(original: Service, status: number) {
    this.original = original;
    this.#status = status;
  }

  get tls(): boolean {
    return this.original.tls ?? false;
  }

  serve(...call: Parameters<Service['serve']>): ReturnType<Service['serve']> {
    if (call[1].kind === 'http') return { kind: 'http', status: this.#status, contentType: 'text/plain', body: '' };
    return this.original.serve(...call);
  }
}

/** Makes the socket answer with `status` from now on; undefined gives it back to its program. */
export function setFault(socket: ListeningSocket, status: number | undefined): void {
  const original = socket.service instanceof FaultyService ? socket.service.original : socket.service;
  socket.service = status === undefined ? original : new FaultyService(original, status);
}
