/** The standard streams of a command in a pod, over either protocol (`k8s.io/client-go/tools/remotecommand`, v4 and v5). */
import type { Status } from '../../apimachinery/status.ts';
import type { SpdyConnection, SpdyStream } from './spdy.ts';
import type { WebSocketConnection } from './websocket.ts';

/** Which streams the client has asked for. */
export interface WantedStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** Where a command reads and writes. Handlers are set before the first of them is called. */
export interface RemoteStreams {
  /** How standard input and output are read as text: 'latin1' is one character a byte, for archives. */
  encoding: 'utf8' | 'latin1';
  /** All streams are open; at once, or when the client has opened them. */
  ready(start: () => void): void;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Says how it ended, and closes. */
  finish(status: Status): void;
  onInput: (text: string) => void;
  onInputEnd: () => void;
  /** The client has gone. */
  onGone: () => void;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
/** v5: the client closes one of its streams. */
const CLOSE_STREAM = 255;

/** WebSocket: the first byte of a message is its channel. */
export function channelStreams(connection: WebSocketConnection, wants: WantedStreams): RemoteStreams {
  const send = (channel: number, text: string, encoding: BufferEncoding = 'utf8') =>
    connection.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text, encoding)]));
  const streams: RemoteStreams = {
    encoding: 'utf8',
    ready: (start) => start(),
    stdout: (text) => wants.stdout && send(STDOUT, text, streams.encoding),
    stderr: (text) => wants.stderr && send(STDERR, text),
    finish(status) {
      send(ERROR, JSON.stringify(status));
      connection.close();
    },
    onInput: () => undefined,
    onInputEnd: () => undefined,
    onGone: () => undefined,
  };
  connection.onMessage = (message) => {
    const channel = message[0];
    if (channel === STDIN) streams.onInput(message.toString(streams.encoding, 1));
    else if (channel === CLOSE_STREAM && message[1] === STDIN) streams.onInputEnd();
  };
  connection.onClose = () => streams.onGone();
  return streams;
}

/** SPDY: a stream for each, named by its header `streamtype`. */
export function spdyStreams(connection: SpdyConnection, wants: WantedStreams, close: () => void): RemoteStreams {
  const open = new Map<string, SpdyStream>();
  let begin: (() => void) | undefined;
  const expected = [
    'error',
    ...(wants.stdin ? ['stdin'] : []),
    ...(wants.stdout ? ['stdout'] : []),
    ...(wants.stderr && !wants.tty ? ['stderr'] : []),
  ];
  const streams: RemoteStreams = {
    encoding: 'utf8',
    ready(start) {
      begin = start;
    },
    stdout: (text) => open.get('stdout')?.write(Buffer.from(text, streams.encoding)),
    stderr: (text) => open.get('stderr')?.write(Buffer.from(text, 'utf8')),
    finish(status) {
      open.get('error')?.write(Buffer.from(JSON.stringify(status), 'utf8'));
      for (const stream of open.values()) stream.end();
      // The client closes the connection once it has read all streams; one that does not is cut off.
      setTimeout(close, 1000).unref();
    },
    onInput: () => undefined,
    onInputEnd: () => undefined,
    onGone: () => undefined,
  };
  connection.onStream = (stream) => {
    const type = stream.headers.get('streamtype') ?? '';
    open.set(type, stream);
    if (type === 'stdin') {
      stream.onData = (data) => streams.onInput(data.toString(streams.encoding));
      stream.onEnd = () => streams.onInputEnd();
    }
    if (begin === undefined || !expected.every((name) => open.has(name))) return;
    const start = begin;
    begin = undefined;
    start();
  };
  return streams;
}
