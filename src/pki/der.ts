/**
 * ASN.1 in its distinguished encoding (X.690), as far as certificates need it: elements of tag, length and content. Tags above 30 and
 * indefinite lengths do not occur in certificates and are errors.
 */
import { forEachUtf8Byte } from '../apimachinery/utf8.ts';

/** Tags: class, "constructed" bit and number in one byte. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  bmpString: 0x1e,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag [n] of a context: primitive, or constructed. */
export const contextTag = (n: number, constructed = false): number => (constructed ? 0xa0 : 0x80) | n;

/** Bytes that are no DER, or another structure than the one expected. The text is like Go's. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One element: `content` without, `raw` with tag and length. Both share the bytes that were read. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

/** Bytes one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An element of the given tag whose content is `parts`, one after the other. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length];
  return concat([Uint8Array.from(head), content]);
}

/** SEQUENCE. */
export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.sequence, ...parts);

/** SET OF: sorted by encoding, as DER demands. */
export const setOf = (parts: readonly Uint8Array[]): Uint8Array => element(TAG.set, ...[...parts].sort(compareBytes));

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const differs = a.findIndex((byte, index) => byte !== b[index]);
  return differs < 0 ? a.length - b.length : (a[differs] ?? 0) - (b[differs] ?? -1);
}

/** Whether both have the same bytes. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);

/** INTEGER: a number that is not negative, its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? new Uint8Array(1) : bytes.subarray(first);
  const sign = (significant[0] ?? 0) >= 0x80 ? [new Uint8Array(1)] : [];
  return element(TAG.integer, ...sign, significant);
}

/** BIT STRING; `unused`: how many bits of the last byte do not count. */
export const bitString = (bytes: Uint8Array, unused = 0): Uint8Array => element(TAG.bitString, Uint8Array.of(unused), bytes);

/** OCTET STRING. */
export const octetString = (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.octetString, ...parts);

/** BOOLEAN true: false is the default wherever certificates have one, and left out. */
export const TRUE: Uint8Array = Uint8Array.of(TAG.boolean, 1, 0xff);

/** OBJECT IDENTIFIER, from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128)) groups.unshift(0x80 | (more % 128));
    return groups;
  });
  return element(TAG.oid, Uint8Array.from(bytes));
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function dottedOid({ content }: Element): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** The text's bytes in UTF-8. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  forEachUtf8Byte(text, (byte) => bytes.push(byte));
  return Uint8Array.from(bytes);
}

/** A PrintableString where the text's characters allow it, else a UTF8String: as Go chooses. */
export const text = (value: string): Uint8Array =>
  element(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? TAG.printableString : TAG.utf8String, utf8(value));

/** The text of a string element of any kind. Throws a `DerError` for bytes that are no text. */
export function textOf({ tag, content }: Element): string {
  if (tag === TAG.bmpString) return Array.from({ length: content.length >> 1 }, (_, i) => bmpCharacter(content, i * 2)).join('');
  try {
    return decodeURIComponent(Array.from(content, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    throw new DerError('x509: invalid RDNSequence: invalid attribute value: invalid UTF-8 string');
  }
}

const bmpCharacter = (bytes: Uint8Array, at: number): string => String.fromCharCode(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));

/** A moment (ms since the Unix epoch) as UTCTime, from 2050 on as GeneralizedTime (RFC 5280, 4.1.2.5); to the second. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\..*$/g, '');
  const isLate = Number(digits.slice(0, 4)) >= 2050;
  return element(isLate ? TAG.generalizedTime : TAG.utcTime, utf8(`${isLate ? digits : digits.slice(2)}Z`));
}

/** The moment of a UTCTime or GeneralizedTime, ms. Throws a `DerError` for another element. */
export function timeOf(from: Element): number {
  const digits = textOf(from);
  const full = from.tag === TAG.utcTime ? `${Number(digits.slice(0, 2)) >= 50 ? '19' : '20'}${digits}` : digits;
  const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  const ms = Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''}Z`);
  if (Number.isNaN(ms)) throw new DerError('x509: malformed time');
  return ms;
}

/** The elements that stand in `bytes` one after the other. Throws a `DerError`. */
export function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [start, end] = contentRange(bytes, at);
    elements.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, end), raw: bytes.subarray(at, end) });
    at = end;
  }
  return elements;
}

/** Where the content of the element at `at` begins and ends. */
function contentRange(bytes: Uint8Array, at: number): [number, number] {
  const first = bytes[at + 1];
  if (first === undefined || ((bytes[at] ?? 0) & 0x1f) === 0x1f) throw truncated();
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || first === 0x80) throw new DerError('asn1: structure error: length too large');
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw truncated();
  return [start, start + length];
}

const truncated = (): DerError => new DerError('asn1: syntax error: data truncated');

/** The one element that `bytes` are, of the given tag. Throws a `DerError`. */
export function onlyElement(bytes: Uint8Array, tag: number): Element {
  if (bytes.length === 0) throw new DerError('asn1: syntax error: sequence truncated');
  const [start, end] = contentRange(bytes, 0);
  if (bytes[0] !== tag) throw mismatch(tag, bytes[0] ?? 0);
  if (end < bytes.length) throw new DerError('asn1: syntax error: trailing data');
  return { tag, content: bytes.subarray(start, end), raw: bytes };
}

const mismatch = (wanted: number, found: number): DerError =>
  new DerError(`asn1: structure error: tags don't match (${wanted & 0x1f} vs {class:${found >> 6} tag:${found & 0x1f}})`);

/** The elements of a constructed element, of the given tags in this order; a further rest is ignored. Throws a `DerError`. */
export function fields<const Tags extends readonly number[]>(of: Element, tags: Tags): { [Index in keyof Tags]: Element } {
  const found = elementsOf(of.content);
  tags.forEach((tag, index) => {
    const actual = found[index];
    if (actual === undefined) throw new DerError('asn1: syntax error: sequence truncated');
    if (actual.tag !== tag) throw mismatch(tag, actual.tag);
  });
  return found as { [Index in keyof Tags]: Element };
}
