import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatReply, takeMessage } from './http-message.ts';
import { exitStatus } from './remote-command.ts';
import { SPDY_DICTIONARY } from './spdy-dictionary.ts';
import { acceptKey, WebSocketConnection } from './websocket.ts';

/** A socket that remembers what was written to it. */
class FakeSocket extends EventEmitter {
  readonly written: Buffer[] = [];
  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    return true;
  }
  end(): void {
    this.emit('close');
  }
  destroy(): void {
    this.emit('close');
  }
}

/** A client's frame: masked. */
function frame(opcode: number, payload: string, final = true): Buffer {
  const mask = [1, 2, 3, 4];
  const bytes = Buffer.from(payload, 'utf8').map((byte, index) => byte ^ (mask[index & 3] ?? 0));
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | bytes.length, ...mask]), bytes]);
}

describe('WebSocket', () => {
  it("answers the key of RFC 6455's example", () => {
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('puts messages together, however they are cut, answers pings, and closes', () => {
    const socket = new FakeSocket();
    const connection = new WebSocketConnection(socket as unknown as Duplex, Buffer.alloc(0));
    const messages: string[] = [];
    let closed = 0;
    connection.onMessage = (message) => void messages.push(message.toString('utf8'));
    connection.onClose = () => closed++;
    const bytes = Buffer.concat([frame(2, 'Hel', false), frame(9, 'p'), frame(0, 'lo'), frame(2, 'again'), frame(8, '')]);
    for (const byte of bytes) socket.emit('data', Buffer.from([byte]));
    expect(messages).toEqual(['Hello', 'again']);
    expect(closed).toBe(1);
    expect(socket.written.map((bytes) => bytes[0])).toEqual([0x8a, 0x88]);
  });

  it('drops a client that does not mask', () => {
    const socket = new FakeSocket();
    let closed = false;
    const connection = new WebSocketConnection(socket as unknown as Duplex, Buffer.alloc(0));
    connection.onClose = () => (closed = true);
    socket.emit('data', Buffer.from([0x82, 0x01, 0x41]));
    expect(closed).toBe(true);
  });
});

describe('SPDY', () => {
  it('compresses headers with the dictionary of the draft', () => {
    let [a, b] = [1, 0];
    for (const byte of SPDY_DICTIONARY) {
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
    // The dictionary's id in zlib streams is its Adler-32.
    expect([SPDY_DICTIONARY.length, (b * 65_536 + a).toString(16)]).toEqual([1423, 'e3c6a7c2']);
  });
});

describe('port-forward', () => {
  it('takes whole requests, and waits for the rest of others', () => {
    const request = 'POST /x HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nabc';
    expect(takeMessage(Buffer.from(request.slice(0, -1)))).toBeUndefined();
    expect(takeMessage(Buffer.from(`${request}GET`))).toMatchObject({
      message: { kind: 'http', method: 'POST', path: '/x', host: 'web', body: 'abc' },
      rest: Buffer.from('GET'),
    });
    expect(takeMessage(Buffer.from('PING\r\n'))).toBeUndefined();
    expect(takeMessage(Buffer.from('*1\r\n$4\r\nPING\r\n'))).toMatchObject({ message: { kind: 'text' } });
  });

  it('writes replies with their length', () => {
    expect(formatReply({ kind: 'http', status: 200, contentType: 'text/plain', body: 'hé' }).toString('utf8')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nhé',
    );
  });
});

describe('exec', () => {
  it.each([
    [0, 'Success', undefined],
    [3, 'Failure', [{ reason: 'ExitCode', message: '3' }]],
  ])('exit code %i is a %s', (code, status, causes) => {
    expect(exitStatus(code)).toMatchObject({ status, ...(causes && { reason: 'NonZeroExitCode', details: { causes } }) });
  });
});
