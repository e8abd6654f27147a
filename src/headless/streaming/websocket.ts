/** The server's half of a WebSocket (RFC 6455): binary messages, pings answered, a close handshake. Enough for exec and port-forward. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_MESSAGE = 64 * 1024 * 1024;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** The value of Sec-WebSocket-Accept. */
export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/** An open connection. */
export class WebSocketConnection {
  /** Whole messages, in order. */
  onMessage: (message: Buffer) => void = () => undefined;
  /** The client has gone, or is going. */
  onClose: () => void = () => undefined;
  readonly #socket: Duplex;
  #pending: Buffer;
  #parts: Buffer[] = [];
  #size = 0;
  #closed = false;

  /** `head`: what came with the upgrade request. */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#pending = head;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#gone());
    // The owner sets its handlers first.
    setImmediate(() => this.#receive(Buffer.alloc(0)));
  }

  send(message: Uint8Array): void {
    if (!this.#closed) this.#write(BINARY, message);
  }

  close(): void {
    if (this.#closed) return;
    this.#write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.#gone();
    this.#socket.end();
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose();
  }

  #write(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (length < 126) head[1] = length;
    else if (length < 65536) {
      head[1] = 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const frame = readFrame(this.#pending);
      if (frame === undefined) return;
      if (frame === 'invalid') {
        this.#socket.destroy();
        return;
      }
      this.#pending = this.#pending.subarray(frame.length);
      this.#frame(frame);
    }
  }

  #frame({ opcode, final, payload }: Frame): void {
    if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) this.close();
    else if (opcode === CONTINUATION || opcode === TEXT || opcode === BINARY) {
      this.#parts.push(payload);
      this.#size += payload.length;
      if (this.#size > MAX_MESSAGE) this.#socket.destroy();
      if (!final) return;
      const message = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#size = 0;
      this.onMessage(message);
    }
  }
}

interface Frame {
  opcode: number;
  final: boolean;
  payload: Buffer;
  /** Of the whole frame. */
  length: number;
}

/** The first frame in `bytes`; undefined when it is not all there yet. Clients must mask what they send. */
function readFrame(bytes: Buffer): Frame | undefined | 'invalid' {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  if ((second & 0x80) === 0) return 'invalid';
  let size = second & 0x7f;
  let at = 2;
  if (size === 126) {
    if (bytes.length < 4) return undefined;
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return undefined;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
    if (size > MAX_MESSAGE) return 'invalid';
  }
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
  for (let index = 0; index < size; index++) payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload, length: at + 4 + size };
}
