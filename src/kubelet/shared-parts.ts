/**
 * Parts of pod statuses that are equal for many pods of a node, kept once: pods of one workload that become ready in the
 * same second have the same five conditions.
 */
import type { HostIP, PodCondition } from '../api/generated/types.ts';

/** Lists are remembered until there are so many different ones. */
const MAX_LISTS = 128;

/** One kubelet's. */
export class SharedParts {
  /** `status.hostIPs` of every pod. */
  readonly hostIPs: HostIP[];
  readonly #conditions = new Map<string, PodCondition[]>();

  constructor(nodeIp: string) {
    this.hostIPs = [{ ip: nodeIp }];
  }

  /** The list, or an equal one that is in use already. */
  conditions(list: PodCondition[]): PodCondition[] {
    const key = JSON.stringify(list);
    const known = this.#conditions.get(key);
    if (known !== undefined) return known;
    if (this.#conditions.size >= MAX_LISTS) this.#conditions.clear();
    this.#conditions.set(key, list);
    return list;
  }
}
