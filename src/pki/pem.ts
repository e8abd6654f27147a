/** The text form of keys and certificates (RFC 7468; Go's encoding/pem). */
import { decodeBase64, encodeBase64Bytes } from '../apimachinery/base64.ts';

const LINE = 64;
const BEGIN = '-----BEGIN ';
const END = '\n-----END ';

/** One block of a PEM text. */
export interface PemBlock {
  /** "CERTIFICATE REQUEST" */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** "Name: value" lines stand before the data. */
  readonly hasHeaders: boolean;
  /** The text behind the block. */
  readonly rest: string;
}

/**
 * The first block of the text; undefined when there is none. What stands before it is ignored. Texts come from anybody: of all beginnings only
 * the last one before an end can be right, so each character is looked at a few times only.
 */
export function firstPemBlock(text: string): PemBlock | undefined {
  for (let from = 0, end = text.indexOf(END); end >= 0; from = end + END.length, end = text.indexOf(END, from)) {
    const part = text.slice(from, end + 1);
    const begin = part.lastIndexOf(BEGIN);
    if (begin < 0 || (begin > 0 && part[begin - 1] !== '\n')) continue;
    const block = part.slice(begin + BEGIN.length);
    const type = /^([^\n]*)-----[ \t\r]*\n/.exec(block)?.[1];
    const closing = `${END}${type ?? ''}-----`;
    if (type === undefined || !text.startsWith(closing, end)) continue;
    const lines = block.split('\n').slice(1);
    const data = lines.findIndex((line) => !line.includes(':'));
    const bytes = decodeBase64(lines.slice(data).join('').replaceAll(/\s/g, ''));
    if (bytes !== undefined) return { type, bytes, hasHeaders: data > 0, rest: text.slice(end + closing.length) };
  }
  return undefined;
}

/** One block. */
export function pem(type: string, bytes: Uint8Array): string {
  const encoded = encodeBase64Bytes(bytes);
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += LINE) lines.push(encoded.slice(at, at + LINE));
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}
