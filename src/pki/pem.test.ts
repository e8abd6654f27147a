import { describe, expect, it } from 'vitest';
import { firstPemBlock, pem } from './pem.ts';

const BLOCK = '-----BEGIN X-----\naGVs\nbG8=\n-----END X-----\n';
const HELLO = new Uint8Array(Buffer.from('hello'));

describe('PEM', () => {
  it('writes lines of 64 characters', () => {
    expect(pem('X', HELLO)).toBe('-----BEGIN X-----\naGVsbG8=\n-----END X-----\n');
    expect(
      pem('X', new Uint8Array(60))
        .split('\n')
        .map((line) => line.length),
    ).toEqual([17, 64, 16, 15, 0]);
  });

  it.each([
    ['a block', BLOCK],
    ['text before it', `subject: nobody\n${BLOCK}`],
    ['line ends of Windows', BLOCK.replaceAll('\n', '\r\n')],
    ['no line end behind', BLOCK.trimEnd()],
  ])('reads %s', (_name, text) => {
    expect(firstPemBlock(text)).toMatchObject({ type: 'X', bytes: HELLO, hasHeaders: false });
  });

  it('reads headers, and says that they are there', () => {
    const text = BLOCK.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n');
    expect(firstPemBlock(text)).toMatchObject({ bytes: HELLO, hasHeaders: true });
  });

  it('gives the rest', () => {
    expect(firstPemBlock(firstPemBlock(`${BLOCK}${BLOCK.replaceAll('X', 'Y')}`)!.rest)?.type).toBe('Y');
  });

  it.each(['', 'aGVsbG8=', '-----BEGIN X-----\naGVsbG8=\n-----END Y-----\n', '-----BEGIN X-----\na\n-----END X-----\n'])(
    'finds none in %j',
    (text) => {
      expect(firstPemBlock(text)).toBeUndefined();
    },
  );

  it('is quick with long texts that never end', () => {
    expect(firstPemBlock(`-----BEGIN X-----\n${'a '.repeat(200_000)}`)).toBeUndefined();
    expect(firstPemBlock('-----BEGIN X-----\n'.repeat(200_000))).toBeUndefined();
    expect(firstPemBlock(`-----BEGIN X-----${'\n-----END Y-----'.repeat(200_000)}`)).toBeUndefined();
    expect(firstPemBlock(`-----BEGIN X-----\n${' \n'.repeat(500_000)}:`)).toBeUndefined();
  });
});
