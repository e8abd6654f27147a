/**
 * Sums over all nodes for pods that are alike (same template, same labels), kept up to date node by node instead of being made
 * anew for each pod.
 */
import type { PodSpec } from '../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodGroup } from '../cache/pod-group.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../framework/interface.ts';

/** A sum that can take a node's new contribution for its old one. */
export interface Tally {
  update(node: NodeInfo): void;
}

interface Entry<T> {
  readonly group: PodGroup;
  readonly version: unknown;
  readonly tally: T;
  position: number;
}

const MAX_ENTRIES = 16;

/** The tallies of one plugin. */
export class Tallies<T extends Tally> {
  readonly #entries = new Map<PodSpec, Entry<T>>();

  /**
   * The tally for the pod, up to date. `version` stands for everything besides nodes that contributions depend on; `make` makes an
   * empty one.
   */
  get({ changes, nodes }: Snapshot, { pod: { spec }, group }: PodInfo, version: unknown, make: () => T): T {
    const known = this.#entries.get(spec);
    if (changes !== undefined && known?.group === group && known.version === version) {
      const changed = changes.since(known.position);
      if (changed !== undefined) {
        for (const node of changed) known.tally.update(node);
        known.position = changes.position;
        return known.tally;
      }
    }
    const tally = make();
    for (const node of nodes) tally.update(node);
    if (changes === undefined) return tally;
    changes.since(changes.position);
    this.#entries.delete(spec);
    if (this.#entries.size >= MAX_ENTRIES) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(spec, { group, version, tally, position: changes.position });
    return tally;
  }
}
