/** Why nodes were refused: thousands of entries per attempt, written in order and mostly read in order, so a map of them is made only when asked. */
import type { NodeInfo } from '../cache/node-info.ts';
import type { StatusesByNode } from './interface.ts';
import type { Code, Status } from './status.ts';

/** Node → refusal, in the order in which nodes were looked at. */
export class StatusList implements StatusesByNode {
  readonly #nodes: NodeInfo[] = [];
  readonly #statuses: Status[] = [];
  #byName: Map<string, Status> | undefined;

  get size(): number {
    return this.#nodes.length;
  }

  add(node: NodeInfo, status: Status): void {
    this.#nodes.push(node);
    this.#statuses.push(status);
    this.#byName = undefined;
  }

  get(name: string): Status | undefined {
    this.#byName ??= new Map(this);
    return this.#byName.get(name);
  }

  values(): Iterable<Status> {
    return this.#statuses;
  }

  /** The nodes refused with that code. */
  nodesWith(code: Code): NodeInfo[] {
    return this.#nodes.filter((_, index) => this.#statuses[index]?.code === code);
  }

  *[Symbol.iterator](): Generator<[string, Status]> {
    for (let index = 0; index < this.#nodes.length; index++) yield [this.#nodes[index]?.name ?? '', this.#statuses[index] as Status];
  }
}
