/**
 * The set of all keys that ever were, in byte order, for range reads. Kept in chunks so that an insert moves at most a
 * chunk: O(√n) and, with chunks of a few hundred keys, a few microseconds at a hundred thousand keys.
 */
const CHUNK_LIMIT = 512;

/** First index in `keys` whose key is >= `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An ordered set of strings. Order is that of UTF-16 code units, which for etcd's ASCII keys is byte order. */
export class SortedKeys {
  #chunks: string[][] = [[]];

  add(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as string[];
    const index = lowerBound(chunk, key);
    if (chunk[index] === key) return;
    chunk.splice(index, 0, key);
    if (chunk.length > CHUNK_LIMIT) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_LIMIT / 2));
  }

  delete(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as string[];
    const index = lowerBound(chunk, key);
    if (chunk[index] !== key) return;
    chunk.splice(index, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** Keys with `from` <= key < `end`; to the last one when `end` is undefined. */
  *range(from: string, end: string | undefined): Generator<string> {
    let at = this.#chunkOf(from);
    let index = lowerBound(this.#chunks[at] as string[], from);
    for (; at < this.#chunks.length; at++, index = 0) {
      const chunk = this.#chunks[at] as string[];
      for (; index < chunk.length; index++) {
        const key = chunk[index] as string;
        if (end !== undefined && key >= end) return;
        yield key;
      }
    }
  }

  /** Calls `visit` for the same keys as `range`, in a tight loop: reads of ten thousand objects go through here. */
  each(from: string, end: string | undefined, visit: (key: string) => void): void {
    let at = this.#chunkOf(from);
    let index = lowerBound(this.#chunks[at] as string[], from);
    for (; at < this.#chunks.length; at++, index = 0) {
      const chunk = this.#chunks[at] as string[];
      const all = end === undefined || (chunk.at(-1) ?? '') < end;
      const to = all ? chunk.length : lowerBound(chunk, end);
      for (; index < to; index++) visit(chunk[index] as string);
      if (!all) return;
    }
  }

  /** The chunk that holds, or would hold, `key`: the last one that does not begin after it. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (((this.#chunks[middle] as string[])[0] as string) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
