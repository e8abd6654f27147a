/**
 * Real servers that are to go while connections still use them (`pkg/proxy/ipvs/graceful_termination.go`): they get
 * weight 0 and are looked at every minute until nobody uses them.
 */
import { findServer, type Ipvs } from '../../linux/ipvs/ipvs.ts';
import type { RealServer, VirtualServer } from '../../linux/ipvs/types.ts';
import type { TaskScope, Timer } from '../../sim/task-scope.ts';

const CHECK_INTERVAL_MS = 60_000;

interface Ending {
  readonly service: VirtualServer;
  readonly server: RealServer;
}

const keyOf = ({ protocol, ip, port }: VirtualServer, server: RealServer): string =>
  `${protocol} ${ip}:${port}/${server.ip}:${server.port}`;

/** The real servers of one node that are ending. */
export class GracefulTermination {
  readonly #ipvs: Ipvs;
  readonly #scope: TaskScope;
  readonly #ending = new Map<string, Ending>();
  #timer: Timer | undefined;

  constructor(ipvs: Ipvs, scope: TaskScope) {
    this.#ipvs = ipvs;
    this.#scope = scope;
  }

  isEnding(service: VirtualServer, server: RealServer): boolean {
    return this.#ending.has(keyOf(service, server));
  }

  /** Deletes the real server now, or later. UDP has no end that could be waited for. */
  end(service: VirtualServer, server: RealServer): void {
    if (this.isEnding(service, server) || this.#deleted(service, server)) return;
    this.#ipvs.editServer(service, server, 0);
    this.#ending.set(keyOf(service, server), { service, server });
    this.#timer ??= this.#scope.every(CHECK_INTERVAL_MS, 'check ending servers', 'ipvs', () => this.#check());
  }

  /** The endpoint has come back: the ending one makes place at once. */
  delete(service: VirtualServer, server: RealServer): void {
    this.#ending.delete(keyOf(service, server));
    this.#ipvs.deleteServer(service, server);
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #deleted(service: VirtualServer, server: RealServer): boolean {
    if (findServer(service, server.ip, server.port) !== server) return true;
    this.#ipvs.connections.expire(this.#ipvs.now);
    if (service.protocol === 'tcp' && server.active + server.inactive > 0) return false;
    this.#ipvs.deleteServer(service, server);
    return true;
  }

  #check(): void {
    for (const [key, { service, server }] of this.#ending) if (this.#deleted(service, server)) this.#ending.delete(key);
    if (this.#ending.size === 0) this.stop();
  }
}
