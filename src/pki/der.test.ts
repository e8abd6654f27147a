import { describe, expect, it } from 'vitest';
import { dottedOid, elementsOf, integer, oid, onlyElement, setOf, TAG, text, textOf, time, timeOf } from './der.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  it.each([
    ['an integer', integer(Uint8Array.of(0, 0, 5)), '020105'],
    ['an integer whose first bit is set', integer(Uint8Array.of(0x80)), '02020080'],
    ['zero', integer(Uint8Array.of(0, 0)), '020100'],
    ['an object identifier', oid('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    ['a short one', oid('2.5.4.3'), '0603550403'],
    [
      'a plain text',
      text("kubeadm:cluster-admins (it's)"),
      '131d6b75626561646d3a636c75737465722d61646d696e732028697427732900'.slice(0, 62),
    ],
    ['a text with an asterisk', text('*'), '0c012a'],
    ['a text beyond ASCII', text('ü'), '0c02c3bc'],
    ['a time before 2050', time(Date.UTC(2026, 0, 1, 10, 0, 6, 268)), `170d${hex(Buffer.from('260101100006Z'))}`],
    ['a time after 2049', time(Date.UTC(2050, 0, 1)), `180f${hex(Buffer.from('20500101000000Z'))}`],
    ['a set, sorted', setOf([text('b'), text('aa'), text('a')]), '310a130161130162130261 61'.replace(' ', '')],
  ])('writes %s', (_name, bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  it('writes lengths in as few bytes as can be', () => {
    expect(hex(text('x'.repeat(127))).slice(0, 4)).toBe('137f');
    expect(hex(text('x'.repeat(128))).slice(0, 6)).toBe('138180');
    expect(hex(text('x'.repeat(300))).slice(0, 8)).toBe('1382012c');
  });

  it.each(['1.2.840.113549.1.1.11', '2.5.29.37.0', '1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1'])('reads %s back', (dotted) => {
    expect(dottedOid(onlyElement(oid(dotted), TAG.oid))).toBe(dotted);
  });

  it.each([Date.UTC(1999, 11, 31, 23, 59, 59), Date.UTC(2026, 1, 3, 4, 5, 6), Date.UTC(2051, 1, 3)])('reads the time %d back', (ms) => {
    expect(timeOf(elementsOf(time(ms))[0]!)).toBe(ms);
  });

  it('reads two-byte characters', () => {
    expect(textOf({ tag: TAG.bmpString, content: Uint8Array.of(0, 0x4b, 0x4e, 0x2d), raw: new Uint8Array() })).toBe('K中');
  });

  it.each([
    ['nothing', '', 'sequence truncated'],
    ['half an element', '3005020101', 'data truncated'],
    ['a length beyond the end', '308400ffffff', 'data truncated'],
    ['an indefinite length', '30800000', 'length too large'],
    ['a length of five bytes', '30850000000001', 'length too large'],
    ['another element behind', '300002', 'trailing data'],
    ['another tag', '020101', "tags don't match (16 vs {class:0 tag:2"],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => onlyElement(new Uint8Array(Buffer.from(bytes, 'hex')), TAG.sequence)).toThrow(message);
  });
});
