/**
 * How a program talks to the kernel. A program is a generator; what may block it, it yields. Each function here is
 * used as `const result = yield* call(…)`. What never blocks (writing output, files, listening, changing the use of
 * memory) are plain methods of `Process`, its context and its namespace.
 */
import type { ConnectOutcome } from './net/connect.ts';
import type { Ipv4 } from './net/ipv4.ts';
import type { ResolveOutcome } from './net/resolve.ts';
import type { Message, Protocol, Reply } from './net/socket.ts';
import type { Process } from './process.ts';
import type { Signal } from './signals.ts';
import type { Input } from './streams.ts';

/** A request to the kernel that may take time. */
export type Syscall =
  | { readonly call: 'sleep'; readonly ms: number }
  | { readonly call: 'pause' }
  | { readonly call: 'read'; readonly input: Input }
  | { readonly call: 'wait'; readonly process: Process }
  | { readonly call: 'connect'; readonly ip: Ipv4; readonly port: number; readonly protocol: Protocol; readonly timeoutMs: number }
  | { readonly call: 'exchange'; readonly to: Destination; readonly message: Message }
  | { readonly call: 'resolve'; readonly name: string };

/** Whom to ask, and for how long at most. */
export interface Destination {
  readonly ip: Ipv4;
  readonly port: number;
  readonly protocol: Protocol;
  readonly timeoutMs: number;
}

/** What a request over a new connection led to. "closed": connected, but the server hung up without an answer. */
export type ExchangeOutcome =
  | { readonly state: 'answered'; readonly reply: Reply }
  | { readonly state: 'closed' | 'no answer' | 'not tls' }
  | Exclude<ConnectOutcome, { state: 'connected' }>;

/** A program's steps that lead to a T. What `yield` returns is known only to the functions of this file. */
export type Steps<T> = Generator<Syscall, T, unknown>;

/** A whole program: it returns its exit code. */
export type Program = Steps<number>;

/** The call of `pause`: a program with nothing to clean up yields it itself, which saves it a coroutine. */
export const PAUSE: Syscall = { call: 'pause' };

const NO_CALLS: readonly Syscall[] = [];

/** Steps that never block: only the result of `compute`. */
export function* immediately<T>(compute: () => T): Steps<T> {
  yield* NO_CALLS;
  return compute();
}

/** Waits `ms` of virtual time. A handled signal ends it early and is returned. */
export function* sleep(ms: number): Steps<Signal | undefined> {
  return (yield { call: 'sleep', ms }) as Signal | undefined;
}

/** Waits for a signal that the process handles. Costs nothing while it waits. */
export function* pause(): Steps<Signal> {
  return (yield PAUSE) as Signal;
}

/** Waits for input: text, or '' at its end. */
export function* read(input: Input): Steps<string> {
  for (;;) {
    const text = input.read();
    if (text !== undefined) return text;
    yield { call: 'read', input };
  }
}

/** Waits for another process to end; its exit code. A handled signal ends the wait early and is returned. */
export function* wait(process: Process): Steps<number | Signal> {
  while (process.exitCode === undefined) {
    const result = yield { call: 'wait', process };
    if (typeof result === 'string') return result as Signal;
  }
  return process.exitCode;
}

/** Tries to open a connection. */
export function* connectTo({ ip, port, protocol, timeoutMs }: Destination): Steps<ConnectOutcome> {
  return (yield { call: 'connect', ip, port, protocol, timeoutMs }) as ConnectOutcome;
}

/** Connects, sends one message and waits for the answer. */
export function* exchange(to: Destination, message: Message): Steps<ExchangeOutcome> {
  return (yield { call: 'exchange', to, message }) as ExchangeOutcome;
}

/** Looks a host name up: /etc/hosts, then DNS. */
export function* resolve(name: string): Steps<ResolveOutcome> {
  return (yield { call: 'resolve', name }) as ResolveOutcome;
}
