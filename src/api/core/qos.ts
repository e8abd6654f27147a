/** Quality of service classes of pods (`pkg/apis/core/v1/helper/qos/qos.go`). */
import { tryParseQuantity } from '../../apimachinery/quantity.ts';
import type { PodSpec } from '../generated/types.ts';

/** `v1.PodQOSClass`. */
export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;
const known = new WeakMap<PodSpec['containers'], QOSClass>();

/** The amount in nano units, 0 when not set. */
const amount = (amounts: Readonly<Record<string, string>> | undefined, name: string): bigint =>
  tryParseQuantity(amounts?.[name] ?? '0')?.nano ?? 0n;

function compute({ containers = [], initContainers = [] }: PodSpec): QOSClass {
  let anything = false;
  let guaranteed = true;
  for (const { resources } of [...containers, ...initContainers]) {
    for (const name of COMPUTE) {
      const request = amount(resources?.requests, name);
      const limit = amount(resources?.limits, name);
      if (request > 0n || limit > 0n) anything = true;
      if (limit <= 0n || (request > 0n && request !== limit)) guaranteed = false;
    }
  }
  if (!anything) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/**
 * Guaranteed: every container limits cpu and memory, and requests as much; BestEffort: none asks for either; else Burstable.
 * `spec` has its defaults (requests taken from limits).
 */
export function qosClassOf(spec: PodSpec): QOSClass {
  const { containers, initContainers } = spec;
  if (initContainers?.length || !containers || !Object.isFrozen(containers)) return compute(spec);
  let found = known.get(containers);
  if (!found) known.set(containers, (found = compute(spec)));
  return found;
}
