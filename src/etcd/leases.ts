/**
 * etcd's leases: keys attached to a lease are deleted when it expires or is revoked. The store has no clock: its owner
 * calls `expire` as time goes by (`server/lease/lessor.go`).
 */
interface Lease {
  ttlMs: number;
  expiresAt: number;
  keys: Set<string>;
}

/** All leases of a store. */
export class Leases {
  readonly #leases = new Map<number, Lease>();
  readonly #deleteKeys: (keys: string[]) => void;
  #nextId = 1;

  /** `deleteKeys` removes the keys of an ended lease in one revision. */
  constructor(deleteKeys: (keys: string[]) => void) {
    this.#deleteKeys = deleteKeys;
  }

  /** Grants a lease of `ttlMs` from `now`; returns its id. */
  grant(ttlMs: number, now: number): number {
    const id = this.#nextId++;
    this.#leases.set(id, { ttlMs, expiresAt: now + ttlMs, keys: new Set() });
    return id;
  }

  /** Grants a lease under an id that the caller chose and that is free. */
  grantAs(id: number, ttlMs: number, now: number): void {
    this.#leases.set(id, { ttlMs, expiresAt: now + ttlMs, keys: new Set() });
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  /** What is known of a lease: its time in all, what is left of it, its keys in order. */
  get(id: number, now: number): { ttlMs: number; leftMs: number; keys: string[] } | undefined {
    const lease = this.#leases.get(id);
    return lease && { ttlMs: lease.ttlMs, leftMs: Math.max(0, lease.expiresAt - now), keys: [...lease.keys].sort() };
  }

  /** All leases, the one that expires first in front. */
  ids(): number[] {
    return [...this.#leases].sort(([, a], [, b]) => a.expiresAt - b.expiresAt).map(([id]) => id);
  }

  /** Brings back a lease of a restored store, with its keys; its time starts anew. */
  restore(id: number, ttlMs: number, now: number, key: string): void {
    if (!this.#leases.has(id)) this.#leases.set(id, { ttlMs, expiresAt: now + ttlMs, keys: new Set() });
    this.attach(id, key);
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  has(id: number): boolean {
    return this.#leases.has(id);
  }

  /** Starts the lease's time anew. Returns false when there is no such lease. */
  keepAlive(id: number, now: number): boolean {
    const lease = this.#leases.get(id);
    if (lease) lease.expiresAt = now + lease.ttlMs;
    return lease !== undefined;
  }

  /** Ends the lease and deletes its keys. Returns false when there is no such lease. */
  revoke(id: number): boolean {
    const lease = this.#leases.get(id);
    if (lease === undefined) return false;
    this.#leases.delete(id);
    if (lease.keys.size > 0) this.#deleteKeys([...lease.keys].sort());
    return true;
  }

  /** Revokes every lease whose time has run out. */
  expire(now: number): void {
    for (const [id, lease] of [...this.#leases]) if (lease.expiresAt <= now) this.revoke(id);
  }

  attach(id: number, key: string): void {
    this.#leases.get(id)?.keys.add(key);
  }

  detach(id: number, key: string): void {
    this.#leases.get(id)?.keys.delete(key);
  }
}
