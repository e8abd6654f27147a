/**
 * Allocates numbers from a range at random, leaving the lower band to numbers chosen by hand for as long as possible
 * (`k8s.io/kubernetes/pkg/registry/core/service/allocator/bitmap.go`, AllocationBitmapWithOffset).
 */
import type { Random } from '../../sim/random.ts';

const RANDOM_TRIES = 32;

/** The set of taken numbers in `first` .. `first + count - 1`. */
export class RangeAllocator {
  readonly #random: Random;
  readonly #first: number;
  readonly #count: number;
  /** Size of the lower band: min(max(16, count / 16), 256), and none where the range is tiny. */
  readonly #band: number;
  readonly #taken = new Set<number>();

  constructor(random: Random, first: number, count: number) {
    this.#random = random;
    this.#first = first;
    this.#count = count;
    this.#band = count <= 16 ? 0 : Math.min(Math.max(16, Math.floor(count / 16)), 256);
  }

  contains(value: number): boolean {
    return value >= this.#first && value < this.#first + this.#count;
  }

  /** Takes this number; false when it is taken or out of range. */
  take(value: number): boolean {
    if (!this.contains(value) || this.#taken.has(value)) return false;
    this.#taken.add(value);
    return true;
  }

  /** Takes a free number above the band, or, when there is none, within it. Undefined when the range is full. */
  takeAny(): number | undefined {
    if (this.#taken.size >= this.#count) return undefined;
    const upper = this.#count - this.#band;
    for (let tries = 0; tries < RANDOM_TRIES; tries++) {
      const value = this.#first + this.#band + this.#random.int(upper);
      if (this.take(value)) return value;
    }
    for (let step = 0; step < this.#count; step++) {
      const value = this.#first + ((this.#band + step) % this.#count);
      if (this.take(value)) return value;
    }
    return undefined;
  }

  free(value: number): void {
    this.#taken.delete(value);
  }
}
