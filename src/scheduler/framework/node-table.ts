/**
 * What is known of each node for the pods of one template, by the node's place in the list of all nodes: an answer holds until
 * the node, its pods or the pods nominated to it change. Who looks at thousands of nodes per pod reads one array here and leaves
 * the nodes themselves alone.
 */
import type { ChangeLog } from '../cache/change-log.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { Nominator, Snapshot } from './interface.ts';

/** The logs by which tables are kept up to date. */
interface Followed {
  readonly snapshot: Snapshot;
  readonly nodes: ChangeLog<NodeInfo>;
  readonly nominations: ChangeLog<string>;
}

/** One value per node; undefined where it is not known. */
export class NodeTable<T> {
  readonly #followed: Followed;
  readonly #forgotten: (value: T) => void;
  readonly #cleared: () => void;
  #nodes: readonly NodeInfo[] = [];
  #values: (T | undefined)[] = [];
  #nodePosition = -1;
  #nominationPosition = -1;
  #unknown = 0;

  /** A table, or undefined where nobody keeps count of changes (dry runs). `forgotten` hears of each value dropped, `cleared` of all at once. */
  static over<T>(
    snapshot: Snapshot,
    nominator: Nominator,
    forgotten: (value: T) => void = () => undefined,
    cleared: () => void = () => undefined,
  ): NodeTable<T> | undefined {
    const { changes: nodes } = snapshot;
    const { changes: nominations } = nominator;
    return nodes === undefined || nominations === undefined
      ? undefined
      : new NodeTable({ snapshot, nodes, nominations }, forgotten, cleared);
  }

  private constructor(followed: Followed, forgotten: (value: T) => void, cleared: () => void) {
    this.#followed = followed;
    this.#forgotten = forgotten;
    this.#cleared = cleared;
  }

  /** Forgets what has changed since the last call. To be called before values are read. */
  follow(): void {
    const { snapshot, nodes: log, nominations } = this.#followed;
    const { nodes } = snapshot;
    const changed = log.since(this.#nodePosition);
    const renominated = nominations.since(this.#nominationPosition);
    if (nodes !== this.#nodes || changed === undefined || renominated === undefined) this.#clear(nodes);
    else {
      for (const { place } of changed) this.#forget(place);
      for (const name of renominated) this.#forget(snapshot.get(name)?.place ?? -1);
    }
    this.#nodePosition = log.position;
    this.#nominationPosition = nominations.position;
  }

  get(place: number): T | undefined {
    return this.#values[place];
  }

  set(place: number, value: T): void {
    if (this.#values[place] === undefined) this.#unknown--;
    this.#values[place] = value;
  }

  /** Works out what is not known; false when that is more than `limit` nodes, or when a value is not to be had. */
  complete(limit: number, compute: (node: NodeInfo) => T | undefined): boolean {
    if (this.#unknown > limit) return false;
    if (this.#unknown === 0) return true;
    for (let place = this.#values.indexOf(undefined); place >= 0; place = this.#values.indexOf(undefined, place + 1)) {
      const node = this.#nodes[place];
      const value = node && compute(node);
      if (value === undefined) return false;
      this.set(place, value);
    }
    return true;
  }

  /** The values in the order of all nodes; to be read before the next `follow`. */
  get values(): readonly (T | undefined)[] {
    return this.#values;
  }

  #forget(place: number): void {
    const value = this.#values[place];
    if (value === undefined) return;
    this.#values[place] = undefined;
    this.#unknown++;
    this.#forgotten(value);
  }

  #clear(nodes: readonly NodeInfo[]): void {
    this.#nodes = nodes;
    this.#values = new Array<T | undefined>(nodes.length).fill(undefined);
    this.#unknown = nodes.length;
    this.#cleared();
  }
}
