import { describe, expect, it } from 'vitest';
import { decodeBase64, decodeBase64Text, decodedLength, encodeBase64, isBase64 } from './base64.ts';

describe('base 64', () => {
  it.each([
    ['', ''],
    ['a', 'YQ=='],
    ['ab', 'YWI='],
    ['abc', 'YWJj'],
    ['héllo €', 'aMOpbGxvIOKCrA=='],
    ['节点 😀', '6IqC54K5IPCfmIA='],
  ])('writes %j as %s and reads it back', (text, encoded) => {
    expect(encodeBase64(text)).toBe(encoded);
    expect(decodeBase64Text(encoded)).toBe(text);
    expect(decodedLength(encoded)).toBe(decodeBase64(encoded)?.length);
  });

  it.each([
    ['YWJj', true],
    ['YWJ\nj', true],
    ['YWJ', false],
    ['YW=j', false],
    ['????', false],
  ])('knows whether %j is well formed', (text, expected) => {
    expect(isBase64(text)).toBe(expected);
  });

  it('refuses bytes that are not text', () => {
    expect(decodeBase64Text('/w==')).toBeUndefined();
    expect(decodeBase64('/w==')).toEqual(new Uint8Array([255]));
  });
});
