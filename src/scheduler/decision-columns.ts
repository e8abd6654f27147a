/**
 * Columns of numbers and names for decisions. Small ones that are equal are one list for all decisions; in a large
 * cluster a column that says the same of all nodes is a list of one number.
 */
import type { NodeInfo } from './cache/node-info.ts';
import type { NodeInput } from '../api/kubarium/scheduling-decision.ts';

/** Lists up to this length are shared by content; longer columns are shortened where they are constant. */
const SMALL = 100;
/** Lists to share; forgotten all at once when there are too many. */
const MAX_SHARED = 512;

const INPUTS: readonly [string, (node: NodeInfo) => number][] = [
  ['allocatable.cpu', ({ allocatable }) => allocatable.milliCPU],
  ['requested.cpu', ({ requested }) => requested.milliCPU],
  ['nonZeroRequested.cpu', (node) => node.nonZeroMilliCPU],
  ['allocatable.memory', ({ allocatable }) => allocatable.memory],
  ['requested.memory', ({ requested }) => requested.memory],
  ['nonZeroRequested.memory', (node) => node.nonZeroMemory],
  ['pods', ({ pods }) => pods.size],
];

/** Makes columns, sharing equal ones. */
export class ColumnMaker {
  readonly #shared = new Map<string, readonly (string | number)[]>();
  #lastNames: readonly string[] = [];

  /** The list, or an equal one made before. */
  share<T extends string | number>(list: T[]): readonly T[] {
    if (list.length > SMALL) return Object.freeze(list);
    const key = list.join();
    const known = this.#shared.get(key) as readonly T[] | undefined;
    if (known !== undefined) return known;
    if (this.#shared.size >= MAX_SHARED) this.#shared.clear();
    const frozen = Object.freeze(list);
    this.#shared.set(key, frozen);
    return frozen;
  }

  /** The first `count` numbers. */
  numbers(values: Float64Array, count: number): readonly number[] {
    if (count > SMALL && isConstant(values, count)) return this.share([values[0] ?? 0]);
    const list = new Array<number>(count);
    for (let index = 0; index < count; index++) list[index] = values[index] ?? 0;
    return this.share(list);
  }

  /** The nodes' names; the list of the time before when it is the same. */
  names(nodes: readonly NodeInfo[]): readonly string[] {
    const last = this.#lastNames;
    if (last.length === nodes.length && nodes.every(({ name }, index) => name === last[index])) return last;
    const list = nodes.map(({ name }) => name);
    return (this.#lastNames = this.share(list));
  }

  /** What formulas need to know of the nodes. */
  inputs(nodes: readonly NodeInfo[]): NodeInput[] {
    return INPUTS.map(([name, read]) => {
      const values = new Float64Array(nodes.length);
      for (let index = 0; index < nodes.length; index++) values[index] = read(nodes[index] as NodeInfo);
      return { name, values: this.numbers(values, nodes.length) };
    });
  }
}

function isConstant(values: Float64Array, count: number): boolean {
  const [first] = values;
  for (let index = 1; index < count; index++) if (values[index] !== first) return false;
  return true;
}
