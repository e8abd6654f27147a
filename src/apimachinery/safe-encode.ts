/**
 * Hashes in names: FNV-1a and the alphabet without vowels that keeps hashes from spelling words
 * (`k8s.io/apimachinery/pkg/util/rand/rand.go`, `pkg/util/hash/hash.go`, `pkg/controller/controller_utils.go`).
 */
import { forEachUtf8Byte } from './utf8.ts';

/** The alphabet of generated names and hashes. */
export const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** 32-bit FNV-1a of the UTF-8 bytes, unsigned. `seed` continues an earlier sum. */
export function fnv32a(text: string, seed = OFFSET_BASIS): number {
  let hash = seed;
  forEachUtf8Byte(text, (byte) => {
    hash = Math.imul(hash ^ byte, PRIME);
  });
  return hash >>> 0;
}

/** Maps each character by its code modulo 27 to the safe alphabet (`rand.SafeEncodeString`). */
export function safeEncodeString(text: string): string {
  let encoded = '';
  for (let index = 0; index < text.length; index++) encoded += SAFE_ALPHABET.charAt(text.charCodeAt(index) % SAFE_ALPHABET.length);
  return encoded;
}

/** JSON with sorted keys and without undefined values: equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`)
    .join(',')}}`;
}

const sums = new WeakMap<object, number>();

/**
 * The hash of a pod template, the value of `pod-template-hash` and `controller-revision-hash` (`ComputeHash`). The
 * template must be frozen: its sum is kept. `collisionCount` adds eight bytes, little-endian, as upstream does.
 * Differs: upstream hashes a dump of the Go struct, which changes with every release; here it is canonical JSON, so
 * hashes have upstream's form but not its values.
 */
export function podTemplateHash(template: object, collisionCount?: number): string {
  let sum = sums.get(template);
  if (sum === undefined) {
    sum = fnv32a(canonicalJson(template));
    sums.set(template, sum);
  }
  if (collisionCount !== undefined) {
    for (let index = 0; index < 8; index++) {
      const byte = index < 4 ? (collisionCount >>> (8 * index)) & 0xff : 0;
      sum = Math.imul(sum ^ byte, PRIME);
    }
  }
  return safeEncodeString(String(sum >>> 0));
}
