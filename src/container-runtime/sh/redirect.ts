/** Redirections: files, here-documents and copies of descriptors 0 to 2. */
import type { Redirection } from 'unbash';
import { type Input, NULL_OUTPUT, type Output, TextInput } from '../../linux/streams.ts';
import type { Steps } from '../../linux/syscalls.ts';
import type { Expander } from './expand.ts';
import type { Shell, Streams } from './shell.ts';

/** Output into a file of the container or of a volume. */
class FileOutput implements Output {
  readonly #shell: Shell;
  readonly #path: string;

  constructor(shell: Shell, path: string) {
    this.#shell = shell;
    this.#path = path;
  }

  write(text: string): boolean {
    this.#shell.process.context.fs.append(this.#path, text);
    return true;
  }
}

/** The streams of a command with its redirections; undefined when one failed, which has been reported. */
export function* redirect(shell: Shell, redirections: readonly Redirection[], expander: Expander): Steps<Streams | undefined> {
  const streams = { ...shell.streams };
  for (const redirection of redirections) {
    if (redirection.type === 'HereDoc') {
      const { body } = redirection;
      const text = body.parts === undefined ? body.text : yield* expander.parts(shell, body.parts);
      streams.stdin = new TextInput(redirection.operator === '<<-' ? text.replace(/^\t+/gm, '') : text);
      continue;
    }
    const target = yield* expander.text(shell, redirection.target);
    if (redirection.type === 'HereString') {
      streams.stdin = new TextInput(`${target}\n`);
      continue;
    }
    const { operator, descriptor } = redirection;
    const number = descriptor?.type === 'FileDescriptor' ? descriptor.value : operator.startsWith('<') ? 0 : 1;
    if (operator === '>&' || operator === '<&') {
      if (number <= 2 && /^[012-]$/.test(target)) copy(streams, number, target);
    } else if (operator === '<' || operator === '<>') {
      const input = openInput(shell, target);
      if (input === undefined) return undefined;
      streams.stdin = input;
    } else {
      const output = openOutput(shell, target, operator.includes('>>'));
      if (output === undefined) return undefined;
      if (number === 1 || operator.startsWith('&')) streams.stdout = output;
      if (number === 2 || operator.startsWith('&')) streams.stderr = output;
    }
  }
  return streams;
}

function copy(streams: Streams, number: number, target: string): void {
  const output = target === '1' ? streams.stdout : target === '2' ? streams.stderr : NULL_OUTPUT;
  if (number === 1) streams.stdout = output;
  if (number === 2) streams.stderr = output;
}

function openInput(shell: Shell, name: string): Input | undefined {
  const path = shell.path(name);
  if (path === '/dev/null') return new TextInput('');
  if (path === '/dev/stdin') return shell.streams.stdin;
  const content = shell.process.context.fs.read(path);
  if (content === undefined) shell.complain(`can't open ${name}: no such file`);
  return content === undefined ? undefined : new TextInput(content);
}

function openOutput(shell: Shell, name: string, append: boolean): Output | undefined {
  const path = shell.path(name);
  if (path === '/dev/null') return NULL_OUTPUT;
  if (path === '/dev/stdout') return shell.streams.stdout;
  if (path === '/dev/stderr') return shell.streams.stderr;
  // Images link their logs to the container's output: PID 1 holds it.
  const main = shell.process.context.processes[0];
  if (path === '/proc/1/fd/1' && main !== undefined) return main.stdout;
  if (path === '/proc/1/fd/2' && main !== undefined) return main.stderr;
  const { fs } = shell.process.context;
  const error = append ? fs.append(path, '') : fs.write(path, '');
  if (error === undefined) return new FileOutput(shell, path);
  shell.complain(`can't create ${name}: ${error}`);
  return undefined;
}
