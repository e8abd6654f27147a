/** A binary heap that finds its items by key, so that they can be taken out of the middle (`pkg/scheduler/backend/heap`). */

/** Items in the order of `less`; at most one item a key. */
export class Heap<T> {
  readonly #key: (item: T) => string;
  readonly #less: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #index = new Map<string, number>();

  constructor(key: (item: T) => string, less: (a: T, b: T) => boolean) {
    this.#key = key;
    this.#less = less;
  }

  get size(): number {
    return this.#items.length;
  }

  /** All items, in no order. */
  items(): readonly T[] {
    return this.#items;
  }

  get(key: string): T | undefined {
    const index = this.#index.get(key);
    return index === undefined ? undefined : this.#items[index];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds the item, or puts one that is there already into its new place. */
  set(item: T): void {
    const known = this.#index.get(this.#key(item));
    const index = known ?? this.#items.length;
    this.#place(item, index);
    this.#down(this.#up(index));
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(this.#key(first));
    return first;
  }

  delete(key: string): T | undefined {
    const index = this.#index.get(key);
    if (index === undefined) return undefined;
    const removed = this.#items[index];
    const last = this.#items.pop();
    this.#index.delete(key);
    if (last !== undefined && index < this.#items.length) {
      this.#place(last, index);
      this.#down(this.#up(index));
    }
    return removed;
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    this.#index.set(this.#key(item), index);
  }

  #swapIfLess(child: number, parent: number): boolean {
    const [a, b] = [this.#items[child], this.#items[parent]];
    if (a === undefined || b === undefined || !this.#less(a, b)) return false;
    this.#place(a, parent);
    this.#place(b, child);
    return true;
  }

  #up(start: number): number {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLess(index, parent)) break;
      index = parent;
    }
    return index;
  }

  #down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [this.#items[left], this.#items[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && this.#less(b, a) ? left + 1 : left;
      if (!this.#swapIfLess(child, index)) return;
      index = child;
    }
  }
}
