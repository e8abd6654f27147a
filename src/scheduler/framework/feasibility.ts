/**
 * Which nodes the pods of one template fit, kept node by node: an attempt that finds no node at all is known to be one without a look
 * at each of them. Only for pods whose filters look at nothing but the pod's spec, the node, and who is nominated to it.
 */
import type { NodeInfo } from '../cache/node-info.ts';
import type { Nominator, Snapshot } from './interface.ts';
import { NodeTable } from './node-table.ts';
import { StatusList } from './status-list.ts';
import type { Status } from './status.ts';

/** With more nodes changed at once a search as for a new template is as good. */
const MAX_RECOMPUTED = 64;

/** Refusals by node, and how many there are of each. */
export class Feasibility {
  /** `null`: the node passes. */
  readonly #table: NodeTable<Status | null>;
  readonly #snapshot: Snapshot;
  readonly #tally = new Map<Status, number>();
  #fitting = 0;

  /** Undefined where nobody keeps count of changes (dry runs). */
  static over(snapshot: Snapshot, nominator: Nominator): Feasibility | undefined {
    return snapshot.changes === undefined || nominator.changes === undefined ? undefined : new Feasibility(snapshot, nominator);
  }

  private constructor(snapshot: Snapshot, nominator: Nominator) {
    this.#snapshot = snapshot;
    const table = NodeTable.over<Status | null>(
      snapshot,
      nominator,
      (value) => this.#count(value, -1),
      () => {
        this.#tally.clear();
        this.#fitting = 0;
      },
    );
    this.#table = table as NodeTable<Status | null>;
  }

  /** Takes note of what has changed. To be called before a search. */
  follow(): void {
    this.#table.follow();
  }

  /** The refusal of the node at that place, `undefined` for none; `run` finds it when it is not known. */
  ask(place: number, node: NodeInfo, run: (node: NodeInfo) => Status | undefined): Status | undefined {
    const known = this.#table.get(place);
    if (known !== undefined) return known ?? undefined;
    const status = run(node);
    this.#keep(place, status);
    return status;
  }

  /** The refusals of all nodes, the one at `start` first, when no node passes; undefined when one does or that is not known. Valid until the next search. */
  nobody(start: number, run: (node: NodeInfo) => Status | undefined): StatusList | undefined {
    const compute = (node: NodeInfo): Status | null | undefined => {
      const status = run(node);
      if (status !== undefined && !status.isRejected) return undefined;
      this.#count(status ?? null, 1);
      return status ?? null;
    };
    if (this.#fitting > 0 || !this.#table.complete(MAX_RECOMPUTED, compute) || this.#fitting > 0) return undefined;
    return StatusList.of(this.#snapshot.nodes, this.#table.values as readonly Status[], start, this.#tally);
  }

  #keep(place: number, status: Status | undefined): void {
    if (status !== undefined && !status.isRejected) return;
    this.#table.set(place, status ?? null);
    this.#count(status ?? null, 1);
  }

  #count(value: Status | null, sign: 1 | -1): void {
    if (value === null) this.#fitting += sign;
    else {
      const count = (this.#tally.get(value) ?? 0) + sign;
      if (count > 0) this.#tally.set(value, count);
      else this.#tally.delete(value);
    }
  }
}
