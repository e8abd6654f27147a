/** Bytes of HTTP/1.1 into the messages that simulated servers understand, and their replies back into bytes. */
import { STATUS_CODES } from 'node:http';
import type { Message, Reply } from '../../linux/net/socket.ts';

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;

/** The first whole message in `bytes`, and what is behind it; undefined while it is not complete. Anything but HTTP is one text. */
export function takeMessage(bytes: Buffer): { message: Message; rest: Buffer } | undefined {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString('latin1');
  const firstLine = text.split('\r\n', 1)[0] ?? '';
  const looksLikeHttp = /^[A-Z]{3,7}( |$)/.test(firstLine);
  if (!looksLikeHttp) return { message: { kind: 'text', text: bytes.toString('utf8') }, rest: Buffer.alloc(0) };
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const request = REQUEST_LINE.exec(line);
  if (request === null) return { message: { kind: 'text', text: bytes.toString('utf8') }, rest: Buffer.alloc(0) };
  const headers = lines.map((header) => {
    const colon = header.indexOf(':');
    return { name: header.slice(0, colon).trim(), value: header.slice(colon + 1).trim() };
  });
  const valueOf = (wanted: string) => headers.find(({ name }) => name.toLowerCase() === wanted)?.value ?? '';
  const length = Number(valueOf('content-length') || 0);
  const bodyAt = end + 4;
  if (bytes.length < bodyAt + length) return undefined;
  const body = bytes.toString('utf8', bodyAt, bodyAt + length);
  const message: Message = {
    kind: 'http',
    method: request[1] ?? 'GET',
    path: request[2] ?? '/',
    host: valueOf('host'),
    headers,
    body,
    tls: false,
  };
  return { message, rest: bytes.subarray(bodyAt + length) };
}

/** A reply as bytes. */
export function formatReply(reply: Reply): Buffer {
  if (reply.kind === 'text') return Buffer.from(reply.text, 'utf8');
  if (reply.kind === 'dns') return Buffer.alloc(0); // no port-forward carries UDP
  if (reply.kind === 'grpc-health') return Buffer.from(reply.status, 'utf8');
  const body = Buffer.from(reply.body, 'utf8');
  const headers = [
    `Content-Type: ${reply.contentType}`,
    `Content-Length: ${body.length}`,
    ...(reply.headers ?? []).map(({ name, value }) => `${name}: ${value}`),
  ];
  const head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n${headers.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
