/** Answers on the wire: JSON or YAML, compressed where it pays, errors as Status objects. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { StatusError } from '../../apimachinery/status.ts';
import type { MediaType } from './negotiate.ts';

/** As upstream: small answers are not worth the work. */
const GZIP_FROM_BYTES = 128 * 1024;

/** Sends an object. `extra` headers win over the usual ones. */
export function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  object: unknown,
  type: Pick<MediaType, 'encoding'>,
): void {
  const yaml = type.encoding === 'yaml';
  const text = yaml ? stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }) : `${JSON.stringify(object)}\n`;
  sendText(request, response, code, text, yaml ? 'application/yaml' : 'application/json');
}

/** Sends text, gzipped when it is long and the client can read that. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  text: string | Uint8Array,
  contentType: string,
): void {
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', contentType);
  let bytes: Uint8Array = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  if (bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    bytes = gzipSync(bytes, { level: 1 });
    response.setHeader('Content-Encoding', 'gzip');
  }
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(code).end(request.method === 'HEAD' ? undefined : bytes);
}

/** Sends a failure; one that is not a `StatusError` is an internal error. */
export function sendError(response: ServerResponse, error: unknown): void {
  const failure = asStatusError(error);
  if (response.headersSent) {
    response.end();
    return;
  }
  const { retryAfterSeconds } = failure.status.details ?? {};
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  response.removeHeader('Content-Encoding');
  response.setHeader('Content-Type', 'application/json');
  response.writeHead(failure.code).end(`${JSON.stringify(failure.status)}\n`);
}

/** Any thrown thing as a Status. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError(500, 'InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`);
}

/** A text for a `Warning` header (RFC 7234, 299). */
export function addWarning(response: ServerResponse, warning: string): void {
  // Header values are Latin-1; anything else would make the whole answer fail.
  const safe = warning
    .replaceAll(/[^\x20-\xff]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
  response.appendHeader('Warning', `299 - "${safe}"`);
}
