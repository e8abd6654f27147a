/**
 * The one source of chance. A stream is seeded by text, and `fork` gives every component its own stream, so that one
 * more draw in one component does not shift the luck of all others. The generator is sfc32 (Chris Doty-Humphrey's
 * small fast counting generator): 128 bits of state, passes PractRand.
 */

/** Characters of generated names: no vowels and no look-alikes (`k8s.io/apimachinery/pkg/util/rand`). */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HEX = '0123456789abcdef';

/** Numbers that are thrown away first. */
const WARM_UP = 12;

/** A deterministic stream of random numbers. */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    const hash = hasher(seed);
    this.#a = hash();
    this.#b = hash();
    this.#c = hash();
    for (let i = 0; i < WARM_UP; i++) this.uint32();
  }

  /** An independent stream that depends only on this stream's seed and `name`, not on what was drawn so far. */
  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** How many numbers were taken from the stream. */
  get drawn(): number {
    return this.#counter - 1 - WARM_UP;
  }

  /** Where the stream is: four numbers into `state`, from `at` on. */
  save(state: number[], at: number): void {
    state[at] = this.#a;
    state[at + 1] = this.#b;
    state[at + 2] = this.#c;
    state[at + 3] = this.#counter;
  }

  /** Goes back to where `save` was called. */
  restore(state: readonly number[], at: number): void {
    this.#a = state[at] ?? 0;
    this.#b = state[at + 1] ?? 0;
    this.#c = state[at + 2] ?? 0;
    this.#counter = state[at + 3] ?? 0;
  }

  /** 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter++) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** 0 <= x < 1, 32 bits of it. */
  float(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** An integer 0 <= x < `bound`. */
  int(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  /** A random (version 4) UUID. */
  uuid(): string {
    const digits = this.hex(32);
    const variant = HEX[(Number.parseInt(digits[16] ?? '0', 16) & 3) | 8] ?? '8';
    return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, variant + digits.slice(17, 20), digits.slice(20)].join(
      '-',
    );
  }

  /** `length` characters as in generated names ("x7k2p"). */
  suffix(length: number): string {
    return Array.from({ length }, () => NAME_ALPHABET[this.int(NAME_ALPHABET.length)]).join('');
  }

  /** `length` hexadecimal digits, as in container ids. Joined from parts: text that grows by += would stay a tree in memory. */
  hex(length: number): string {
    const parts: string[] = [];
    for (let left = length; left > 0; left -= 8) parts.push(this.uint32().toString(16).padStart(8, '0').slice(0, left));
    return parts.join('');
  }
}

/** cyrb-style string hash that yields a sequence of 32-bit values. */
function hasher(text: string): () => number {
  let state = 1_779_033_703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 3_432_918_353);
    state = (state << 13) | (state >>> 19);
  }
  return () => {
    state = Math.imul(state ^ (state >>> 16), 2_246_822_507);
    state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
    return (state ^= state >>> 16) >>> 0;
  };
}
