/** Why nodes were refused: thousands of entries per attempt, written in order and mostly read in order, so a map of them is made only when asked. */
import type { NodeInfo } from '../cache/node-info.ts';
import type { StatusesByNode } from './interface.ts';
import type { Code, Status } from './status.ts';

/** Node → refusal, in the order in which nodes were looked at. */
export class StatusList implements StatusesByNode {
  readonly #nodes: NodeInfo[] = [];
  readonly #statuses: Status[] = [];
  /** The index of the first entry; those before it follow the last. */
  #start = 0;
  #byName: Map<string, Status> | undefined;
  #tally: ReadonlyMap<Status, number> | undefined;

  /** A list of what others keep: it may be read until they change it. `tally`: the same as `tally()` would count. */
  static of(nodes: readonly NodeInfo[], statuses: readonly Status[], start: number, tally: ReadonlyMap<Status, number>): StatusList {
    const list = new StatusList(nodes as NodeInfo[], statuses as Status[]);
    list.#start = start;
    list.#tally = tally;
    return list;
  }

  constructor(nodes: NodeInfo[] = [], statuses: Status[] = []) {
    this.#nodes = nodes;
    this.#statuses = statuses;
  }

  get size(): number {
    return this.#nodes.length;
  }

  add(node: NodeInfo, status: Status): void {
    this.#nodes.push(node);
    this.#statuses.push(status);
    this.#byName = undefined;
    this.#tally = undefined;
  }

  get(name: string): Status | undefined {
    this.#byName ??= new Map(this);
    return this.#byName.get(name);
  }

  values(): Iterable<Status> {
    return rotated(this.#statuses, this.#start);
  }

  /** How many nodes there are with each status. */
  tally(): ReadonlyMap<Status, number> {
    if (this.#tally !== undefined) return this.#tally;
    const tally = new Map<Status, number>();
    for (const status of this.#statuses) tally.set(status, (tally.get(status) ?? 0) + 1);
    return (this.#tally = tally);
  }

  /** The nodes refused with that code. */
  nodesWith(code: Code): readonly NodeInfo[] {
    let all = true;
    for (const status of this.tally().keys()) all &&= status.code === code;
    const nodes = rotated(this.#nodes, this.#start);
    if (all) return nodes;
    const statuses = rotated(this.#statuses, this.#start);
    return nodes.filter((_, index) => statuses[index]?.code === code);
  }

  *[Symbol.iterator](): Generator<[string, Status]> {
    const count = this.#nodes.length;
    for (let index = 0; index < count; index++) {
      const at = (this.#start + index) % count;
      yield [this.#nodes[at]?.name ?? '', this.#statuses[at] as Status];
    }
  }
}

const rotated = <T>(list: readonly T[], start: number): readonly T[] =>
  start === 0 ? list : [...list.slice(start), ...list.slice(0, start)];
