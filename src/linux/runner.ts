/**
 * Runs the programs of one machine: resumes what is ready until it blocks. All within one task of the simulation, so
 * a program that never blocks ends before `spawn` returns. Processes that are woken meanwhile run in the order of
 * waking.
 */
import { assert } from '../apimachinery/assert.ts';
import { connect, type ConnectOutcome } from './net/connect.ts';
import { transfer } from './net/transfer.ts';
import { internetFor } from './net/internet.ts';
import { lookup } from './net/resolve.ts';
import type { Message, Reply } from './net/socket.ts';
import type { Process } from './process.ts';
import type { Destination, ExchangeOutcome, Syscall } from './syscalls.ts';

/** Resumptions without a pause in virtual time, after which something is wrong with a program. */
const MAX_RESUMPTIONS = 10_000_000;
/** How long after its start a process's sleeps keep the world from being idle. */
const FOREGROUND_MS = 60_000;

const BLOCKED = Symbol('blocked');

interface Ready {
  readonly process: Process;
  readonly value: unknown;
}

/** The part of the kernel that lets processes run. */
export class Runner {
  readonly #ready: Ready[] = [];
  #running = false;

  /** Lets a new or blocked process go on with `value` as the result of its call. */
  wake(process: Process, value: unknown): void {
    if (!process.alive || process.blockedIn === 'ready') return;
    process.timer?.stop();
    process.timer = undefined;
    process.blockedIn = 'ready';
    this.#ready.push({ process, value });
    if (!this.#running) this.#drain();
  }

  #drain(): void {
    this.#running = true;
    try {
      for (let index = 0; index < this.#ready.length; index++) {
        assert(index < MAX_RESUMPTIONS, 'programs wake each other without end');
        const { process, value } = this.#ready[index] as Ready;
        if (process.alive) this.#resume(process, value);
      }
    } finally {
      this.#ready.length = 0;
      this.#running = false;
    }
  }

  #resume(process: Process, first: unknown): void {
    let value = first;
    process.blockedIn = undefined;
    while (process.program !== undefined) {
      const step = process.program.next(value);
      if (!process.alive) return;
      if (step.done) {
        process.machine.exit(process, step.value & 255);
        return;
      }
      const result = perform(process, step.value);
      if (result === BLOCKED) return;
      value = result;
    }
  }
}

/** Does what a call asks for: its result, or BLOCKED when the process waits now. */
function perform(process: Process, syscall: Syscall): unknown {
  switch (syscall.call) {
    case 'sleep':
      return takeSignal(process) ?? block(process, 'sleep', syscall.ms, undefined);
    case 'pause':
      return takeSignal(process) ?? waitFor(process, 'pause');
    case 'read':
      syscall.input.reader = process;
      return waitFor(process, 'read');
    case 'wait':
      (syscall.process.waiters ??= []).push(process);
      return takeSignal(process) ?? waitFor(process, 'wait');
    case 'connect': {
      const outcome = connect(process.context.netns, syscall.ip, syscall.port, syscall.protocol);
      if (outcome.afterMs < syscall.timeoutMs) return later(process, outcome.afterMs, outcome);
      return later(process, syscall.timeoutMs, { state: 'timeout', afterMs: syscall.timeoutMs });
    }
    case 'exchange': {
      const { outcome, afterMs } = exchangeNow(process.context.netns, syscall.to, syscall.message);
      return later(process, afterMs, outcome);
    }
    case 'resolve': {
      const outcome = lookup(process, syscall.name);
      return later(process, outcome.afterMs ?? 0, outcome);
    }
  }
}

function takeSignal(process: Process): unknown {
  const signal = process.pendingSignal;
  process.pendingSignal = undefined;
  return signal;
}

function waitFor(process: Process, what: NonNullable<Process['blockedIn']>): typeof BLOCKED {
  process.blockedIn = what;
  return BLOCKED;
}

const later = (process: Process, ms: number, value: unknown): unknown => (ms <= 0 ? value : block(process, 'network', ms, value));

function block(process: Process, what: 'sleep' | 'network', ms: number, value: unknown): typeof BLOCKED {
  process.blockedIn = what;
  const { machine } = process;
  const background = machine.now + ms > process.startedAt + FOREGROUND_MS;
  const wake = () => {
    process.timer = undefined;
    machine.runner.wake(process, value);
  };
  process.timer = machine.scope.after(ms, `${what} ends`, process.context.label, wake, { background });
  return BLOCKED;
}

/** An exchange, and the connection that it took. */
export interface Exchanged {
  readonly outcome: ExchangeOutcome;
  readonly afterMs: number;
  readonly connection: ConnectOutcome;
}

/** Connects, asks and gets the answer, with the virtual time that it takes; also for callers outside of a process. */
export function exchangeNow(netns: Process['context']['netns'], to: Destination, message: Message): Exchanged {
  const recorder = message.kind === 'http' ? message.recorder : undefined;
  const connection = connect(netns, to.ip, to.port, to.protocol, recorder && { recorder });
  const ended = (outcome: ExchangeOutcome, afterMs: number): Exchanged => ({ outcome, afterMs, connection });
  if (connection.state !== 'connected') {
    const outside = internetFor(netns, to.ip)?.serve(to.ip, to.port, to.protocol, message);
    if (outside !== undefined) return ended({ state: 'answered', reply: outside }, outside.delayMs ?? 0);
    if (connection.afterMs < to.timeoutMs) return ended(connection, connection.afterMs);
    return ended({ state: 'timeout', afterMs: to.timeoutMs }, to.timeoutMs);
  }
  const { service, process } = connection.socket;
  const speaksTls = message.kind === 'http' && message.tls;
  if (speaksTls !== (service.tls ?? false) && message.kind === 'http') return ended({ state: speaksTls ? 'not tls' : 'closed' }, 0);
  if (!transfer(connection.connection, sizeOf(message), 'request')) return ended({ state: 'no answer' }, to.timeoutMs);
  const reply: Reply | undefined | 'silent' = service.serve(process, message, connection.peer);
  const delayMs = reply === 'silent' ? Infinity : (reply?.delayMs ?? 0);
  if (delayMs >= to.timeoutMs) return ended({ state: 'no answer' }, to.timeoutMs);
  if (reply === undefined || reply === 'silent') return ended({ state: 'closed' }, 0);
  if (!transfer(connection.connection, sizeOf(reply), 'reply')) return ended({ state: 'no answer' }, to.timeoutMs);
  return ended({ state: 'answered', reply }, delayMs);
}

/** Bytes of a start line and the usual headers. */
const HTTP_HEAD = 200;

/** About how many bytes a message or an answer is. */
function sizeOf(message: Message | Reply): number {
  if (message.kind === 'http') return HTTP_HEAD + message.body.length;
  return message.kind === 'text' ? message.text.length : 0;
}
