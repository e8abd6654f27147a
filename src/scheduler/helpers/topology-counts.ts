/** Numbers per topology pair (label key, label value), for inter-pod affinity. */
import type { NodeInfo } from '../cache/node-info.ts';

/** Pair → number. Pairs that come to 0 are forgotten. */
export class TopologyCounts {
  readonly #byKey: Map<string, Map<string, number>>;

  constructor(byKey = new Map<string, Map<string, number>>()) {
    this.#byKey = byKey;
  }

  get empty(): boolean {
    return this.#byKey.size === 0;
  }

  get(key: string, value: string): number {
    return this.#byKey.get(key)?.get(value) ?? 0;
  }

  /** Adds to the node's pair of that key, if it has the label. */
  add(key: string, { labels }: NodeInfo, amount: number): void {
    const value = labels?.[key];
    if (value !== undefined) this.addPair(key, value, amount);
  }

  addPair(key: string, value: string, amount: number): void {
    if (amount === 0) return;
    let values = this.#byKey.get(key);
    if (values === undefined) this.#byKey.set(key, (values = new Map<string, number>()));
    const sum = (values.get(value) ?? 0) + amount;
    if (sum !== 0) values.set(value, sum);
    else values.delete(value);
    if (values.size === 0) this.#byKey.delete(key);
  }

  /** Sum over the pairs that the node has. */
  sumOn({ labels }: NodeInfo): number {
    let sum = 0;
    for (const [key, values] of this.#byKey) {
      const value = labels?.[key];
      if (value !== undefined) sum += values.get(value) ?? 0;
    }
    return sum;
  }

  /** Whether any pair of the node counts more than 0. */
  anyOn({ labels }: NodeInfo): boolean {
    for (const [key, values] of this.#byKey) {
      const value = labels?.[key];
      if (value !== undefined && (values.get(value) ?? 0) > 0) return true;
    }
    return false;
  }

  /** Adds `sign` times the other numbers. */
  addAll(other: TopologyCounts, sign: 1 | -1): void {
    for (const [key, values] of other.#byKey) for (const [value, amount] of values) this.addPair(key, value, sign * amount);
  }

  clone(): TopologyCounts {
    return new TopologyCounts(new Map([...this.#byKey].map(([key, values]) => [key, new Map(values)])));
  }
}
