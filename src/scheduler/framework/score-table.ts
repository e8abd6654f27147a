/**
 * The scores of one attempt: a row of numbers per plugin, a column per feasible node. Reused from attempt to attempt,
 * so that scoring allocates nothing.
 */
import type { NodeInfo } from '../cache/node-info.ts';
import type { WeightedScore } from './framework.ts';

/** Raw and normalised scores, and totals weighted as the profile says. */
export class ScoreTable {
  nodes: readonly NodeInfo[] = [];
  /** The plugins that scored, in order; without those that were skipped. */
  plugins: readonly WeightedScore[] = [];
  /** Sum over plugins of weight · normalised score; the first `nodes.length` entries count. */
  totals: Float64Array = new Float64Array(0);
  readonly #raw: Float64Array[] = [];
  readonly #normalized: Float64Array[] = [];

  reset(nodes: readonly NodeInfo[], plugins: readonly WeightedScore[]): void {
    this.nodes = nodes;
    this.plugins = plugins;
    if (this.totals.length < nodes.length) {
      const capacity = nodes.length * 2;
      this.totals = new Float64Array(capacity);
      this.#raw.length = 0;
      this.#normalized.length = 0;
    } else this.totals.fill(0, 0, nodes.length);
    while (this.#raw.length < plugins.length) {
      this.#raw.push(new Float64Array(this.totals.length));
      this.#normalized.push(new Float64Array(this.totals.length));
    }
  }

  /** Row of raw scores of the plugin at `index` of `plugins`. */
  raw(index: number): Float64Array {
    return this.#raw[index] ?? EMPTY;
  }

  /** Row of scores after normalisation, before the weight. */
  normalized(index: number): Float64Array {
    return this.#normalized[index] ?? EMPTY;
  }
}

const EMPTY = new Float64Array(0);
