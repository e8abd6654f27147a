/** The schedulers by name, as `ipvsadm -s` knows them. */
// Differs: scheduler mh (Maglev hashing) does not exist.
import { DestinationHash, SourceHash } from './hashing.ts';
import { failover, leastConnection, neverQueue, overflow, shortestExpectedDelay, weightedLeastConnection } from './least-connection.ts';
import { LocalityLeast, LocalityLeastReplicated } from './locality.ts';
import { RoundRobin, WeightedRoundRobin } from './round-robin.ts';
import type { Scheduler } from './types.ts';

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  rr: () => new RoundRobin(),
  wrr: () => new WeightedRoundRobin(),
  lc: leastConnection,
  wlc: weightedLeastConnection,
  lblc: () => new LocalityLeast(),
  lblcr: () => new LocalityLeastReplicated(),
  dh: () => new DestinationHash(),
  sh: () => new SourceHash(),
  sed: shortestExpectedDelay,
  nq: neverQueue,
  ovf: overflow,
  fo: failover,
};

/** Names of all schedulers. */
export const SCHEDULER_NAMES: readonly string[] = Object.keys(SCHEDULERS);

/** A new scheduler; undefined when there is none of that name. */
export const newScheduler = (name: string): Scheduler | undefined => SCHEDULERS[name]?.();
