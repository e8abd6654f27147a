/**
 * Leader election over a Lease (`k8s.io/client-go/tools/leaderelection/leaderelection.go`, `resourcelock/leaselock.go`): of
 * several candidates the one whose identity the Lease holds acts, and renews. The others take over when they have seen no
 * renewal for the whole lease duration by their own clock, so clocks need not agree.
 */
import { LeaseResource } from '../api/coordination/lease.ts';
import type { Lease, LeaseSpec } from '../api/generated/types.ts';
import { formatMicroTime } from '../apimachinery/durations.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { TaskScope, Timer } from '../sim/task-scope.ts';
import type { Client, ObjectKey } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** `--leader-elect-lease-duration`: how long others wait for a silent leader, seconds. */
export const LEASE_DURATION_SECONDS = 15;
/** `--leader-elect-renew-deadline`: how long a leader that cannot renew goes on, ms. */
export const RENEW_DEADLINE_MS = 10_000;
/** `--leader-elect-retry-period`: between two renewals, and at least between two attempts to acquire, ms. */
export const RETRY_PERIOD_MS = 2000;
/** Attempts to acquire are spread over up to so many times the period more (`JitterFactor`). */
const JITTER_FACTOR = 1.2;

/** One candidate. */
export interface Candidate {
  /** Its process: when it dies, renewals end and nobody is told. */
  scope: TaskScope;
  client: Client;
  recorder: EventRecorder;
  /** The Lease. */
  lock: ObjectKey;
  /** Unique among the candidates: host name and a random id. */
  identity: string;
  /** Whether an Event tells that it leads. Default: true. */
  announce?: boolean;
  onStartedLeading(): void;
  /** The leader could not renew in time: it must do nothing more. The candidate does not stand again. */
  onStoppedLeading(): void;
}

/** Takes part in an election. */
export class LeaderElector {
  readonly #candidate: Candidate;
  #observed: Lease | undefined;
  #observedAt = -Infinity;
  #renewedAt = -Infinity;
  #leading = false;
  /** The last attempt failed with an error. */
  #unanswered = false;
  #renewal: Timer | undefined;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  /** True while this candidate is the leader. */
  get isLeader(): boolean {
    return this.#leading;
  }

  /** Tries to become the leader until it is, then renews. The first attempt is made before this returns. */
  start(): void {
    const before = this.#observed;
    if (this.#tryAcquireOrRenew()) return this.#lead();
    const { scope } = this.#candidate;
    const delayMs = RETRY_PERIOD_MS * (1 + scope.random.float() * JITTER_FACTOR);
    // Behind a leader that renews, or for an apiserver, one may wait for ever; behind a silent leader, not.
    const background = this.#unanswered || (before !== undefined && before !== this.#observed);
    scope.after(delayMs, 'acquire lease', this.#label, () => this.start(), { background });
  }

  get #label(): string {
    const { namespace, name } = this.#candidate.lock;
    return `leases/${namespace ?? ''}/${name}`;
  }

  #lead(): void {
    this.#leading = true;
    if (this.#candidate.announce !== false) this.#tell('became leader');
    this.#renewal = this.#candidate.scope.every(RETRY_PERIOD_MS, 'renew lease', this.#label, () => this.#renew());
    this.#candidate.onStartedLeading();
  }

  #renew(): void {
    if (this.#tryAcquireOrRenew()) return;
    if (this.#candidate.scope.now - this.#renewedAt < RENEW_DEADLINE_MS) return;
    this.#leading = false;
    this.#renewal?.stop();
    this.#tell('stopped leading');
    this.#candidate.onStoppedLeading();
  }

  #tell(what: string): void {
    const { recorder, identity } = this.#candidate;
    if (this.#observed) recorder.event(this.#observed, 'Normal', 'LeaderElection', `${identity} ${what}`);
  }

  /** `tryAcquireOrRenew`. */
  #tryAcquireOrRenew(): boolean {
    const { scope, identity } = this.#candidate;
    this.#unanswered = false;
    try {
      this.#observe(this.#leading && this.#observed ? this.#observed : this.#read());
      const { holderIdentity: holder, leaseTransitions = 0, acquireTime } = this.#observed?.spec ?? {};
      if (holder && holder !== identity && scope.now < this.#observedAt + LEASE_DURATION_SECONDS * 1000) return false;
      const now = formatMicroTime(scope.now);
      const taken = this.#observed !== undefined && holder !== identity;
      this.#observe(
        this.#write({
          holderIdentity: identity,
          leaseDurationSeconds: LEASE_DURATION_SECONDS,
          acquireTime: holder === identity ? acquireTime : now,
          renewTime: now,
          leaseTransitions: taken ? leaseTransitions + 1 : leaseTransitions,
        }),
      );
      this.#renewedAt = scope.now;
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#unanswered = true;
      // Somebody else wrote, or nobody answers: look again before the next attempt.
      if (this.#leading) this.#reread();
      return false;
    }
  }

  #read(): Lease | undefined {
    return this.#candidate.client.find(LeaseResource, this.#candidate.lock);
  }

  #reread(): void {
    try {
      this.#observe(this.#read());
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Any change of the Lease is a sign of life, counted from when it is seen. */
  #observe(lease: Lease | undefined): void {
    if (lease?.metadata.resourceVersion === this.#observed?.metadata.resourceVersion) return;
    this.#observed = lease;
    this.#observedAt = this.#candidate.scope.now;
  }

  #write(spec: LeaseSpec): Lease {
    const { client, lock } = this.#candidate;
    const old = this.#observed;
    if (old === undefined) return client.create(LeaseResource, { metadata: { ...lock }, spec });
    return client.update(LeaseResource, { ...old, spec: { ...old.spec, ...spec } });
  }
}
