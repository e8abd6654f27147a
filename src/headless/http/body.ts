/** Request bodies: at most 3 MiB, as JSON, YAML or protobuf. */
import type { IncomingMessage } from 'node:http';
import { parseDocument } from 'yaml';
import { badRequest, StatusError } from '../../apimachinery/status.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';

const MAX_BODY = 3 * 1024 * 1024;

/** All bytes of the body. Throws 413. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body's value; undefined for an empty one. A missing content type means JSON. Throws 400 and 415. */
export function decodeBodyBytes(bytes: Buffer, contentType: string | undefined, isPatch: boolean): unknown {
  if (bytes.length === 0) return undefined;
  const type = (contentType ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/vnd.kubernetes.protobuf') return decodeProtobuf(bytes);
  const text = bytes.toString('utf8');
  if (type === 'application/yaml' || type === 'application/apply-patch+yaml') return parseYaml(text);
  if (type !== 'application/json' && !isPatch) throw unsupportedBody();
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unsupportedBody(): StatusError {
  const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { schema: 'core', merge: true });
    const [error] = document.errors;
    if (error !== undefined) throw badRequest(`error converting YAML to JSON: ${error.message.split('\n', 1)[0] ?? ''}`);
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
