/** Base 64 as Secrets use it (RFC 4648 with padding). The core has no btoa. */
import { forEachUtf8Byte } from './utf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((character, index) => [character, index]));

/** The text as UTF-8 in base 64: "hi" -> "aGk=". */
export function encodeBase64(text: string): string {
  const bytes: number[] = [];
  forEachUtf8Byte(text, (byte) => bytes.push(byte));
  return encodeBase64Bytes(bytes);
}

/** Bytes in base 64. */
export function encodeBase64Bytes(bytes: ArrayLike<number>): string {
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const a = bytes[index] ?? 0;
    const b = bytes[index + 1];
    const c = bytes[index + 2];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    encoded += ALPHABET.charAt(bits >> 18) + ALPHABET.charAt((bits >> 12) & 63);
    encoded += (b === undefined ? '=' : ALPHABET.charAt((bits >> 6) & 63)) + (c === undefined ? '=' : ALPHABET.charAt(bits & 63));
  }
  return encoded;
}

/** Whether `text` is well-formed base 64; line breaks are allowed, as Go's decoder allows them. */
export function isBase64(text: string): boolean {
  const plain = text.replace(/[\r\n]/g, '');
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
}

/** How many bytes `text` holds once decoded. */
export function decodedLength(text: string): number {
  const plain = text.replace(/[\r\n=]/g, '');
  return Math.floor((plain.length * 3) / 4);
}

/** The bytes of a base 64 text; undefined when it is not one. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!isBase64(text)) return undefined;
  const plain = text.replace(/[\r\n=]/g, '');
  const bytes = new Uint8Array(decodedLength(text));
  let bits = 0;
  let held = 0;
  let written = 0;
  for (const character of plain) {
    bits = ((bits << 6) | (VALUES.get(character) ?? 0)) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = (bits >> held) & 0xff;
  }
  return bytes;
}

/** The text of a base 64 value, read as UTF-8; undefined when it is not base 64 or not UTF-8. */
export function decodeBase64Text(text: string): string | undefined {
  const bytes = decodeBase64(text);
  if (!bytes) return undefined;
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return undefined;
  }
}
