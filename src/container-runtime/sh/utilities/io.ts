/** What a tool gets: its arguments, streams, directory and environment. */
import { normalisePath } from '../../../linux/fs/file-system.ts';
import type { Process } from '../../../linux/process.ts';
import type { Signal } from '../../../linux/signals.ts';
import type { Input, Output } from '../../../linux/streams.ts';
import { immediately, read, type Steps } from '../../../linux/syscalls.ts';

/** The surroundings of one run of a tool. */
export interface Io {
  readonly process: Process;
  readonly argv: readonly string[];
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly cwd: string;
  environment(): Map<string, string>;
  /** Signals that were caught while the tool ran; the shell runs their traps afterwards. */
  readonly caught: Signal[];
  /** Runs another command, as xargs and timeout do. */
  run(argv: readonly string[]): Steps<number>;
}

/** A tool: returns its exit code. */
export type Utility = (io: Io) => Steps<number>;

/** A tool that never blocks. */
export const immediate =
  (run: (io: Io) => number): Utility =>
  (io) =>
    immediately(() => run(io));

/** Writes to standard output. False when nobody reads any more. */
export const print = (io: Io, text: string): boolean => text === '' || io.stdout.write(text) !== false;

/** "name: message" on stderr; returns 1. */
export function complain(io: Io, message: string, status = 1): number {
  io.stderr.write(`${(io.argv[0] ?? '').replace(/^.*\//, '')}: ${message}\n`);
  return status;
}

/** A path as the tool means it. */
export const pathOf = (io: Io, name: string): string => normalisePath(name, io.cwd);

/** Short options that are set, and the operands. `withValue`: letters that take a value, found in `values`. */
export function options(io: Io, withValue = ''): { flags: Set<string>; values: Map<string, string>; operands: string[] } {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  const words = io.argv.slice(1);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      operands.push(...words.slice(index + 1));
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split('=');
      if (value === undefined) flags.add(name);
      else values.set(name, value);
    } else if (/^-[a-zA-Z0-9]/.test(word)) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? '';
        if (!withValue.includes(letter)) flags.add(letter);
        else {
          values.set(letter, word.slice(at + 1) || (words[++index] ?? ''));
          break;
        }
      }
    } else operands.push(word);
  }
  return { flags, values, operands };
}

/** All of standard input. */
export function* readAll(io: Io): Steps<string> {
  let text = '';
  for (let more = yield* read(io.stdin); more !== ''; more = yield* read(io.stdin)) text += more;
  return text;
}

/** The contents of files, or of standard input. Missing files are reported and left out; `status` is 1 then. */
export function* inputs(io: Io, names: readonly string[]): Steps<{ texts: { name: string; text: string }[]; status: number }> {
  if (names.length === 0) return { texts: [{ name: '-', text: yield* readAll(io) }], status: 0 };
  const texts: { name: string; text: string }[] = [];
  let status = 0;
  for (const name of names) {
    const path = pathOf(io, name);
    const fs = io.process.context.fs;
    const text = name === '-' ? yield* readAll(io) : path === '/dev/null' ? '' : fs.read(path);
    if (text !== undefined) texts.push({ name, text });
    else status = complain(io, fs.isDirectory(path) ? `read error: Is a directory` : `can't open '${name}': No such file or directory`);
  }
  return { texts, status };
}

/** Lines of a text, without their newlines. */
export const linesOf = (text: string): string[] => (text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'));

/** Waits the whole time even when signals are caught, as a child of the shell would. False: Ctrl-C, which ends the child too. */
export function* sleepThrough(io: Io, ms: number): Steps<boolean> {
  const end = io.process.now + ms;
  for (let left = ms; left > 0; left = end - io.process.now) {
    const signal = yield { call: 'sleep', ms: left };
    if (signal !== undefined) io.caught.push(signal as Signal);
    if (signal === 'SIGINT') return false;
  }
  return true;
}
