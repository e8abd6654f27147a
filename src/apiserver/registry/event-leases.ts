/**
 * Events live for an hour: they are put under etcd leases, one lease for all events of a minute
 * (`--event-ttl`, `k8s.io/apiserver/pkg/storage/etcd3/lease_manager.go`).
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Etcd } from '../../etcd/etcd.ts';
import type { Simulation } from '../../sim/simulation.ts';

const TTL_MS = 3_600_000;
const REUSE_MS = 60_000;

/** Hands out the lease for an event created now. */
export class EventLeases {
  readonly #sim: Simulation;
  readonly #etcd: Etcd<KubernetesObject>;
  #lease = 0;
  #grantedAt = 0;

  constructor(sim: Simulation, etcd: Etcd<KubernetesObject>) {
    this.#sim = sim;
    this.#etcd = etcd;
  }

  current(): number {
    const { now } = this.#sim;
    if (this.#lease === 0 || now - this.#grantedAt >= REUSE_MS || !this.#etcd.leases.has(this.#lease)) {
      this.#lease = this.#etcd.leases.grant(TTL_MS + REUSE_MS, now);
      this.#grantedAt = now;
    }
    return this.#lease;
  }
}
