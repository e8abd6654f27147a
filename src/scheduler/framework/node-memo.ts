/**
 * What node-local plugins answered about nodes for the pods of one template: good until the node changes, which its
 * generation tells. Dense arrays by the node's slot, because thousands of nodes are looked at per pod.
 */
import type { PodSpec } from '../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Feasibility } from './feasibility.ts';
import type { Status } from './status.ts';

/** Templates whose answers are kept. */
const MAX_MEMOS = 16;
const FIRST_SIZE = 64;

/** Numbers by slot, with the generation for which each holds. */
export class Column {
  #generations = new Float64Array(FIRST_SIZE);
  #values = new Float64Array(FIRST_SIZE);

  /** The number for the node as it is now; `compute` makes it when it is not known. */
  get({ slot, generation }: NodeInfo): number | undefined {
    return this.#generations[slot] === generation ? this.#values[slot] : undefined;
  }

  set({ slot, generation }: NodeInfo, value: number): void {
    if (slot >= this.#values.length) {
      const size = Math.max(slot + 1, this.#values.length * 2);
      this.#generations = grown(this.#generations, size);
      this.#values = grown(this.#values, size);
    }
    this.#generations[slot] = generation;
    this.#values[slot] = value;
  }
}

function grown(array: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(array);
  return larger;
}

/** The answers for one template. */
export class NodeMemo {
  /** 0: the node passes; n: refused with the status n - 1 of the list. */
  readonly #refusals = new Column();
  readonly #statuses: Status[] = [];
  readonly #indexes = new Map<Status, number>();
  readonly #scores = new Map<string, Column>();
  /** Which nodes pods of the template fit; made by the first search that can use it. */
  feasibility: Feasibility | undefined;
  readonly #withNominated: ({ nominated: readonly PodInfo[]; generation: number; refusal: Status | null } | undefined)[] = [];

  /** The first refusal by node-local filters: a Status, `null` for none, undefined when it is not known. */
  refusal(node: NodeInfo): Status | null | undefined {
    const index = this.#refusals.get(node);
    if (index === undefined) return undefined;
    return index === 0 ? null : this.#statuses[index - 1];
  }

  keepRefusal(node: NodeInfo, status: Status | undefined): void {
    if (status === undefined) return this.#refusals.set(node, 0);
    let index = this.#indexes.get(status);
    if (index === undefined) {
      // Plugins that make a new status for each node would fill the list.
      if (this.#statuses.length >= MAX_STATUSES) return;
      index = this.#statuses.push(status);
      this.#indexes.set(status, index);
    }
    this.#refusals.set(node, index);
  }

  /** The refusal with the nominated pods of the node, as long as those are the same; `null` for none, undefined when it is not known. */
  refusalWith(nominated: readonly PodInfo[], { slot, generation }: NodeInfo): Status | null | undefined {
    const known = this.#withNominated[slot];
    return known?.generation === generation && known.nominated === nominated ? known.refusal : undefined;
  }

  keepRefusalWith(nominated: readonly PodInfo[], { slot, generation }: NodeInfo, refusal: Status | null): void {
    this.#withNominated[slot] = { nominated, generation, refusal };
  }

  /** The raw scores of a plugin. */
  scores(plugin: string): Column {
    let column = this.#scores.get(plugin);
    if (column === undefined) this.#scores.set(plugin, (column = new Column()));
    return column;
  }
}

const MAX_STATUSES = 1000;

/** The memos of one profile. */
export class NodeMemos {
  readonly #seen = new WeakSet<PodSpec>();
  readonly #memos = new Map<PodSpec, NodeMemo>();

  get size(): number {
    return this.#memos.size;
  }

  /** The memo of the template, if it has one. */
  known(spec: PodSpec): NodeMemo | undefined {
    return this.#memos.get(spec);
  }

  /** The memo of the pod's template; undefined for a spec that is seen for the first time, since most of those stay alone. */
  of(spec: PodSpec): NodeMemo | undefined {
    const known = this.#memos.get(spec);
    if (known !== undefined) return known;
    if (!this.#seen.has(spec)) {
      this.#seen.add(spec);
      return undefined;
    }
    const memo = new NodeMemo();
    if (this.#memos.size >= MAX_MEMOS) {
      const [oldest] = this.#memos.keys();
      if (oldest !== undefined) this.#memos.delete(oldest);
    }
    this.#memos.set(spec, memo);
    return memo;
  }
}
