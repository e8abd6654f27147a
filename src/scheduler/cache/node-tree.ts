/**
 * The order in which nodes are looked at: one node of each zone in turn, so that a search that stops early has seen all
 * zones (`pkg/scheduler/backend/cache/node_tree.go`).
 */
import type { Node } from '../../api/generated/types.ts';

const zoneOf = ({ metadata: { labels } }: Node): string => {
  const region = labels?.['topology.kubernetes.io/region'] ?? labels?.['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels?.['topology.kubernetes.io/zone'] ?? labels?.['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}/${zone}`;
};

/** Node names by zone. */
export class NodeTree {
  readonly #zones = new Map<string, Set<string>>();

  /** Adds or changes a node; `old` is what it was before. Returns whether the order changed. */
  set(node: Node, old: Node | undefined): boolean {
    const zone = zoneOf(node);
    if (old !== undefined) {
      if (zoneOf(old) === zone) return false;
      this.remove(old);
    }
    const names = this.#zones.get(zone);
    if (names === undefined) this.#zones.set(zone, new Set([node.metadata.name]));
    else names.add(node.metadata.name);
    return true;
  }

  remove(node: Node): void {
    const zone = zoneOf(node);
    const names = this.#zones.get(zone);
    names?.delete(node.metadata.name);
    if (names?.size === 0) this.#zones.delete(zone);
  }

  /** All names: the first of each zone, the second of each, and so on. */
  interleaved(): string[] {
    const zones = [...this.#zones.values()].map((names) => [...names]);
    const longest = zones.reduce((length, names) => Math.max(length, names.length), 0);
    const order: string[] = [];
    for (let round = 0; round < longest; round++) {
      for (const names of zones) {
        const name = names[round];
        if (name !== undefined) order.push(name);
      }
    }
    return order;
  }
}
