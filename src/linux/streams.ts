/** What processes write to and read from: sinks for text, and pipes between two processes. */
import type { Process } from './process.ts';

/** Where a program's output goes. False: nobody will ever read it (SIGPIPE). */
export interface Output {
  write(text: string): boolean | void;
  /** The last writer has closed it. */
  close?(): void;
}

/** Where a program's input comes from. */
export interface Input {
  /** What is there; '' at the end of the input; undefined when the reader has to wait. */
  read(): string | undefined;
  /** Who is to be woken when there is something to read. */
  reader: Process | undefined;
  /** Nobody will read any more. */
  closeReading?(): void;
  /** Puts back what was read too much. */
  unread?(text: string): void;
}

/** Output that is thrown away: /dev/null. */
export const NULL_OUTPUT: Output = { write: () => true };

/** Input that is at its end: /dev/null. */
export const EMPTY_INPUT: Input = { read: () => '', reader: undefined };

/** Collects output. */
export class TextOutput implements Output {
  text = '';

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

/** A fixed text to read. */
export class TextInput implements Input {
  reader: Process | undefined = undefined;
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  read(): string {
    const text = this.#rest;
    this.#rest = '';
    return text;
  }

  unread(text: string): void {
    this.#rest = text + this.#rest;
  }
}

/** A pipe: whatever is written can be read once. Differs: its buffer is not bounded, so writers never block. */
export class Pipe implements Output, Input {
  reader: Process | undefined = undefined;
  #buffer = '';
  #writers: number;
  #broken = false;

  constructor(writers = 1) {
    this.#writers = writers;
  }

  write(text: string): boolean {
    if (this.#broken) return false;
    this.#buffer += text;
    this.#wake();
    return true;
  }

  close(): void {
    this.#writers--;
    if (this.#writers <= 0) this.#wake();
  }

  read(): string | undefined {
    if (this.#buffer === '' && this.#writers > 0) return undefined;
    const text = this.#buffer;
    this.#buffer = '';
    return text;
  }

  unread(text: string): void {
    this.#buffer = text + this.#buffer;
  }

  closeReading(): void {
    this.#broken = true;
    this.#buffer = '';
  }

  #wake(): void {
    const { reader } = this;
    this.reader = undefined;
    if (reader !== undefined) reader.machine.runner.wake(reader, undefined);
  }
}
