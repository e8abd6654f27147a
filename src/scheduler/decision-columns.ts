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

const INPUTS = [
  'allocatable.cpu',
  'requested.cpu',
  'nonZeroRequested.cpu',
  'allocatable.memory',
  'requested.memory',
  'nonZeroRequested.memory',
  'pods',
];

/** Makes columns, sharing equal ones. */
export class ColumnMaker {
  readonly #shared = new Map<string, readonly (string | number)[]>();
  #lastNames: readonly string[] = [];
  #inputs = new Float64Array(0);

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

  /** What formulas need to know of the nodes. Node by node, because the nodes are what is far away in memory. */
  inputs(nodes: readonly NodeInfo[]): NodeInput[] {
    const count = nodes.length;
    if (this.#inputs.length < count * INPUTS.length) this.#inputs = new Float64Array(count * INPUTS.length);
    const into = this.#inputs;
    for (let index = 0; index < count; index++) {
      const { allocatable, requested, nonZeroMilliCPU, nonZeroMemory, pods } = nodes[index] as NodeInfo;
      into[index] = allocatable.milliCPU;
      into[count + index] = requested.milliCPU;
      into[2 * count + index] = nonZeroMilliCPU;
      into[3 * count + index] = allocatable.memory;
      into[4 * count + index] = requested.memory;
      into[5 * count + index] = nonZeroMemory;
      into[6 * count + index] = pods.size;
    }
    return INPUTS.map((name, column) => ({ name, values: this.numbers(into.subarray(column * count), count) }));
  }
}

function isConstant(values: Float64Array, count: number): boolean {
  const [first] = values;
  for (let index = 1; index < count; index++) if (values[index] !== first) return false;
  return true;
}
