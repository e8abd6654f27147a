/**
 * UTF-8 lengths and bytes of strings, by hand because the core has no TextEncoder. Go counts and hashes bytes, so
 * every length limit and every hash of Kubernetes does too. A lone surrogate counts as U+FFFD, as Go would read it.
 */

/** Calls `visit` with each byte of `text` in UTF-8. */
export function forEachUtf8Byte(text: string, visit: (byte: number) => void): void {
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      visit(code);
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const low = text.charCodeAt(index + 1);
      if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        index++;
      } else code = 0xfffd;
    }
    if (code < 0x800) visit(0xc0 | (code >> 6));
    else {
      if (code < 0x10000) visit(0xe0 | (code >> 12));
      else {
        visit(0xf0 | (code >> 18));
        visit(0x80 | ((code >> 12) & 0x3f));
      }
      visit(0x80 | ((code >> 6) & 0x3f));
    }
    visit(0x80 | (code & 0x3f));
  }
}

/** Number of bytes of `text` in UTF-8: what Go's `len` returns. */
export function utf8Length(text: string): number {
  let length = 0;
  forEachUtf8Byte(text, () => length++);
  return length;
}
