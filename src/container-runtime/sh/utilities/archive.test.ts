import { describe, expect, it } from 'vitest';
import { endOfArchive, fromBytes, readMembers, toBytes, writeMember } from './archive.ts';

const all = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));

describe('archives', () => {
  it.each([['plain'], ['é 漢字 😀'], ['']])('text %s comes back', (text) => {
    expect(fromBytes(toBytes(text))).toBe(text);
  });

  it('any bytes come back', () => {
    for (const bytes of [all, '\xff\xfe\x00', '\xc3', '\xe2\x82', '\xed\xa0\x80']) expect(toBytes(fromBytes(bytes))).toBe(bytes);
  });

  it('members come back, with long names', () => {
    const members = [
      { name: 'dir/', directory: true, bytes: '' },
      { name: 'dir/a.bin', directory: false, bytes: all },
      { name: `dir/${'x'.repeat(150)}`, directory: false, bytes: 'y'.repeat(1000) },
    ];
    const body = members.map((member) => writeMember(member, 1_700_000_000)).join('');
    const archive = body + endOfArchive(body.length);
    expect(archive.length % 10240).toBe(0);
    expect(readMembers(archive)).toEqual(members);
    expect(readMembers('x'.repeat(1024))).toBeUndefined();
  });
});
