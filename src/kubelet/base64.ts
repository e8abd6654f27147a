/** Base64 as in Secret data, decoded to text (the core has no `atob`). */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((character, index) => [character, index]));

/** The bytes of `text`. Characters outside the alphabet are skipped. */
function decodeBytes(text: string): number[] {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) continue;
    buffer = ((buffer << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 0xff);
    }
  }
  return bytes;
}

/** Number of bytes and leading bits of a UTF-8 sequence by its first byte. */
function sequence(first: number): { length: number; bits: number } {
  if (first < 0x80) return { length: 1, bits: first };
  if (first >= 0xc2 && first < 0xe0) return { length: 2, bits: first & 0x1f };
  if (first >= 0xe0 && first < 0xf0) return { length: 3, bits: first & 0x0f };
  if (first >= 0xf0 && first < 0xf5) return { length: 4, bits: first & 0x07 };
  return { length: 1, bits: 0xfffd };
}

/** The text whose UTF-8 bytes `base64` encodes; bytes that are no UTF-8 become U+FFFD. */
export function decodeBase64(base64: string): string {
  const bytes = decodeBytes(base64);
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const { length, bits } = sequence(bytes[index] ?? 0);
    let code = bits;
    for (let offset = 1; offset < length; offset++) code = (code << 6) | ((bytes[index + offset] ?? 0) & 0x3f);
    text += String.fromCodePoint(Math.min(code, 0x10ffff));
    index += length;
  }
  return text;
}
