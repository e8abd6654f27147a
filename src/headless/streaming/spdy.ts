/**
 * The server's half of SPDY/3.1 framing, as older kubectl speaks it for exec, and all of them for port-forward: streams with headers that the
 * client opens, data both ways. Flow control windows are granted as data comes; what is sent is not held back (`github.com/moby/spdystream`).
 */
import { constants, createDeflate, createInflate } from 'node:zlib';
import type { Deflate, Inflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './spdy-dictionary.ts';

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 9;
const FIN = 1;
const MAX_FRAME = 16 * 1024 * 1024;

/** One stream of a connection. */
export class SpdyStream {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  onData: (data: Buffer) => void = () => undefined;
  /** The client sends no more. */
  onEnd: () => void = () => undefined;
  readonly #connection: SpdyConnection;
  #ended = false;

  constructor(connection: SpdyConnection, id: number, headers: ReadonlyMap<string, string>) {
    this.#connection = connection;
    this.id = id;
    this.headers = headers;
  }

  write(data: Uint8Array): void {
    if (!this.#ended) this.#connection.sendData(this.id, data, false);
  }

  /** Sends no more. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.sendData(this.id, Buffer.alloc(0), true);
  }
}

/** A connection over anything that carries bytes. */
export class SpdyConnection {
  onStream: (stream: SpdyStream) => void = () => undefined;
  readonly #send: (bytes: Buffer) => void;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #inflate: Inflate = createInflate({ dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  readonly #deflate: Deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  #pending = Buffer.alloc(0);
  /** Header blocks are (de)compressed off the main path; frames wait for the one before them. */
  #queue: Promise<void> = Promise.resolve();
  #broken = false;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  /** Takes bytes from the client, cut anywhere. */
  receive(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (!this.#broken && this.#pending.length >= 8) {
      const length = this.#pending.readUInt32BE(4) & 0xffffff;
      if (length > MAX_FRAME) this.#broken = true;
      if (this.#pending.length < 8 + length) return;
      const frame = this.#pending.subarray(0, 8 + length);
      this.#pending = this.#pending.subarray(8 + length);
      this.#queue = this.#queue
        .then(() => this.#frame(frame))
        .catch(() => {
          this.#broken = true;
        });
    }
  }

  sendData(id: number, data: Uint8Array, last: boolean): void {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(id, 0);
    head.writeUInt32BE(data.length, 4);
    if (last) head[4] = FIN;
    this.#send(Buffer.concat([head, data]));
  }

  async #frame(frame: Buffer): Promise<void> {
    const body = frame.subarray(8);
    if ((frame[0] ?? 0) < 0x80) {
      this.#data(frame.readUInt32BE(0), frame[4] ?? 0, body);
      return;
    }
    const type = frame.readUInt16BE(2);
    if (type === SYN_STREAM) await this.#open(body, frame[4] ?? 0);
    else if (type === PING) this.#send(frame);
    else if (type === RST_STREAM) this.#forget(body.readUInt32BE(0));
    else if (type === GOAWAY) for (const id of [...this.#streams.keys()]) this.#forget(id);
  }

  #forget(id: number): void {
    this.#streams.get(id)?.onEnd();
    this.#streams.delete(id);
  }

  #data(id: number, flags: number, data: Buffer): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (data.length > 0) {
      const update = Buffer.alloc(8);
      update.writeUInt32BE(id, 0);
      update.writeUInt32BE(data.length, 4);
      this.#control(WINDOW_UPDATE, 0, update);
      stream.onData(data);
    }
    if (flags & FIN) stream.onEnd();
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = readHeaders(await through(this.#inflate, body.subarray(10)));
    const stream = new SpdyStream(this, id, headers);
    this.#streams.set(id, stream);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(id, 0);
    // A header block without headers: a count of zero.
    this.#control(SYN_REPLY, 0, Buffer.concat([head, await through(this.#deflate, Buffer.alloc(4))]));
    this.onStream(stream);
    if (flags & FIN) stream.onEnd();
  }

  #control(type: number, flags: number, body: Buffer): void {
    const head = Buffer.alloc(8);
    head.writeUInt16BE(0x8003, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt32BE(body.length, 4);
    head[4] = flags;
    this.#send(Buffer.concat([head, body]));
  }
}

/** What a (de)compressor makes of one block; its state goes on to the next one. */
function through(stream: Inflate | Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const collect = (part: Buffer) => void parts.push(part);
    stream.on('data', collect);
    stream.once('error', reject);
    stream.write(block, () => {
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        stream.off('data', collect);
        stream.off('error', reject);
        resolve(Buffer.concat(parts));
      });
    });
  });
}

function readHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 4;
  const text = () => {
    const length = block.readUInt32BE(at);
    const value = block.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  const count = block.length < 4 ? 0 : block.readUInt32BE(0);
  for (let index = 0; index < count; index++) {
    const name = text();
    headers.set(name.toLowerCase(), text());
  }
  return headers;
}
