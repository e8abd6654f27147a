/**
 * SHA-256 (FIPS 180-4) of short texts, synchronously and without a host's cryptography: names that other programs
 * derive from a hash (kube-proxy's chains) must come out the same. Not for secrets: it takes no care of timing.
 */
import { assert } from './assert.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BLOCK_BYTES = 64;

/** Round constants, the start value and the message schedule: made when the first hash is asked for. */
interface Tables {
  readonly round: Int32Array;
  readonly start: Int32Array;
  readonly schedule: Int32Array;
}

let tables: Tables | undefined;

/** A word that is there: the arrays are as long as the loops. */
const at = (words: Int32Array, index: number): number => words[index] ?? 0;

/** The fractional part of x, its first 32 bits. */
const fraction = (x: number): number => ((x - Math.floor(x)) * 4_294_967_296) | 0;

/** Constants are the fractional parts of the cube and square roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function makeTables(): Tables {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return {
    round: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    start: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    schedule: new Int32Array(BLOCK_BYTES),
  };
}

/** The hash as eight 32-bit words, the first one first. `text` must be ASCII. */
function sha256Words(text: string): Int32Array {
  tables ??= makeTables();
  const state = tables.start.slice();
  const { schedule } = tables;
  const blocks = Math.floor((text.length + 8) / BLOCK_BYTES) + 1;
  for (let block = 0; block < blocks; block++) {
    schedule.fill(0, 0, 16);
    const first = block * BLOCK_BYTES;
    const end = Math.min(text.length, first + BLOCK_BYTES);
    for (let i = first; i < end; i++) {
      const code = text.charCodeAt(i);
      assert(code < 128, 'only ASCII text is hashed');
      const word = (i - first) >> 2;
      schedule[word] = (schedule[word] ?? 0) | (code << (24 - (i & 3) * 8));
    }
    const marker = text.length - first;
    if (marker >= 0 && marker < BLOCK_BYTES) {
      const word = marker >> 2;
      schedule[word] = (schedule[word] ?? 0) | (0x80 << (24 - (marker & 3) * 8));
    }
    if (block === blocks - 1) schedule[15] = text.length * 8;
    compress(state, tables);
  }
  return state;
}

/** One block: the schedule's first sixteen words are the message. */
function compress(state: Int32Array, { round, schedule: w }: Tables): void {
  for (let i = 16; i < 64; i++) {
    const x = at(w, i - 15);
    const y = at(w, i - 2);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(round, i) + at(w, i)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const added = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = at(state, i) + (added[i] ?? 0);
}

/** The whole hash in hexadecimal digits, as `sha256sum` prints it. `text` must be ASCII. */
export function sha256Hex(text: string): string {
  return Array.from(sha256Words(text), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/**
 * The first 16 characters of the hash in base32 (RFC 4648): the first 80 bits, five a character. `text` must be ASCII.
 * sha256 "ns1/svc1:p80tcp" begins bb cc 3e 7a 11 57 ec 9c cf ee, in fives 23 15 6 3 …: XPGD46QRK7WJZT7O.
 */
export function sha256Base32(text: string): string {
  const words = sha256Words(text);
  let out = '';
  let bits = 0;
  let held = 0;
  for (let byte = 0; byte < 10; byte++) {
    held = (held << 8) | ((at(words, byte >> 2) >>> (24 - (byte & 3) * 8)) & 255);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32[(held >>> bits) & 31];
    }
    held &= 31;
  }
  return out;
}
