/**
 * Which nodes have changed since when: whoever keeps sums over all nodes looks at these only. When nodes come or go the log begins anew,
 * and sums have to be made anew, too.
 */
import type { NodeInfo } from './node-info.ts';

/** As many changes are remembered. */
const MAX_LENGTH = 20_000;

/** The changes in their order. */
export class ChangeLog<T = NodeInfo> {
  #changes: T[] = [];
  #base = 0;

  /** The place behind the last change. */
  get position(): number {
    return this.#base + this.#changes.length;
  }

  add(node: T): void {
    if (this.#changes.at(-1) === node && this.position > this.#read) return;
    if (this.#changes.length >= MAX_LENGTH) this.reset();
    this.#changes.push(node);
  }

  /** How far anybody has read: a change that was read may not stand for a later one. */
  #read = 0;

  /** The nodes that changed from `position` on; undefined when that is no longer known. */
  since(position: number): readonly T[] | undefined {
    this.#read = this.position;
    return position < this.#base ? undefined : this.#changes.slice(position - this.#base);
  }

  /** Forgets everything: nodes came or went. */
  reset(): void {
    this.#base = this.position + 1;
    this.#changes = [];
  }
}
