/** Which endpoint the userspace proxy dials (`pkg/proxy/userspace/roundrobin.go` of release 1.6). */
import type { Random } from '../../sim/random.ts';

const MINUTE_MS = 60_000;

/** Round robin over a shuffled list, with a memory of clients. */
export class RoundRobinBalancer {
  readonly #random: Random;
  readonly #affinitySeconds: number;
  readonly #clients = new Map<string, { endpoint: string; lastUsedMs: number }>();
  #endpoints: readonly string[] = [];
  #index = 0;

  constructor(random: Random, affinitySeconds: number) {
    this.#random = random;
    this.#affinitySeconds = affinitySeconds;
  }

  get endpoints(): readonly string[] {
    return this.#endpoints;
  }

  /** Other endpoints: they are shuffled, and the round begins anew. Clients of those that are gone are forgotten. */
  update(endpoints: readonly string[]): void {
    if (endpoints.length === this.#endpoints.length && endpoints.every((endpoint) => this.#endpoints.includes(endpoint))) return;
    const shuffled = [...endpoints];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.#random.int(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] ?? '', shuffled[i] ?? ''];
    }
    this.#endpoints = shuffled;
    this.#index = 0;
    for (const [client, { endpoint }] of this.#clients) if (!endpoints.includes(endpoint)) this.#clients.delete(client);
  }

  /** "10.244.1.5:8080" for a new connection of `client`; undefined: nobody is there. */
  next(client: string, nowMs: number): string | undefined {
    const known = this.#clients.get(client);
    const limitMinutes = this.#affinitySeconds / 60;
    // Compared in whole minutes.
    if (known !== undefined && Math.floor((nowMs - known.lastUsedMs) / MINUTE_MS) < limitMinutes) {
      known.lastUsedMs = nowMs;
      return known.endpoint;
    }
    const endpoint = this.#endpoints[this.#index];
    if (endpoint === undefined) return undefined;
    this.#index = (this.#index + 1) % this.#endpoints.length;
    if (this.#affinitySeconds > 0) this.#clients.set(client, { endpoint, lastUsedMs: nowMs });
    return endpoint;
  }
}
