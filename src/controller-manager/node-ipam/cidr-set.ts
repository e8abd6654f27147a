/**
 * The equal parts of an IPv4 range and which of them are taken (`pkg/controller/nodeipam/ipam/cidrset/cidr_set.go`).
 */
import { assert } from '../../apimachinery/assert.ts';

/** Ranges are written as "10.244.3.0/24". */
export class CidrSet {
  readonly #base: number;
  readonly #maskSize: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(clusterCidr: string, maskSize: number) {
    const [address = '', size = ''] = clusterCidr.split('/');
    const clusterMaskSize = Number(size);
    assert(clusterMaskSize <= maskSize && maskSize <= 32, `node ranges of /${maskSize} do not fit into ${clusterCidr}`);
    this.#base = toNumber(address);
    this.#maskSize = maskSize;
    this.#count = 2 ** (maskSize - clusterMaskSize);
  }

  /** The next free range after the one given out last; undefined when all are taken (`AllocateNext`). */
  allocate(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const index = (this.#next + tried) % this.#count;
      if (this.#taken.has(index)) continue;
      this.#taken.add(index);
      this.#next = (index + 1) % this.#count;
      return `${toText(this.#base + index * this.#size)}/${this.#maskSize}`;
    }
    return undefined;
  }

  /** Marks a range as taken; one outside of the set is nobody's business. */
  occupy(range: string): void {
    const index = this.#indexOf(range);
    if (index !== undefined) this.#taken.add(index);
  }

  release(range: string): void {
    const index = this.#indexOf(range);
    if (index !== undefined) this.#taken.delete(index);
  }

  get #size(): number {
    return 2 ** (32 - this.#maskSize);
  }

  #indexOf(range: string): number | undefined {
    const index = (toNumber(range.split('/')[0] ?? '') - this.#base) / this.#size;
    return Number.isInteger(index) && index >= 0 && index < this.#count ? index : undefined;
  }
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
