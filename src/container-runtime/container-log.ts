/**
 * A container's log. What is written at once is kept as one piece, so that a text which many containers write is
 * shared; it is cut into lines when read. Bounded, as the kubelet's log rotation bounds it.
 */
import type { Output } from '../linux/streams.ts';
import type { LogLine } from './cri.ts';

/** Differs: the kubelet rotates at 10 MiB; a simulated log keeps the last 256 KiB characters. */
const MAX_LENGTH = 256 * 1024;

interface Piece {
  readonly at: number;
  readonly stream: LogLine['stream'];
  readonly text: string;
}

const NO_PIECES: Piece[] = [];

/** One stream of a log. */
class LogOutput implements Output {
  readonly #log: ContainerLog;
  readonly #stream: LogLine['stream'];

  constructor(log: ContainerLog, stream: LogLine['stream']) {
    this.#log = log;
    this.#stream = stream;
  }

  write(text: string): void {
    this.#log.write(this.#stream, text);
  }
}

/** The log of one container. */
export class ContainerLog {
  readonly #clock: { readonly now: number };
  #pieces = NO_PIECES;
  #length = 0;
  #listeners: ((line: LogLine) => void)[] | undefined = undefined;
  #taps: Set<(stream: LogLine['stream'], text: string) => void> | undefined = undefined;
  /** Lines that have not ended yet. */
  #partial: { stdout: string; stderr: string } | undefined = undefined;

  constructor(clock: { readonly now: number }) {
    this.#clock = clock;
  }

  /** Where a process writes this stream. */
  output(stream: LogLine['stream']): Output {
    return new LogOutput(this, stream);
  }

  /** All lines that are kept, oldest first. */
  lines(): readonly LogLine[] {
    return this.#pieces.flatMap(toLines);
  }

  follow(listener: (line: LogLine) => void): () => void {
    (this.#listeners ??= []).push(listener);
    return () => {
      this.#listeners = this.#listeners?.filter((other) => other !== listener);
    };
  }

  /** Writes what is left of unfinished lines: the container has ended. */
  flush(): void {
    const { stdout = '', stderr = '' } = this.#partial ?? {};
    this.#partial = undefined;
    if (stdout !== '') this.#add({ at: this.#clock.now, stream: 'stdout', text: stdout });
    if (stderr !== '') this.#add({ at: this.#clock.now, stream: 'stderr', text: stderr });
  }

  /** Hears of everything that is written, as it is written; for whoever is attached. Returns how to stop. */
  tap(listener: (stream: LogLine['stream'], text: string) => void): () => void {
    (this.#taps ??= new Set()).add(listener);
    return () => void this.#taps?.delete(listener);
  }

  /** Adds text that may end within a line. */
  write(stream: LogLine['stream'], text: string): void {
    for (const tap of this.#taps ?? []) tap(stream, text);
    let whole = text;
    if (this.#partial !== undefined && this.#partial[stream] !== '') whole = this.#partial[stream] + text;
    const end = whole.lastIndexOf('\n') + 1;
    if (end < whole.length || this.#partial !== undefined) (this.#partial ??= { stdout: '', stderr: '' })[stream] = whole.slice(end);
    if (end === 0) return;
    this.#add({ at: this.#clock.now, stream, text: end === whole.length ? whole : whole.slice(0, end) });
  }

  #add(piece: Piece): void {
    if (this.#pieces === NO_PIECES) this.#pieces = [piece];
    else this.#pieces.push(piece);
    this.#length += piece.text.length;
    while (this.#length > MAX_LENGTH && this.#pieces.length > 1) this.#length -= this.#pieces.shift()?.text.length ?? 0;
    if (this.#listeners === undefined) return;
    for (const line of toLines(piece)) for (const listener of this.#listeners) listener(line);
  }
}

function toLines({ at, stream, text }: Piece): LogLine[] {
  const whole = text.endsWith('\n') ? text.slice(0, -1) : text;
  return whole.split('\n').map((line) => ({ at, stream, text: line }));
}
