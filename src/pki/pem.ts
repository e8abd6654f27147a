/** The text form of keys and certificates (RFC 7468; Go's encoding/pem). */
import { decodeBase64, encodeBase64Bytes } from '../apimachinery/base64.ts';

const LINE = 64;
const BLOCK =
  /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:-]+:[^\n]*\n)*)\s*([A-Za-z0-9+/=\s]*?)\s*-----END \1-----[ \t\r]*(?=\n|$)/;

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

/** The first block of the text; undefined when there is none. What stands before it is ignored. */
export function firstPemBlock(text: string): PemBlock | undefined {
  const [whole, type = '', headers = '', data = ''] = BLOCK.exec(text) ?? [];
  const bytes = whole === undefined ? undefined : decodeBase64(data.replaceAll(/\s/g, ''));
  if (whole === undefined || bytes === undefined) return undefined;
  return { type, bytes, hasHeaders: headers !== '', rest: text.slice(text.indexOf(whole) + whole.length) };
}

/** One block. */
export function pem(type: string, bytes: Uint8Array): string {
  const encoded = encodeBase64Bytes(bytes);
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += LINE) lines.push(encoded.slice(at, at + LINE));
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}
