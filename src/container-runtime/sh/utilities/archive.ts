/**
 * Tar archives (POSIX ustar, with GNU's and pax's long names) as texts of bytes: one character a byte, codes 0 to 255. Files of the simulation
 * are texts; bytes that are no UTF-8 live in them as U+DC80 to U+DCFF, so that any file comes back as it went in.
 */
const BLOCK = 512;

/** One member of an archive. */
export interface Member {
  readonly name: string;
  readonly directory: boolean;
  /** A file's content, as bytes. */
  readonly bytes: string;
}

/** A text as bytes. */
export function toBytes(text: string): string {
  let bytes = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes += character;
    else if (code >= 0xdc80 && code <= 0xdcff) bytes += String.fromCharCode(code - 0xdc00);
    else bytes += encoded(code);
  }
  return bytes;
}

/** One code point above 0x7f as UTF-8. */
function encoded(code: number): string {
  const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), tail(0));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
}

const SEQUENCE =
  /[\x00-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** Bytes as a text. */
export function fromBytes(bytes: string): string {
  return bytes.replace(SEQUENCE, (part) => {
    const lead = part.charCodeAt(0);
    if (lead < 0x80) return part;
    if (part.length === 1) return String.fromCharCode(0xdc00 + lead);
    let code = lead & (0xff >> (part.length + 1));
    for (let index = 1; index < part.length; index++) code = (code << 6) | (part.charCodeAt(index) & 0x3f);
    return String.fromCodePoint(code);
  });
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
const field = (text: string, width: number): string => text.slice(0, width).padEnd(width, '\0');
const padded = (bytes: string): string => bytes.padEnd(Math.ceil(bytes.length / BLOCK) * BLOCK, '\0');

function header(name: string, size: number, type: string, mtimeSeconds: number): string {
  const mode = octal(type === '5' ? 0o755 : 0o644, 8);
  const before = field(name, 100) + mode + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(mtimeSeconds, 12);
  const after = `${type}${field('', 100)}ustar\x0000${field('root', 32)}${field('root', 32)}${octal(0, 8)}${octal(0, 8)}${field('', 155)}`;
  let sum = 8 * 32;
  for (const part of [before, after]) for (let index = 0; index < part.length; index++) sum += part.charCodeAt(index);
  return padded(`${before}${sum.toString(8).padStart(6, '0')}\0 ${after}`);
}

/** The bytes of one member. Names of more than 100 bytes get a member of GNU's kind "L" before them. */
export function writeMember({ name, directory, bytes }: Member, mtimeSeconds: number): string {
  const own = toBytes(directory && !name.endsWith('/') ? `${name}/` : name);
  const long = own.length > 100 ? header('././@LongLink', own.length + 1, 'L', 0) + padded(`${own}\0`) : '';
  return long + header(own, directory ? 0 : bytes.length, directory ? '5' : '0', mtimeSeconds) + (directory ? '' : padded(bytes));
}

/** Two empty blocks end an archive; it is filled up to ten kilobytes. */
export function endOfArchive(written: number): string {
  const size = Math.ceil((written + 2 * BLOCK) / (20 * BLOCK)) * 20 * BLOCK;
  return '\0'.repeat(size - written);
}

const textField = (block: string, at: number, width: number): string => block.slice(at, at + width).split('\0', 1)[0] ?? '';
const numberField = (block: string, at: number, width: number): number => Number.parseInt(textField(block, at, width).trim() || '0', 8);

/** All members. Undefined when these bytes are no archive; links and devices are left out. */
export function readMembers(archive: string): Member[] | undefined {
  const members: Member[] = [];
  let at = 0;
  let longName: string | undefined;
  while (at + BLOCK <= archive.length) {
    const block = archive.slice(at, at + BLOCK);
    if (/^\0*$/.test(block)) break;
    const size = numberField(block, 124, 12);
    if (textField(block, 257, 5) !== 'ustar' || !Number.isFinite(size)) return undefined;
    const bytes = archive.slice(at + BLOCK, at + BLOCK + size);
    if (bytes.length < size) return undefined;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = block[156] ?? '0';
    const prefix = textField(block, 345, 155);
    const name = longName ?? (prefix === '' || block.slice(257, 263) === 'ustar ' ? '' : `${prefix}/`) + textField(block, 0, 100);
    if (type === 'L') longName = textField(bytes, 0, bytes.length);
    else if (type === 'x') longName = paxPath(bytes);
    else if (type !== 'g') {
      longName = undefined;
      if (type === '5') members.push({ name: fromBytes(name), directory: true, bytes: '' });
      else if (type === '0' || type === '\0' || type === '7') members.push({ name: fromBytes(name), directory: false, bytes });
    }
  }
  return members;
}

/** The name in a pax header: lines of the form "27 path=some/long/name". */
function paxPath(bytes: string): string | undefined {
  let at = 0;
  while (at < bytes.length) {
    const length = Number.parseInt(bytes.slice(at), 10);
    if (!(length > 0)) return undefined;
    const record = /^\d+ path=([^]*)\n$/.exec(bytes.slice(at, at + length));
    if (record !== null) return record[1];
    at += length;
  }
  return undefined;
}
